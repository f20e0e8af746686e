//! The tables of a stack and the numbers in them.

use std::path::{Path, PathBuf};

/// A table that cannot be read.
#[derive(Debug)]
pub(in crate::git) struct Broken;

/// The largest table that is read, in bytes: some two million references.
const MAX_TABLE: u64 = 128 << 20;

/// The tables of a stack, the oldest first.
pub(super) fn stack(folder: &Path) -> Result<Vec<PathBuf>, Broken> {
    let stack = folder.join("reftable");
    let list = match std::fs::read_to_string(stack.join("tables.list")) {
        Ok(list) => list,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(_) => return Err(Broken),
    };
    let path = |name: &str| (!name.contains('/')).then(|| stack.join(name)).ok_or(Broken);
    list.lines().map(path).collect()
}

/// The bytes of a table.
pub(super) fn table(table: &Path) -> Result<Vec<u8>, Broken> {
    if table.metadata().map_err(|_| Broken)?.len() > MAX_TABLE {
        return Err(Broken);
    }
    std::fs::read(table).map_err(|_| Broken)
}

/// The first bytes of a table.
pub(super) struct Header {
    /// How many they are.
    pub(super) length: usize,
    /// Where its last part begins, which repeats the header.
    pub(super) footer: usize,
    /// Bytes that a block is filled up to; 0 for blocks one behind the other.
    pub(super) block_size: usize,
}

impl Header {
    pub(super) fn of(table: &[u8]) -> Result<Self, Broken> {
        let length = match (table.get(..4), table.get(4)) {
            (Some(b"REFT"), Some(1)) => 24,
            (Some(b"REFT"), Some(2)) => 28,
            _ => return Err(Broken),
        };
        let block_size = number(table, 5, 3)?;
        let footer = table.len().checked_sub(length + 44).filter(|footer| *footer >= length);
        // A table that was cut has no such end.
        let footer =
            footer.filter(|at| table[*at..*at + length] == table[..length]).ok_or(Broken)?;
        Ok(Self { length, footer, block_size })
    }
}

pub(super) fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Broken> {
    let (head, tail) = rest.split_at_checked(count).ok_or(Broken)?;
    *rest = tail;
    Ok(head)
}

pub(super) fn number(bytes: &[u8], at: usize, width: usize) -> Result<usize, Broken> {
    let digits = bytes.get(at..at + width).ok_or(Broken)?;
    Ok(digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

/// The offset encoding of packs: each further byte adds one before it shifts.
pub(super) fn varint(rest: &mut &[u8]) -> Result<usize, Broken> {
    let mut value: usize = 0;
    for index in 0.. {
        let byte = *take(rest, 1)?.first().ok_or(Broken)?;
        if index > 0 {
            value = value.checked_add(1).ok_or(Broken)?;
        }
        value = value.checked_mul(128).ok_or(Broken)? | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(value)
}
