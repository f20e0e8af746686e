//! Go's regular expressions, rewritten in the syntax of ours.
//!
//! What differs: in Go `\w`, `\d`, `\s` and `\b` are ASCII and `\s` has no vertical tab; `{` that begins
//! no repetition is a character; a class holds no class and no set operation; `\Q…\E` quotes; `\<` is a
//! character. Text is bytes here: `.` and `[^x]` match one byte, so a bounded repetition over text that
//! is not ASCII reaches less far than in Go.

use std::fmt::Write;

/// Why a text is no Go pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The pattern ends too early.
    #[error("the pattern ends inside of {0}")]
    Ends(&'static str),
    /// Something that Go does not know.
    #[error("`{0}` is not known in Go's regular expressions")]
    Unknown(String),
}

/// The same pattern in our syntax. What it does not understand it leaves to the compiler's judgement.
///
/// # Errors
/// Escapes and flags that Go does not know, and what is not closed.
pub fn translate(pattern: &str) -> Result<String, Error> {
    let mut reader = Reader { rest: pattern, out: String::with_capacity(pattern.len() + 16) };
    while let Some(next) = reader.take() {
        match next {
            '\\' => reader.escape()?,
            '[' => reader.class()?,
            '(' => reader.group()?,
            '{' => match reader.repetition() {
                Some(inside) => {
                    let _ = write!(reader.out, "{{{inside}}}");
                }
                None => reader.out.push_str("\\{"),
            },
            '}' => reader.out.push_str("\\}"),
            other => reader.out.push(other),
        }
    }
    Ok(reader.out)
}

struct Reader<'p> {
    rest: &'p str,
    out: String,
}

/// What an escape stands for.
enum Escape {
    One(char),
    /// The inside of a class.
    Set(String),
    /// Something without a width, or a class of its own: as it is.
    Whole(String),
}

impl Reader<'_> {
    fn take(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn takes(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes `n}`, `n,}` or `n,m}`, where that follows: what stands before the brace.
    fn repetition(&mut self) -> Option<String> {
        let (inside, rest) = self.rest.split_once('}')?;
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let bounds = match inside.split_once(',') {
            None => number(inside),
            Some((least, most)) => number(least) && (most.is_empty() || number(most)),
        };
        bounds.then(|| {
            self.rest = rest;
            inside.to_owned()
        })
    }

    fn group(&mut self) -> Result<(), Error> {
        self.out.push('(');
        if !self.rest.starts_with('?') {
            return Ok(());
        }
        if self.rest.starts_with("?P<") || self.rest.starts_with("?<") {
            if self.rest.starts_with("?<=") || self.rest.starts_with("?<!") {
                return Err(Error::Unknown(format!("({}", &self.rest[..3])));
            }
            let end = self.rest.find('>').ok_or(Error::Ends("the name of a group"))?;
            self.out.push_str(&self.rest[..=end]);
            self.rest = &self.rest[end + 1..];
            return Ok(());
        }
        let end = self.rest.find([':', ')']).ok_or(Error::Ends("a group"))?;
        let flags = &self.rest[1..end];
        if !flags.bytes().all(|b| b"imsU-".contains(&b)) {
            return Err(Error::Unknown(format!("(?{flags}")));
        }
        self.out.push_str(&self.rest[..=end]);
        self.rest = &self.rest[end + 1..];
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Error> {
        if self.takes("Q") {
            let end = self.rest.find("\\E").unwrap_or(self.rest.len());
            for c in self.rest[..end].chars() {
                push(&mut self.out, c);
            }
            self.rest = self.rest[end..].strip_prefix("\\E").unwrap_or("");
            return Ok(());
        }
        if let Some(look) = self.rest.chars().next().filter(|c| "bBAz".contains(*c)) {
            self.take();
            let _ = write!(self.out, "\\{look}");
            return Ok(());
        }
        match self.escaped()? {
            Escape::One(c) => push(&mut self.out, c),
            Escape::Set(set) => {
                let _ = write!(self.out, "[{set}]");
            }
            Escape::Whole(text) => self.out.push_str(&text),
        }
        Ok(())
    }

    /// What stands behind a backslash, inside of a class or out of it.
    fn escaped(&mut self) -> Result<Escape, Error> {
        let next = self.take().ok_or(Error::Ends("an escape"))?;
        Ok(match next {
            'd' => Escape::Set("0-9".into()),
            'w' => Escape::Set("0-9A-Za-z_".into()),
            's' => Escape::Set("\\t\\n\\x0C\\r ".into()),
            'D' => Escape::Whole("[^0-9]".into()),
            'W' => Escape::Whole("[^0-9A-Za-z_]".into()),
            'S' => Escape::Whole("[^\\t\\n\\x0C\\r ]".into()),
            'a' => Escape::One('\x07'),
            'f' => Escape::One('\x0c'),
            't' => Escape::One('\t'),
            'n' => Escape::One('\n'),
            'r' => Escape::One('\r'),
            'v' => Escape::One('\x0b'),
            'x' => Escape::One(self.hex()?),
            'p' | 'P' => {
                let long = self.rest.starts_with('{').then(|| self.rest.find('}')).flatten();
                let first = self.rest.chars().next().map_or(0, char::len_utf8);
                let name = self.rest[..long.map_or(first, |end| end + 1)].to_owned();
                self.rest = &self.rest[name.len()..];
                Escape::Whole(format!("(?u:\\{next}{name})"))
            }
            '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b));
                let count = more.count();
                if next != '0' && count == 0 {
                    return Err(Error::Unknown(format!("\\{next}")));
                }
                let digits = format!("{next}{}", &self.rest[..count]);
                self.rest = &self.rest[count..];
                let code = u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32);
                Escape::One(code.unwrap_or_default())
            }
            c if c.is_ascii_alphanumeric() => return Err(Error::Unknown(format!("\\{c}"))),
            c => Escape::One(c),
        })
    }

    fn hex(&mut self) -> Result<char, Error> {
        let long = self.takes("{");
        let length = if long { self.rest.find('}').unwrap_or(0) } else { 2 };
        let digits = self.rest.get(..length).ok_or(Error::Ends("an escape"))?;
        let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        let code = code.ok_or_else(|| Error::Unknown(format!("\\x{digits}")))?;
        self.rest = &self.rest[length + usize::from(long)..];
        Ok(code)
    }

    fn class(&mut self) -> Result<(), Error> {
        self.out.push('[');
        if self.takes("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let next = self.take().ok_or(Error::Ends("a class"))?;
            match next {
                ']' if !first => {
                    self.out.push(']');
                    return Ok(());
                }
                '[' if self.rest.starts_with(':') && self.rest.contains(":]") => {
                    let end = self.rest.find(":]").unwrap_or(0) + 2;
                    let _ = write!(self.out, "[{}", &self.rest[..end]);
                    self.rest = &self.rest[end..];
                }
                _ => {
                    let low = if next == '\\' { self.escaped()? } else { Escape::One(next) };
                    self.range(low)?;
                }
            }
            first = false;
        }
    }

    fn range(&mut self, low: Escape) -> Result<(), Error> {
        match low {
            Escape::Set(set) | Escape::Whole(set) => self.out.push_str(&set),
            Escape::One(low) => {
                push(&mut self.out, low);
                if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                    self.take();
                    let next = self.take().ok_or(Error::Ends("a class"))?;
                    let high = if next == '\\' { self.escaped()? } else { Escape::One(next) };
                    self.out.push('-');
                    match high {
                        Escape::One(high) => push(&mut self.out, high),
                        Escape::Set(set) | Escape::Whole(set) => return Err(Error::Unknown(set)),
                    }
                }
            }
        }
        Ok(())
    }
}

/// A character as itself, in a class or out of it.
fn push(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || c == ' ' || c == '_' || !c.is_ascii() {
        out.push(c);
    } else {
        let _ = write!(out, "\\x{:02X}", u32::from(c));
    }
}

#[cfg(test)]
mod tests {
    use super::translate;
    use crate::foreign::pattern::Pattern;

    #[test]
    fn each_difference_is_bridged() {
        for (go, yes, no) in [
            (r"a{,3}", "a{,3}", "aaa"),
            (r"{{x}}", "{{x}}", "x"),
            (r"^\w+$", "az_09", "é"),
            (r"^a\sb$", "a\tb", "a\u{b}b"),
            (r"^[[a]+$", "[a[", "]"),
            (r"^[a&&b]+$", "a&b", "c"),
            (r"^[+--]+$", "+,-", "."),
            (r"^[]a]+$", "]a", "b"),
            (r"^[^]a]+$", "bc", "]"),
            (r"\Qa.b*\E+", "a.b**", "axb"),
            (r"^\<a\>$", "<a>", "a"),
            (r"\x41\x{42}\103", "ABC", "abc"),
            (r"(?i)^key-[[:alpha:]]{2}$", "KEY-ab", "KEY-1b"),
            (r"^[\w\-.]+$", "a-b.c", "a b"),
            (r"(?P<n>a)(?<m>b)", "ab", "b"),
            (r"^\S\D\W$", "aa-", "aa a"),
            (r"^[^\s]{2}$", "ab", "a "),
            (r"\p{Greek}", "λ", "l"),
            (r"^`~&$", "`~&", "x"),
            (r"a{2}", "aa", "a"),
            (r"^a{2,}$", "aaaa", "a"),
        ] {
            let ours = translate(go).unwrap_or_else(|error| panic!("{go}: {error}"));
            let pattern =
                Pattern::new(&ours).unwrap_or_else(|error| panic!("{go}: {ours}: {error}"));
            assert!(pattern.is_match(yes.as_bytes()), "{go} as {ours} misses {yes:?}");
            assert!(!pattern.is_match(no.as_bytes()), "{go} as {ours} takes {no:?}");
        }
    }

    #[test]
    fn what_go_does_not_know_is_refused() {
        for pattern in
            [r"(?=a)", r"(?x) a", r"(?<=a)b", r"\y", r"\1", "[a", "(?P<a", r"[a-\d]", "\\"]
        {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_translated_pattern_means_the_same_when_it_is_translated_again() {
        let once = translate(r"(?i)[\w-]{3,5}\s*[:=]\s*{x}").unwrap();
        let twice = translate(&once).unwrap();
        let (once, twice) = (Pattern::new(&once).unwrap(), Pattern::new(&twice).unwrap());
        for text in ["abc := {x}", "ab-d={x}", "ab={x}"] {
            assert_eq!(once.is_match(text.as_bytes()), twice.is_match(text.as_bytes()), "{text}");
        }
    }
}
