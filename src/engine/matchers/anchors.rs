//! The operators that may stand between a name and a value, 64 bytes a step.

use std::ops::{ControlFlow, Range};

use crate::decode::blocks::{self, Class, Masks};

/// The classes of bytes that tell operators.
static CLASSES: [Class; 8] = [
    Class::new(b"=:"),
    Class::new(b"=\n\r"),
    Class::new(b":"),
    Class::new(b"\"'`\\"),
    Class::new(b" \t"),
    Class::new(b"(,"),
    Class::new(b">"),
    Class::new(b"<\n\r \t"),
];

/// Calls `visit` with the place in `bytes` of each operator in `window`, in order.
pub(super) fn visit(bytes: &[u8], window: Range<usize>, mut visit: impl FnMut(usize)) {
    // Behind the text it goes on as if its line ended. What stands behind an operator decides, too.
    let end = bytes.len().min(window.end + 2);
    if window.is_empty() {
        return;
    }
    blocks::visit(&bytes[window.start..end], &CLASSES, b'\n', |base, masks| {
        let mut operators = operators(&masks);
        while operators != 0 {
            let at = window.start + base + operators.trailing_zeros() as usize;
            if at >= window.end {
                return ControlFlow::Break(());
            }
            visit(at);
            operators &= operators - 1;
        }
        ControlFlow::Continue(())
    });
}

/// The operators of a block: where a value may follow, given the two bytes behind.
fn operators(masks: &Masks<'_, { CLASSES.len() }>) -> u64 {
    let [pair, no_value, colon, quote, blank, argument, tag, no_element] = [0, 1, 2, 3, 4, 5, 6, 7];
    let scope = masks.own(colon) & masks.ahead(colon, 1);
    let assigns = masks.own(pair) & !masks.ahead(no_value, 1) & !scope;
    let quoted = masks.ahead(quote, 1) | masks.ahead(blank, 1) & masks.ahead(quote, 2);
    let element = masks.own(tag) & !masks.ahead(no_element, 1);
    assigns | masks.own(argument) & quoted | element
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::visit;

    /// The same, for one byte and the two behind it.
    fn may_assign(byte: u8, next: u8, after: u8) -> bool {
        let is_quote = |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\');
        let line_ends = matches!(next, b'\n' | b'\r');
        let blank = matches!(next, b' ' | b'\t');
        match byte {
            b'=' => next != b'=' && !line_ends,
            b':' => !matches!(next, b'=' | b':') && !line_ends,
            b'(' | b',' => is_quote(next) || blank && is_quote(after),
            b'>' => next != b'<' && !line_ends && !blank,
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn operators_of_a_window_are_visited_in_order(
            text in "[=:><(,\"' \na]{0,5000}", start in 0_usize..5000, length in 0_usize..5000,
        ) {
            let bytes = text.as_bytes();
            let start = start.min(bytes.len());
            let end = (start + length).min(bytes.len());
            let mut seen = Vec::new();
            visit(bytes, start..end, |at| seen.push(at));
            let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
            let wanted: Vec<usize> =
                (start..end).filter(|at| may_assign(byte(*at), byte(at + 1), byte(at + 2))).collect();
            prop_assert_eq!(seen, wanted);
        }
    }
}
