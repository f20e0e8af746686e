//! Objects by id, from every store of a repository.

use std::path::PathBuf;
use std::sync::Arc;

use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::{Find, FindHeader, Kind};

use crate::model::Reason;

/// The largest object that is read into memory, in bytes; a larger one is `too-large`.
const MAX_BYTES: u64 = 512 << 20;

/// The stores of a repository, shared by threads.
pub(super) struct Stores {
    stores: Vec<Arc<gix::odb::Store>>,
    hash: Hash,
    partial: bool,
}

/// One thread's way to the objects.
pub struct Objects {
    handles: Vec<gix::odb::HandleArc>,
    hash: Hash,
    partial: bool,
}

/// Why an object could not be read, in the words of a problem.
#[derive(Clone, Debug)]
pub struct Unread {
    /// From the closed list.
    pub reason: Reason,
    /// What happened.
    pub detail: String,
}

impl Stores {
    /// Opens object directories; replacement references are not followed, so what is read is what is stored.
    pub(super) fn open(places: &[PathBuf], hash: Hash, partial: bool) -> std::io::Result<Self> {
        let options = || gix::odb::store::init::Options {
            alloc_limit_bytes: Some(MAX_BYTES as usize),
            ..Default::default()
        };
        let open = |place: &PathBuf| {
            gix::odb::Store::at_opts(place.clone(), hash, &mut std::iter::empty(), options())
                .map(Arc::new)
        };
        Ok(Self { stores: places.iter().map(open).collect::<Result<_, _>>()?, hash, partial })
    }

    /// A way for one thread. `objects` is the most that its caches keep, in bytes; 0 keeps nothing.
    pub(super) fn handle(&self) -> Objects {
        let handles = self.stores.iter().map(|store| store.to_cache_arc()).collect();
        Objects { handles, hash: self.hash, partial: self.partial }
    }
}

impl Objects {
    /// Reads an object of the kind that is expected into the buffer, and proves its id.
    ///
    /// # Errors
    /// [`Unread`], with the reason of the problem that this is.
    pub(super) fn read(
        &self,
        id: &ObjectId,
        kind: Kind,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        buffer.clear();
        if id.is_empty_tree() && kind == Kind::Tree {
            return Ok(());
        }
        for handle in &self.handles {
            let size = match handle.try_header(id) {
                Ok(Some(header)) => header.size,
                Ok(None) => continue,
                Err(error) => return Err(failed(id, &error)),
            };
            if size > MAX_BYTES {
                let detail = format!(
                    "object {id} has {size} bytes, more than the {MAX_BYTES} that are read"
                );
                return Err(Unread { reason: Reason::TooLarge, detail });
            }
            let found = match handle.try_find(id, buffer) {
                Ok(Some(data)) => data,
                Ok(None) => continue,
                Err(error) => return Err(failed(id, &error)),
            };
            if found.kind != kind {
                return Err(corrupt(id, "is of another kind than its name in a tree says"));
            }
            if found.verify_checksum(id).is_err() {
                return Err(corrupt(id, "has bytes that do not belong to its id"));
            }
            return Ok(());
        }
        let why = match self.partial {
            true => "the clone is partial and nothing is fetched; fetch it and scan again",
            false => "it is not in the repository; `git fsck` says what else is missing",
        };
        Err(Unread {
            reason: Reason::ObjectMissing,
            detail: format!("object {id} is missing: {why}"),
        })
    }

    /// Reads a blob into the buffer.
    ///
    /// # Errors
    /// [`Unread`], with the reason of the problem that this is.
    pub fn blob(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<(), Unread> {
        self.read(id, Kind::Blob, buffer)
    }

    /// Whether an object is there, without reading it.
    #[must_use]
    pub fn has(&self, id: &ObjectId) -> bool {
        self.handles.iter().any(|handle| matches!(handle.try_header(id), Ok(Some(_))))
    }

    /// Whether an object is there and of that kind.
    pub(super) fn is_kind(&self, id: &ObjectId, kind: Kind) -> bool {
        self.handles
            .iter()
            .any(|handle| matches!(handle.try_header(id), Ok(Some(found)) if found.kind == kind))
    }

    /// The only object whose id begins so (4 hex digits at least); `None` for none or several.
    pub(super) fn by_prefix(&self, digits: &str) -> Option<ObjectId> {
        let prefix = gix::hash::Prefix::from_hex(digits).ok().filter(|_| digits.len() >= 4)?;
        let found =
            |handle: &gix::odb::HandleArc| handle.lookup_prefix(prefix, None).ok().flatten();
        self.handles.iter().find_map(found)?.ok()
    }

    /// The hash of the repository.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }
}

/// The system may have refused it: then it is not the object that is broken.
fn failed(id: &ObjectId, error: &(dyn std::error::Error + 'static)) -> Unread {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let refused = causes
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .find(|cause| cause.kind() == std::io::ErrorKind::PermissionDenied);
    match refused {
        Some(refused) => Unread {
            reason: Reason::Unreadable,
            detail: format!("object {id}: {}", crate::model::words_of(refused)),
        },
        None => corrupt(id, "cannot be read"),
    }
}

fn corrupt(id: &ObjectId, why: &str) -> Unread {
    Unread { reason: Reason::Corrupt, detail: format!("object {id} {why}") }
}
