//! Pushes: what the references of a push bring that the other side does not have.

use gix::ObjectId;
use gix::objs::{Kind, TagRef};

use super::error::Error;
use super::listing;
use super::objects::{Objects, Unread};
use super::range::{NewBlob, Place, Range, RangeCommit, RangeOptions};
use super::repository::Repository;
use super::tree::{self, EntryKind, Trees};
use super::walk::{self, Node};
use crate::model::{BlobPath, Reason};

/// How many tags may point to one another.
const MAX_TAGS: usize = 10;

/// One reference of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// Its name where it arrives.
    pub name: Vec<u8>,
    /// What it held there; `None` for a new one.
    pub old: Option<ObjectId>,
    /// What it shall hold; `None` where it is deleted.
    pub new: Option<ObjectId>,
}

/// Whose history is known to the receiving side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// What we last saw of a remote, by its name; nothing for a remote that is only an address.
    Remote(Vec<u8>),
    /// All that the references of this repository lead to: it is the receiving side.
    Here,
}

/// What git tells its hooks of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Every line of their standard input.
    pub refs: Vec<PushedRef>,
    /// Whose history is left out.
    pub known: KnownBy,
}

impl Push {
    /// Reads the lines of a pre-push hook: `local-ref local-id remote-ref remote-id`.
    ///
    /// # Errors
    /// [`Error::Revision`] for a line of another shape.
    pub fn sending(remote: &[u8], lines: &[u8]) -> Result<Self, Error> {
        let parse = |words: &[&[u8]]| match words {
            [_, new, name, old] => reference(name, old, new),
            _ => None,
        };
        Ok(Self { refs: parsed(lines, parse)?, known: KnownBy::Remote(remote.to_owned()) })
    }

    /// Reads the lines of a pre-receive hook: `old-id new-id ref`.
    ///
    /// # Errors
    /// [`Error::Revision`] for a line of another shape.
    pub fn receiving(lines: &[u8]) -> Result<Self, Error> {
        let parse = |words: &[&[u8]]| match words {
            [old, new, name] => reference(name, old, new),
            _ => None,
        };
        Ok(Self { refs: parsed(lines, parse)?, known: KnownBy::Here })
    }
}

fn parsed(
    lines: &[u8],
    parse: impl Fn(&[&[u8]]) -> Option<PushedRef>,
) -> Result<Vec<PushedRef>, Error> {
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let parse = |line: &[u8]| {
        let words: Vec<_> = line.split(|byte| *byte == b' ').collect();
        parse(&words).ok_or_else(|| Error::Revision {
            spec: String::from_utf8_lossy(line).into_owned(),
            why: "it is no line that git gives to its hooks".to_owned(),
        })
    };
    lines.map(parse).collect()
}

fn reference(name: &[u8], old: &[u8], new: &[u8]) -> Option<PushedRef> {
    let id = |hex: &[u8]| ObjectId::from_hex(hex).ok();
    let (old, new) = (id(old)?, id(new)?);
    let there = |id: ObjectId| (!id.is_null()).then_some(id);
    Some(PushedRef { name: name.to_owned(), old: there(old), new: there(new) })
}

impl Repository {
    /// Lists what a push brings: commits, tags, and the content that is new in them.
    ///
    /// A push that brings nothing is an empty range and no problem.
    ///
    /// # Errors
    /// [`Error::Refused`] where the references of this repository cannot be listed.
    pub fn push(&self, push: &Push, options: &RangeOptions) -> Result<Range, Error> {
        let objects = self.objects();
        let mut range = Range::default();
        let mut tips = Vec::new();
        for pushed in push.refs.iter().filter(|pushed| pushed.new != pushed.old) {
            let Some(new) = pushed.new else { continue };
            tips.extend(self.unwrapped(&objects, new, &pushed.name, &mut range));
        }
        let hidden = if tips.is_empty() { Vec::new() } else { self.known(&objects, push)? };
        let shallow = self.shallow().into_iter().collect();
        let walked = walk::between(&objects, &tips, &hidden, &shallow);
        self.fill(&objects, walked, &shallow, options, &mut range);
        Ok(range)
    }

    /// The commit behind a pushed object. Tags on the way, and what is no commit, go into the range.
    fn unwrapped(
        &self,
        objects: &Objects,
        mut id: ObjectId,
        name: &[u8],
        range: &mut Range,
    ) -> Option<ObjectId> {
        let mut buffer = Vec::new();
        let mut last_tag = None;
        for _ in 0..MAX_TAGS {
            if !objects.is_kind(&id, Kind::Tag) {
                break;
            }
            if let Err(unread) = objects.read(&id, Kind::Tag, &mut buffer) {
                range.problem(BlobPath::new(name), unread);
                return None;
            }
            last_tag = Some(range.commits.len());
            let Ok(tag) = TagRef::from_bytes(&buffer, objects.hash()) else {
                let detail = format!("tag {id} cannot be parsed");
                range.problem(BlobPath::new(name), Unread { reason: Reason::Corrupt, detail });
                return None;
            };
            range.commits.push(RangeCommit::of_tag(id, &tag));
            id = tag.target();
        }
        if objects.is_kind(&id, Kind::Commit) {
            return Some(id);
        }
        let commit = last_tag.unwrap_or_else(|| {
            range.commits.push(RangeCommit::bare(id));
            range.commits.len() - 1
        });
        if objects.is_kind(&id, Kind::Tree) {
            let blobs = &mut range.blobs;
            let unread =
                tree::difference(&mut Trees::new(objects), b"", Some(id), &[], &mut |new| {
                    let place = Place { path: new.path, commit, kind: new.kind, old: new.old };
                    blobs.push(NewBlob { id: new.id, places: vec![place] });
                });
            for (path, unread) in unread {
                range.problem(path, unread);
            }
        } else {
            // A blob; or nothing, and then reading it says so.
            let path = BlobPath::new(name);
            let place = Place { path, commit, kind: EntryKind::File, old: Vec::new() };
            range.blobs.push(NewBlob { id, places: vec![place] });
        }
        None
    }

    /// The commits that the receiving side has, as far as that can be known here.
    fn known(&self, objects: &Objects, push: &Push) -> Result<Vec<ObjectId>, Error> {
        let mut ids: Vec<ObjectId> = push.refs.iter().filter_map(|pushed| pushed.old).collect();
        let tracked = match &push.known {
            KnownBy::Here => b"refs/".to_vec(),
            KnownBy::Remote(name) => [b"refs/remotes/", name.as_slice(), b"/"].concat(),
        };
        let mut problems = Vec::new();
        let refs = listing::all(&self.layout, &mut problems);
        if let Some(problem) = problems.into_iter().next() {
            return Err(Error::Refused(problem));
        }
        let known = refs.iter().filter(|(name, _)| name.starts_with(&tracked));
        ids.extend(known.filter_map(|(_, target)| listing::resolved(target, &refs)));
        let mut commits: Vec<_> = ids.into_iter().filter_map(|id| peeled(objects, id)).collect();
        commits.sort();
        commits.dedup();
        Ok(commits)
    }
}

/// The commit that an object of this repository leads to.
fn peeled(objects: &Objects, mut id: ObjectId) -> Option<ObjectId> {
    let mut buffer = Vec::new();
    for _ in 0..MAX_TAGS {
        if objects.is_kind(&id, Kind::Commit) {
            return Some(id);
        }
        objects.read(&id, Kind::Tag, &mut buffer).ok()?;
        id = TagRef::from_bytes(&buffer, objects.hash()).ok()?.target();
    }
    None
}

impl RangeCommit {
    /// A tag, whose words are looked at as those of a commit are.
    fn of_tag(id: ObjectId, tag: &TagRef<'_>) -> Self {
        let mut made = Self::bare(id);
        if let Ok(Some(tagger)) = tag.tagger() {
            made.commit.author = tagger.name.to_string();
            made.commit.email = tagger.email.to_string();
            let time = tagger.time().unwrap_or_default();
            made.commit.date = time.format_or_unix(gix::date::time::format::ISO8601_STRICT);
        }
        let parts = [("", Some(tag.message)), ("tag ", Some(tag.name)), ("tagger ", tag.tagger)];
        for (key, text) in parts.into_iter().chain([("", tag.signature)]) {
            let Some(text) = text else { continue };
            made.message.extend_from_slice(key.as_bytes());
            made.message.extend_from_slice(text);
            made.message.push(b'\n');
        }
        made
    }

    /// Something that is no commit.
    fn bare(id: ObjectId) -> Self {
        let (author, email, date) = Default::default();
        let commit = crate::model::Commit { id: id.to_string(), author, email, date };
        let node = Node { id, tree: id, parents: Vec::new(), time: 0 };
        Self { commit, message: Vec::new(), node, of_commit: false }
    }
}
