//! What a signature matches, in words.

use regex_syntax::hir::{Class, ClassBytesRange, Hir, HirKind, Look, Repetition};

use super::context;
use super::literals;
use crate::model::{Matcher, Signature};

/// Longest list of alternatives that is spelt out.
const MOST: usize = 8;
/// Said of letters that stand for both their cases.
const EITHER_CASE: &str = " in either case";
/// Classes of characters and what they are called.
const CLASSES: &[(&str, &str)] = &[
    ("0-9", "digits"),
    ("a-z", "small letters"),
    ("A-Z", "capitals"),
    ("A-Za-z", "letters"),
    ("0-9a-z", "digits or small letters"),
    ("0-9A-Z", "digits or capitals"),
    ("0-9A-Za-z", "letters or digits"),
    ("0-9a-f", "hex digits"),
    ("0-9A-F", "hex digits in capitals"),
    ("0-9A-Fa-f", "hex digits"),
    ("2-7A-Z", "base32 characters"),
    ("2-7a-z", "base32 characters in small letters"),
    ("0-9A-Z_a-z", "letters, digits or `_`"),
    ("-0-9A-Z_a-z", "letters, digits, `-` or `_`"),
    ("+/-9A-Za-z", "base64 characters"),
    ("\\t-\\r ", "blanks"),
    ("\\t ", "blanks"),
    ("\\t\\n\\r ", "blanks"),
];

/// What the signature looks for; nothing for one that a matcher or a rule finds.
#[must_use]
pub fn describe(signature: &Signature) -> Option<String> {
    let Matcher::Pattern(pattern) = &signature.matcher else { return None };
    if let Some(token) = context::token_of(pattern) {
        return Some(format!("a value that stands by itself: {}", form(token)?));
    }
    if let Some((words, value)) = context::words_and_value(pattern) {
        let names: Vec<String> =
            words.split('|').map(|word| format!("`{}`", word.replace('\\', ""))).collect();
        return Some(format!(
            "a name that holds {} in either case, an operator, and a value: {}",
            list(&names),
            form(value)?
        ));
    }
    form(pattern)
}

fn form(pattern: &str) -> Option<String> {
    Some(words(&literals::parse(pattern).ok()?))
}

/// One of several; long lists are cut.
fn list(items: &[String]) -> String {
    if items.len() > MOST {
        return format!("{} or one of {} more", items[..MOST].join(", "), items.len() - MOST);
    }
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} or {last}", many.join(", ")),
    }
}

fn words(hir: &Hir) -> String {
    match hir.kind() {
        HirKind::Empty => "nothing".to_owned(),
        HirKind::Literal(_) | HirKind::Concat(_) => concat(&flat(hir)),
        HirKind::Class(class) => match letter(class) {
            Some(letter) => format!("`{letter}`{EITHER_CASE}"),
            None => one(class),
        },
        HirKind::Look(look) => border(*look).to_owned(),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Capture(capture) if capture.name.is_some() => {
            format!("the secret ({})", words(&capture.sub))
        }
        HirKind::Capture(capture) => words(&capture.sub),
        HirKind::Alternation(branches) => {
            let mut items: Vec<String> = branches.iter().map(words).collect();
            items.dedup();
            let plain = |item: &String| item.strip_suffix(EITHER_CASE).map(str::to_owned);
            if items.iter().any(|item| item.contains(", ")) {
                let grouped: Vec<String> = items.iter().map(|item| format!("({item})")).collect();
                format!("either {}", list(&grouped))
            } else if let Some(words) = items.iter().map(plain).collect::<Option<Vec<_>>>() {
                list(&words) + EITHER_CASE
            } else {
                list(&items)
            }
        }
    }
}

/// The parts of a sequence, with sequences in it opened.
fn flat(hir: &Hir) -> Vec<&Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flat).collect(),
        HirKind::Capture(capture) if capture.name.is_none() => flat(&capture.sub),
        _ => vec![hir],
    }
}

/// Text that stands there as it is, in either case or not.
#[derive(Default)]
struct Run {
    text: String,
    either_case: bool,
}

impl Run {
    fn take(&mut self, items: &mut Vec<String>) {
        if !self.text.is_empty() {
            let case = if self.either_case { EITHER_CASE } else { "" };
            items.push(format!("`{}`{case}", std::mem::take(&mut self.text)));
        }
        self.either_case = false;
    }
}

fn concat(parts: &[&Hir]) -> String {
    let mut items = Vec::new();
    let mut run = Run::default();
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => {
                let letters = literal.0.iter().any(u8::is_ascii_alphabetic);
                if run.either_case && letters {
                    run.take(&mut items);
                }
                run.text.extend(literal.0.iter().map(|byte| sign(*byte)));
            }
            HirKind::Class(class) => match letter(class) {
                Some(letter) => {
                    if !run.either_case && run.text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
                        run.take(&mut items);
                    }
                    run.text.push(letter);
                    run.either_case = true;
                }
                None => {
                    run.take(&mut items);
                    items.push(words(part));
                }
            },
            HirKind::Look(Look::WordAscii | Look::WordUnicode)
                if run.text.is_empty() && items.is_empty() => {}
            _ => {
                run.take(&mut items);
                items.push(words(part));
            }
        }
    }
    run.take(&mut items);
    items.join(", ")
}

/// The small letter, for a class of both its cases.
fn letter(class: &Class) -> Option<char> {
    let Class::Bytes(class) = class else { return None };
    match class.ranges() {
        [one, two] if one.start() == one.end() && two.start() == two.end() => {
            let (one, two) = (one.start(), two.start());
            (one.is_ascii_alphabetic() && one != two && one.eq_ignore_ascii_case(&two))
                .then(|| char::from(two.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// A byte as it is shown.
fn sign(byte: u8) -> String {
    match byte {
        b'"' | b'\'' => char::from(byte).to_string(),
        _ => byte.escape_ascii().to_string(),
    }
}

/// The ranges of a class, as a pattern writes them.
fn ranges(ranges: &[ClassBytesRange]) -> String {
    let range = |it: &ClassBytesRange| match it.len() {
        1 => sign(it.start()),
        2 => sign(it.start()) + &sign(it.end()),
        _ => format!("{}-{}", sign(it.start()), sign(it.end())),
    };
    ranges.iter().map(range).collect()
}

/// One character of a class.
fn one(class: &Class) -> String {
    let Class::Bytes(bytes) = class else { return "any character".to_owned() };
    let all: Vec<u8> = bytes.ranges().iter().flat_map(|it| it.start()..=it.end()).collect();
    if all.len() <= 4 {
        let all: Vec<String> = all.iter().map(|byte| format!("`{}`", sign(*byte))).collect();
        return list(&all);
    }
    match set(class) {
        told if told.starts_with("characters ") => told.replacen("characters", "a character", 1),
        told if told.starts_with("any ") => "any character".to_owned(),
        told => format!("one of the {told}"),
    }
}

/// The characters of a class, several of them.
fn set(class: &Class) -> String {
    let Class::Bytes(class) = class else { return "any characters".to_owned() };
    let written = ranges(class.ranges());
    if let Some((_, name)) = CLASSES.iter().find(|(set, _)| *set == written) {
        return (*name).to_owned();
    }
    if class.ranges().iter().map(ClassBytesRange::len).sum::<usize>() > 128 {
        let mut rest = class.clone();
        rest.negate();
        return match rest.ranges() {
            [] => "any characters".to_owned(),
            rest => format!("characters other than `{}`", ranges(rest)),
        };
    }
    format!("characters of `{written}`")
}

fn repeated(repetition: &Repetition) -> String {
    let (min, max) = (repetition.min, repetition.max);
    let what = match repetition.sub.kind() {
        HirKind::Class(class) if letter(class).is_none() => set(class),
        _ if (min, max) == (0, Some(1)) => return format!("perhaps {}", words(&repetition.sub)),
        _ => match words(&repetition.sub) {
            parts if parts.contains(", ") => format!("times ({parts})"),
            part => format!("times {part}"),
        },
    };
    match (min, max) {
        (0, Some(1)) => format!("perhaps {}", words(&repetition.sub)),
        (0, Some(max)) => format!("up to {max} {what}"),
        (min, Some(max)) if min == max => format!("{min} {what}"),
        (min, Some(max)) => format!("{min} to {max} {what}"),
        (min, None) => format!("{min} or more {what}"),
    }
}

fn border(look: Look) -> &'static str {
    match look {
        Look::Start | Look::StartLF | Look::StartCRLF => "the beginning of the text",
        Look::End | Look::EndLF | Look::EndCRLF => "the end of the text",
        _ => "the border of a word",
    }
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn forms_read_as_sentences() {
        for (pattern, words) in [
            ("ghp_[0-9A-Za-z]{36}", "`ghp_`, 36 letters or digits"),
            ("[sr]k_live_[0-9A-Za-z]{24,99}", "`r` or `s`, `k_live_`, 24 to 99 letters or digits"),
            (
                "(?i:acme)[ =]{0,4}(?<secret>[0-9a-f]{32})",
                "`acme` in either case, up to 4 characters of ` =`, the secret (32 hex digits)",
            ),
            (
                "(?:ab|cd)_[0-9-]{2}(?:-x)?",
                "`ab` or `cd`, `_`, 2 characters of `-0-9`, perhaps `-x`",
            ),
            ("a(?:[0-9]{2}:){3}$", "`a`, 3 times (2 digits, `:`), the end of the text"),
            (
                "(?i:ab|cd)(?:x[0-9]|yz)",
                "`ab` or `cd` in either case, either (`x`, one of the digits) or (`yz`)",
            ),
            ("[a-z0-9_.]['`]", "a character of `.0-9_a-z`, `'` or ```"),
            ("[^\\s]{4,9}", "4 to 9 characters other than `\\t-\\r `"),
        ] {
            assert_eq!(form(pattern).as_deref(), Some(words), "{pattern}");
        }
    }
}
