//! Armoured blocks: `-----BEGIN …-----`, base64, `-----END …-----`, however they were quoted.

/// What stands between the two lines of an armoured block.
pub(super) struct Armour<'a> {
    /// What the block says it is: `RSA PRIVATE KEY`.
    pub(super) label: &'a str,
    /// Whether a header says that the body is encrypted.
    pub(super) encrypted: bool,
    /// The base64 text, joined, without the checksum line.
    pub(super) body: Vec<u8>,
    /// The four characters of an OpenPGP checksum line.
    pub(super) checksum: Option<[u8; 4]>,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// Takes the first block of a text apart; a block without its last line ends where the text does.
pub(super) fn armour(text: &[u8]) -> Option<Armour<'_>> {
    let start = memchr::memmem::find(text, BEGIN)? + BEGIN.len();
    let rest = &text[start..];
    let label_end = memchr::memmem::find(&rest[..rest.len().min(64)], b"-----")?;
    let label = std::str::from_utf8(&rest[..label_end]).ok()?;
    let rest = &rest[label_end + 5..];
    let rest = &rest[..memchr::memmem::find(rest, END).unwrap_or(rest.len())];
    let mut armour = Armour { label, encrypted: false, body: Vec::new(), checksum: None };
    for line in unescaped(rest).split(|byte| matches!(byte, b'\n' | b'\r')) {
        armour.take(inner(line));
    }
    Some(armour)
}

impl Armour<'_> {
    fn take(&mut self, line: &[u8]) {
        if line.contains(&b':') {
            self.encrypted |= memchr::memmem::find(line, b"ENCRYPTED").is_some();
        } else if let (true, Ok(checksum)) = (!self.body.is_empty(), line_checksum(line)) {
            self.checksum = Some(checksum);
        } else {
            self.body.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
        }
    }
}

fn line_checksum(line: &[u8]) -> Result<[u8; 4], std::array::TryFromSliceError> {
    line.strip_prefix(b"=").unwrap_or_default().try_into()
}

/// Turns the escapes of quoted text into what they stand for: `\n`, `\r`, `\t`, also escaped twice.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        while let [b'\\', after @ ..] = rest {
            rest = after;
        }
        match rest {
            [b'n' | b'r', after @ ..] => {
                plain.push(b'\n');
                rest = after;
            }
            [b't', after @ ..] => rest = after,
            _ => {}
        }
    }
    plain
}

/// What stands between the outer quotes of a line, or the line without the blanks around it.
fn inner(line: &[u8]) -> &[u8] {
    let quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    match (line.iter().position(quote), line.iter().rposition(quote)) {
        // One quote ends the text on this line or begins it; beside it stands what joins two texts.
        (Some(first), Some(last)) if first == last => {
            let sides = [&line[..first], &line[first + 1..]];
            let text = sides.into_iter().find(|side| side.iter().any(u8::is_ascii_alphanumeric));
            text.unwrap_or_default().trim_ascii()
        }
        (Some(first), Some(last)) => line[first + 1..last].trim_ascii(),
        _ => line.trim_ascii(),
    }
}

/// Wraps bytes as an armoured block with lines of 64 characters, separated as in `like`.
pub(super) fn wrapped(label: &str, bytes: &[u8], checksum: Option<&str>, like: &[u8]) -> Vec<u8> {
    let separator = if memchr::memmem::find(like, b"\\n").is_some() { "\\n" } else { "\n" };
    let text = super::encodings::to_base64(bytes);
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    if checksum.is_some() {
        lines.push(String::new());
    }
    lines.extend(text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()));
    lines.extend(checksum.map(|checksum| format!("={checksum}")));
    lines.push(format!("-----END {label}-----"));
    lines.join(separator).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_blocks_read_like_plain_ones() {
        let plain = "-----BEGIN X KEY-----\nabcd\nef+/\n-----END X KEY-----";
        for text in [
            plain.to_owned(),
            plain.replace('\n', "\\n"),
            plain.replace('\n', "\\\\n"),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\\n\" +\n  \""),
            plain.replace('\n', "\n    "),
            plain.replace('\n', " "),
        ] {
            let armour = armour(text.as_bytes()).expect("a block");
            assert_eq!(armour.label, "X KEY");
            assert_eq!(armour.body, b"abcdef+/", "{text}");
        }
    }

    #[test]
    fn headers_and_checksum_are_no_body() {
        let text = "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nabcd\n=1234\n-----END X-----";
        let armour = armour(text.as_bytes()).expect("a block");
        assert!(armour.encrypted);
        assert_eq!((&armour.body[..], armour.checksum), (&b"abcd"[..], Some(*b"1234")));
    }
}
