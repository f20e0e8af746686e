//! The operators that may stand between a name and a value, and the way to them from a part of the name.

/// Walks from the stem of a word that matters through all that may stand between it and its operator.
pub(super) struct Reach<'b> {
    bytes: &'b [u8],
    /// Where operators count.
    from: usize,
    /// What is before it was walked through.
    seen: usize,
    /// Whether a byte that ends all names stands there.
    stopped: bool,
}

impl<'b> Reach<'b> {
    /// Operators before `from` do not count.
    pub(super) fn new(bytes: &'b [u8], from: usize) -> Self {
        Self { bytes, from, seen: 0, stopped: true }
    }

    /// Goes on from a stem that stands behind the last one, up to `most`; calls `visit` with each operator.
    ///
    /// Behind the rest of the name come what closes it, blanks and signs; behind a colon, a type.
    pub(super) fn go_on(&mut self, stem: usize, most: usize, mut visit: impl FnMut(usize)) {
        if self.stopped && stem < self.seen {
            return;
        }
        let goes_on = stem < self.seen;
        let Some(rest) = self.bytes.get(stem.max(self.seen)..most) else { return };
        // Where the name ended is not known any more.
        let (mut in_name, mut typed) = (!goes_on, goes_on);
        let mut at = most - rest.len();
        for byte in rest {
            let what = BETWEEN[usize::from(*byte)];
            in_name &= what & NAME != 0;
            if what & SIGN != 0 && at >= self.from && is_operator(self.bytes, at) {
                visit(at);
            }
            let inside = in_name || what & BEHIND != 0 || typed && what & TYPE != 0;
            if !inside && !in_quote_entity(self.bytes, at) {
                // A stem may begin right here.
                (self.seen, self.stopped) = (at, true);
                return;
            }
            typed |= *byte == b':';
            at += 1;
        }
        (self.seen, self.stopped) = (at, false);
    }
}

/// Whether `at` stands in `&quot;`.
#[cold]
fn in_quote_entity(bytes: &[u8], at: usize) -> bool {
    let around = &bytes[at.saturating_sub(5)..bytes.len().min(at + 6)];
    matches!(bytes[at], b'&' | b'q' | b'u' | b'o' | b't' | b';')
        && memchr::memmem::find(around, b"&quot;").is_some()
}

/// What a byte can be between a stem and the operator behind it.
static BETWEEN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let sign = byte as u8;
        let blank = matches!(sign, b' ' | b'\t');
        let part = matches!(sign, b'=' | b'!' | b':' | b'?' | b'|' | b'+');
        let operator = matches!(sign, b'=' | b':' | b'(' | b',' | b'>' | b'|' | b'?');
        table[byte] = if is_name(sign) { NAME } else { 0 }
            | if is_closer(sign) || blank || part { BEHIND } else { 0 }
            | if is_type(sign) { TYPE } else { 0 }
            | if operator { SIGN } else { 0 };
        byte += 1;
    }
    table
};
/// A part of the name.
const NAME: u8 = 1;
/// It closes a name, is blank or a part of an operator.
const BEHIND: u8 = 2;
/// A part of a type.
const TYPE: u8 = 4;
/// It may end an operator.
const SIGN: u8 = 8;

pub(super) const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}

/// What closes a name before its operator.
pub(super) const fn is_closer(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'?' | b'!' | b'[')
}

/// What a type between name and operator is made of.
pub(super) const fn is_type(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'_' | b'<' | b'>' | b'&' | b'\'' | b'?' | b'.' | b'|' | b'[' | b']' | b' ' | b'*'
        )
}

/// Whether the byte at a place is an operator behind which a value may follow. Behind the text it goes on as
/// if its line ended.
pub(super) fn is_operator(bytes: &[u8], at: usize) -> bool {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
    let (next, after) = (byte(at + 1), byte(at + 2));
    let line_ends = matches!(next, b'\n' | b'\r');
    let blank = matches!(next, b' ' | b'\t');
    match byte(at) {
        b'=' => next != b'=' && !line_ends,
        b':' => !matches!(next, b'=' | b':') && !line_ends,
        b'(' | b',' => is_quote(next) || blank && is_quote(after),
        b'>' => next != b'<' && !line_ends && !blank,
        sign @ (b'|' | b'?') => {
            at > 0 && bytes[at - 1] == sign && (is_quote(next) || blank && is_quote(after))
        }
        _ => false,
    }
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::is_operator;

    #[test]
    fn an_operator_is_told_by_what_stands_behind_it() {
        let operators = |text: &str| -> String {
            let bytes = text.as_bytes();
            (0..bytes.len()).map(|at| if is_operator(bytes, at) { '^' } else { '.' }).collect()
        };
        assert_eq!(operators("a = 1; b == 2;"), "..^.......^...");
        assert_eq!(operators("a := 1; c::d: e"), "...^......^.^..");
        assert_eq!(operators("f(\"x\", 'y', z)"), ".^...^........");
        assert_eq!(operators("<a>t</a><b> u"), "..^..........");
        assert_eq!(operators("a || \"x\" ?? 'y' | z"), "...^......^........".get(..19).unwrap());
        assert_eq!(operators("a=\nb:\r\nc="), ".........");
    }
}
