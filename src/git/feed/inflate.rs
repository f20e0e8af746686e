//! One entry of a pack, inflated in one step: its size is known from its header, its end from the next.

use gix::zlib::{Inflate, Status};

/// Inflates a whole stream into a buffer of exactly this size, and says whether the input holds together:
/// the stream ends with the output and with the input, and its checksum is right.
///
/// The buffer must be as long as the header says, so a stream that lies costs no more than that.
pub(super) fn whole(inflate: &mut Inflate, stream: &[u8], size: usize, out: &mut Vec<u8>) -> bool {
    out.resize(size, 0);
    inflate.reset();
    match inflate.once(stream, out) {
        Ok((Status::StreamEnd, read, written)) => written == size && read == stream.len(),
        _ => false,
    }
}
