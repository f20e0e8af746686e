//! Objects that stand in several places, and what their bytes prove.
//!
//! An id is a promise of whoever wrote the store. Where it is given twice, another copy may hold other bytes
//! behind it: each copy must prove its id, or it is shown as well and told as corrupt.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gix::objs::Kind;
use gix::oid;

use super::copy::Copy;
use crate::git::objects::Unread;
use crate::model::Reason;

/// What is known of the copies of one object.
#[derive(Default)]
struct Copies {
    /// Whether the one that is shown has other bytes than its id says.
    first_lies: bool,
    /// One that has the right ones, and was not shown for that.
    proven: Option<Copy>,
    shown: Vec<Copy>,
}

/// What walks find out about copies: a copy may be of another kind, and be met in another walk.
#[derive(Default)]
pub(super) struct Doubles(Mutex<BTreeMap<u32, Copies>>);

impl Doubles {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Copies>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn first_lies(&self, number: u32) {
        self.lock().entry(number).or_default().first_lies = true;
    }

    pub(super) fn proven(&self, number: u32, copy: Copy) {
        self.lock().entry(number).or_default().proven = Some(copy);
    }

    pub(super) fn shown(&self, number: u32, copy: Copy) {
        self.lock().entry(number).or_default().shown.push(copy);
    }

    pub(super) fn was_shown(&self, number: u32, copy: Copy) -> bool {
        self.lock().get(&number).is_some_and(|copies| copies.shown.contains(&copy))
    }

    /// Copies with the right bytes of objects that were shown with others, in order; each is told once.
    pub(super) fn owed(&self, which: impl Fn(Copy) -> bool) -> Vec<(u32, Copy)> {
        let mut all = self.lock();
        let liars = all.iter_mut().filter(|(_, copies)| copies.first_lies);
        let mut owed = Vec::new();
        for (number, copies) in liars {
            owed.extend(copies.proven.take_if(|copy| which(*copy)).map(|copy| (*number, copy)));
        }
        owed
    }
}

/// Whether bytes are those of an id; a known collision is none's.
pub(super) fn proves(id: &oid, kind: Kind, bytes: &[u8]) -> bool {
    gix::objs::compute_hash(id.kind(), kind, bytes).is_ok_and(|made| made == id)
}

/// The same for a blob that is not held.
pub(super) fn stream_proves(id: &oid, size: u64, stream: &mut dyn Read) -> bool {
    let mut hasher = gix::hash::hasher(id.kind());
    hasher.update(&gix::objs::encode::loose_header(Kind::Blob, size));
    let mut buffer = vec![0; 1 << 16];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return hasher.try_finalize().is_ok_and(|made| made == id),
            Ok(read) => hasher.update(&buffer[..read]),
            Err(_) => return false,
        }
    }
}

/// A copy whose bytes are not those of its id.
pub(super) fn lies(id: &oid) -> Unread {
    let detail = format!(
        "object {id} has bytes that do not belong to its id; they were looked at all the same"
    );
    Unread { reason: Reason::Corrupt, detail }
}

#[cfg(test)]
mod tests {
    use gix::ObjectId;

    use super::*;

    #[test]
    fn bytes_prove_their_id_and_no_other() {
        let id = ObjectId::from_hex(b"ce013625030ba8dba906f756967f9e9ca394464a").unwrap();
        assert!(proves(&id, Kind::Blob, b"hello\n"));
        assert!(!proves(&id, Kind::Blob, b"hello"));
        assert!(!proves(&id, Kind::Commit, b"hello\n"));
        assert!(stream_proves(&id, 6, &mut b"hello\n".as_slice()));
        assert!(!stream_proves(&id, 5, &mut b"hello\n".as_slice()));
    }
}
