//! Where objects come from: who brought them in, under which names, and when they stood where.
//!
//! Asked once for all findings. Commits hand their place in the order down to their trees, trees to what
//! they hold, the earliest wins: one pass over the trees, however many objects are asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gix::ObjectId;

use super::edges::Edges;
use super::entries::Entries;
use super::moves;
use super::nodes;
use super::order::{Mask, NEVER, Order, bit, nearest, place};
use super::read::{History, Known, object_path};
use super::spots::{Leading, Spots};
use crate::git::feed;
use crate::model::{BlobPath, Clock, Commit, Reach, Sightings, Window};

/// How many paths of one object in one commit are told.
const MAX_PATHS: usize = 16;
/// Git was first published on 2005-04-07; no commit is older.
const FIRST_COMMIT: i64 = 1_112_832_000;
const DAY: i64 = 86_400;

/// Who made a commit or a tag, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Id, author and author date.
    pub commit: Commit,
    /// Who committed it.
    pub committer: String,
    /// Their address.
    pub committer_email: String,
    /// Committer date, RFC 3339.
    pub committed: String,
    /// How far the committer date can be believed.
    pub clock: Clock,
}

/// Where an object comes from.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// The smaller, the earlier: for choosing among several objects.
    pub rank: u32,
    /// From where it is reached.
    pub reach: Reach,
    /// The commit that brought it in, or the tag whose words these are; `None` for a blob in no commit.
    pub made: Option<Made>,
    /// Every path of it in that commit.
    pub paths: Vec<BlobPath>,
    /// Every path that it ever had in a commit, where they were asked for.
    pub names: Vec<Named>,
}

/// A path of an object.
#[derive(Clone, Debug)]
pub struct Named {
    /// The path.
    pub path: BlobPath,
    /// The first commit that has the object there.
    pub commit: Commit,
    /// From where that commit is reached.
    pub reach: Reach,
}

/// A path to which a secret went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The path.
    pub path: BlobPath,
    /// The commit of the default branch that has it there.
    pub commit: Commit,
}

/// What is told of one secret.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// One for each object that was asked for, in their order.
    pub places: Vec<Provenance>,
    /// Whether one of the objects stands in the default branch.
    pub in_head: bool,
    /// When they stood there, along first parents.
    pub windows: Vec<Window>,
    /// Where the secret went on that branch after it came in; `None` where it never stood there.
    pub moves: Option<Vec<Moved>>,
}

impl History {
    /// Tells where the objects of several secrets come from. `now` is in seconds.
    ///
    /// Reads all trees once more; call it after the visit, and only with findings.
    #[must_use]
    pub fn trace(
        &self,
        secrets: &[Vec<ObjectId>],
        now: i64,
        sightings: Sightings,
        threads: usize,
    ) -> Vec<Told> {
        let Some(known) = self.known.get().filter(|_| !secrets.is_empty()) else {
            return Vec::new();
        };
        let number = |id: &ObjectId| self.store.ids.number(id.as_bytes());
        let wanted: HashSet<u32> = secrets.iter().flatten().filter_map(number).collect();
        let order = Order::new(self, known);
        let edges = Edges::read(self, &wanted, threads);
        let mut trace = Trace::new(self, known, order, edges, now);
        trace.climb(&wanted);
        let mut told: Vec<_> = secrets
            .iter()
            .map(|objects| Told {
                places: objects.iter().map(|id| trace.place(id)).collect(),
                ..Told::default()
            })
            .collect();
        for (secrets, told) in secrets.chunks(64).zip(told.chunks_mut(64)) {
            let leading = Leading::new(self, &trace.edges, secrets);
            trace.presence(&leading, secrets, told);
            trace.moves(&leading, secrets, told);
            if sightings == Sightings::Listed {
                trace.names_of(&leading, secrets, told);
            }
        }
        told
    }
}

struct Trace<'h> {
    history: &'h History,
    known: &'h Known,
    order: Order,
    edges: Edges,
    now: i64,
    /// By number: the earliest commit that has it, and from where it is reached.
    first: Vec<u32>,
    masks: Vec<Mask>,
    /// The trees that hold an object, as far as they came with the same commit.
    holders: HashMap<u32, Vec<u32>>,
    made: HashMap<u32, Made>,
}

impl<'h> Trace<'h> {
    fn new(history: &'h History, known: &'h Known, order: Order, edges: Edges, now: i64) -> Self {
        let mut first = vec![NEVER; history.len()];
        let mut masks = vec![0; history.len()];
        for (at, node) in known.nodes.iter().enumerate() {
            let (rank, mask) = (order.rank[at], order.masks[at]);
            for number in [Some(node.number), node.tree].into_iter().flatten() {
                let number = number as usize;
                first[number] = first[number].min(rank);
                masks[number] |= mask;
            }
        }
        for (number, mask) in &order.direct {
            masks[*number as usize] |= mask;
        }
        for tree in &edges.sorted {
            let (rank, mask) = (first[*tree as usize], masks[*tree as usize]);
            for child in edges.below(*tree) {
                first[child as usize] = first[child as usize].min(rank);
                masks[child as usize] |= mask;
            }
        }
        for (id, _) in &history.tips.staged {
            if let Some(number) = history.store.ids.number(id.as_bytes()) {
                masks[number as usize] |= bit(Reach::Index);
            }
        }
        let (holders, made) = (HashMap::new(), HashMap::new());
        Self { history, known, order, edges, now, first, masks, holders, made }
    }

    /// Finds the trees on the way from the earliest commits to the wanted objects: all that hold one and
    /// came with the same commit are in that commit.
    fn climb(&mut self, wanted: &HashSet<u32>) {
        let commits: HashSet<u32> = wanted.iter().map(|o| self.first[*o as usize]).collect();
        for (tree, child, _) in self.edges.all() {
            let rank = self.first[*tree as usize];
            if rank == self.first[*child as usize] && commits.contains(&rank) {
                let trees = self.holders.entry(*child).or_default();
                if trees.last() != Some(tree) {
                    trees.push(*tree);
                }
            }
        }
    }

    fn place(&mut self, id: &ObjectId) -> Provenance {
        let unknown = Provenance {
            rank: NEVER,
            reach: Reach::Unreachable,
            made: None,
            paths: vec![object_path(id)],
            names: Vec::new(),
        };
        let Some(number) = self.history.store.ids.number(id.as_bytes()) else { return unknown };
        let (rank, reach) = (self.first[number as usize], nearest(self.masks[number as usize]));
        let made = match self.order.ranked.get(rank as usize) {
            Some(at) => self.made(self.known.nodes[*at as usize].number),
            None if self.known.tags.binary_search_by_key(&number, |tag| tag.0).is_ok() => {
                self.made(number)
            }
            None => None,
        };
        let paths = self.paths(number);
        Provenance {
            rank,
            reach,
            made,
            paths: if paths.is_empty() { unknown.paths } else { paths },
            names: Vec::new(),
        }
    }

    /// The paths of an object in the commit that brought it in; for one in no commit any path.
    fn paths(&self, number: u32) -> Vec<BlobPath> {
        let mut paths = BTreeSet::new();
        let mut open: Vec<(u32, Vec<u8>)> = vec![(number, Vec::new())];
        let mut steps = 0;
        while let Some((at, below)) = open.pop() {
            steps += 1;
            // A hostile tree has more paths than there is time for.
            if paths.len() >= MAX_PATHS || steps > 64 * MAX_PATHS {
                break;
            }
            match self.holders.get(&at).filter(|_| self.first[number as usize] != NEVER) {
                None if below.is_empty() => {}
                None => drop(paths.insert(below)),
                Some(trees) => {
                    for tree in trees.iter().take(MAX_PATHS) {
                        for name in self.names(*tree, at) {
                            let path = [&name[..], &below].join(&b'/');
                            let path = if below.is_empty() { name } else { path };
                            open.push((*tree, path));
                        }
                    }
                }
            }
        }
        if paths.is_empty() {
            let staged = self.history.tips.staged.iter();
            let id = self.history.store.ids.id(number);
            let staged = staged.filter(|(staged, _)| *staged == id).map(|(_, path)| path.clone());
            paths.extend(self.known.names.path(number).or_else(|| staged.min()));
        }
        paths.into_iter().map(BlobPath::new).collect()
    }

    /// The names that a tree has for an object.
    fn names(&self, tree: u32, object: u32) -> Vec<Vec<u8>> {
        let Some(bytes) = feed::read(&self.history.store, tree) else { return Vec::new() };
        let id = self.history.store.ids.id(object);
        let entries = Entries::new(&bytes, self.history.hash.len_in_bytes()).flatten();
        let same = entries.filter(|entry| entry.id == id.as_bytes());
        same.map(|entry| entry.name.to_vec()).collect()
    }

    /// Who made a commit or tag.
    fn made(&mut self, number: u32) -> Option<Made> {
        if let Some(made) = self.made.get(&number) {
            return Some(made.clone());
        }
        let bytes = feed::read(&self.history.store, number)?;
        let id = self.history.store.ids.owned(number);
        let made = match nodes::commit(&bytes, self.history.hash) {
            Some(parts) => {
                let clock = self.clock(number, &parts);
                made(&id, parts.author, parts.committer, clock)
            }
            None => {
                let (_, headers, _) = nodes::tag(&bytes, self.history.hash)?;
                let mut lines = headers.split(|byte| *byte == b'\n');
                let tagger = lines.find_map(|line| line.strip_prefix(b"tagger "));
                let tagger = tagger.unwrap_or_default();
                made(&id, tagger, tagger, Clock::B)
            }
        };
        self.made.insert(number, made.clone());
        Some(made)
    }

    fn clock(&self, number: u32, parts: &nodes::Parts<'_>) -> Clock {
        let committed = nodes::seconds(parts.committer);
        let nodes = &self.known.nodes;
        let parents = place(nodes, number).map(|at| &nodes[at as usize].parents);
        let mut parents = parents.into_iter().flatten().filter_map(|p| place(nodes, *p));
        let before_parent = parents.any(|at| nodes[at as usize].time > committed);
        if before_parent || committed > self.now || committed < FIRST_COMMIT {
            return Clock::D;
        }
        let apart = nodes::seconds(parts.author).saturating_sub(committed).saturating_abs();
        if apart > DAY { Clock::C } else { Clock::B }
    }

    /// Where each of up to 64 secrets went on the default branch.
    fn moves(&mut self, leading: &Leading, secrets: &[Vec<ObjectId>], told: &mut [Told]) {
        let changes = moves::changes(&self.order, self.known, leading);
        for (bit, (objects, told)) in secrets.iter().zip(told).enumerate() {
            let places = objects.iter().zip(&told.places).filter_map(|(id, place)| {
                let number = self.history.store.ids.number(id.as_bytes())?;
                Some((place.rank, place.paths.first()?, number))
            });
            let Some((_, path, number)) = places.min() else { continue };
            let mut spots = Spots::new(self.history, leading, bit, objects);
            let first = (path.as_bytes(), number);
            let own = changes.iter().filter(|(_, changed)| changed >> bit & 1 == 1);
            let own = own.map(|(position, _)| *position);
            let steps = moves::follow(&mut spots, &self.order, self.known, own, first);
            told.moves = steps.map(|steps| {
                let moved = steps.into_iter().filter_map(|(path, position)| {
                    let at = self.order.line[position as usize];
                    let commit = self.made(self.known.nodes[at as usize].number)?.commit;
                    Some(Moved { path: BlobPath::new(path), commit })
                });
                moved.collect()
            });
        }
    }

    /// Every path of the objects of up to 64 secrets, with the first commit that has it there.
    fn names_of(&mut self, leading: &Leading, secrets: &[Vec<ObjectId>], told: &mut [Told]) {
        let nodes = &self.known.nodes;
        let tree_of = |at: u32| nodes[at as usize].tree;
        // What no parent has is new in a commit; parents stand before their children.
        let changes = self.order.ranked.iter().filter_map(|at| {
            let parent = nodes[*at as usize].parents.first().and_then(|it| place(nodes, *it));
            let earlier =
                |parent: &u32| self.order.rank[*parent as usize] < self.order.rank[*at as usize];
            let parent = parent.filter(earlier).and_then(tree_of);
            let tree = tree_of(*at)?;
            Some((*at, tree, leading.changed(parent, Some(tree)).objects))
        });
        let changes: Vec<_> = changes.filter(|(.., changed)| *changed != 0).collect();
        for (bit, (objects, told)) in secrets.iter().zip(told).enumerate() {
            let mut spots = Spots::new(self.history, leading, bit, objects);
            let mut seen = HashSet::new();
            let mut names: BTreeMap<u32, Vec<(Vec<u8>, u32)>> = BTreeMap::new();
            for (at, tree, _) in changes.iter().filter(|(.., changed)| changed >> bit & 1 == 1) {
                for spot in spots.at(Some(*tree)).iter().filter(|spot| seen.insert(**spot)) {
                    let path = spots.path(*tree, *spot);
                    names.entry(spot.1).or_default().extend(path.map(|path| (path, *at)));
                }
            }
            for (id, place) in objects.iter().zip(&mut told.places) {
                let number = self.history.store.ids.number(id.as_bytes());
                let names = number.and_then(|number| names.remove(&number)).unwrap_or_default();
                let named = names.into_iter().filter_map(|(path, at)| {
                    let commit = self.made(self.known.nodes[at as usize].number)?.commit;
                    let reach = nearest(self.order.masks[at as usize]);
                    Some(Named { path: BlobPath::new(path), commit, reach })
                });
                place.names = named.collect();
            }
        }
    }

    /// When each of up to 64 secrets stood in the default branch.
    fn presence(&mut self, leading: &Leading, secrets: &[Vec<ObjectId>], told: &mut [Told]) {
        let holds = &leading.holds;
        let line = self.order.line.clone();
        let mut before = 0;
        for (position, at) in line.iter().enumerate() {
            let tree = self.known.nodes[*at as usize].tree;
            let now = tree.map_or(0, |tree| holds[tree as usize]);
            let changed = before ^ now;
            for (bit, told) in
                told.iter_mut().enumerate().filter(|(bit, _)| changed >> bit & 1 == 1)
            {
                let Some(made) = self.made(self.known.nodes[*at as usize].number) else { continue };
                match told.windows.last_mut().filter(|_| now >> bit & 1 == 0) {
                    Some(open) => open.until = Some(made.commit),
                    None => told.windows.push(Window { from: made.commit, until: None }),
                }
            }
            before = now;
            if position + 1 == line.len() {
                for (bit, told) in told.iter_mut().enumerate() {
                    told.in_head = now >> bit & 1 == 1;
                }
            }
        }
        for (objects, told) in secrets.iter().zip(told) {
            let numbers =
                objects.iter().filter_map(|id| self.history.store.ids.number(id.as_bytes()));
            let words = |number: u32| {
                let at = place(&self.known.nodes, number)?;
                (self.order.masks[at as usize] & bit(Reach::Head) != 0).then_some(())
            };
            // The words of a commit stand in a branch as long as the commit does.
            told.in_head |= numbers.filter_map(words).next().is_some();
        }
    }
}

fn made(id: &ObjectId, author: &[u8], committer: &[u8], clock: Clock) -> Made {
    let (name, email, date) = who(author);
    let (committer, committer_email, committed) = who(committer);
    let commit = Commit { id: id.to_string(), author: name, email, date };
    Made { commit, committer, committer_email, committed, clock }
}

/// Name, address and date of `Name <address> seconds zone`.
fn who(text: &[u8]) -> (String, String, String) {
    match gix::actor::SignatureRef::from_bytes(text) {
        Ok(signature) => {
            let signature = signature.trim();
            let time = signature.time().unwrap_or_default();
            let date = time.format_or_unix(gix::date::time::format::ISO8601_STRICT);
            (signature.name.to_string(), signature.email.to_string(), date)
        }
        Err(_) => (String::from_utf8_lossy(text).into_owned(), String::new(), String::new()),
    }
}
