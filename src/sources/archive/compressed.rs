//! Compressed single files: gzip, bzip2, xz, zstd. A tar inside keeps the file's own name.

use std::io::{self, BufRead, BufReader, Read};

use super::failure::Failure;
use super::walk::Format;
use super::walk::{Walk, stream};
use crate::model::{Blob, Content};

const BUFFER: usize = 32 << 10;

pub(super) struct Gzip;
pub(super) struct Bzip2;
pub(super) struct Xz;
pub(super) struct Zstd;

impl Format for Gzip {
    fn begins(&self, head: &[u8]) -> bool {
        head.starts_with(b"\x1F\x8B\x08")
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        let reader = BufReader::with_capacity(BUFFER, stream(content));
        let mut members = Members { reader: Some(reader), current: None, begin: gzip_member };
        walk.inside(blob, &stem(blob, &[b"gz", b"gzip"]), &mut members)
    }
}

impl Format for Bzip2 {
    fn begins(&self, head: &[u8]) -> bool {
        matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', magic @ ..]
            if magic.starts_with(b"1AY&SY") || magic.starts_with(b"\x17\x72\x45\x38\x50\x90"))
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        let reader = BufReader::with_capacity(BUFFER, stream(content));
        let mut decoder = bzip2::bufread::MultiBzDecoder::new(reader);
        walk.inside(blob, &stem(blob, &[b"bz2"]), &mut decoder)
    }
}

impl Format for Xz {
    fn begins(&self, head: &[u8]) -> bool {
        head.starts_with(b"\xFD7zXZ\0")
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        let reader = BufReader::with_capacity(BUFFER, stream(content));
        let mut decoder = xz(reader, walk.tally().limits().max_window_bytes);
        walk.inside(blob, &stem(blob, &[b"xz"]), &mut decoder)
    }
}

/// A reader of xz streams that refuses windows beyond the limit.
pub(super) fn xz<R: Read>(reader: R, max_window_bytes: u64) -> lzma_rust2::XzReader<R> {
    // The decoder's own tables come on top of the window.
    let most = (max_window_bytes >> 10) + 1024;
    lzma_rust2::XzReader::new_mem_limit(reader, true, u32::try_from(most).unwrap_or(u32::MAX))
}

impl Format for Zstd {
    fn begins(&self, head: &[u8]) -> bool {
        matches!(head, [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        let reader = BufReader::with_capacity(BUFFER, stream(content));
        let mut frames = ZstdFrames::new(reader, walk.tally().limits().max_window_bytes);
        walk.inside(blob, &stem(blob, &[b"zst", b"zstd"]), &mut frames)
    }
}

/// The name of what a compressed file holds: its own, without the last extension.
fn stem(blob: &Blob, extensions: &[&[u8]]) -> Vec<u8> {
    let path = blob.path.as_bytes();
    let name = path.rsplit(|byte| matches!(byte, b'/' | b'!')).next().unwrap_or(path);
    let dot = name.iter().rposition(|byte| *byte == b'.');
    match dot.filter(|dot| *dot > 0).map(|dot| name.split_at(dot)) {
        Some((stem, extension))
            if extensions.iter().any(|known| extension[1..].eq_ignore_ascii_case(known)) =>
        {
            stem.to_vec()
        }
        Some((stem, extension)) if extension.eq_ignore_ascii_case(b".tgz") => {
            [stem, b".tar"].concat()
        }
        _ => name.to_vec(),
    }
}

type GzipDecoder<R> = flate2::bufread::GzDecoder<R>;

/// What stands at the start of a reader, after a member has ended.
enum Following {
    Member,
    End,
    Foreign,
}

/// Gzip members one after the other. Zeros may pad the end; anything else there is damage.
struct Members<R: BufRead> {
    reader: Option<R>,
    current: Option<GzipDecoder<R>>,
    begin: fn(&mut R) -> io::Result<Following>,
}

fn gzip_member<R: BufRead>(reader: &mut R) -> io::Result<Following> {
    loop {
        let buffer = reader.fill_buf()?;
        match buffer {
            [] => return Ok(Following::End),
            [0x1F, ..] => return Ok(Following::Member),
            [0, ..] => {
                let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
                reader.consume(zeros);
            }
            _ => return Ok(Following::Foreign),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(current) = &mut self.current {
                let count = current.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
                self.reader = self.current.take().map(GzipDecoder::into_inner);
            }
            let Some(mut reader) = self.reader.take() else { return Ok(0) };
            match (self.begin)(&mut reader)? {
                Following::End => return Ok(0),
                Following::Member => self.current = Some(GzipDecoder::new(reader)),
                Following::Foreign => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "bytes that belong to nothing follow the compressed data",
                    ));
                }
            }
        }
    }
}

/// Zstandard frames one after the other, skippable ones left out.
pub(super) struct ZstdFrames<R: BufRead> {
    reader: Option<R>,
    current: Option<ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>,
    max_window_bytes: u64,
}

impl<R: BufRead> ZstdFrames<R> {
    pub(super) fn new(reader: R, max_window_bytes: u64) -> Self {
        Self { reader: Some(reader), current: None, max_window_bytes }
    }

    /// Begins the next frame; `false` at the end.
    fn begin(&mut self) -> io::Result<bool> {
        use ruzstd::decoding::StreamingDecoder;
        use ruzstd::decoding::errors::FrameDecoderError;
        let Some(mut reader) = self.reader.take() else { return Ok(false) };
        loop {
            let buffer = reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            if !matches!(buffer[0], 0x50..=0x5F) {
                break;
            }
            let mut header = [0; 8];
            reader.read_exact(&mut header)?;
            let [.., a, b, c, d] = header;
            let length = u64::from(u32::from_le_bytes([a, b, c, d]));
            if header[1..4] != [0x2A, 0x4D, 0x18] {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if io::copy(&mut reader.by_ref().take(length), &mut io::sink())? < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        match StreamingDecoder::new_with_max_window_size(reader, self.max_window_bytes) {
            Ok(decoder) => self.current = Some(decoder),
            Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            Err(error) => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string()));
            }
        }
        Ok(true)
    }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(current) = &mut self.current {
                let count = current.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
                self.reader = self.current.take().map(|decoder| decoder.into_inner());
            }
            if !self.begin()? {
                return Ok(0);
            }
        }
    }
}
