//! Text from outside, made safe to print.

use std::fmt::Write;

/// Words that a CI runner acts on wherever they stand in a line of a log, each with the character
/// that is spelled out to make it plain text. GitHub's old form and Azure's look for `##[` and
/// `##vso[` anywhere; GitLab and Travis fold at `section_start:` and `travis_fold:`.
const COMMANDS: [&str; 7] = [
    "##[",
    "##vso[",
    "##teamcity[",
    "section_start:",
    "section_end:",
    "travis_fold:",
    "travis_time:",
];

/// What a CI runner acts on at the start of a line: GitHub's `::`, Buildkite's groups.
const LINE_STARTS: [&str; 5] = ["::", "---", "+++", "~~~", "^^^"];

/// Text with every control, bidi and invisible character spelled out as `\u{…}`.
///
/// What comes out moves no cursor, sets no title, reorders nothing, holds no line break, and is no
/// command to a CI runner that reads the log, even at the start of a line.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let body = text.trim_start();
    let starts_command = LINE_STARTS.iter().any(|start| body.starts_with(start));
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let command = COMMANDS.iter().any(|word| starts_with(rest, word))
            || (starts_command && at == text.len() - body.len());
        if command || !is_plain(c) {
            write!(out, "{}", c.escape_unicode()).expect("a String takes everything");
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a character can be shown as it is: it draws something, in its place.
#[must_use]
pub fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Cells that a printable text takes on a terminal, near enough to put a caret under it.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '\u{300}'..='\u{36f}' => 0,
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3fffd}' => 2,
            _ => 1,
        })
        .sum()
}

/// Runners compare without case, so a prefix of another case counts.
fn starts_with(text: &str, word: &str) -> bool {
    text.as_bytes().get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{COMMANDS, LINE_STARTS, printable};

    #[test]
    fn control_and_bidi_characters_are_spelled_out() {
        assert_eq!(
            printable("a\u{1b}[2Jb\r\n\u{202e}\u{9b}c"),
            "a\\u{1b}[2Jb\\u{d}\\u{a}\\u{202e}\\u{9b}c"
        );
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in ["src/größe.rs", "日本語 std::vec a - b", "# [x] ##", ""] {
            assert_eq!(printable(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_out_is_a_command(text in "(?s)([#:\\-+~^ \\t]|vso|VSO|teamcity|\\[|section_start:|.){0,12}") {
            let safe = printable(&text).to_ascii_lowercase();
            prop_assert!(COMMANDS.iter().all(|word| !safe.contains(word)), "{safe}");
            prop_assert!(LINE_STARTS.iter().all(|word| !safe.trim_start().starts_with(word)), "{safe}");
            prop_assert!(!safe.chars().any(char::is_control), "{safe}");
        }
    }
}
