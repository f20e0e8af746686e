//! Commits and tags, as far as histories need them.

use gix::hash::Kind as Hash;
use gix::{ObjectId, oid};

/// A commit. Objects that are not there have no number and are left out.
pub(super) struct Node {
    pub(super) number: u32,
    /// `None` for the empty tree, and for one that is missing.
    pub(super) tree: Option<u32>,
    pub(super) parents: Box<[u32]>,
    /// Committer time, in seconds.
    pub(super) time: i64,
}

/// The parts of a commit.
pub(super) struct Parts<'a> {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    pub(super) author: &'a [u8],
    pub(super) committer: &'a [u8],
    /// Lines before the message, without tree and parents.
    pub(super) headers: &'a [u8],
    pub(super) message: &'a [u8],
}

/// Takes a commit apart; `None` where it is none.
pub(super) fn commit(bytes: &[u8], hash: Hash) -> Option<Parts<'_>> {
    let mut rest = bytes;
    let tree = id_line(&mut rest, b"tree ", hash)?;
    let mut parents = Vec::new();
    while rest.starts_with(b"parent ") {
        parents.push(id_line(&mut rest, b"parent ", hash)?);
    }
    let (headers, message) = split(rest);
    let author = headers.strip_prefix(b"author ")?;
    let author = &author[..memchr::memchr(b'\n', author).unwrap_or(author.len())];
    let start = memchr::memmem::find(headers, b"\ncommitter ")? + b"\ncommitter ".len();
    let committer = &headers[start..];
    let committer = &committer[..memchr::memchr(b'\n', committer).unwrap_or(committer.len())];
    Some(Parts { tree, parents, author, committer, headers, message })
}

/// The target of a tag, its headers behind the target, and its message; `None` where it is no tag.
pub(super) fn tag(bytes: &[u8], hash: Hash) -> Option<(ObjectId, &[u8], &[u8])> {
    let mut rest = bytes;
    let target = id_line(&mut rest, b"object ", hash)?;
    let (headers, message) = split(rest);
    headers.starts_with(b"type ").then_some((target, headers, message))
}

/// Headers and message: an empty line stands between them.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(bytes, b"\n\n") {
        Some(at) => (&bytes[..=at], &bytes[at + 2..]),
        None => (bytes, &[]),
    }
}

fn id_line(rest: &mut &[u8], key: &[u8], hash: Hash) -> Option<ObjectId> {
    let line = rest.strip_prefix(key)?;
    let (hex, after) = line.split_at_checked(hash.len_in_hex())?;
    let id = ObjectId::from_hex(hex).ok()?;
    *rest = after.strip_prefix(b"\n")?;
    Some(id)
}

/// The seconds of `Name <address> seconds zone`; the epoch where there are none.
pub(super) fn seconds(who: &[u8]) -> i64 {
    let mut words = who.rsplit(|byte| *byte == b' ');
    let seconds = words.nth(1).and_then(|word| std::str::from_utf8(word).ok());
    seconds.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Whether git knows an object without having it.
pub(super) fn always_there(id: &oid) -> bool {
    let id = id.to_owned();
    id.is_empty_tree() || id.is_empty_blob()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    #[test]
    fn a_commit_comes_apart() {
        let who = "A <a@example.com> 1700000000 +0100";
        let text = format!(
            "tree {TREE}\nparent {TREE}\nauthor {who}\ncommitter {who}\ngpgsig x\n y\n\nsubject\n\nbody\n"
        );
        let parts = commit(text.as_bytes(), Hash::Sha1).unwrap();
        assert_eq!(parts.parents.len(), 1);
        assert_eq!((parts.author, parts.committer), (who.as_bytes(), who.as_bytes()));
        assert_eq!(parts.message, b"subject\n\nbody\n");
        assert!(parts.headers.ends_with(b"gpgsig x\n y\n"));
        assert_eq!(seconds(parts.committer), 1_700_000_000);
        for cut in 0..text.len() {
            // Any part of it is a shorter commit or none, never a panic.
            let part = commit(&text.as_bytes()[..cut], Hash::Sha1);
            assert!(part.is_none_or(|part| part.parents.len() == 1));
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        assert!(commit(b"tree nonsense\n", Hash::Sha1).is_none());
        assert!(tag(b"object 12\n", Hash::Sha1).is_none());
        assert_eq!(seconds(b"nobody"), 0);
        let text = format!("object {TREE}\ntype tree\ntag v1\n\nwords\n");
        let (target, headers, message) = tag(text.as_bytes(), Hash::Sha1).unwrap();
        assert_eq!(target.to_string(), TREE);
        assert_eq!((headers, message), (&b"type tree\ntag v1\n"[..], &b"words\n"[..]));
    }
}
