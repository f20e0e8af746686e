//! The commits that lie between others.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;
use gix::objs::{CommitRef, Kind};

use super::objects::{Objects, Unread};
use crate::model::Reason;

/// A commit, as far as walks need it.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// Committer time, in seconds.
    pub(super) time: i64,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Oldest first, parents before children.
    pub(super) nodes: Vec<Node>,
    /// Commits that should be there and cannot be read.
    pub(super) unread: Vec<(ObjectId, Unread)>,
}

/// Reads one commit.
pub(super) fn read(objects: &Objects, id: &ObjectId) -> Result<Node, Unread> {
    let mut buffer = Vec::new();
    objects.read(id, Kind::Commit, &mut buffer)?;
    let corrupt =
        || Unread { reason: Reason::Corrupt, detail: format!("commit {id} cannot be parsed") };
    let commit = CommitRef::from_bytes(&buffer, objects.hash()).map_err(|_| corrupt())?;
    let time = commit.time().map(|time| time.seconds).unwrap_or_default();
    Ok(Node { id: *id, tree: commit.tree(), parents: commit.parents().collect(), time })
}

/// These commits and no other.
pub(super) fn alone(objects: &Objects, ids: &[ObjectId]) -> Walked {
    let mut walked = Walked::default();
    for id in ids {
        match read(objects, id) {
            Ok(node) => walked.nodes.push(node),
            Err(unread) => walked.unread.push((*id, unread)),
        }
    }
    walked
}

/// The commits that `tips` lead to and `hidden` do not.
///
/// Newest first by committer time, as git walks; where clocks lie, a commit too many is scanned, never
/// one too few: a commit is left out only when a path from `hidden` to it was walked.
pub(super) fn between(
    objects: &Objects,
    tips: &[ObjectId],
    hidden: &[ObjectId],
    shallow: &HashSet<ObjectId>,
) -> Walked {
    let mut walk = Walk::new(objects, shallow);
    for id in hidden {
        walk.reach(*id, true);
    }
    for id in tips {
        walk.reach(*id, false);
    }
    walk.run();
    walk.sorted()
}

/// Hidden commits that are read after all others seem settled: clocks that lie may have put a hidden
/// path behind them. Some milliseconds; git reads five, and is wrong more often.
const SLOP: usize = 64;

struct Walk<'a> {
    objects: &'a Objects,
    shallow: &'a HashSet<ObjectId>,
    nodes: HashMap<ObjectId, Node>,
    hidden: HashSet<ObjectId>,
    queue: BinaryHeap<(i64, ObjectId)>,
    /// Ids in the queue that are not hidden.
    open: HashSet<ObjectId>,
    /// The oldest time of a commit that is not hidden.
    oldest: i64,
    unread: Vec<(ObjectId, Unread)>,
}

impl<'a> Walk<'a> {
    fn new(objects: &'a Objects, shallow: &'a HashSet<ObjectId>) -> Self {
        Self {
            objects,
            shallow,
            nodes: HashMap::new(),
            hidden: HashSet::new(),
            queue: BinaryHeap::new(),
            open: HashSet::new(),
            oldest: i64::MAX,
            unread: Vec::new(),
        }
    }

    /// Puts a commit into the queue, or marks one that is known.
    fn reach(&mut self, id: ObjectId, hidden: bool) {
        if self.nodes.contains_key(&id) {
            if hidden {
                self.hide(id);
            }
            return;
        }
        match read(self.objects, &id) {
            Ok(mut node) => {
                if self.shallow.contains(&id) {
                    node.parents.clear();
                }
                self.queue.push((node.time, id));
                self.nodes.insert(id, node);
                if hidden {
                    self.hidden.insert(id);
                } else {
                    self.open.insert(id);
                }
            }
            // Below what is hidden nothing is missed, only scanned twice.
            Err(_) if hidden => {}
            Err(unread) => self.unread.push((id, unread)),
        }
    }

    /// Marks a commit and all that is known below it.
    fn hide(&mut self, id: ObjectId) {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            if let Some(node) = self.nodes.get(&id)
                && self.hidden.insert(id)
            {
                self.open.remove(&id);
                stack.extend(node.parents.iter().copied());
            }
        }
    }

    fn run(&mut self) {
        let mut late = 0;
        while let Some((time, id)) = self.queue.pop() {
            let settled = self.open.is_empty() && time < self.oldest;
            late = if settled { late + 1 } else { 0 };
            if late > SLOP {
                break;
            }
            let hidden = self.hidden.contains(&id);
            if self.open.remove(&id) {
                self.oldest = self.oldest.min(time);
            }
            for parent in self.nodes[&id].parents.clone() {
                self.reach(parent, hidden);
            }
        }
    }

    /// Parents before children; among those that could be next, the older, then the smaller id.
    fn sorted(mut self) -> Walked {
        let hidden = &self.hidden;
        self.nodes.retain(|id, _| !hidden.contains(id));
        let mut waiting: HashMap<ObjectId, usize> = HashMap::new();
        let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
        let mut ready = BinaryHeap::new();
        let mut ids: Vec<_> = self.nodes.keys().copied().collect();
        ids.sort();
        for id in ids {
            let node = &self.nodes[&id];
            let inside: HashSet<_> =
                node.parents.iter().filter(|parent| self.nodes.contains_key(*parent)).collect();
            if inside.is_empty() {
                ready.push(Reverse((node.time, id)));
            }
            waiting.insert(id, inside.len());
            let mut inside: Vec<_> = inside.into_iter().copied().collect();
            inside.sort();
            for parent in inside {
                children.entry(parent).or_default().push(id);
            }
        }
        let mut nodes = Vec::new();
        while let Some(Reverse((_, id))) = ready.pop() {
            for child in children.remove(&id).unwrap_or_default() {
                let left = waiting.entry(child).or_insert(1);
                *left -= 1;
                if *left == 0 {
                    ready.push(Reverse((self.nodes[&child].time, child)));
                }
            }
            nodes.extend(self.nodes.remove(&id));
        }
        let mut unread = self.unread;
        unread.sort_by_key(|(id, _)| *id);
        Walked { nodes, unread }
    }
}
