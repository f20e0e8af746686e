//! Assignments: a name that promises a credential, an operator, and a value on the same line.
//!
//! From the stem of each word that matters ([`names::STEM_SETS`]) it walks to the operators that can belong to
//! it ([`super::anchors`]); each looks back for the name, then forward for the value. Most names are refused
//! by a table of letter triples within their length.

use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::anchors::{Reach, is_closer, is_name, is_operator, is_type};
use super::matcher::{Hit, Matcher};
use super::names::{self, GRAMS, Promise, roll};
use super::style::{Style, style};
use super::values::{self, Value};
use crate::decode::teddy;
use crate::engine::candidate::Text;

/// The longest name that is read.
const LONGEST_NAME: usize = names::LONGEST;
/// The most blanks between a name and its operator: aligned columns.
const BLANKS: usize = 40;
/// The most bytes from the start of a word's stem in a name to the operator: a name, what closes it, blanks,
/// a type, signs.
const BEHIND_STEM: usize = 168;
/// The shortest password and the shortest key that are worth a look.
const SHORTEST: (usize, usize) = (4, 8);

/// `name = "value"` in code, configuration, markup and headers.
#[derive(Debug)]
pub(super) struct Assignment;

impl Matcher for Assignment {
    fn name(&self) -> &'static str {
        "assignment"
    }

    fn on_line(&self) -> bool {
        true
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let style = style(text.path);
        let bytes = text.bytes;
        let from = window.start.saturating_sub(BEHIND_STEM);
        let end = window.end.min(bytes.len());
        let mut reach = Reach::new(bytes, window.start);
        teddy::find(names::STEM_SETS, bytes, std::slice::from_ref(&(from..end)), |stems| {
            let stems = stems.iter().map(|stem| *stem as usize);
            for stem in stems.filter(|stem| names::is_stem(&bytes[*stem..])) {
                let most = (stem + BEHIND_STEM).min(end);
                reach.go_on(stem, most, |at| found.extend(at_operator(bytes, at, style).ok()));
            }
        });
    }
}

/// An operator between a name and a value.
struct Operator {
    /// Where it starts: the name ends before it.
    start: usize,
    /// Where it ends: the value begins behind it.
    end: usize,
    /// What may follow.
    takes: Takes,
}

/// What an operator may be followed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Any value.
    Any,
    /// Only a value in quotes: arguments and comparisons.
    Quoted,
    /// The text of an XML element.
    Element,
}

/// Why an operator makes no candidate, in the order in which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It is none: a comparison, a scope, the colon of a URL.
    NoOperator,
    /// Nothing before it that is a name with a word that matters.
    NoName,
    /// Nothing behind it that is a value.
    NoValue,
    /// The value has no quotes, and in such a file that is an expression.
    Bare,
    /// A scheme without credentials behind it.
    Scheme,
    /// The value is shorter than four bytes, or part of a sentence.
    Sentence,
    /// The name speaks of something else.
    NoPromise,
    /// The value is too short for what the name promises.
    Short,
}

/// An operator that makes no candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The name before it, where it promises a credential.
    pub name: Option<String>,
    /// Why.
    pub why: Refusal,
}

/// The operators of a window that make no candidate, in order, for `explain`.
pub(in crate::engine) fn refused(text: &Text<'_>, window: Range<usize>) -> Vec<Refused> {
    let (bytes, style) = (text.bytes, style(text.path));
    let mut refused = Vec::new();
    for at in window.filter(|at| is_operator(bytes, *at)) {
        let Err(why) = at_operator(bytes, at, style) else { continue };
        let name = operator(bytes, at).and_then(|it| name_before(bytes, &it, bytes[at]));
        let name = name.map(|name| &bytes[name]).filter(|name| names::of(name, true).is_some());
        let name = name.map(|name| String::from_utf8_lossy(name).into_owned());
        refused.push(Refused { name, why });
    }
    refused
}

fn at_operator(bytes: &[u8], at: usize, style: Style) -> Result<Hit, Refusal> {
    let operator = operator(bytes, at).ok_or(Refusal::NoOperator)?;
    let name = name_before(bytes, &operator, bytes[at]).ok_or(Refusal::NoName)?;
    let value = match operator.takes {
        Takes::Element => values::element(bytes, operator.end),
        _ => values::read(bytes, operator.end),
    };
    let value = value.or_else(|| values::code_span(bytes, name.start, operator.end));
    let value = value.ok_or(Refusal::NoValue)?;
    if !value.quoted
        && (operator.takes == Takes::Quoted
            || !bare_is_data(bytes, &name, &operator, &value, style))
    {
        return Err(Refusal::Bare);
    }
    let value = credentials_of_scheme(bytes, value).ok_or(Refusal::Scheme)?;
    if is_text_of_another(bytes, &name, &value) {
        return Err(Refusal::NoPromise);
    }
    if !may_be_secret(&bytes[value.secret.clone()]) {
        return Err(Refusal::Sentence);
    }
    // Of an argument, only the call's own name counts: `password.encode("x")` sets no password.
    let call = operator.takes == Takes::Quoted;
    let of = &bytes[name.clone()];
    let named = names::of(of, !call).filter(|_| !call || !names::fetches(of));
    let named = named.ok_or(Refusal::NoPromise)?;
    let (signature, shortest) = match named.promise {
        Promise::Password => ("generic-password-assignment", SHORTEST.0),
        Promise::Key => ("generic-api-key-assignment", SHORTEST.1),
    };
    if value.secret.len() < shortest {
        return Err(Refusal::Short);
    }
    let mut hit = Hit::new(signature, name.start..value.secret.end, value.secret);
    hit.value = value.plain;
    Ok(hit)
}

/// Whether the name is no credential's: `public key: x`, the type of a file, the sign of a country
/// (`"PW": "Palau"`).
fn is_text_of_another(bytes: &[u8], name: &Range<usize>, value: &Value) -> bool {
    let before = &bytes[name.start.saturating_sub(12)..name.start];
    let public = b"public ";
    let is_public = |start: &[u8]| start.eq_ignore_ascii_case(public);
    before.ends_with(b"application/")
        || before.len().checked_sub(public.len()).is_some_and(|at| is_public(&before[at..]))
        || &bytes[name.clone()] == b"PW"
            && bytes.get(name.end) == Some(&b'"')
            && !bytes[value.secret.clone()].iter().any(u8::is_ascii_digit)
}

/// Whether a value is worth the look at its name: what is short, or a part of a sentence or of code, is not.
fn may_be_secret(value: &[u8]) -> bool {
    let ends =
        |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b':' | b','));
    value.len() >= SHORTEST.0 && !ends(value.first()) && !ends(value.last())
}

/// The operator that ends at `at`.
fn operator(bytes: &[u8], at: usize) -> Option<Operator> {
    let before = at.checked_sub(1).map(|index| bytes[index])?;
    let next = bytes.get(at + 1).copied()?;
    let one = |takes| Some(Operator { start: at, end: at + 1, takes });
    match bytes[at] {
        b'=' if matches!(before, b'<' | b'>' | b'~' | b'*' | b'/' | b'%' | b'^') => None,
        b'=' => {
            let signs = bytes[..at].iter().rev().take(3);
            let signs =
                signs.take_while(|byte| matches!(byte, b'=' | b'!' | b':' | b'?' | b'|' | b'+'));
            let start = at - signs.count();
            let takes = if matches!(before, b'=' | b'!') { Takes::Quoted } else { Takes::Any };
            Some(Operator { start, end: at + 1 + usize::from(matches!(next, b'>' | b'~')), takes })
        }
        b':' if before == b':' || next == b'/' => None,
        // What a shell takes where the variable is not set: `${NAME:-x}`.
        b':' if next == b'-' => Some(Operator { start: at, end: at + 2, takes: Takes::Any }),
        b':' => one(Takes::Any),
        // What is taken where nothing is set: `process.env.SECRET || "x"`, `secret ?? "x"`.
        b'|' | b'?' => Some(Operator { start: at - 1, end: at + 1, takes: Takes::Quoted }),
        b'>' if matches!(before, b'-' | b'=' | b' ' | b'/') => None,
        b'>' => one(Takes::Element),
        _ => one(Takes::Quoted),
    }
}

/// The name before an operator, if it holds three letters of a word that matters.
fn name_before(bytes: &[u8], operator: &Operator, sign: u8) -> Option<Range<usize>> {
    let end = skip_back(bytes, operator.start, BLANKS, |byte| matches!(byte, b' ' | b'\t'));
    if sign == b'(' && end != operator.start {
        return None;
    }
    let closed = closers(bytes, end);
    if sign == b',' && closed == end {
        return None;
    }
    if let Some(name) = run(bytes, closed) {
        return Some(name);
    }
    // `password: String = "x"`: the type stands between name and operator.
    (sign == b'='
        && bytes.get(values::skip_blanks(bytes, operator.end)).is_some_and(|b| is_quote(*b)))
    .then(|| before_type(bytes, end))?
}

/// The name before `: Type`, where a type ends at `end`.
fn before_type(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let colon = skip_back(bytes, end, 40, is_type);
    if colon == end || bytes.get(colon.checked_sub(1)?) != Some(&b':') {
        return None;
    }
    let end = skip_back(bytes, colon - 1, 2, |byte| matches!(byte, b' ' | b'?'));
    run(bytes, end)
}

/// The place before the quotes and brackets that close a name: `"name"`, `["name"]`, `\"name\"`.
fn closers(bytes: &[u8], end: usize) -> usize {
    let closed = skip_back(bytes, end, 6, is_closer);
    if bytes[..closed].ends_with(b"&quot;") { closed - 6 } else { closed }
}

/// For each byte its five low bits where a name may hold it, else [`NO_NAME`].
static NAME: [u8; 256] = {
    let mut table = [NO_NAME; 256];
    let mut byte = 0;
    while byte < 256 {
        let sign = byte as u8;
        if is_name(sign) {
            table[byte] = sign & 31;
        }
        byte += 1;
    }
    table
};
const NO_NAME: u8 = 0xff;

/// The run of name characters that ends at `end`; `None` where no letters in it matter.
fn run(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let before = &bytes[end.saturating_sub(LONGEST_NAME)..end];
    let mut gram = 0;
    let mut matters = 0;
    let mut length = 0;
    for byte in before.iter().rev() {
        let sign = NAME[usize::from(*byte)];
        if sign == NO_NAME {
            break;
        }
        gram = roll(gram, sign);
        matters |= GRAMS[gram >> 6] >> (gram & 63);
        length += 1;
    }
    let short = || matches!(before, [.., b'p' | b'P', b'w' | b'W']);
    (length > 0 && (matters & 1 != 0 || short())).then_some(end - length..end)
}

/// The place before at most `most` bytes that `skips` holds for.
fn skip_back(bytes: &[u8], end: usize, most: usize, skips: impl Fn(u8) -> bool) -> usize {
    end - bytes[..end].iter().rev().take(most).take_while(|byte| skips(**byte)).count()
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'&')
}

/// Whether a value without quotes can be data there: in code it is an expression, unless the whole
/// assignment stands inside a string (a query, a header, a line of a configuration).
fn bare_is_data(
    bytes: &[u8],
    name: &Range<usize>,
    operator: &Operator,
    value: &Value,
    style: Style,
) -> bool {
    if is_header(bytes, name, operator) {
        return true;
    }
    if style != Style::Code {
        // `key = value` in shell is a call of the program `key`, and `a ? token : other` is no pair.
        return style != Style::Shell
            || (name.end == operator.start && value.secret.start == operator.end);
    }
    let before = name.start.checked_sub(1).map_or(0, |index| bytes[index]);
    let tight = name.end == operator.start && value.secret.start == operator.end;
    let after = bytes.get(value.secret.end).copied().unwrap_or(0);
    // What a framework takes where nothing is set: `@Value("${db.password:x}")`.
    if before == b'{' && after == b'}' {
        return tight && bytes[..name.start].ends_with(b"${");
    }
    // `NAME=value` of a shell, in a comment or in a file of documentation.
    let shouted = bytes[name.clone()].contains(&b'_')
        && !bytes[name.clone()].iter().any(u8::is_ascii_lowercase);
    if tight
        && shouted
        && bytes[operator.end - 1] == b'='
        && matches!(before, 0 | b' ' | b'\t' | b'\n')
    {
        return after.is_ascii_whitespace() || after == 0;
    }
    if comment_before(bytes, name.start) {
        return matches!(after, 0 | b'\n' | b'\r');
    }
    let ends = is_quote(after) || after == b'&' || after == b';';
    // Where code is squeezed, `;this.pass=x;` is a statement; keys of a connection string have no dots.
    let member = before == b';' && bytes[name.clone()].contains(&b'.');
    ends && tight
        && bytes[operator.end - 1] == b'='
        && matches!(before, b'?' | b'&' | b';' | b'"' | b'\'' | b'`')
        && !member
}

/// Whether the name is that of a header in a string: `"X-Api-Key: x"`, `'Authorization: Bearer x'`.
fn is_header(bytes: &[u8], name: &Range<usize>, operator: &Operator) -> bool {
    let of = &bytes[name.clone()];
    name.end == operator.start
        && bytes[operator.start] == b':'
        && name.start > 0
        && matches!(bytes[name.start - 1], b'"' | b'\'' | b'`')
        && (of.contains(&b'-') || of.eq_ignore_ascii_case(b"authorization"))
}

/// Whether a mark of a comment begins the line that `at` stands on.
fn comment_before(bytes: &[u8], at: usize) -> bool {
    let start = skip_back(bytes, at, 40, |byte| matches!(byte, b' ' | b'\t' | b'-' | b'*'));
    let marks = skip_back(bytes, start, 3, |byte| matches!(byte, b'/' | b'#' | b';'));
    let mark = marks < start || bytes[start..at].starts_with(b"--");
    let line = skip_back(bytes, marks, 40, |byte| matches!(byte, b' ' | b'\t'));
    mark && (line == 0 || bytes[line - 1] == b'\n')
}

/// Leaves out the scheme before the credentials of a header: `Bearer x`, `Token x`.
///
/// Of `Basic x` the value is the password inside; the span stays that of the encoded text.
fn credentials_of_scheme(bytes: &[u8], value: Value) -> Option<Value> {
    let text = &bytes[value.secret.clone()];
    let word = text.iter().position(|byte| matches!(byte, b' ' | b'+')).unwrap_or(text.len());
    let behind = value.secret.start + word + usize::from(word < text.len());
    let credentials =
        || values::bare(bytes, values::skip_blanks(bytes, behind)).map(|bare| bare.secret);
    match text[..word].to_ascii_lowercase().as_slice() {
        b"basic" => {
            let secret = credentials()?;
            let login = BASE64_STANDARD.decode(&bytes[secret.clone()]).ok()?;
            let password = login[memchr::memchr(b':', &login)? + 1..].to_vec();
            Some(Value { secret, quoted: value.quoted, plain: Some(password) })
        }
        b"bearer" | b"token" | b"apikey" | b"bot" | b"jwt" => {
            let secret = credentials()?;
            // A sentence that begins with the word goes on.
            let alone = !value.quoted || bytes.get(secret.end) != Some(&b' ');
            alone.then_some(Value { secret, quoted: value.quoted, plain: None })
        }
        _ => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::matcher::Matcher;
    use super::super::style::style;
    use super::{Assignment, at_operator, is_operator};
    use crate::engine::candidate::Text;
    use crate::model::BlobPath;

    proptest! {
        /// The walk from stems finds what a look at every operator finds.
        #[test]
        fn no_assignment_is_passed_over(
            parts in proptest::collection::vec(proptest::sample::select(vec![
                "password", "api_key", "dbPass", "Secret", "token", "pw", "user", "x", " ", "  ", "\n", "\"", "'",
                "=", ":", ":=", "==", "=>", ": String", "?", "!", "(", ")", ",", ">", "</", "&quot;", ";", "[", "]",
                "|", "||", "??", ":-", "${", "{", "/", "Bearer ", "aB3$kLm9Qz71", "hunter22", "longer value with words", "\\",
            ]), 0..40),
            name in proptest::sample::select(vec!["a.rs", "b.env", "c.md", "d.xml"]),
            start in 0_usize..60,
        ) {
            let text = parts.concat();
            let bytes = text.as_bytes();
            let path = BlobPath::new(name.as_bytes());
            let text = Text { bytes, path: &path, decoded: false };
            let mut found = Vec::new();
            let start = start.min(bytes.len());
            Assignment.find(&text, start..bytes.len(), &mut found);
            let places = (start..bytes.len()).filter(|at| is_operator(bytes, *at));
            let wanted = places.filter_map(|at| at_operator(bytes, at, style(&path)).ok());
            let spans = |hit: &super::Hit| (hit.signature, hit.range.clone(), hit.secret.clone());
            let wanted: Vec<_> = wanted.map(|hit| spans(&hit)).collect();
            prop_assert_eq!(found.iter().map(spans).collect::<Vec<_>>(), wanted);
        }
    }
}
