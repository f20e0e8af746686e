//! Private keys in armour: `-----BEGIN … PRIVATE KEY-----` to its end, however the lines are joined.

use std::ops::Range;

use memchr::memmem;

use super::matcher::{Hit, Matcher, REACH};
use crate::engine::candidate::Text;
use crate::model::Confidence;

/// PEM, OpenSSH and OpenPGP private keys. The value is the base64 text, joined.
#[derive(Debug)]
pub(super) struct Pem;

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";
/// The least base64 characters of a key: an Ed25519 seed in PKCS #8 has 64, so EC keys count whole.
const LEAST: usize = 60;

/// The longest line whose end cuts a key, and the least of the key that must stand on it.
const LONGEST_LINE: usize = 8 * 1024;
const LEAST_CUT: usize = 200;

impl Matcher for Pem {
    fn name(&self) -> &'static str {
        "pem"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let reach = text.bytes.len().min(window.end + BEGIN.len());
        let mut at = window.start;
        while let Some(next) = memmem::find(&text.bytes[at..reach], BEGIN) {
            let start = at + next;
            if start >= window.end {
                return;
            }
            found.extend(block(text.bytes, start));
            at = start + BEGIN.len();
        }
    }
}

/// The key whose first line begins at `start`.
fn block(bytes: &[u8], start: usize) -> Option<Hit> {
    let head = start + BEGIN.len();
    let limit = bytes.len().min(start + REACH);
    let label_end = memmem::find(&bytes[head..limit.min(head + 64)], DASHES)?;
    let label = &bytes[head..head + label_end];
    let signature = signature(label)?;
    let body_start = head + label_end + DASHES.len();
    // The next dashes must be this block's end: so repeated headers are each looked at once.
    let dashes = memmem::find(&bytes[body_start..limit], DASHES).map(|place| body_start + place);
    let (body_end, end) = match dashes {
        Some(body_end) => {
            let tail = &bytes[body_end..limit];
            if !tail.starts_with(b"-----END ") {
                return None;
            }
            let tail = &tail[DASHES.len()..tail.len().min(80)];
            (body_end, body_end + 2 * DASHES.len() + memmem::find(tail, DASHES)?)
        }
        None => {
            let end = cut_line(&bytes[body_start..limit]).map(|length| body_start + length)?;
            (end, end)
        }
    };
    let body = Body::read(&bytes[body_start..body_end])?;
    let signature = if body.encrypted { "pem-encrypted-private-key" } else { signature };
    let mut hit = Hit::new(signature, start..end, start..end);
    hit.confidence = dashes.is_none().then_some(Confidence::Medium);
    hit.value = Some(body.base64);
    Some(hit.fact("label", label))
}

/// The length of a body that begins on the header's own line, as in a string, and is cut at its end.
fn cut_line(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n')?;
    let base64 = rest[..length].iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    (base64 >= LEAST_CUT && base64 * 10 >= length * 8).then_some(length)
}

fn signature(label: &[u8]) -> Option<&'static str> {
    match label {
        b"ENCRYPTED PRIVATE KEY" => Some("pem-encrypted-private-key"),
        b"OPENSSH PRIVATE KEY" => Some("openssh-private-key"),
        b"PGP PRIVATE KEY BLOCK" => Some("pgp-private-key"),
        _ => label.ends_with(b"PRIVATE KEY").then_some("pem-private-key"),
    }
}

/// What stands between the lines.
struct Body {
    base64: Vec<u8>,
    encrypted: bool,
}

impl Body {
    /// Joins the base64 text; `None` where there is too little of it or something else.
    fn read(raw: &[u8]) -> Option<Self> {
        let mut body = Self { base64: Vec::with_capacity(raw.len()), encrypted: false };
        let mut other = 0;
        for line in Lines(raw) {
            if line.contains(&b':') {
                body.encrypted |= memmem::find(line, b"ENCRYPTED").is_some();
                continue;
            }
            let before = body.base64.len();
            for byte in line {
                match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'=' | b'+' => {
                        body.base64.push(*byte);
                    }
                    b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'\\' | b',' | b'`' | b'|' | b'#'
                    | b'*' => {}
                    _ => other += 1,
                }
            }
            // `"…" +` at the end of a line of code, `+ "…"` at its start.
            if line.iter().any(|byte| matches!(byte, b'"' | b'\'')) {
                if body.base64.ends_with(b"+") && trimmed(line).ends_with(b"+") {
                    body.base64.pop();
                }
                if body.base64.get(before) == Some(&b'+') && trimmed(line).starts_with(b"+") {
                    body.base64.remove(before);
                }
            }
        }
        let whole = body.base64.len() >= LEAST && other * 20 <= body.base64.len();
        (whole && !cut(raw)).then_some(body)
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii().strip_suffix(b",").unwrap_or(line.trim_ascii())
}

/// Whether the body was shortened for print: an ellipsis, or the same letter over and over.
fn cut(raw: &[u8]) -> bool {
    let dots =
        memmem::find(raw, b"...").is_some() || memmem::find(raw, "\u{2026}".as_bytes()).is_some();
    // Runs of `A` are zero bytes, which keys do hold.
    dots || raw.windows(8).any(|eight| {
        eight[0] != b'A'
            && eight[0].is_ascii_graphic()
            && eight.iter().all(|byte| *byte == eight[0])
    })
}

/// The lines of a body: cut at line ends and at `\n`, `\r` written as escapes.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let escape = |at: usize| {
            self.0[at] == b'\\' && matches!(self.0.get(at + 1), Some(b'n' | b'r' | b't'))
        };
        let end = (0..self.0.len()).find(|at| self.0[*at] == b'\n' || escape(*at));
        let Some(end) = end else { return Some(std::mem::take(&mut self.0)) };
        let line = &self.0[..end];
        self.0 = &self.0[end + if self.0[end] == b'\n' { 1 } else { 2 }..];
        Some(line)
    }
}
