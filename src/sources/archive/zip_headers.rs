//! The records of a zip file, as APPNOTE 6.3.10 has them.

use std::io::{ErrorKind, SeekFrom};

use super::failure::Failure;
use crate::model::ReadSeek;

/// The longest tail that can hold the end record: its 22 bytes and a comment.
const LONGEST_TAIL: u64 = 22 + 0xFFFF;

/// Where the directory stands.
pub(super) struct Directory {
    pub(super) start: u64,
    /// How many members it says it lists, modulo 2^16.
    pub(super) count: u16,
    /// Bytes before the archive that its own offsets do not count: a script, a program.
    pub(super) shift: u64,
}

/// What a header says of a member.
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    /// Compressed length, as stated.
    pub(super) packed: u64,
    /// Length and checksum of the content, where the header has them.
    pub(super) stated: Option<Stated>,
    /// Where its local header stands.
    pub(super) local: u64,
    /// Where its data stands.
    pub(super) data: Option<u64>,
}

/// What the content is said to be.
#[derive(Clone, Copy)]
pub(super) struct Stated {
    pub(super) size: u64,
    pub(super) crc: u32,
}

/// Finds the directory by the end record.
pub(super) fn find_directory(
    file: &mut dyn ReadSeek,
    length: u64,
) -> Result<Option<Directory>, Failure> {
    let from = length.saturating_sub(LONGEST_TAIL);
    let tail = read_at(file, from, (length - from) as usize)?;
    let mut ends: Vec<usize> = memchr::memmem::find_iter(&tail, b"PK\x05\x06").collect();
    ends.retain(|end| tail.len() - end >= 22);
    // The one whose comment ends with the file, else the last: bytes may follow the archive.
    let exact = |end: &&usize| **end + 22 + usize::from(u16_at(&tail, **end + 20)) == tail.len();
    let Some(end) = ends.iter().rev().find(exact).or(ends.last()).copied() else {
        return Ok(None);
    };
    let record = &tail[end..];
    let mut size = u64::from(u32_at(record, 12));
    let mut stated = u64::from(u32_at(record, 16));
    let mut count = u16_at(record, 10);
    let mut before = from + end as u64;
    if let Some((at, big)) = zip64_end(file, before, length)? {
        count = u16_at(&big, 32);
        size = u64_at(&big, 40);
        stated = u64_at(&big, 48);
        before = at;
    }
    let Some(start) = before.checked_sub(size) else {
        return Ok(Some(Directory { start: stated.min(length), count, shift: 0 }));
    };
    // The directory stands right before its end record; where it does not, its own offset is right.
    if read_at(file, start, 4)? == b"PK\x01\x02" || size == 0 {
        return Ok(Some(Directory { start, count, shift: start.saturating_sub(stated) }));
    }
    Ok(Some(Directory { start: stated.min(length), count, shift: 0 }))
}

/// The zip64 end record and its place, where a locator before the end record leads to one.
fn zip64_end(
    file: &mut dyn ReadSeek,
    end: u64,
    length: u64,
) -> Result<Option<(u64, Vec<u8>)>, Failure> {
    let Some(place) = end.checked_sub(20) else { return Ok(None) };
    let locator = read_at(file, place, 20)?;
    if !locator.starts_with(b"PK\x06\x07") || locator.len() < 20 {
        return Ok(None);
    }
    // Bytes before the archive shift the record, which mostly stands right before its locator.
    for at in [Some(u64_at(&locator, 8)), place.checked_sub(56)].into_iter().flatten() {
        if at < length {
            let record = read_at(file, at, 56)?;
            if record.len() == 56 && record.starts_with(b"PK\x06\x06") {
                return Ok(Some((at, record)));
            }
        }
    }
    Ok(None)
}

/// The directory's record at `at`, and where the next one stands; `None` after the last.
pub(super) fn read_central(
    file: &mut dyn ReadSeek,
    at: u64,
) -> Result<Option<(Entry, u64)>, Failure> {
    let fixed = read_at(file, at, 46)?;
    if fixed.len() < 46 || !fixed.starts_with(b"PK\x01\x02") {
        return Ok(None);
    }
    let lengths = [28, 30, 32].map(|field| usize::from(u16_at(&fixed, field)));
    let rest = read_at(file, at + 46, lengths.iter().sum())?;
    let name = rest.get(..lengths[0]).unwrap_or(&rest).to_vec();
    let extra = rest.get(lengths[0]..(lengths[0] + lengths[1]).min(rest.len())).unwrap_or_default();
    let mut wide = [24, 20, 42].map(|field| u64::from(u32_at(&fixed, field)));
    widen(extra, &mut wide);
    let [size, packed, local] = wide;
    let entry = Entry {
        name,
        flags: u16_at(&fixed, 8),
        method: u16_at(&fixed, 10),
        packed,
        stated: Some(Stated { size, crc: u32_at(&fixed, 16) }),
        local,
        data: None,
    };
    Ok(Some((entry, at + 46 + lengths.iter().sum::<usize>() as u64)))
}

/// The local header at `at`; `None` where there is none that can be one.
pub(super) fn read_local(
    file: &mut dyn ReadSeek,
    at: u64,
    length: u64,
) -> Result<Option<Entry>, Failure> {
    if at >= length {
        return Ok(None);
    }
    let fixed = read_at(file, at, 30)?;
    if fixed.len() < 30 || !fixed.starts_with(b"PK\x03\x04") {
        return Ok(None);
    }
    let [name_length, extra_length] = [26, 28].map(|field| usize::from(u16_at(&fixed, field)));
    let rest = read_at(file, at + 30, name_length + extra_length)?;
    if rest.len() < name_length + extra_length {
        return Ok(None);
    }
    let (name, extra) = rest.split_at(name_length);
    let mut wide = [22, 18].map(|field| u64::from(u32_at(&fixed, field)));
    widen(extra, &mut wide);
    let [size, packed] = wide;
    let flags = u16_at(&fixed, 6);
    // Bit 3: sizes and checksum follow the data.
    let stated = (flags & 8 == 0).then(|| Stated { size, crc: u32_at(&fixed, 14) });
    Ok(Some(Entry {
        name: name.to_vec(),
        flags,
        method: u16_at(&fixed, 8),
        packed,
        stated,
        local: at,
        data: Some(at + 30 + rest.len() as u64),
    }))
}

/// Puts the 64-bit values of the zip64 field in the place of those that are all ones.
fn widen(mut extra: &[u8], values: &mut [u64]) {
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let Some(mut field) = extra.get(4..4 + length) else { return };
        if id == 1 {
            for value in values.iter_mut().filter(|value| **value == u64::from(u32::MAX)) {
                let Some((wide, rest)) = field.split_first_chunk() else { return };
                *value = u64::from_le_bytes(*wide);
                field = rest;
            }
            return;
        }
        extra = &extra[4 + length..];
    }
}

/// The first place of a mark that begins in `from..to`.
pub(super) fn find(
    file: &mut dyn ReadSeek,
    mark: &[u8],
    from: u64,
    to: u64,
) -> Result<Option<u64>, Failure> {
    let mut at = from;
    while at < to {
        let step = (to - at).min(64 << 10);
        let window = read_at(file, at, step as usize + mark.len() - 1)?;
        if let Some(found) = memchr::memmem::find(&window, mark) {
            return Ok(Some(at + found as u64));
        }
        if (window.len() as u64) < step {
            return Ok(None);
        }
        at += step;
    }
    Ok(None)
}

/// The bytes at a place; fewer where the file ends.
fn read_at(file: &mut dyn ReadSeek, at: u64, count: usize) -> Result<Vec<u8>, Failure> {
    file.seek(SeekFrom::Start(at)).map_err(|error| Failure::of(&error))?;
    let mut bytes = vec![0; count];
    let mut filled = 0;
    while filled < count {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::of(&error)),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |chunk| u16::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |chunk| u64::from_le_bytes(*chunk))
}
