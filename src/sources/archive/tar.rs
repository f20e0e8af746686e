//! tar: ustar, pax and GNU; and ar, in which Debian packages come.
//!
//! Read as a tape, once. Names are labels: `../` and absolute ones lead nowhere, nothing is written.
//! Of a sparse file the stored bytes are scanned; its holes cost nothing.

use std::io::{BufReader, Read};

use super::failure::{Failure, Shape};
use super::walk::Format;
use super::walk::{Walk, stream};
use crate::model::{Blob, Content};

pub(super) struct Tar;

const BLOCK: usize = 512;
/// Long names and pax records beyond this are left out; they would be held in memory.
const LONGEST_RECORD: u64 = 1 << 20;

impl Format for Tar {
    fn begins(&self, head: &[u8]) -> bool {
        head.first_chunk::<BLOCK>().is_some_and(|block| block[0] != 0 && checks_out(block))
    }

    fn shape(&self) -> Shape {
        Shape::Tape
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        let mut reader = BufReader::with_capacity(32 << 10, stream(content));
        let mut next = Next::default();
        let mut block = [0; BLOCK];
        while !walk.is_over() {
            match fill(&mut reader, &mut block)? {
                0 => return Ok(()),
                BLOCK => {}
                _ => return Err(Failure::corrupt("it ends in the middle of a header")),
            }
            // Zero blocks end a tape, but tapes are concatenated too: what follows is read on.
            if block.iter().all(|byte| *byte == 0) {
                continue;
            }
            if !checks_out(&block) {
                return Err(Failure::corrupt("a header does not match its checksum"));
            }
            entry(blob, &block, &mut next, &mut reader, walk)?;
        }
        Ok(())
    }
}

/// What extended headers say of the entry that follows them.
#[derive(Default)]
struct Next {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

fn entry(
    blob: &Blob,
    block: &[u8; BLOCK],
    next: &mut Next,
    reader: &mut dyn Read,
    walk: &mut Walk<'_, '_>,
) -> Result<(), Failure> {
    let stored = number(&block[124..136])
        .ok_or_else(|| Failure::corrupt("a header has a size that is no number"))?;
    match block[156] {
        b'L' => {
            next.name = Some(until_nul(&record(reader, stored)?).to_vec());
            return skip(reader, padding(stored));
        }
        b'x' => {
            pax(&record(reader, stored)?, next);
            return skip(reader, padding(stored));
        }
        b'K' | b'g' => return skip(reader, stored.saturating_add(padding(stored))),
        _ => {}
    }
    let Next { name, size } = std::mem::take(next);
    let name = name.unwrap_or_else(|| plain_name(block));
    let name = name.strip_prefix(b"./").unwrap_or(&name);
    let size = size.unwrap_or(stored);
    match block[156] {
        // Links and devices have no content, whatever their size says.
        b'1' | b'2' => return Ok(()),
        b'3' | b'4' | b'6' => {
            walk.leave_out(blob, name, "a device or pipe in an archive has no content");
            return Ok(());
        }
        b'5' => return skip(reader, size.saturating_add(padding(size))),
        b'S' if block[482] != 0 => more_sparse_headers(reader)?,
        _ => {}
    }
    let mut member = Part { inner: &mut *reader, left: size };
    let goes_on = walk.part(blob, name, &mut member);
    let left = member.left;
    if goes_on {
        skip(reader, left.saturating_add(padding(size)))?;
    }
    Ok(())
}

/// The map of a sparse file that does not fit into its header.
fn more_sparse_headers(reader: &mut dyn Read) -> Result<(), Failure> {
    let mut block = [0; BLOCK];
    loop {
        if fill(reader, &mut block)? < BLOCK {
            return Err(Failure::corrupt("it ends in the map of a sparse file"));
        }
        if block[504] == 0 {
            return Ok(());
        }
    }
}

/// The bytes of a long name or of pax records.
fn record(reader: &mut dyn Read, size: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let kept = size.min(LONGEST_RECORD);
    let read = Read::take(&mut *reader, kept).read_to_end(&mut bytes);
    read.map_err(|error| Failure::of(&error))?;
    if (bytes.len() as u64) < kept {
        return Err(Failure::corrupt("it ends in the middle of a name"));
    }
    skip(reader, size - kept)?;
    Ok(bytes)
}

/// Reads `length key=value\n` records.
fn pax(mut records: &[u8], next: &mut Next) {
    while let Some(space) = records.iter().take(20).position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&records[..space]).ok().and_then(|text| text.parse().ok());
        let Some(record) = length.and_then(|length: usize| records.get(space + 1..length)) else {
            return;
        };
        let equals = record.iter().position(|byte| *byte == b'=').unwrap_or(record.len());
        let (key, value) = record.split_at(equals);
        let value = value.get(1..).unwrap_or_default();
        let value = value.strip_suffix(b"\n").unwrap_or(value);
        match key {
            b"path" | b"GNU.sparse.name" => next.name = Some(value.to_vec()),
            b"size" => next.size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()),
            _ => {}
        }
        records = &records[space + 1 + record.len()..];
    }
}

fn plain_name(block: &[u8; BLOCK]) -> Vec<u8> {
    let name = until_nul(&block[..100]);
    let prefix = until_nul(&block[345..500]);
    // GNU tar keeps other things where ustar has the prefix.
    if &block[257..263] != b"ustar\0" || prefix.is_empty() {
        return name.to_vec();
    }
    [prefix, b"/", name].concat()
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits, or big-endian with the first bit set.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let low: [u8; 8] = *field.last_chunk()?;
        return Some(u64::from_be_bytes(low) & (u64::MAX >> 1));
    }
    let text = until_nul(field).trim_ascii();
    let digit = |number: u64, digit: &u8| match digit {
        b'0'..=b'7' => number.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    };
    text.iter().try_fold(0, digit)
}

/// Whether the sum of a header's bytes is the one that it states.
fn checks_out(block: &[u8; BLOCK]) -> bool {
    let Some(stated) = number(&block[148..156]).filter(|stated| *stated > 0) else {
        return false;
    };
    let field = 148..156;
    let bytes = block.iter().enumerate();
    let sum: u64 =
        bytes.map(|(at, byte)| u64::from(if field.contains(&at) { b' ' } else { *byte })).sum();
    sum == stated
}

fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

/// Fills the buffer, or what of it there is left.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, Failure> {
    let mut count = 0;
    while count < buffer.len() {
        match reader.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::of(&error)),
        }
    }
    Ok(count)
}

fn skip(reader: &mut dyn Read, count: u64) -> Result<(), Failure> {
    let skipped = std::io::copy(&mut reader.take(count), &mut std::io::sink());
    let skipped = skipped.map_err(|error| Failure::of(&error))?;
    if skipped < count {
        Err(Failure::corrupt("it ends in the middle of a member"))
    } else {
        Ok(())
    }
}

/// The next `left` bytes of a tape. Ends with an error where the tape does.
struct Part<'r> {
    inner: &'r mut dyn Read,
    left: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.inner.read(&mut buffer[..most])?;
        self.left -= count as u64;
        if count == 0 && most > 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }
}

/// Debian packages. Other `ar` files, static libraries, hold no compressed members: they are scanned as
/// the bytes that they are.
pub(super) struct Ar;

impl Format for Ar {
    fn begins(&self, head: &[u8]) -> bool {
        head.starts_with(b"!<arch>\ndebian-binary")
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        let mut reader = BufReader::with_capacity(32 << 10, stream(content));
        skip(&mut reader, 8)?;
        let mut header = [0; 60];
        while !walk.is_over() {
            match fill(&mut reader, &mut header)? {
                0 => return Ok(()),
                60 if header[58..] == *b"`\n" => {}
                _ => return Err(Failure::corrupt("a member's header is broken")),
            }
            let size =
                std::str::from_utf8(&header[48..58]).ok().and_then(|v| v.trim().parse().ok());
            let size: u64 = size.ok_or_else(|| Failure::corrupt("a size that is no number"))?;
            let name = header[..16].trim_ascii();
            let name = name.strip_suffix(b"/").unwrap_or(name);
            let mut member = Part { inner: &mut reader, left: size };
            let goes_on = walk.part(blob, name, &mut member);
            let left = member.left;
            if goes_on {
                skip(&mut reader, left)?;
                // Members begin at even places; the last one may lack its padding.
                fill(&mut reader, &mut header[..(size % 2) as usize])?;
            }
        }
        Ok(())
    }
}
