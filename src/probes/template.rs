//! Templates: text with places for parts, `Bearer {token}`, `{user}:{token|b64}`.
//!
//! Plain substitution with a closed list of filters. No loops, no conditions, so that a template costs what
//! it is long. What a part holds cannot shape what is around it: each place encodes it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::Digest as _;
use zeroize::Zeroizing;

/// Text with places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Slot(String, Vec<Filter>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Filter {
    Base64,
    Base64Url,
    Hex,
    Percent,
    Lower,
    Sha1,
    Sha256,
    Before(String),
    After(String),
}

/// Where the text of a template goes, which decides how parts are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is: headers, JSON values and form fields, which encode themselves.
    None,
    /// A path up to the first `?`, a query behind it: percent-encoded, so that no part leaves its segment.
    Target,
    /// A label of a host name: letters, digits and hyphens, nothing else.
    Label,
}

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfilled {
    /// There is no such part.
    Missing(String),
    /// The part does not fit its place.
    Unfit(String),
}

impl Template {
    /// Reads a template. `{{` is a brace.
    ///
    /// # Errors
    /// An open brace without its end, an unknown filter.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut plain = String::new();
        while let Some(at) = rest.find('{') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                plain.push('{');
                rest = after;
                continue;
            }
            let (slot, after) =
                rest.split_once('}').ok_or("a `{` is not closed; `{{` is a brace")?;
            rest = after;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            let mut words = slot.split('|');
            let name = words.next().unwrap_or_default();
            let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            if name.is_empty() || !name.bytes().all(word) {
                return Err(format!("`{{{slot}}}`: the name of a part is made of a-z, 0-9 and _"));
            }
            pieces.push(Piece::Slot(name.to_owned(), words.map(filter).collect::<Result<_, _>>()?));
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// The names of its parts.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Slot(name, _) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// What stands between the parts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Slot(..) => None,
        })
    }

    /// Fills the parts in.
    ///
    /// # Errors
    /// A part that is not there or does not fit.
    pub fn fill<'p>(
        &self,
        part: &dyn Fn(&str) -> Option<&'p str>,
        encoding: Encoding,
    ) -> Result<Zeroizing<String>, Unfilled> {
        let mut text = Zeroizing::new(String::new());
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Slot(name, filters) => {
                    let value = part(name).ok_or_else(|| Unfilled::Missing(name.clone()))?;
                    let value = filters.iter().fold(Zeroizing::new(value.to_owned()), apply);
                    match encoding {
                        Encoding::None => text.push_str(&value),
                        Encoding::Target => percent(&mut text, &value),
                        Encoding::Label if is_label(&value) => text.push_str(&value),
                        Encoding::Label => return Err(Unfilled::Unfit(name.clone())),
                    }
                }
            }
        }
        Ok(text)
    }

    /// The template with names in place of parts that are not shown: what a dry run prints.
    pub fn show<'p>(&self, shown: &dyn Fn(&str) -> Option<&'p str>) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Slot(name, filters) => match shown(name).filter(|_| filters.is_empty()) {
                    Some(value) => text.push_str(value),
                    None => {
                        let _ = write!(text, "<{name}>");
                    }
                },
            }
        }
        text
    }
}

fn filter(word: &str) -> Result<Filter, String> {
    let argument = |name: &str| {
        word.strip_prefix(name)
            .and_then(|it| it.strip_prefix('('))
            .and_then(|it| it.strip_suffix(')'))
    };
    Ok(match word {
        "b64" => Filter::Base64,
        "b64url" => Filter::Base64Url,
        "hex" => Filter::Hex,
        "urlenc" => Filter::Percent,
        "lower" => Filter::Lower,
        "sha1" => Filter::Sha1,
        "sha256" => Filter::Sha256,
        _ => match (argument("before"), argument("after")) {
            (Some(mark), _) if !mark.is_empty() => Filter::Before(mark.to_owned()),
            (_, Some(mark)) if !mark.is_empty() => Filter::After(mark.to_owned()),
            _ => {
                return Err(format!(
                    "`{word}` is no filter: b64, b64url, urlenc, hex, lower, sha1, sha256, before(x), after(x)"
                ));
            }
        },
    })
}

fn apply(value: Zeroizing<String>, filter: &Filter) -> Zeroizing<String> {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    Zeroizing::new(match filter {
        Filter::Base64 => STANDARD.encode(value.as_bytes()),
        Filter::Base64Url => URL_SAFE_NO_PAD.encode(value.as_bytes()),
        Filter::Hex => hex(value.as_bytes()),
        Filter::Percent => {
            let mut text = String::new();
            percent(&mut text, &value);
            text
        }
        Filter::Lower => value.to_ascii_lowercase(),
        Filter::Sha1 => hex(&sha1::Sha1::digest(value.as_bytes())),
        Filter::Sha256 => hex(&sha2::Sha256::digest(value.as_bytes())),
        Filter::Before(mark) => {
            value.split_once(mark.as_str()).map_or(value.as_str(), |it| it.0).to_owned()
        }
        Filter::After(mark) => value.split_once(mark.as_str()).map_or("", |it| it.1).to_owned(),
    })
}

/// Everything but the unreserved characters of RFC 3986 is escaped, in paths and queries alike.
pub fn percent(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(byte as char);
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

fn is_label(value: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=63).contains(&value.len()) && value.bytes().all(fits) && !value.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Template, Unfilled};

    fn fill(template: &str, value: &str, encoding: Encoding) -> Result<String, Unfilled> {
        let part = |name: &str| (name == "x").then_some(value);
        Template::parse(template).unwrap().fill(&part, encoding).map(|text| text.to_string())
    }

    #[test]
    fn parts_are_filtered_and_encoded() {
        let none = Encoding::None;
        assert_eq!(fill("Basic {x|b64}", "a:b", none).unwrap(), "Basic YTpi");
        assert_eq!(fill("{x|before(:)}-{x|after(:)}", "a:b:c", none).unwrap(), "a-b:c");
        assert_eq!(fill("{x|after(:)}", "abc", none).unwrap(), "");
        assert_eq!(fill("{{{x|hex}}", "az", none).unwrap(), "{617a}");
        assert_eq!(fill("{x|sha256|lower}", "", none).unwrap()[..8], *"e3b0c442");
        let target = fill("/a/{x}?k={x}", "../b?c#d&e f", Encoding::Target).unwrap();
        assert_eq!(target, "/a/..%2Fb%3Fc%23d%26e%20f?k=..%2Fb%3Fc%23d%26e%20f");
    }

    #[test]
    fn only_labels_go_into_host_names() {
        assert_eq!(fill("{x}.acme.com", "team-1", Encoding::Label).unwrap(), "team-1.acme.com");
        for value in ["evil.com/", "a.b", "", "-a", "a@b"] {
            let error = fill("{x}.acme.com", value, Encoding::Label).unwrap_err();
            assert_eq!(error, Unfilled::Unfit("x".into()), "{value}");
        }
    }

    #[test]
    fn what_is_shown_holds_no_part_unless_it_is_public() {
        let template = Template::parse("/{id}?token={x|b64}").unwrap();
        assert_eq!(template.show(&|name| (name == "id").then_some("7")), "/7?token=<x>");
        assert!(matches!(fill("{y}", "a", Encoding::None), Err(Unfilled::Missing(_))));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for text in ["{x", "{X}", "{}", "{x|rot13}", "{x|before()}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
