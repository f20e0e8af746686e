//! Passwords that people make up (`letmein7`), in files that configure something.
//!
//! The scorer looks for what is rare, and these are made of words: their place alone speaks for them.

use std::ops::Range;

use super::matcher::{Hit, Matcher};
use super::names::{self, Promise};
use super::style::{Style, extension, style};
use super::values::{self, skip_blanks};
use super::words::Words;
use crate::engine::candidate::Text;
use crate::engine::scorer;

/// A short literal behind the name of a password, in configuration and environment files.
#[derive(Debug)]
pub(super) struct WeakPassword;

/// Parts of names, lower case; each is a keyword of the signature.
static NAMES: Words = Words::new(&[b"password", b"passwd", b"passphrase", b"_pwd", b"_pass"]);
/// Formats that only hold data, beside those of [`Style`].
const DATA: &[&str] = &["json", "toml", "tfvars", "ini"];
/// Folders and names of translations.
const TRANSLATIONS: &[&[u8]] = &[b"locale", b"i18n", b"l10n", b"lang", b"translation", b"messages"];
const LENGTHS: std::ops::RangeInclusive<usize> = 5..=24;

impl Matcher for WeakPassword {
    fn name(&self) -> &'static str {
        "weak-password"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let before = found.len();
        for at in window {
            let name = NAMES.at(&text.bytes[at..]);
            let hit = name.and_then(|name| literal(text.bytes, at, at + name.len()));
            // `_password` holds two of the names.
            found.extend(hit.filter(|hit| found.last() != Some(hit)));
        }
        // Dearer than all of the above: most windows never come so far.
        if found.len() > before && !configures(text) {
            found.truncate(before);
        }
    }
}

/// Whether a file's name says that it configures something.
fn configures(text: &Text<'_>) -> bool {
    let path = text.path.as_bytes().to_ascii_lowercase();
    let name = path.rsplit(|byte| matches!(byte, b'/' | b'!')).next().unwrap_or(&path);
    let data = matches!(style(text.path), Style::Config | Style::Shell)
        || !name.contains(&b'.')
        || DATA.contains(&extension(text.path).as_str());
    data && !TRANSLATIONS.iter().any(|part| memchr::memmem::find(&path, part).is_some())
}

/// The value behind the name that holds `at..end`, if someone may have made it up.
fn literal(bytes: &[u8], at: usize, end: usize) -> Option<Hit> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let before = bytes[at.saturating_sub(names::LONGEST)..at].iter().rev();
    let start = at - before.take_while(|byte| is_name(byte)).count();
    let rest = bytes[end..].iter().take(names::LONGEST);
    let end = end + rest.take_while(|byte| is_name(byte)).count();
    let closed = end + usize::from(matches!(bytes.get(end), Some(b'"' | b'\'')));
    let operator = skip_blanks(bytes, closed);
    if !matches!(bytes.get(operator)?, b'=' | b':') {
        return None;
    }
    let value = values::read(bytes, operator + 1)?;
    let text = &bytes[value.secret.clone()];
    let ends_line =
        matches!(bytes.get(skip_blanks(bytes, value.secret.end)), None | Some(b'\n' | b'\r'));
    let named = names::read(&bytes[start..end])?;
    let strong = named.strong && named.promise == Promise::Password;
    (strong && (value.quoted || ends_line) && made_up(text))
        .then(|| Hit::new("generic-weak-password", start..value.secret.end, value.secret))
}

/// Whether a value is neither a word of programs nor a reference.
fn made_up(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let plain = letters == value.len();
    let lower = value.iter().all(|byte| !byte.is_ascii_uppercase());
    let reference = value.iter().any(|byte| b"./\\:${}()<>[]*,%|`".contains(byte) || *byte <= b' ');
    LENGTHS.contains(&value.len())
        && value.is_ascii()
        && letters >= 3
        && !reference
        && !(plain && (!lower || scorer::is_known_word(value)))
}

#[cfg(test)]
mod tests {
    use super::super::matcher::Matcher;
    use super::WeakPassword;
    use crate::engine::candidate::Text;
    use crate::model::BlobPath;

    /// How often `text` is found, with `~` filled in: so none of the texts below looks like a leak.
    fn count(path: &str, text: &str) -> usize {
        let text = &text.replace('~', "dragon99");
        let path = BlobPath::new(path);
        let seen = Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut found = Vec::new();
        WeakPassword.find(&seen, 0..text.len(), &mut found);
        found.len()
    }

    #[test]
    fn made_up_passwords_of_configuration_are_found() {
        for (path, text) in [
            ("app.yml", "db_password: ~\n"),
            (".env", "DB_PASSWORD=~\n"),
            ("config.json", "{\"password\": \"~\"}"),
        ] {
            assert_eq!(count(path, text), 1, "{text}");
        }
    }

    #[test]
    fn types_references_translations_and_code_are_none() {
        for (path, text) in [
            ("app.yml", "password: required\n"),
            ("app.yml", "password: ${DB_PASSWORD}\n"),
            ("api.json", "{\"password\": \"string\"}"),
            ("locales/fr.json", "{\"password\": \"~\"}"),
            ("app.py", "password = '~'"),
            ("app.yml", "password_hint: ~\n"),
        ] {
            assert_eq!(count(path, text), 0, "{text}");
        }
    }
}
