//! The text of our hook, and how it is told from others.

use std::path::Path;

use super::hook::Hook;

const MARK: &str = "# leakspan-hook";
const KNOWN: &str = "\nknown=\n";
const NO_SUM: &str = "sum=00000000";

/// What stands in a hook file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// By us, and as we wrote it.
    ByUs {
        /// Whether the folder was made for it.
        made_folder: bool,
    },
    /// By us, and changed since.
    Changed,
    /// By somebody else.
    ByOthers,
}

/// The hook as it is installed: it knows where the program was, and its own checksum, so that changes
/// by hand are seen.
pub(super) fn hook(hook: Hook, program: &Path, made_folder: bool) -> Vec<u8> {
    let folder = if made_folder { "made" } else { "kept" };
    let text = hook
        .template()
        .replacen(MARK, &format!("{MARK} folder={folder} {NO_SUM}"), 1)
        .replacen(KNOWN, &format!("\nknown={}\n", quoted(program)), 1);
    let sum = crc32fast::hash(text.as_bytes());
    text.replacen(NO_SUM, &format!("sum={sum:08x}"), 1).into_bytes()
}

/// Who wrote a hook.
pub(super) fn written(content: &[u8]) -> Written {
    let text = String::from_utf8_lossy(content);
    let Some(line) = text.lines().nth(1).filter(|line| line.starts_with(MARK)) else {
        return Written::ByOthers;
    };
    if Hook::ALL.iter().any(|hook| text == hook.template()) {
        return Written::ByUs { made_folder: false };
    }
    let Some((_, sum)) = line.rsplit_once(' ').filter(|(_, sum)| sum.len() == NO_SUM.len()) else {
        return Written::Changed;
    };
    let plain = text.replacen(sum, NO_SUM, 1);
    if sum == format!("sum={:08x}", crc32fast::hash(plain.as_bytes())) {
        Written::ByUs { made_folder: line.contains(" folder=made ") }
    } else {
        Written::Changed
    }
}

/// The program that an installed hook falls back on when PATH has none.
pub(super) fn known_program(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    let line = text.lines().find_map(|line| line.strip_prefix("known='"))?;
    Some(line.strip_suffix('\'')?.replace("'\\''", "'"))
}

/// A path as one word of the shell. A path that is not UTF-8 is left out: PATH must do then.
fn quoted(program: &Path) -> String {
    let text = program.to_str().filter(|text| !text.contains('\n')).unwrap_or_default();
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_hook_is_known_again_and_so_are_changes() {
        for kind in Hook::ALL {
            let text = hook(kind, Path::new("/opt/it's here/leakspan"), true);
            assert_eq!(written(&text), Written::ByUs { made_folder: true });
            assert_eq!(written(kind.template().as_bytes()), Written::ByUs { made_folder: false });
        }
        let text = hook(Hook::PreCommit, Path::new("/opt/it's here/leakspan"), true);
        assert_eq!(written(&text), Written::ByUs { made_folder: true });
        assert_eq!(known_program(&text).as_deref(), Some("/opt/it's here/leakspan"));
        assert_eq!(written(&[&text[..], b"make lint\n"].concat()), Written::Changed);
        assert_eq!(written(b"#!/bin/sh\nleakspan hook run pre-commit\n"), Written::ByOthers);
        assert_eq!(written(b""), Written::ByOthers);
    }
}
