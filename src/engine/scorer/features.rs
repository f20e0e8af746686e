//! What the trees ask of a candidate, as numbers.

use std::collections::HashSet;
use std::sync::OnceLock;

use memchr::memmem;

use crate::engine::candidate::{Candidate, Text};
use crate::engine::filters::look_alike::{is_uuid, name_bytes};
use crate::engine::matchers::names::{self, Promise};
use crate::engine::matchers::style::style;
use crate::text::entropy;

/// The matchers whose candidates are scored, by name; the place in the list is a feature.
pub(in crate::engine) const KINDS: &[&str] =
    &["assignment", "url-login", "command-line", "call-login", "named-value", "basic-login"];

/// How many features there are.
pub(super) const COUNT: usize = 37;

/// Surprise of the third of three signs, in sixteenths of a bit; see `make_tables.py`.
static TRIGRAMS: &[u8; 38 * 38 * 38] = include_bytes!("trigrams.bin");
/// Words of ordinary code, one a line.
static WORDS: &str = include_str!("words.txt");
const EDGE: usize = 36;
/// A surprise above this is rare: nine bits.
const RARE: u32 = 9 * 16;

/// Words of ordinary code, in order of the alphabet, three letters or more each.
pub fn words() -> impl Iterator<Item = &'static str> {
    WORDS.lines()
}

fn sign(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'A'..=b'Z' => usize::from(byte - b'A'),
        b'0'..=b'9' => usize::from(byte - b'0') + 26,
        _ => 37,
    }
}

/// How surprising the text of a value is.
struct Surprise {
    mean: f32,
    most: f32,
    sum: f32,
    rare: f32,
    letters: f32,
}

fn surprise(value: &[u8]) -> Surprise {
    let (mut before, mut last) = (EDGE, EDGE);
    let (mut sum, mut most, mut rare, mut letters, mut of_letters) = (0, 0, 0, 0, 0_u32);
    for byte in value {
        let next = sign(*byte);
        let bits = u32::from(TRIGRAMS[(before * 38 + last) * 38 + next]);
        sum += bits;
        most = most.max(bits);
        rare += u32::from(bits > RARE);
        if next < 26 && last < 26 {
            letters += bits;
            of_letters += 1;
        }
        (before, last) = (last, next);
    }
    let count = value.len().max(1) as f32;
    Surprise {
        mean: sum as f32 / count,
        most: most as f32,
        sum: sum as f32,
        rare: rare as f32 / count,
        letters: letters as f32 / of_letters.max(1) as f32,
    }
}

/// The words, and which three letters any of them begins with: most look-ups end there.
struct Dictionary {
    words: HashSet<&'static [u8]>,
    beginnings: Vec<bool>,
}

impl Dictionary {
    fn new() -> Self {
        let words: HashSet<_> = WORDS.lines().map(str::as_bytes).collect();
        let mut beginnings = vec![false; 26 * 26 * 26];
        WORDS.lines().for_each(|word| beginnings[Self::place(word.as_bytes())] = true);
        Self { words, beginnings }
    }

    fn place(word: &[u8]) -> usize {
        word[..3].iter().fold(0, |place, letter| place * 26 + sign(*letter).min(25))
    }

    /// The length of the longest word that lower-case letters, three or more, begin with.
    fn longest(&self, letters: &[u8]) -> Option<usize> {
        let most = letters.len().min(14);
        self.beginnings[Self::place(letters)]
            .then(|| (3..=most).rev().find(|length| self.words.contains(&letters[..*length])))?
    }
}

/// Whether a value is one word of ordinary code.
pub(in crate::engine) fn is_known_word(value: &[u8]) -> bool {
    let (covered, longest) = cover(value);
    covered >= 1.0 && longest == value.len()
}

/// The share of letters that words of ordinary code cover, and the longest such word.
///
/// Greedy from the left, the longest word first, within runs of letters.
pub(super) fn cover(value: &[u8]) -> (f32, usize) {
    static DICTIONARY: OnceLock<Dictionary> = OnceLock::new();
    let dictionary = DICTIONARY.get_or_init(Dictionary::new);
    let lower = value.to_ascii_lowercase();
    let (mut letters, mut covered, mut longest) = (0, 0, 0);
    for run in lower.split(|byte| !byte.is_ascii_lowercase()) {
        letters += run.len();
        let mut rest = run;
        while rest.len() >= 3 {
            let word = dictionary.longest(rest);
            covered += word.unwrap_or(0);
            longest = longest.max(word.unwrap_or(0));
            rest = &rest[word.unwrap_or(1)..];
        }
    }
    (covered as f32 / letters.max(1) as f32, longest)
}

/// Words that samples and tests are made of.
const STAND_INS: &[&str] = &[
    "test", "demo", "sample", "pass", "user", "admin", "key", "secret", "token", "foo", "bar",
    "name",
];

/// All features of a candidate, in the order that the trees know.
pub(super) fn features(candidate: &Candidate, kind: &str, text: &Text<'_>) -> [f32; COUNT] {
    let value = candidate.value(text);
    let length = value.len().max(1) as f32;
    let name = name_bytes(candidate, text);
    let named = names::of(name, true);
    let unusual = surprise(value);
    let (covered, longest) = cover(value);
    let share =
        |is: &dyn Fn(&u8) -> bool| value.iter().filter(|byte| is(byte)).count() as f32 / length;
    let bits = entropy(value);
    let flag = |is: bool| f32::from(u8::from(is));
    let lower = value.to_ascii_lowercase();
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    [
        flag(named.is_some_and(|named| named.promise == Promise::Key)),
        flag(named.is_some_and(|named| named.strong)),
        length.min(200.0),
        unusual.mean,
        unusual.most,
        unusual.sum,
        unusual.rare,
        unusual.letters,
        covered,
        longest as f32,
        share(&|byte| byte.is_ascii_digit()),
        share(&|byte| byte.is_ascii_uppercase()),
        share(&|byte| byte.is_ascii_lowercase()),
        share(&|byte| !byte.is_ascii_alphanumeric()),
        bits,
        bits / length.log2().max(1.0),
        value.windows(2).filter(|two| class(two[0]) != class(two[1])).count() as f32 / length,
        memchr::memchr_iter(b'/', value).count() as f32,
        quote(candidate, text),
        f32::from(style(text.path) as u8),
        operator(candidate, name.len(), text),
        name.len() as f32,
        if hex { length } else { 0.0 },
        last_word(name),
        STAND_INS.iter().filter(|word| memmem::find(&lower, word.as_bytes()).is_some()).count()
            as f32,
        flag(value.iter().any(|byte| matches!(byte, b'+' | b'/' | b'='))),
        value.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0) as f32,
        flag(is_uuid(value)),
        memchr::memchr_iter(b' ', value).count() as f32,
        value.iter().filter(|byte| matches!(byte, b'.' | b'_' | b'-')).count() as f32,
        KINDS.iter().position(|known| *known == kind).unwrap_or(0) as f32,
        flag(value.len().is_multiple_of(4) && value.ends_with(b"=")),
        ending(&lower),
        flag(humps(value)),
        after(candidate, text),
        flag(is_comment(candidate, text)),
        flag(named.is_none()),
    ]
}

/// Whether words joined in camel case or by single signs make up the value, as in names of programs.
fn humps(value: &[u8]) -> bool {
    let words = value.split(|byte| !byte.is_ascii_alphabetic());
    let mut parts = 0;
    for word in words.filter(|word| !word.is_empty()) {
        let shouted = word.iter().all(u8::is_ascii_uppercase);
        let tail = &word[1..];
        let camel = tail.windows(2).all(|two| two.iter().any(u8::is_ascii_lowercase));
        if word.len() < 3 || !(shouted || camel) {
            return false;
        }
        parts += 1;
    }
    parts > 0 && !value.iter().any(u8::is_ascii_digit)
}

/// How a value ends that counts: `password1`, `secret!`, `2`.
fn ending(lower: &[u8]) -> f32 {
    let digits = lower.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let letters = lower[..lower.len() - digits].iter().all(u8::is_ascii_lowercase);
    if letters && digits > 0 && digits < lower.len() { digits as f32 } else { 0.0 }
}

/// What stands behind the value and its quote: the end of the line, a separator, a bracket, else.
fn after(candidate: &Candidate, text: &Text<'_>) -> f32 {
    let rest = &text.bytes[candidate.secret.end..];
    let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    let quoted = matches!(rest.first(), Some(b'"' | b'\'' | b'`'));
    match rest.get(usize::from(quoted)) {
        None | Some(b'\n' | b'\r') => 0.0,
        Some(b',' | b';') => 1.0,
        Some(b')' | b'}' | b']') => 2.0,
        Some(b' ' | b'\t') => 3.0,
        Some(b'&' | b'@' | b'<') => 4.0,
        Some(_) => 5.0,
    }
}

/// Whether the line begins as a comment does.
fn is_comment(candidate: &Candidate, text: &Text<'_>) -> bool {
    let start = candidate.range.start;
    let from = memchr::memrchr(b'\n', &text.bytes[..start]).map_or(0, |end| end + 1);
    let line = text.bytes[from..start.min(from + 200)].trim_ascii_start();
    [&b"#"[..], b"//", b"*", b"/*", b"--", b";", b"<!--"].iter().any(|mark| line.starts_with(mark))
}

/// The kind of a byte, for counting changes.
fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Which quote stands before the value: 0 none, 1 double, 2 single, 3 another.
fn quote(candidate: &Candidate, text: &Text<'_>) -> f32 {
    match candidate.secret.start.checked_sub(1).map(|at| text.bytes[at]) {
        Some(b'"') => 1.0,
        Some(b'\'') => 2.0,
        Some(b'`' | b';' | b'>') => 3.0,
        _ => 0.0,
    }
}

/// Which sign stands between name and value: the first that is none of quotes, brackets and blanks.
fn operator(candidate: &Candidate, name: usize, text: &Text<'_>) -> f32 {
    let from = (candidate.range.start + name).min(candidate.secret.start);
    let signs = &text.bytes[from..candidate.secret.start];
    let first =
        signs.iter().position(|byte| matches!(byte, b'=' | b':' | b',' | b'(' | b'>' | b'!'));
    match first.map(|at| &signs[at..]) {
        Some([b'=' | b'!', b'=', ..]) => 5.0,
        Some([b'=', b'>', ..] | [b'>', ..]) => 4.0,
        Some([b'(', ..]) => 3.0,
        Some([b',', ..]) => 2.0,
        Some([b':', ..]) => 1.0,
        _ => 0.0,
    }
}

/// What the last word of the name is.
fn last_word(name: &[u8]) -> f32 {
    match names::last_word(name).as_slice() {
        b"secret" => 1.0,
        b"token" => 2.0,
        b"key" | b"apikey" => 3.0,
        b"password" | b"passwd" | b"pwd" => 4.0,
        b"pass" | b"passphrase" | b"pw" => 5.0,
        b"authorization" | b"auth" | b"bearer" => 6.0,
        b"keys" | b"secrets" | b"tokens" | b"passwords" | b"credentials" => 7.0,
        _ => 0.0,
    }
}
