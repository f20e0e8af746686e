//! Fills the `accept` and `reject` templates of signatures: `"TOKEN=ghp_${base62:36}"`.
//!
//! The repository holds no text that is shaped like a token; samples are made where they are needed, the
//! same ones for the same seed.
//!
//! | placeholder | filled with |
//! |---|---|
//! | `${base62:n}`, `${alnum:n}` | letters of both cases and digits, all three where n >= 8 |
//! | `${lower:n}`, `${upper:n}`, `${letters:n}`, `${digits:n}` | those alone; digits begin with 1-9 |
//! | `${hex:n}`, `${upperhex:n}` | hex digits, letters and digits both where n >= 8 |
//! | `${base32:n}`, `${base36:n}` | `A-Z2-7`; `a-z0-9` |
//! | `${base64:n}`, `${base64url:n}` | n characters of the alphabet, without padding |
//! | `${from:A-Z0-9_:n}` | n of those characters; `a-z` is a range |
//! | `${uuid}` | a random UUID in lower case |
//! | `${word:n}` | n letters of made-up words in lower case |
//! | `${repeat:x:n}` | n times `x` |
//! | `${jwt}` | three base64url parts, the first two JSON |
//! | `${pem:RSA PRIVATE KEY}` | an armoured block of that label |
//! | `${b64:{…}}`, `${b64url:{…}}`, `${hexed:{…}}`, `${percent:{…}}` | the template inside, encoded |

use std::fmt::Write;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// The templates of one signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    /// Its id.
    pub id: String,
    /// Text in which it must be found.
    pub accept: Vec<String>,
    /// Text in which it must not be found.
    pub reject: Vec<String>,
    /// Other signatures that may fire on the text in which it is found, each with the reason.
    pub overlaps: Vec<(String, String)>,
}

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `${` without its `}`.
    #[error("the placeholder at byte {0} does not end")]
    Open(usize),
    /// No such placeholder, or an argument that is none.
    #[error("no placeholder is written `${{{0}}}`")]
    Unknown(String),
}

/// Fills a template.
///
/// # Errors
/// A placeholder that does not exist or does not end.
pub fn render(template: &str, seed: u64) -> Result<String, Error> {
    render_sealed(template, seed, &mut |text| text)
}

/// Fills a template and passes what it gives through `seal`, which puts checksums right. A template
/// inside an encoder is sealed before it is encoded.
///
/// # Errors
/// As [`render`].
pub fn render_sealed(
    template: &str,
    seed: u64,
    seal: &mut dyn FnMut(String) -> String,
) -> Result<String, Error> {
    fill(template, &mut Noise(seed), seal)
}

/// A seed of its own for each sample of each signature.
#[must_use]
pub fn seed(id: &str, number: usize, round: u64) -> u64 {
    // FNV-1a: any spread will do, as long as it never changes.
    let words = id.bytes().chain(number.to_le_bytes()).chain(round.to_le_bytes());
    words.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

fn fill(
    template: &str,
    noise: &mut Noise,
    seal: &mut dyn FnMut(String) -> String,
) -> Result<String, Error> {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find("${") {
        text.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let end = closing(inner).ok_or(Error::Open(template.len() - rest.len() + at))?;
        text.push_str(&placeholder(&inner[..end], noise, seal)?);
        rest = &inner[end + 1..];
    }
    text.push_str(rest);
    Ok(seal(text))
}

/// Where the brace closes that was open before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn placeholder(
    text: &str,
    noise: &mut Noise,
    seal: &mut dyn FnMut(String) -> String,
) -> Result<String, Error> {
    let unknown = || Error::Unknown(text.to_owned());
    let (name, argument) = text.split_once(':').unwrap_or((text, ""));
    if let Some(encode) = encoder(name) {
        let inner = argument.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
        return Ok(encode(fill(inner.ok_or_else(unknown)?, noise, seal)?.as_bytes()));
    }
    match (name, argument) {
        ("uuid", "") => return Ok(noise.uuid()),
        ("jwt", "") => return Ok(noise.jwt()),
        ("pem", label) if !label.is_empty() => return Ok(noise.pem(label)),
        ("repeat", argument) => {
            let (unit, count) = argument.rsplit_once(':').ok_or_else(unknown)?;
            return Ok(unit.repeat(count.parse().map_err(|_| unknown())?));
        }
        ("from", argument) => {
            let (set, count) = argument.rsplit_once(':').ok_or_else(unknown)?;
            let set = expanded(set);
            return match count.parse() {
                Ok(count) if !set.is_empty() => Ok(noise.text(&set, count)),
                _ => Err(unknown()),
            };
        }
        _ => {}
    }
    let count = argument.parse().map_err(|_| unknown())?;
    match name {
        "base62" | "alnum" => Ok(noise.mixed("A-Za-z0-9", count)),
        "hex" => Ok(noise.mixed("a-f0-9", count)),
        "upperhex" => Ok(noise.mixed("A-F0-9", count)),
        "base36" => Ok(noise.mixed("a-z0-9", count)),
        "base64" => Ok(noise.mixed("A-Za-z0-9+/", count)),
        "base64url" => Ok(noise.mixed("A-Za-z0-9_-", count)),
        "base32" => Ok(noise.mixed("A-Z2-7", count)),
        "lower" => Ok(noise.text(&expanded("a-z"), count)),
        "upper" => Ok(noise.text(&expanded("A-Z"), count)),
        "letters" => Ok(noise.mixed("A-Za-z", count)),
        "digits" => Ok(noise.digits(count)),
        "word" => Ok(noise.word(count)),
        _ => Err(unknown()),
    }
}

fn encoder(name: &str) -> Option<fn(&[u8]) -> String> {
    match name {
        "b64" => Some(|bytes| BASE64_STANDARD.encode(bytes)),
        "b64url" => Some(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes)),
        "hexed" => Some(|bytes| each(bytes, "")),
        "percent" => Some(|bytes| each(bytes, "%")),
        _ => None,
    }
}

fn each(bytes: &[u8], mark: &str) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{mark}{byte:02x}").expect("a String takes everything");
        text
    })
}

/// The characters of a set such as `A-Z0-9_`.
fn expanded(set: &str) -> Vec<u8> {
    let bytes = set.as_bytes();
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at..] {
            [first, b'-', last, ..] if first < last => {
                all.extend(first..=last);
                at += 3;
            }
            _ => {
                all.push(bytes[at]);
                at += 1;
            }
        }
    }
    all
}

/// A stream of random numbers that a seed decides (splitmix64, Steele et al. 2014).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        // The bias of the remainder is below 2^-50 for sets of characters.
        (self.next() % limit as u64) as usize
    }

    fn text(&mut self, set: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(set[self.below(set.len())])).collect()
    }

    /// Characters of a set of ranges; where there is room, of every range at least one.
    fn mixed(&mut self, ranges: &str, count: usize) -> String {
        let set = expanded(ranges);
        let kinds = [u8::is_ascii_uppercase, u8::is_ascii_lowercase, u8::is_ascii_digit];
        loop {
            let text = self.text(&set, count);
            let has =
                |kind: &fn(&u8) -> bool| !set.iter().any(kind) || text.as_bytes().iter().any(kind);
            if count < 8 || kinds.iter().all(|kind: &fn(&u8) -> bool| has(kind)) {
                return text;
            }
        }
    }

    fn digits(&mut self, count: usize) -> String {
        let first = self.text(b"123456789", count.min(1));
        first + &self.text(b"0123456789", count.saturating_sub(1))
    }

    fn word(&mut self, count: usize) -> String {
        (0..count)
            .map(|at| {
                let set: &[u8] = if at % 2 == 0 { b"bdfgklmnprstv" } else { b"aeiou" };
                char::from(set[self.below(set.len())])
            })
            .collect()
    }

    fn uuid(&mut self) -> String {
        let mut hex = self.mixed("a-f0-9", 32);
        hex.replace_range(12..13, "4");
        hex.replace_range(16..17, &self.text(b"89ab", 1));
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }

    fn jwt(&mut self) -> String {
        let subject = self.word(12);
        let claims = format!(r#"{{"sub":"{subject}","iat":1767225600,"exp":1798761600}}"#);
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
        format!("{header}.{claims}.{}", self.mixed("A-Za-z0-9_-", 43))
    }

    /// Armour around 1,200 random bytes; a seal makes a key of it.
    fn pem(&mut self, label: &str) -> String {
        let lines: Vec<String> = (0..25).map(|_| self.mixed("A-Za-z0-9+/", 64)).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_fills_the_same_text_and_another_one_does_not() {
        let template = "key=ab_${base62:20} ${uuid} ${hex:12}";
        assert_eq!(render(template, 1), render(template, 1));
        assert_ne!(render(template, 1), render(template, 2));
    }

    #[test]
    fn placeholders_have_the_length_and_the_characters_they_name() {
        let all = |text: String, count: usize, fits: fn(char) -> bool| {
            assert_eq!(text.len(), count, "{text}");
            assert!(text.chars().all(fits), "{text}");
        };
        all(render("${base62:30}", 3).unwrap(), 30, |c| c.is_ascii_alphanumeric());
        all(render("${hex:64}", 3).unwrap(), 64, |c| "0123456789abcdef".contains(c));
        all(render("${from:A-C_:9}", 3).unwrap(), 9, |c| "ABC_".contains(c));
        all(render("${repeat:x:4}", 3).unwrap(), 4, |c| c == 'x');
        all(render("${word:11}", 3).unwrap(), 11, |c| c.is_ascii_lowercase());
    }

    #[test]
    fn inner_templates_are_sealed_before_they_are_encoded() {
        let mut seal = |text: String| text.replace("no", "yes");
        let text = render_sealed("a ${b64:{no ${repeat:z:2}}} no", 1, &mut seal).unwrap();
        assert_eq!(text, format!("a {} yes", BASE64_STANDARD.encode("yes zz")));
    }

    #[test]
    fn what_is_no_placeholder_is_an_error() {
        assert_eq!(render("a${hex:4", 1), Err(Error::Open(1)));
        for wrong in ["hexx:4", "hex:a", "hex", "b64:x", "from::3"] {
            assert_eq!(render(&format!("${{{wrong}}}"), 1), Err(Error::Unknown(wrong.to_owned())));
        }
    }
}
