//! A large object, inflated while it is read.

use std::io::{Error, ErrorKind, Read};

use flate2::bufread::ZlibDecoder;

/// The bytes of an entry. Ends in an error where it is shorter or longer than its header says.
pub(super) struct Streamed<'a> {
    decoder: ZlibDecoder<&'a [u8]>,
    left: u64,
}

impl<'a> Streamed<'a> {
    pub(super) fn new(stream: &'a [u8], size: u64) -> Self {
        Self { decoder: ZlibDecoder::new(stream), left: size }
    }
}

impl Read for Streamed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let broken =
            || Error::new(ErrorKind::InvalidData, "its size is another than its pack says");
        let read = self.decoder.read(buffer)? as u64;
        if read == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(broken());
        }
        self.left = self.left.checked_sub(read).ok_or_else(broken)?;
        Ok(read as usize)
    }
}
