//! Our lines in a hook that belongs to somebody else.

use super::hook::Hook;

const START: &str = "# >>> leakspan: `leakspan hook remove` takes these lines out\n";
const START_OF_FILE: &str = "# >>> leakspan: `leakspan hook remove` takes this file out\n";
fn body(hook: Hook) -> String {
    let name = hook.name();
    let (arguments, done) = match hook {
        Hook::PreCommit => ("", "committed"),
        _ => (" -- \"$@\"", "pushed"),
    };
    format!(
        "\
if command -v leakspan >/dev/null 2>&1; then leakspan hook run {name}{arguments} || exit $?; else
echo 'leakspan: the program is not found, so nothing was checked and nothing is {done}' >&2; exit 3; fi
"
    )
}
const END: &str = "# <<< leakspan\n";

/// A new file that holds nothing else.
pub(super) fn alone(hook: Hook) -> Vec<u8> {
    [START_OF_FILE, &body(hook), END].concat().into_bytes()
}

/// The file with our lines at its start, behind the line that names the interpreter: what follows may
/// end the script early. Unchanged where they stand already.
pub(super) fn added(content: &[u8], hook: Hook) -> Vec<u8> {
    if found(content).is_some() {
        return content.to_vec();
    }
    let first_line = memchr::memchr(b'\n', content).map(|at| at + 1);
    let at = first_line.filter(|_| content.starts_with(b"#!")).unwrap_or(0);
    [&content[..at], START.as_bytes(), body(hook).as_bytes(), END.as_bytes(), &content[at..]]
        .concat()
}

/// What is left without our lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// They are not in it.
    AsItIs,
    /// The file was ours alone.
    Nothing,
    /// Somebody else's lines, as they were before.
    Lines(Vec<u8>),
}

/// Takes our lines out.
pub(super) fn removed(content: &[u8]) -> Left {
    let Some((start, end, whole)) = found(content) else { return Left::AsItIs };
    let left = [&content[..start], &content[end..]].concat();
    if whole && left.is_empty() { Left::Nothing } else { Left::Lines(left) }
}

/// Where our lines stand, and whether the file was made for them.
pub(super) fn found(content: &[u8]) -> Option<(usize, usize, bool)> {
    for (text, whole) in [(START, false), (START_OF_FILE, true)] {
        if let Some(start) = memchr::memmem::find(content, text.as_bytes()) {
            let end = memchr::memmem::find(&content[start..], END.as_bytes())?;
            return Some((start, start + end + END.len(), whole));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_made_for_our_lines_goes_with_them() {
        assert_eq!(removed(&alone(Hook::PreCommit)), Left::Nothing);
        assert_eq!(removed(b"npm test\n"), Left::AsItIs);
    }

    proptest! {
        #[test]
        fn adding_and_removing_leaves_every_byte(content in "(#!/bin/sh\n|)[ -~\n]{0,40}") {
            let content = content.into_bytes();
            let with = added(&content, Hook::PrePush);
            prop_assert_eq!(&added(&with, Hook::PrePush), &with);
            prop_assert_eq!(removed(&with), Left::Lines(content));
        }
    }
}
