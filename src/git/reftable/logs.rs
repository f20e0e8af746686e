//! The logs of references in a reftable stack.
//!
//! Format: git's Documentation/technical/reftable. A block of the log is deflated, but for its first four
//! bytes; a record's key is the name of a reference, a zero byte and the number of the update, counted
//! down. A younger table may take back what an older one says.

use std::collections::BTreeMap;
use std::path::Path;

use gix::ObjectId;
use gix::hash::Kind;
use gix::zlib::{Inflate, Status};

use super::records::{Broken, Header, number, stack, table, take, varint};

/// The most that the logs of a stack may inflate to, in bytes.
const MAX_LOGS: usize = 256 << 20;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::git) struct Logged {
    /// The reference.
    pub(in crate::git) name: Vec<u8>,
    /// What it pointed to before and after; ids of zeros stand for nothing.
    pub(in crate::git) ids: [ObjectId; 2],
}

/// All lines of the logs in `folder/reftable`, in no order that means anything.
///
/// # Errors
/// [`Broken`] where a table of the stack is missing or malformed.
pub(in crate::git) fn logs(folder: &Path, hash: Kind) -> Result<Vec<Logged>, Broken> {
    let mut all = BTreeMap::new();
    let mut left = MAX_LOGS;
    for path in stack(folder)? {
        blocks(&table(&path)?, hash, &mut left, &mut all)?;
    }
    let logged = all.into_iter().filter_map(|(key, ids): (Vec<u8>, Option<[ObjectId; 2]>)| {
        let end = key.len().checked_sub(9)?;
        Some(Logged { name: key[..end].to_owned(), ids: ids? })
    });
    Ok(logged.collect())
}

/// By key, the ids of a line; `None` for one that was taken back.
type Lines = BTreeMap<Vec<u8>, Option<[ObjectId; 2]>>;

/// Reads the log blocks of one table.
fn blocks(table: &[u8], hash: Kind, left: &mut usize, all: &mut Lines) -> Result<(), Broken> {
    let Header { length: header, footer, .. } = Header::of(table)?;
    let position = number(table, footer + header + 24, 8)?;
    // A table of logs alone says 0: its first block stands behind the header, and counts it in its length.
    let (mut at, mut before) = match position {
        0 if table.get(header) == Some(&b'g') => (header, header),
        0 => return Ok(()),
        position => (position, 0),
    };
    let mut inflate = Inflate::default();
    let mut block = Vec::new();
    while at < footer && table.get(at) == Some(&b'g') {
        let length = number(table, at + 1, 3)?.checked_sub(4 + before).ok_or(Broken)?;
        *left = left.checked_sub(length).ok_or(Broken)?;
        block.resize(length, 0);
        inflate.reset();
        let stream = table.get(at + 4..footer).ok_or(Broken)?;
        let read = match inflate.once(stream, &mut block) {
            Ok((Status::StreamEnd, read, written)) if written == length => read,
            _ => return Err(Broken),
        };
        records(&block, hash, all)?;
        at += 4 + read;
        before = 0;
    }
    Ok(())
}

fn records(block: &[u8], hash: Kind, all: &mut Lines) -> Result<(), Broken> {
    let restarts = number(block, block.len().checked_sub(2).ok_or(Broken)?, 2)?;
    let end = block.len().checked_sub(2 + 3 * restarts).ok_or(Broken)?;
    let mut rest = &block[..end];
    let mut key = Vec::new();
    while !rest.is_empty() {
        let prefix = varint(&mut rest)?;
        let suffix = varint(&mut rest)?;
        if prefix > key.len() {
            return Err(Broken);
        }
        key.truncate(prefix);
        key.extend_from_slice(take(&mut rest, suffix >> 3)?);
        let ids = match suffix & 7 {
            0 => None,
            1 => {
                let mut id = || {
                    let bytes = take(&mut rest, hash.len_in_bytes())?;
                    ObjectId::try_from(bytes).map_err(|_| Broken)
                };
                let ids = [id()?, id()?];
                // Name and address, seconds and zone, message.
                for _ in 0..2 {
                    let length = varint(&mut rest)?;
                    take(&mut rest, length)?;
                }
                varint(&mut rest)?;
                take(&mut rest, 2)?;
                let length = varint(&mut rest)?;
                take(&mut rest, length)?;
                Some(ids)
            }
            _ => return Err(Broken),
        };
        all.insert(key.clone(), ids);
    }
    Ok(())
}
