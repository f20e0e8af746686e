//! Looks references up in a reftable stack, which gix does not read.
//!
//! Format: git's Documentation/technical/reftable. Only reference blocks are read, from the newest table
//! to the oldest, each from its start: a look-up costs one pass over the names.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::hash::Kind;

/// What a reference holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Object(ObjectId),
    Symbolic(Vec<u8>),
}

/// A table that cannot be read.
#[derive(Debug)]
pub(super) struct Broken;

/// The largest table that is read, in bytes: some ten million references.
const MAX_TABLE: u64 = 1 << 30;

/// Finds a reference by its full name in `folder/reftable`.
///
/// # Errors
/// [`Broken`] where a table of the stack is missing or malformed: an older value would be a guess.
pub(super) fn find(folder: &Path, name: &[u8], hash: Kind) -> Result<Option<Target>, Broken> {
    for table in stack(folder)?.iter().rev() {
        let mut found = None;
        records(&read(table)?, hash, &mut |key, value| {
            if key == name {
                found = Some(value);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        if let Some(value) = found {
            return Ok(value);
        }
    }
    Ok(None)
}

/// All references of `folder/reftable`, by name.
///
/// # Errors
/// [`Broken`] where a table of the stack is missing or malformed.
pub(super) fn all(folder: &Path, hash: Kind) -> Result<BTreeMap<Vec<u8>, Target>, Broken> {
    let mut all = BTreeMap::new();
    for table in stack(folder)? {
        records(&read(&table)?, hash, &mut |key, value| {
            match value {
                Some(value) => drop(all.insert(key.to_owned(), value)),
                None => drop(all.remove(key)),
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(all)
}

/// The tables of a stack, the oldest first.
fn stack(folder: &Path) -> Result<Vec<PathBuf>, Broken> {
    let stack = folder.join("reftable");
    let list = match std::fs::read_to_string(stack.join("tables.list")) {
        Ok(list) => list,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(_) => return Err(Broken),
    };
    let path = |name: &str| (!name.contains('/')).then(|| stack.join(name)).ok_or(Broken);
    list.lines().map(path).collect()
}

fn read(table: &Path) -> Result<Vec<u8>, Broken> {
    if table.metadata().map_err(|_| Broken)?.len() > MAX_TABLE {
        return Err(Broken);
    }
    std::fs::read(table).map_err(|_| Broken)
}

/// What is told of a record: its name, and its value or that it was deleted.
type Each<'f> = dyn FnMut(&[u8], Option<Target>) -> ControlFlow<()> + 'f;

/// Walks the references of one table.
fn records(table: &[u8], hash: Kind, each: &mut Each<'_>) -> Result<(), Broken> {
    let header = match (table.get(..4), table.get(4)) {
        (Some(b"REFT"), Some(1)) => 24,
        (Some(b"REFT"), Some(2)) => 28,
        _ => return Err(Broken),
    };
    let block_size = number(table, 5, 3)?;
    let footer = table.len().checked_sub(header + 44).ok_or(Broken)?;
    let mut start = 0;
    loop {
        let at = if start == 0 { header } else { start };
        if at >= footer || table.get(at) != Some(&b'r') {
            return Ok(());
        }
        // The length counts from the block's start, which for the first one is the file's.
        let length = number(table, at + 1, 3)?;
        let end = start.checked_add(length).filter(|end| *end <= footer).ok_or(Broken)?;
        let restarts = number(table, end.checked_sub(2).ok_or(Broken)?, 2)?;
        let records = end.checked_sub(2 + 3 * restarts).ok_or(Broken)?;
        let block = table.get(at + 4..records).ok_or(Broken)?;
        if in_block(block, hash, each)?.is_break() || length == 0 {
            return Ok(());
        }
        start += if block_size == 0 { length } else { length.div_ceil(block_size) * block_size };
    }
}

fn in_block(mut rest: &[u8], hash: Kind, each: &mut Each<'_>) -> Result<ControlFlow<()>, Broken> {
    let mut key = Vec::new();
    while !rest.is_empty() {
        let prefix = varint(&mut rest)?;
        let suffix = varint(&mut rest)?;
        let kind = suffix & 7;
        key.truncate(prefix);
        if key.len() != prefix {
            return Err(Broken);
        }
        key.extend_from_slice(take(&mut rest, suffix >> 3)?);
        let _update_index = varint(&mut rest)?;
        let value = match kind {
            0 => None,
            1 | 2 => {
                let id = ObjectId::try_from(take(&mut rest, hash.len_in_bytes())?)
                    .map_err(|_| Broken)?;
                if kind == 2 {
                    take(&mut rest, hash.len_in_bytes())?;
                }
                Some(Target::Object(id))
            }
            3 => {
                let length = varint(&mut rest)?;
                Some(Target::Symbolic(take(&mut rest, length)?.to_owned()))
            }
            _ => return Err(Broken),
        };
        if each(&key, value).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Broken> {
    let (head, tail) = rest.split_at_checked(count).ok_or(Broken)?;
    *rest = tail;
    Ok(head)
}

fn number(bytes: &[u8], at: usize, width: usize) -> Result<usize, Broken> {
    let digits = bytes.get(at..at + width).ok_or(Broken)?;
    Ok(digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

/// The offset encoding of packs: each further byte adds one before it shifts.
fn varint(rest: &mut &[u8]) -> Result<usize, Broken> {
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
