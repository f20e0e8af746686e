//! As much of BSON as a login takes: flat documents are written, and read without going into them.
//!
//! <https://bsonspec.org/spec.html>

use super::login::{Message, next, some, until_nul};
use crate::net::Failure;

/// A document that is being written.
pub(super) struct Writer(Message);

impl Writer {
    pub(super) fn new() -> Self {
        Self(Message::new(vec![0; 4]))
    }

    fn name(&mut self, kind: u8, name: &str) {
        self.0.push(kind);
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(0);
    }

    fn length(&mut self, length: usize) -> Result<(), Failure> {
        let length = i32::try_from(length).map_err(|_| Failure::Unsendable)?;
        self.0.extend_from_slice(&length.to_le_bytes());
        Ok(())
    }

    pub(super) fn number(mut self, name: &str, value: i32) -> Self {
        self.name(0x10, name);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn flag(mut self, name: &str, value: bool) -> Self {
        self.name(0x08, name);
        self.0.push(u8::from(value));
        self
    }

    pub(super) fn text(mut self, name: &str, value: &str) -> Result<Self, Failure> {
        self.name(0x02, name);
        self.length(value.len() + 1)?;
        self.0.extend_from_slice(value.as_bytes());
        self.0.push(0);
        Ok(self)
    }

    pub(super) fn bytes(mut self, name: &str, value: &[u8]) -> Result<Self, Failure> {
        self.name(0x05, name);
        self.length(value.len())?;
        self.0.push(0);
        self.0.extend_from_slice(value);
        Ok(self)
    }

    pub(super) fn document(mut self, name: &str, value: &[u8]) -> Self {
        self.name(0x03, name);
        self.0.extend_from_slice(value);
        self
    }

    pub(super) fn done(mut self) -> Result<Message, Failure> {
        self.0.push(0);
        let length = i32::try_from(self.0.len()).map_err(|_| Failure::Unsendable)?;
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        Ok(self.0)
    }
}

/// A value of a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'d> {
    Number(f64),
    Text(&'d str),
    Bytes(&'d [u8]),
    Flag(bool),
    /// An array, unread.
    List(&'d [u8]),
    /// What a login does not look at.
    Other,
}

/// The fields of a document, in their order. Linear, without recursion.
pub(super) fn read(document: &[u8]) -> Result<Vec<(&[u8], Value<'_>)>, Failure> {
    let mut rest = document;
    let length = size(&mut rest)?;
    let body = length.checked_sub(5).filter(|_| length <= document.len());
    let mut body = document.get(4..4 + body.ok_or(Failure::Garbled)?).ok_or(Failure::Garbled)?;
    let mut fields = Vec::new();
    while !body.is_empty() {
        let [kind] = next(&mut body)?;
        let name = until_nul(&mut body)?;
        let value = match kind {
            0x01 => Value::Number(f64::from_le_bytes(next(&mut body)?)),
            0x10 => Value::Number(f64::from(i32::from_le_bytes(next(&mut body)?))),
            0x02 => {
                let length = size(&mut body)?;
                let text = some(&mut body, length)?.strip_suffix(&[0]).ok_or(Failure::Garbled)?;
                Value::Text(std::str::from_utf8(text).map_err(|_| Failure::Garbled)?)
            }
            0x05 => {
                let length = size(&mut body)?;
                next::<1>(&mut body)?;
                Value::Bytes(some(&mut body, length)?)
            }
            0x08 => Value::Flag(next(&mut body)? != [0]),
            0x03 | 0x04 => {
                let mut ahead = body;
                let length = size(&mut ahead)?;
                let inner = some(&mut body, length)?;
                if kind == 0x04 { Value::List(inner) } else { Value::Other }
            }
            _ => {
                // Nothing, an id, a time, a counter, a decimal: so many bytes.
                let length = match kind {
                    0x06 | 0x0a | 0x7f | 0xff => 0,
                    0x07 => 12,
                    0x09 | 0x11 | 0x12 => 8,
                    0x13 => 16,
                    _ => return Err(Failure::Garbled),
                };
                some(&mut body, length)?;
                Value::Other
            }
        };
        fields.push((name, value));
    }
    Ok(fields)
}

fn size(rest: &mut &[u8]) -> Result<usize, Failure> {
    usize::try_from(i32::from_le_bytes(next(rest)?)).map_err(|_| Failure::Garbled)
}

#[cfg(test)]
mod tests {
    use super::{Value, Writer, read};

    #[test]
    fn what_is_written_is_read() {
        let inner = Writer::new().flag("a", true).done().unwrap();
        let document = Writer::new().number("ok", 1).text("user", "ann").unwrap();
        let document = document.bytes("payload", b"\0\x01").unwrap().document("options", &inner);
        let document = document.done().unwrap();
        let fields = read(&document).unwrap();
        assert_eq!(fields[0], (b"ok".as_slice(), Value::Number(1.0)));
        assert_eq!(fields[1].1, Value::Text("ann"));
        assert_eq!(fields[2].1, Value::Bytes(b"\0\x01"));
        assert_eq!(fields[3].1, Value::Other);
        for end in 0..document.len() {
            assert!(read(&document[..end]).is_err(), "{end}");
        }
    }
}
