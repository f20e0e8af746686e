//! Ranges: the commits of a push or a pull request, and the content that is new in them.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::objs::{CommitRef, Kind};
use rayon::prelude::*;

use super::error::{Error, refuse};
use super::objects::{Objects, Unread};
use super::repository::Repository;
use super::tree::{self, EntryKind, New, Trees};
use super::walk::{self, Node, Walked};
use crate::model::{BlobPath, Commit, Problem, Reason};

/// Which commits: those that `tips` lead to and `hidden` do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// Revisions whose history is scanned.
    pub tips: Vec<String>,
    /// Revisions whose history is known already.
    pub hidden: Vec<String>,
}

/// How to read a range.
#[derive(Clone, Debug)]
pub struct RangeOptions {
    /// The line that fetches what a shallow clone lacks, in the words of where we run.
    pub mend: String,
    /// Whether the tips themselves are looked at where the range holds no commit: a tag, or a new branch
    /// at a known commit, has nothing new, and a gate must not fail for that. Else it is a problem.
    pub or_tip: bool,
}

impl Default for RangeOptions {
    fn default() -> Self {
        Self { mend: "git fetch --unshallow".to_owned(), or_tip: false }
    }
}

impl Revisions {
    /// Reads `A..B`, `A..`, `..B`; an omitted side is `HEAD`.
    ///
    /// `A...B` is what `git diff` means by it, the commits of `B` since it left `A`: the same set.
    ///
    /// # Errors
    /// [`Error::Revision`] where there are no dots, or a side that begins with `-`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::Revision { spec: text.to_owned(), why: why.to_owned() };
        let (from, to) = text
            .split_once("...")
            .or_else(|| text.split_once(".."))
            .ok_or_else(|| wrong("a range is A..B; --since A is A..HEAD"))?;
        if from.starts_with('-') || to.starts_with('-') || to.contains("..") {
            return Err(wrong("a range is A..B, of two revisions"));
        }
        let side = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
        Ok(Self { tips: vec![side(to)], hidden: vec![side(from)] })
    }

    /// `A..HEAD`.
    #[must_use]
    pub fn since(revision: &str) -> Self {
        Self { tips: vec!["HEAD".to_owned()], hidden: vec![revision.to_owned()] }
    }
}

/// A place where a new blob stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path in that commit.
    pub path: BlobPath,
    /// Index into [`Range::commits`].
    pub commit: usize,
    /// What it is there.
    pub kind: EntryKind,
    /// What stands at the same path in the commit's parents.
    pub old: Vec<ObjectId>,
}

/// An object that no parent of its first commit has at that path.
#[derive(Clone, Debug)]
pub struct NewBlob {
    /// The object.
    pub id: ObjectId,
    /// Where it stands, the first commit first.
    pub places: Vec<Place>,
}

/// A commit of the range and its own words.
#[derive(Clone, Debug)]
pub struct RangeCommit {
    /// Id, author and date.
    pub commit: Commit,
    /// The message, then the names of author and committer.
    pub message: Vec<u8>,
    /// Whether it is one; a push brings tags too.
    pub of_commit: bool,
    pub(super) node: Node,
}

/// What is new in a range.
#[derive(Debug, Default)]
pub struct Range {
    /// Oldest first; a parent always before its children.
    pub commits: Vec<RangeCommit>,
    /// Each object once, in the order of its first commit and path.
    pub blobs: Vec<NewBlob>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Repository {
    /// Reads the commits of a range and lists what is new in them.
    ///
    /// A commit is compared with all its parents, so a merge adds only what the merge itself changed.
    /// Cost: the commits of the range and the trees that changed in them.
    ///
    /// # Errors
    /// [`Error::Revision`] for a revision that does not exist; [`Error::Refused`] for a shallow clone
    /// without its base, and for a range that holds no commit.
    pub fn range(&self, span: &Revisions, options: &RangeOptions) -> Result<Range, Error> {
        let commits = |specs: &[String]| -> Result<Vec<_>, Error> {
            specs.iter().map(|spec| self.commit(spec, &options.mend)).collect()
        };
        let (tips, hidden) = (commits(&span.tips)?, commits(&span.hidden)?);
        let objects = self.objects();
        let shallow: HashSet<_> = self.shallow().into_iter().collect();
        let mut walked = walk::between(&objects, &tips, &hidden, &shallow);
        if walked.nodes.is_empty() && walked.unread.is_empty() && options.or_tip {
            walked = walk::alone(&objects, &tips);
        }
        if walked.nodes.is_empty() && walked.unread.is_empty() {
            let words = format!(
                "the range {}..{} holds no commit, so nothing was looked at",
                span.hidden.join(","),
                span.tips.join(",")
            );
            return Err(refuse(&self.layout.root, Reason::ListingIncomplete, words));
        }
        let mut range = Range::default();
        self.fill(&objects, walked, &shallow, options, &mut range);
        Ok(range)
    }

    /// Adds the commits that a walk found and what is new in them.
    pub(super) fn fill(
        &self,
        objects: &Objects,
        walked: Walked,
        shallow: &HashSet<ObjectId>,
        options: &RangeOptions,
        range: &mut Range,
    ) {
        for (id, unread) in walked.unread {
            range.problem(message_path(&id), unread);
        }
        let reader = Reader {
            repository: self,
            trees: walked.nodes.iter().map(|node| (node.id, node.tree)).collect(),
            shallow,
            options,
        };
        let mut seen = HashMap::new();
        for looked in reader.read(&walked.nodes, objects) {
            range.add(looked, &mut seen);
        }
    }

    /// The earlier versions of a path in the parents of a commit of the range; for a new path those of
    /// the paths that the commit deletes, because it may be a rename.
    #[must_use]
    pub fn before(
        &self,
        objects: &Objects,
        range: &Range,
        commit: &str,
        path: &[u8],
    ) -> Vec<ObjectId> {
        let Some(at) = range.commits.iter().position(|c| c.commit.id == commit) else {
            return Vec::new();
        };
        let places = range.blobs.iter().flat_map(|blob| &blob.places);
        let mut places = places.filter(|place| place.commit == at && place.path.as_bytes() == path);
        let old = places.next().map(|place| place.old.clone()).unwrap_or_default();
        if !old.is_empty() {
            return old;
        }
        let node = &range.commits[at].node;
        let (mut gone, mut trees) = (Vec::new(), Trees::new(objects));
        for parent in &node.parents {
            let Ok(parent) = walk::read(objects, parent) else { continue };
            tree::difference(
                &mut trees,
                b"",
                Some(parent.tree),
                &[Some(node.tree)],
                &mut |there| {
                    if there.old.is_empty()
                        && there.kind == EntryKind::File
                        && gone.len() < MAX_RENAMES
                    {
                        gone.push(there.id);
                    }
                },
            );
        }
        gone
    }
}

/// Commits that one thread reads at a time: neighbours share most of their trees.
const NEIGHBOURS: usize = 64;

/// Reads commits of a range and what is new in them.
struct Reader<'r> {
    repository: &'r Repository,
    /// The trees of the commits of the range.
    trees: HashMap<ObjectId, ObjectId>,
    shallow: &'r HashSet<ObjectId>,
    options: &'r RangeOptions,
}

/// What was seen of a commit.
struct Looked {
    /// `None` where it cannot be read.
    commit: Option<RangeCommit>,
    new: Vec<New>,
    unread: Vec<(BlobPath, Unread)>,
}

impl Reader<'_> {
    /// The commits in their order; many of them on all cores.
    fn read(&self, nodes: &[Node], objects: &Objects) -> Vec<Looked> {
        if nodes.len() <= NEIGHBOURS {
            return self.neighbours(nodes, objects);
        }
        let chunks = nodes.par_chunks(NEIGHBOURS);
        chunks.flat_map_iter(|chunk| self.neighbours(chunk, &self.repository.objects())).collect()
    }

    fn neighbours(&self, nodes: &[Node], objects: &Objects) -> Vec<Looked> {
        let mut trees = Trees::new(objects);
        nodes.iter().map(|node| self.look(node, &mut trees)).collect()
    }

    fn look(&self, node: &Node, trees: &mut Trees<'_>) -> Looked {
        let path = || message_path(&node.id);
        let mut looked = Looked { commit: None, new: Vec::new(), unread: Vec::new() };
        match described(trees.objects, node.clone()) {
            Ok(commit) => looked.commit = Some(commit),
            Err(unread) => {
                looked.unread.push((path(), unread));
                return looked;
            }
        }
        if self.shallow.contains(&node.id) {
            let detail = format!(
                "the clone is shallow and lacks the parents of commit {}; fetch them with: {}",
                node.id, self.options.mend
            );
            looked.unread.push((path(), Unread { reason: Reason::ObjectMissing, detail }));
            return looked;
        }
        let mut old = Vec::new();
        for parent in &node.parents {
            let known = self.trees.get(parent).copied().map(Ok);
            let read = || walk::read(trees.objects, parent).map(|node| node.tree);
            match known.unwrap_or_else(read) {
                Ok(tree) => old.push(Some(tree)),
                Err(unread) => looked.unread.push((path(), unread)),
            }
        }
        let mut visit = |new| looked.new.push(new);
        let unread = tree::difference(trees, b"", Some(node.tree), &old, &mut visit);
        looked.unread.extend(unread);
        looked
    }
}

/// How many deleted files are held against a finding in a new one.
const MAX_RENAMES: usize = 200;

impl Range {
    /// Whether a path that a commit of the range changes was there before.
    #[must_use]
    pub fn had(&self, commit: &str, path: &[u8]) -> bool {
        let Some(at) = self.commits.iter().position(|c| c.commit.id == commit) else {
            return false;
        };
        let places = self.blobs.iter().flat_map(|blob| &blob.places);
        let mut places = places.filter(|place| place.commit == at && place.path.as_bytes() == path);
        places.any(|place| !place.old.is_empty())
    }

    /// Adds a commit and what is new in it.
    fn add(&mut self, looked: Looked, seen: &mut HashMap<ObjectId, usize>) {
        let at = self.commits.len();
        for (path, unread) in looked.unread {
            self.problem(path, unread);
        }
        self.commits.extend(looked.commit);
        for new in looked.new {
            let place = Place { path: new.path, commit: at, kind: new.kind, old: new.old };
            let next = self.blobs.len();
            let known = *seen.entry(new.id).or_insert(next);
            if known == next {
                self.blobs.push(NewBlob { id: new.id, places: vec![place] });
            } else if self.blobs[known].places.iter().all(|other| other.path != place.path) {
                self.blobs[known].places.push(place);
            }
        }
    }

    pub(super) fn problem(&mut self, path: BlobPath, unread: Unread) {
        self.problems.push(Problem::new(path, unread.reason, unread.detail));
    }

    /// The name that the message of a commit is reported under.
    #[must_use]
    pub fn message_path(commit: &RangeCommit) -> BlobPath {
        match commit.of_commit {
            true => message_path(&commit.node.id),
            false => BlobPath::new(format!("tag-message/{}", commit.node.id)),
        }
    }
}

fn message_path(id: &ObjectId) -> BlobPath {
    BlobPath::new(format!("commit-message/{id}"))
}

/// Reads who made a commit, and its message.
fn described(objects: &Objects, node: Node) -> Result<RangeCommit, Unread> {
    let mut buffer = Vec::new();
    objects.read(&node.id, Kind::Commit, &mut buffer)?;
    let corrupt = || Unread {
        reason: Reason::Corrupt,
        detail: format!("commit {} cannot be parsed", node.id),
    };
    let raw = CommitRef::from_bytes(&buffer, objects.hash()).map_err(|_| corrupt())?;
    let author = raw.author().map_err(|_| corrupt())?;
    let date = author.time().unwrap_or_default();
    let commit = Commit {
        id: node.id.to_string(),
        author: author.name.to_string(),
        email: author.email.to_string(),
        date: date.format_or_unix(gix::date::time::format::ISO8601_STRICT),
    };
    // Names after the message: the lines of the message keep their numbers, and a secret in a name is seen.
    let mut message = raw.message.to_vec();
    for (role, name) in [("author", raw.author), ("committer", raw.committer)] {
        message.extend_from_slice(format!("\n{role} ").as_bytes());
        message.extend_from_slice(name);
    }
    Ok(RangeCommit { commit, message, node, of_commit: true })
}
