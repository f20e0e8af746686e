//! Looks references up in a reftable stack, which gix does not read.
//!
//! Format: git's Documentation/technical/reftable. Tables are read from the newest to the oldest, each from
//! its start: a look-up costs one pass over the names.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use gix::ObjectId;
use gix::hash::Kind;

mod logs;
mod records;

pub(super) use logs::{Logged, logs};
pub(super) use records::Broken;
use records::{Header, number, stack, table, take, varint};

/// What a reference holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Object(ObjectId),
    Symbolic(Vec<u8>),
}

/// Finds a reference by its full name in `folder/reftable`.
///
/// # Errors
/// [`Broken`] where a table of the stack is missing or malformed: an older value would be a guess.
pub(super) fn find(folder: &Path, name: &[u8], hash: Kind) -> Result<Option<Target>, Broken> {
    for path in stack(folder)?.iter().rev() {
        let mut found = None;
        records(&table(path)?, hash, &mut |key, value| {
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

/// How many references are listed.
const MAX_REFS: usize = 2 << 20;

/// All references of `folder/reftable`, by name.
///
/// # Errors
/// [`Broken`] where a table of the stack is missing, malformed or too large.
pub(super) fn all(folder: &Path, hash: Kind) -> Result<BTreeMap<Vec<u8>, Target>, Broken> {
    let mut all = BTreeMap::new();
    for path in stack(folder)? {
        records(&table(&path)?, hash, &mut |key, value| {
            match value {
                Some(value) => drop(all.insert(key.to_owned(), value)),
                None => drop(all.remove(key)),
            }
            if all.len() > MAX_REFS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
    }
    if all.len() > MAX_REFS { Err(Broken) } else { Ok(all) }
}

/// What is told of a record: its name, and its value or that it was deleted.
type Each<'f> = dyn FnMut(&[u8], Option<Target>) -> ControlFlow<()> + 'f;

/// Walks the references of one table.
fn records(table: &[u8], hash: Kind, each: &mut Each<'_>) -> Result<(), Broken> {
    let Header { length: header, footer, block_size } = Header::of(table)?;
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
