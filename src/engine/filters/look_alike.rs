//! Values that look like something else: addresses, dates, paths, hashes, sentences.

use memchr::memmem;

use super::filter::{Filter, is_generic};
use crate::engine::candidate::{Candidate, Text};
use crate::engine::matchers::names;
use crate::model::Signature;

/// Drops values of generic signatures that are plainly something else.
pub(super) struct LookAlike;

/// How a password hash or a public key begins.
const HASHES: &[&str] = &[
    "$2a$",
    "$2b$",
    "$2y$",
    "$argon2",
    "$1$",
    "$5$",
    "$6$",
    "$y$",
    "$pbkdf2",
    "pbkdf2",
    "{ssha",
    "{sha",
    "{md5",
    "{crypt",
    "bcrypt",
    "scrypt",
    "sha1$",
    "sha256$",
    "sha512$",
    "md5$",
    "sha1-",
    "sha256-",
    "sha384-",
    "sha512-",
    "sha256:",
    "sha1:",
    "sha512:",
    "md5:",
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ecdsa-sha2",
    "sk-ssh-",
    "aaaab3nzac1",
    "aaaac3nzac1",
    "-----begin pub",
    "-----begin cert",
    "migic",
];
/// How the type of a medium, an address or a colour begins.
const BEGINS: &[&str] = &[
    "application/",
    "text/",
    "image/",
    "audio/",
    "video/",
    "multipart/",
    "font/",
    "data:",
    "mailto:",
    "tel:",
    "rgb(",
    "rgba(",
    "hsl(",
    "./",
    "../",
    "~/",
    "/",
    "c:\\",
    "\\\\",
    "#/",
    "urn:",
    "www.",
    "--",
    "&",
    "!",
    "\\n",
];
/// How the name of a file ends.
const ENDS: &[&str] = &[
    ".py",
    ".js",
    ".ts",
    ".json",
    ".pem",
    ".key",
    ".crt",
    ".cer",
    ".txt",
    ".yml",
    ".yaml",
    ".xml",
    ".html",
    ".md",
    ".rs",
    ".go",
    ".java",
    ".rb",
    ".php",
    ".css",
    ".conf",
    ".cfg",
    ".ini",
    ".env",
    ".log",
    ".db",
    ".sh",
    ".jks",
    ".p12",
    ".pfx",
    ".keytab",
    ".properties",
    ".toml",
    ".svg",
    ".png",
    ".com",
    ".org",
    ".net",
    ".io",
    "()",
    ":",
    "=>",
];

impl Filter for LookAlike {
    fn reason(&self) -> &'static str {
        "look-alike"
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        if !is_generic(signature) {
            return false;
        }
        let value = candidate.value(text);
        let lower = value.to_ascii_lowercase();
        let any = |list: &[&str], holds: &dyn Fn(&[u8]) -> bool| {
            list.iter().any(|part| holds(part.as_bytes()))
        };
        any(HASHES, &|part| lower.starts_with(part))
            || any(BEGINS, &|part| lower.starts_with(part))
            || any(ENDS, &|part| lower.ends_with(part))
            || memmem::find(&lower, b"://").is_some()
            || is_sentence(value)
            || is_date_or_number(value)
            || is_percent_text(value)
            || is_regex(value)
            || is_badge(candidate, text)
            || repeats_name(candidate, &lower, text)
            || (is_uuid(value) && !name_of(candidate, text).is_some_and(|named| named.strong))
    }
}

/// What the name before the value promises.
fn name_of(candidate: &Candidate, text: &Text<'_>) -> Option<names::Named> {
    names::of(name_bytes(candidate, text), true)
}

/// The name at the start of a match.
pub(in crate::engine) fn name_bytes<'t>(candidate: &Candidate, text: &Text<'t>) -> &'t [u8] {
    let whole =
        &text.bytes[candidate.range.start..candidate.secret.start.max(candidate.range.start)];
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$');
    &whole[..whole.iter().position(|byte| !is_name(byte)).unwrap_or(whole.len())]
}

/// Whether two or more words of letters, of any script, make up the value, or it is no ASCII at all.
fn is_sentence(value: &[u8]) -> bool {
    let foreign = value.iter().filter(|byte| !byte.is_ascii()).count();
    if foreign * 4 > value.len() {
        return true;
    }
    let is_word = |word: &&[u8]| {
        let letters =
            word.iter().filter(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count();
        letters * 10 >= word.len() * 7 && letters > 0
    };
    let words: Vec<_> = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
    words.len() >= 2 && words.iter().filter(|word| is_word(word)).count() * 3 >= words.len() * 2
}

/// Whether digits and the signs of dates, versions and numbers make up a value with at most two letters.
fn is_date_or_number(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = value.iter().filter(|byte| b".:-+/,_ TZxe%".contains(byte)).count();
    let number = digits + signs == value.len();
    number && (signs > 0 || value.len() <= 6 || value.len() >= 20)
}

/// Whether it is the key of a badge's picture, which everyone may see.
fn is_badge(candidate: &Candidate, text: &Text<'_>) -> bool {
    let before = &text.bytes[candidate.range.start.saturating_sub(120)..candidate.range.start];
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or(before);
    [&b"codecov.io"[..], b"badge.svg?"].iter().any(|word| memmem::find(line, word).is_some())
}

/// Whether escapes of a URL fill most of it.
fn is_percent_text(value: &[u8]) -> bool {
    value.iter().filter(|byte| **byte == b'%').count() * 3 * 2 > value.len()
}

/// Whether it is a regular expression: a class of characters with a count behind it, or a group that
/// only patterns have. Scanners and linters are full of them, under names such as `token`.
fn is_regex(value: &[u8]) -> bool {
    let counted_class = memmem::find_iter(value, b"]").any(|close| {
        let open = value[..close].iter().rposition(|byte| *byte == b'[');
        let count = value.get(close + 1).is_some_and(|next| b"{+*?".contains(next));
        open.is_some_and(|open| close > open + 1) && count
    });
    let group = [&b"(?:"[..], b"(?i", b"(?<", b"(?P<"];
    counted_class || group.iter().any(|mark| memmem::find(value, mark).is_some())
}

/// Whether the value says what its name says: `password: "user_password"`.
fn repeats_name(candidate: &Candidate, lower: &[u8], text: &Text<'_>) -> bool {
    if lower.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let letters = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    let (name, value) = (letters(name_bytes(candidate, text)), letters(lower));
    let says = |word: &str| memmem::find(&value, word.as_bytes()).is_some();
    let shared = value.len() >= 4 && memmem::find(&name, &value).is_some();
    shared
        || (name.len() >= 4 && memmem::find(&value, &name).is_some())
        || ["password", "passwd", "token", "secret", "apikey", "credential", "passphrase"]
            .iter()
            .any(|word| says(word))
}

/// Whether the value is written as a UUID.
pub(in crate::engine) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::{is_date_or_number, is_regex, is_sentence, is_uuid};

    #[test]
    fn patterns_are_told_from_values_with_brackets() {
        assert!(is_regex(b"acme-[0-9a-f]{32}"));
        assert!(is_regex(b"(?:live|test)_key"));
        assert!(!is_regex(b"x[7]Kq2{w9"));
        assert!(!is_regex(b"[]{}aB3$x"));
    }

    #[test]
    fn sentences_of_any_script_are_told_from_passwords_with_a_blank() {
        assert!(is_sentence(b"Enter your password"));
        assert!(is_sentence("\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}".as_bytes()));
        assert!(!is_sentence(b"x7 9Kq2"));
    }

    #[test]
    fn dates_and_versions_are_numbers() {
        for value in ["2024-01-31", "1.2.3", "2024-01-31T10:00:00Z", "3600", "0x03"] {
            assert!(is_date_or_number(value.as_bytes()), "{value}");
        }
        assert!(!is_date_or_number(b"84629173"));
        assert!(is_uuid(b"0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"));
    }
}
