//! Content of any length, as windows that overlap.

use std::io::{ErrorKind, Read};
use std::ops::{ControlFlow, Range};

use crate::model::Content;

/// How content is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Bytes that a window answers for.
    pub(super) body: usize,
    /// Bytes before and after them that it shows too: what a match may need to be seen whole.
    pub(super) margin: usize,
}

/// A window of the content. What begins in its body is its own; the rest is there to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Chunk<'a> {
    pub(super) bytes: &'a [u8],
    /// Where `bytes` begin in the blob.
    pub(super) base: u64,
    pub(super) body: Range<usize>,
    pub(super) last: bool,
}

/// What became of the reading.
pub(super) struct Outcome {
    pub(super) bytes: u64,
    pub(super) error: Option<std::io::Error>,
}

/// Visits all windows in order, until the visitor breaks off. Bytes are looked at where they are;
/// everything else passes through `buffer`, which holds one window. What was read before an error is
/// visited.
pub(super) fn visit(
    content: Content<'_>,
    cut: Cut,
    buffer: &mut Vec<u8>,
    mut each: impl FnMut(Chunk<'_>) -> ControlFlow<()>,
) -> Outcome {
    match content {
        Content::Bytes(bytes) => visit_bytes(bytes, cut, &mut each),
        Content::Stream(mut reader) => visit_reader(&mut reader, cut, buffer, &mut each),
        Content::File(mut reader) => visit_reader(&mut reader, cut, buffer, &mut each),
    }
}

fn visit_bytes(
    bytes: &[u8],
    cut: Cut,
    each: &mut impl FnMut(Chunk<'_>) -> ControlFlow<()>,
) -> Outcome {
    let mut at = 0;
    loop {
        let end = bytes.len().min(at + cut.body);
        let last = end == bytes.len();
        let first = at.saturating_sub(cut.margin);
        let shown = &bytes[first..bytes.len().min(end + cut.margin)];
        let chunk = Chunk { bytes: shown, base: first as u64, body: at - first..end - first, last };
        if each(chunk).is_break() || last {
            return Outcome { bytes: end as u64, error: None };
        }
        at = end;
    }
}

fn visit_reader(
    reader: &mut dyn Read,
    cut: Cut,
    buffer: &mut Vec<u8>,
    each: &mut impl FnMut(Chunk<'_>) -> ControlFlow<()>,
) -> Outcome {
    let size = cut.body + 2 * cut.margin;
    if buffer.len() != size {
        // Zeroed by the system, page by page as they are touched: small files cost small memory.
        *buffer = vec![0; size];
    }
    let (mut base, mut start, mut filled) = (0_u64, 0, 0);
    loop {
        let (more, error) = fill(reader, &mut buffer[filled..]);
        filled += more;
        let last = filled < size;
        let end = if last { filled } else { filled - cut.margin };
        let chunk = Chunk { bytes: &buffer[..filled], base, body: start..end, last };
        if each(chunk).is_break() || last {
            return Outcome { bytes: base + filled as u64, error };
        }
        let first = end.saturating_sub(cut.margin);
        buffer.copy_within(first..filled, 0);
        base += first as u64;
        start = end - first;
        filled -= first;
    }
}

/// Reads until the buffer is full, the content ends or an error comes.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<std::io::Error>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => return (filled, None),
            Ok(more) => filled += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Content, ControlFlow, Cut, visit};

    /// The bodies joined, after checking that each window shows what stands in the blob.
    fn joined(blob: &[u8], content: Content<'_>, cut: Cut) -> Vec<u8> {
        let mut bodies = Vec::new();
        let mut ended = false;
        let read = visit(content, cut, &mut Vec::new(), |chunk| {
            let base = chunk.base as usize;
            assert_eq!(chunk.bytes, &blob[base..base + chunk.bytes.len()]);
            let shown = (base + chunk.body.start).min(cut.margin);
            assert!(chunk.body.start >= shown, "the margin is shown");
            bodies.extend_from_slice(&chunk.bytes[chunk.body.clone()]);
            assert!(!ended);
            ended = chunk.last;
            ControlFlow::Continue(())
        });
        assert!(ended && read.error.is_none());
        assert_eq!(read.bytes, blob.len() as u64);
        bodies
    }

    proptest! {
        #[test]
        fn every_byte_is_in_one_body(
            blob in proptest::collection::vec(any::<u8>(), 0..200),
            body in 1_usize..60,
            margin in 1_usize..30,
        ) {
            let cut = Cut { body, margin };
            prop_assert_eq!(joined(&blob, Content::Bytes(&blob), cut), blob.as_slice());
            let mut reader = blob.as_slice();
            prop_assert_eq!(joined(&blob, Content::Stream(&mut reader), cut), blob);
        }
    }
}
