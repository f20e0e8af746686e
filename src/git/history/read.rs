//! The three passes over a repository: commits and tags, then trees, then blobs.
//!
//! Trees come before blobs, because what a blob is called is part of what is scanned.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::Kind;

use super::entries::{Entry, Kind as Named};
use super::fresh::{self, Bounds};
use super::known::KnownObjects;
use super::names::Names;
use super::nodes::{self, Node};
use super::tips::{self, Tips};
use crate::git::feed::{Base, Bytes, Line, Object, Store, Visit, Which, visit};
use crate::git::objects::Unread;
use crate::git::repository::Repository;
use crate::model::{BlobPath, Lineage, Memory, Problem, Reason};

/// How many problems of one reason are told one by one.
const TOLD: usize = 100;

/// What is text of a commit or tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextKind {
    Commit,
    Tag,
}

/// What a receiver says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// There is nothing in it: a later run need not look again.
    Clean,
    /// It has findings, or was not looked at to its end.
    Again,
}

/// One thread's receiver of a history.
pub(crate) trait Receive {
    /// The words of a commit or tag: the message, then the headers, so that its lines keep their numbers.
    fn text(&mut self, kind: TextKind, path: BlobPath, object: &ObjectId, text: &[u8]) -> Seen;
    /// A blob under one of its paths. Also gives what is to be remembered of it.
    fn blob(
        &mut self,
        path: BlobPath,
        object: &ObjectId,
        bytes: Bytes<'_>,
        lineage: &Lineage<'_>,
    ) -> (Seen, Option<Memory>);
    fn problem(&mut self, problem: Problem);
    fn stopped(&self) -> bool;
}

/// Makes a receiver for a thread.
pub(crate) type Receivers<'r> = dyn Fn() -> Box<dyn Receive + 'r> + Sync + 'r;

/// The whole of a repository.
pub struct History {
    pub(super) store: Store,
    pub(super) hash: Hash,
    pub(super) tips: Tips,
    pub(super) shallow: HashSet<ObjectId>,
    partial: bool,
    pub(super) known: OnceLock<Known>,
    /// By number, whether an earlier run has looked at it.
    skipped: Vec<bool>,
    /// By number, whether nothing is in it.
    clean: Vec<AtomicBool>,
    /// Objects that were told as a problem, whatever else was seen of them.
    spoiled: Mutex<HashSet<u32>>,
}

/// What the passes leave for attribution.
pub(super) struct Known {
    pub(super) nodes: Vec<Node>,
    /// Tags and what they name.
    pub(super) tags: Vec<(u32, u32)>,
    pub(super) names: Names,
}

impl Repository {
    /// Maps the packs of the repository, lists its loose objects and reads its references.
    ///
    /// Objects that are known already are not shown; where all are, nothing more is read.
    #[must_use]
    pub fn history(&self, known: &KnownObjects) -> History {
        let layout = &self.layout;
        let folders = [layout.objects.as_slice(), &layout.alternates].concat();
        let mut store = Store::open(&folders, layout.format.hash);
        let mut skipped = known.mark(&store.ids);
        // Behind an id that stands in several places there may be other bytes than those that are known.
        if store.has_doubles() || !skipped.iter().all(|known| *known) {
            store.load();
            let doubled = |(number, _): &(u32, &mut bool)| store.is_doubled(*number);
            (0..).zip(&mut skipped).filter(doubled).for_each(|(_, known)| *known = false);
        }
        History {
            clean: skipped.iter().map(|known| AtomicBool::new(*known)).collect(),
            skipped,
            store,
            hash: layout.format.hash,
            tips: tips::read(layout),
            shallow: self.shallow().into_iter().collect(),
            partial: layout.format.partial,
            known: OnceLock::new(),
            spoiled: Mutex::default(),
        }
    }
}

impl History {
    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.ids.len()
    }

    /// Whether there are none, and nothing that could be one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.store.faults.is_empty()
    }

    /// Whether references replace objects; the originals are read.
    #[must_use]
    pub fn replaced(&self) -> bool {
        self.tips.replaced
    }

    /// How many objects were known before.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.skipped.iter().filter(|known| **known).count()
    }

    /// The objects of the repository in which there is nothing, once it was visited.
    #[must_use]
    pub fn clean(&self) -> KnownObjects {
        let spoiled = lock(&self.spoiled);
        KnownObjects::of(&self.store.ids, |number| {
            self.clean[number as usize].load(Ordering::Relaxed) && !spoiled.contains(&number)
        })
    }

    /// Keeps an object that is told as a problem, so that it is told.
    fn unread(&self, number: u32, path: BlobPath, unread: Unread, shared: &Shared) {
        lock(&self.spoiled).insert(number);
        shared.unread(path, unread);
    }

    fn is_new(&self, number: u32) -> bool {
        !self.skipped[number as usize]
    }

    fn seen(&self, number: u32, seen: Seen) {
        if seen == Seen::Clean {
            self.clean[number as usize].store(true, Ordering::Relaxed);
        }
    }

    /// Hands over every text and every blob once.
    pub(crate) fn visit<'r>(&'r self, threads: usize, receivers: &Receivers<'r>) {
        let shared = Shared::default();
        let mut last = receivers();
        for (path, unread) in &self.store.faults {
            use std::os::unix::ffi::OsStrExt;
            let path = BlobPath::new(path.as_os_str().as_bytes());
            last.problem(Problem::new(path, unread.reason, unread.detail.clone()));
        }
        for problem in &self.tips.problems {
            last.problem(problem.clone());
        }
        // A log may well remember what was pruned.
        for tip in self.tips.tips.iter().filter(|tip| !tip.logged) {
            self.number(&tip.id, &shared);
        }
        if self.skipped() < self.len() {
            let known = self.read(threads, receivers, last.as_mut(), &shared);
            drop(self.known.set(known));
        }
        self.tell(last.as_mut(), &shared);
    }

    /// The three passes.
    fn read<'r>(
        &'r self,
        threads: usize,
        receivers: &Receivers<'r>,
        last: &mut dyn Receive,
        shared: &Shared,
    ) -> Known {
        for (number, unread) in self.store.unmade() {
            shared.unread(object_path(&self.store.ids.owned(number)), unread);
        }
        visit(&self.store, &Which::of(&[Kind::Commit, Kind::Tag]), threads, &|| Texts {
            history: self,
            receive: receivers(),
            shared,
            nodes: Vec::new(),
            tags: Vec::new(),
        });
        let names = Names::new(self.len());
        if !last.stopped() {
            visit(&self.store, &Which::of(&[Kind::Tree]), threads, &|| Trees {
                history: self,
                receive: receivers(),
                shared,
                names: &names,
                recent: Recent::new(),
            });
            self.tell_submodules(last, shared, &names);
        }
        let named = |(id, path): &'r (ObjectId, Vec<u8>)| {
            Some((self.store.ids.number(id.as_bytes())?, path.as_slice()))
        };
        let staged: BTreeMap<u32, &[u8]> = self.tips.staged.iter().filter_map(named).collect();
        if !last.stopped() {
            let new = |number| self.is_new(number);
            let which = Which { kinds: &[Kind::Blob], wanted: &new };
            visit(&self.store, &which, threads, &|| Blobs {
                history: self,
                receive: receivers(),
                shared,
                names: &names,
                staged: &staged,
            });
        }
        let mut nodes = take(&shared.nodes);
        nodes.sort_unstable_by_key(|node| node.number);
        let mut tags = take(&shared.tags);
        tags.sort_unstable();
        Known { nodes, tags, names }
    }

    /// Reads commits and trees, and shows nothing: what [`History::trace`] needs.
    pub fn learn(&self, threads: usize) {
        self.visit(threads, &|| Box::new(Nobody));
    }

    /// The number of an object that another one needs; where it is not there, that is told at the end.
    fn number(&self, id: &ObjectId, shared: &Shared) -> Option<u32> {
        let number = self.store.ids.number(id.as_bytes());
        if number.is_none() && !nodes::always_there(id) {
            lock(&shared.missing).insert(*id);
        }
        number
    }

    fn tell_submodules(&self, receive: &mut dyn Receive, shared: &Shared, names: &Names) {
        for (name, (tree, id)) in take(&shared.submodules) {
            let mut path = names.path(tree).unwrap_or_default();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&name);
            let words = format!("commit {id} of another repository, which is not followed");
            receive.problem(Problem::new(BlobPath::new(path), Reason::Submodule, words));
        }
    }

    /// Tells what could not be read: so much of each kind one by one, of the rest the number.
    fn tell(&self, receive: &mut dyn Receive, shared: &Shared) {
        let mut problems = take(&shared.unread);
        let why = match self.partial {
            true => "the clone is partial and nothing is fetched; fetch it and scan again",
            false => "another object names it, and it is not there; `git fsck` says more",
        };
        let mut missing: Vec<_> = take(&shared.missing).into_iter().collect();
        missing.sort_unstable();
        // As many as there are references, and those may be millions: each is a problem only to be told.
        let beyond = missing.len().saturating_sub(TOLD);
        problems.extend(missing.iter().take(TOLD).map(|id| {
            let detail = format!("it is missing: {why}");
            Problem::new(object_path(id), Reason::ObjectMissing, detail)
        }));
        problems.sort_by(|a, b| (a.reason, a).cmp(&(b.reason, b)));
        for same in problems.chunk_by(|a, b| a.reason == b.reason) {
            for problem in same.iter().take(TOLD) {
                receive.problem(problem.clone());
            }
            let beyond = if same[0].reason == Reason::ObjectMissing { beyond } else { 0 };
            let more = same.len().saturating_sub(TOLD) + beyond;
            if more > 0 {
                let detail = format!("{more} more objects, not told one by one");
                receive.problem(Problem::new(BlobPath::new("object"), same[0].reason, detail));
            }
        }
    }
}

/// Receives nothing.
struct Nobody;

impl Receive for Nobody {
    fn text(&mut self, _: TextKind, _: BlobPath, _: &ObjectId, _: &[u8]) -> Seen {
        Seen::Again
    }
    fn blob(
        &mut self,
        _: BlobPath,
        _: &ObjectId,
        _: Bytes<'_>,
        _: &Lineage<'_>,
    ) -> (Seen, Option<Memory>) {
        (Seen::Again, None)
    }
    fn problem(&mut self, _: Problem) {}
    fn stopped(&self) -> bool {
        false
    }
}

/// By name, a tree that has a submodule so called, and its commit.
type Submodules = BTreeMap<Box<[u8]>, (u32, ObjectId)>;

/// What the threads leave.
#[derive(Default)]
struct Shared {
    nodes: Mutex<Vec<Node>>,
    tags: Mutex<Vec<(u32, u32)>>,
    missing: Mutex<HashSet<ObjectId>>,
    unread: Mutex<Vec<Problem>>,
    /// By name, the tree with the smallest number that holds one.
    submodules: Mutex<Submodules>,
}

impl Shared {
    fn unread(&self, path: BlobPath, unread: Unread) {
        lock(&self.unread).push(Problem::new(path, unread.reason, unread.detail));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take<T: Default>(mutex: &Mutex<T>) -> T {
    std::mem::take(&mut *lock(mutex))
}

/// The name of an object that no tree holds.
pub(super) fn object_path(id: &ObjectId) -> BlobPath {
    BlobPath::new(format!("object/{id}"))
}

fn malformed(what: &str) -> Unread {
    Unread { reason: Reason::Corrupt, detail: format!("this {what} cannot be parsed") }
}

/// The first pass.
struct Texts<'h> {
    history: &'h History,
    receive: Box<dyn Receive + 'h>,
    shared: &'h Shared,
    nodes: Vec<Node>,
    tags: Vec<(u32, u32)>,
}

impl Texts<'_> {
    fn commit(&mut self, number: u32, id: &ObjectId, bytes: &[u8]) {
        let path = BlobPath::new(format!("commit-message/{id}"));
        let Some(parts) = nodes::commit(bytes, self.history.hash) else {
            self.shared.unread(path.clone(), malformed("commit"));
            self.receive.text(TextKind::Commit, path, id, bytes);
            return;
        };
        let tree = self.history.number(&parts.tree, self.shared);
        let cut = self.history.shallow.contains(id);
        let parents = parts.parents.iter().filter_map(|parent| match cut {
            true => self.history.store.ids.number(parent.as_bytes()),
            false => self.history.number(parent, self.shared),
        });
        let parents = parents.collect();
        let time = nodes::seconds(parts.committer);
        self.nodes.push(Node { number, tree, parents, time });
        // Where something that it names is missing, that must be told again.
        let lacks = tree.is_none() && !nodes::always_there(&parts.tree)
            || !cut && self.nodes.last().is_some_and(|n| n.parents.len() < parts.parents.len());
        let text = [parts.message, b"\n", parts.headers].concat();
        self.text(TextKind::Commit, path, (number, id), &text, lacks);
    }

    fn tag(&mut self, number: u32, id: &ObjectId, bytes: &[u8]) {
        let path = BlobPath::new(format!("tag-message/{id}"));
        let Some((target, headers, message)) = nodes::tag(bytes, self.history.hash) else {
            self.shared.unread(path.clone(), malformed("tag"));
            self.receive.text(TextKind::Tag, path, id, bytes);
            return;
        };
        let target = self.history.number(&target, self.shared);
        self.tags.extend(target.map(|target| (number, target)));
        let text = [message, b"\n", headers].concat();
        self.text(TextKind::Tag, path, (number, id), &text, target.is_none());
    }

    /// Shows a text that was not seen before.
    fn text(
        &mut self,
        kind: TextKind,
        path: BlobPath,
        (number, id): (u32, &ObjectId),
        text: &[u8],
        lacks: bool,
    ) {
        if self.history.is_new(number) {
            let seen = self.receive.text(kind, path, id, text);
            self.history.seen(number, if lacks { Seen::Again } else { seen });
        }
    }
}

impl Visit for Texts<'_> {
    type Memory = ();

    fn object(&mut self, object: Object<'_>, _: Line<'_, ()>) -> Option<((), u64)> {
        let Bytes::Whole(bytes) = object.bytes else { return None };
        let id = self.history.store.ids.owned(object.number);
        // What is told of a commit by its id is told of one of its copies.
        let (nodes, tags) = (self.nodes.len(), self.tags.len());
        match object.kind {
            Kind::Tag => self.tag(object.number, &id, bytes),
            _ => self.commit(object.number, &id, bytes),
        }
        if object.further {
            self.nodes.truncate(nodes);
            self.tags.truncate(tags);
        }
        None
    }

    fn unread(&mut self, number: u32, unread: Unread) {
        let path = object_path(&self.history.store.ids.owned(number));
        self.history.unread(number, path, unread, self.shared);
    }

    fn stopped(&self) -> bool {
        self.receive.stopped()
    }
}

impl Drop for Texts<'_> {
    fn drop(&mut self) {
        lock(&self.shared.nodes).append(&mut self.nodes);
        lock(&self.shared.tags).append(&mut self.tags);
    }
}

/// The second pass.
struct Trees<'h> {
    history: &'h History,
    receive: Box<dyn Receive + 'h>,
    shared: &'h Shared,
    names: &'h Names,
    recent: Recent,
}

impl Trees<'_> {
    /// Tells what an entry names. Returns whether it is there.
    fn tell(&mut self, tree: u32, entry: &Entry<'_>) -> bool {
        let ids = &self.history.store.ids;
        let id = || ObjectId::from_bytes_or_panic(entry.id);
        if entry.kind == Named::Submodule {
            let mut submodules = lock(&self.shared.submodules);
            let known = submodules.get(entry.name).map(|(tree, _)| *tree);
            if known.is_none_or(|known| tree < known) {
                submodules.insert(entry.name.into(), (tree, id()));
            }
            return true;
        }
        if let Some(number) = self.recent.number(entry.id, |id| ids.number(id)) {
            self.names.tell(tree, number, entry.name);
            return true;
        }
        self.history.number(&id(), self.shared).is_some() || nodes::always_there(&id())
    }
}

impl Visit for Trees<'_> {
    type Memory = Bounds;

    /// Tells the entries that the tree's base does not have: the base tells the others itself. So does what
    /// is missing leave the base for another run, and with it this tree.
    fn object(&mut self, object: Object<'_>, line: Line<'_, Bounds>) -> Option<(Bounds, u64)> {
        let Bytes::Whole(bytes) = object.bytes else { return None };
        let width = self.history.hash.len_in_bytes();
        let mut read = None;
        let base = line.base.map(|Base { bytes, copies, memory }| {
            (memory.unwrap_or_else(|| read.insert(Bounds::of(bytes, width))), copies)
        });
        let (mut bounds, mut seen) = (Bounds::default(), Seen::Clean);
        let whole = fresh::visit(bytes, width, base, &mut bounds, |entry| {
            if !self.tell(object.number, &entry) {
                seen = Seen::Again;
            }
        });
        if whole.is_err() {
            let path = object_path(&self.history.store.ids.owned(object.number));
            self.shared.unread(path, malformed("tree"));
        } else {
            self.history.seen(object.number, seen);
        }
        let size = bounds.size();
        line.heirs.then_some((bounds, size))
    }

    fn unread(&mut self, number: u32, unread: Unread) {
        let path = object_path(&self.history.store.ids.owned(number));
        self.history.unread(number, path, unread, self.shared);
    }

    fn stopped(&self) -> bool {
        self.receive.stopped()
    }
}

/// Ids that were looked up lately: a tree shares most of its entries with the one before it.
struct Recent(Vec<([u8; 32], u32)>);

const RECENT: usize = 1 << 14;

impl Recent {
    fn new() -> Self {
        Self(vec![([0; 32], u32::MAX); RECENT])
    }

    fn number(&mut self, id: &[u8], find: impl Fn(&[u8]) -> Option<u32>) -> Option<u32> {
        let at = usize::from(id[3]) << 8 | usize::from(id[4]);
        let (known, number) = &mut self.0[at % RECENT];
        if *number == u32::MAX || known[..id.len()] != *id {
            *number = find(id)?;
            known[..id.len()].copy_from_slice(id);
        }
        Some(*number)
    }
}

/// The third pass.
struct Blobs<'h> {
    history: &'h History,
    receive: Box<dyn Receive + 'h>,
    shared: &'h Shared,
    names: &'h Names,
    staged: &'h BTreeMap<u32, &'h [u8]>,
}

impl Blobs<'_> {
    fn path(&self, number: u32) -> BlobPath {
        let staged = || self.staged.get(&number).map(|path| path.to_vec());
        let path = self.names.path(number).or_else(staged).map(BlobPath::new);
        path.unwrap_or_else(|| object_path(&self.history.store.ids.owned(number)))
    }
}

impl Visit for Blobs<'_> {
    type Memory = Memory;

    fn object(&mut self, object: Object<'_>, line: Line<'_, Memory>) -> Option<(Memory, u64)> {
        let id = self.history.store.ids.owned(object.number);
        let mut lineage = Lineage { heirs: line.heirs, ..Lineage::default() };
        if let Some(Base { bytes, copies, memory }) = line.base {
            lineage = Lineage { copies, base: bytes, memory, ..lineage };
        }
        let path = self.path(object.number);
        let (seen, memory) = self.receive.blob(path, &id, object.bytes, &lineage);
        self.history.seen(object.number, seen);
        memory.map(|memory| {
            let size = memory.size;
            (memory, size)
        })
    }

    fn unread(&mut self, number: u32, unread: Unread) {
        self.history.unread(number, self.path(number), unread, self.shared);
    }

    fn stopped(&self) -> bool {
        self.receive.stopped()
    }
}
