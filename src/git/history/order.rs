//! Commits from the oldest to the newest, and from where each is reached.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::nodes::Node;
use super::read::{History, Known};
use crate::model::Reach;

/// Set for what references lead to, and not only their logs.
const FROM_REFS: u16 = 1 << 15;
/// No commit.
pub(super) const NEVER: u32 = u32::MAX;

/// A set of [`Reach`].
pub(super) type Mask = u16;

pub(super) fn bit(reach: Reach) -> Mask {
    1 << reach as u16
}

/// The nearest of a set.
pub(super) fn nearest(mask: Mask) -> Reach {
    let found = Reach::ALL.into_iter().find(|reach| mask & bit(*reach) != 0);
    found.unwrap_or(Reach::Unreachable)
}

/// The commits in the order in which attribution goes through them.
pub(super) struct Order {
    /// Places in the list of nodes. A parent stands before its children, the older before the younger,
    /// and what references lead to before what only logs or nothing leads to.
    pub(super) ranked: Vec<u32>,
    /// By place in the list of nodes, the place in `ranked`.
    pub(super) rank: Vec<u32>,
    /// By place in the list of nodes.
    pub(super) masks: Vec<Mask>,
    /// Of tags, and of what else a reference names directly.
    pub(super) direct: BTreeMap<u32, Mask>,
    /// The default branch along first parents, the oldest first: places in the list of nodes.
    pub(super) line: Vec<u32>,
}

/// The place of a commit in the list of nodes, which stand in the order of their numbers.
pub(super) fn place(nodes: &[Node], number: u32) -> Option<u32> {
    let at = nodes.binary_search_by_key(&number, |node| node.number).ok()?;
    u32::try_from(at).ok()
}

impl Order {
    pub(super) fn new(history: &History, known: &Known) -> Self {
        let nodes = &known.nodes;
        let sorted = oldest_first(nodes);
        let mut masks = vec![0; nodes.len()];
        let mut direct = BTreeMap::new();
        for tip in &history.tips.tips {
            let Some(mut number) = history.store.ids.number(tip.id.as_bytes()) else { continue };
            let mask = bit(tip.reach) | if tip.logged { 0 } else { FROM_REFS };
            for _ in 0..10 {
                if let Some(at) = place(nodes, number) {
                    masks[at as usize] |= mask;
                    break;
                }
                *direct.entry(number).or_insert(0) |= mask;
                let Ok(tag) = known.tags.binary_search_by_key(&number, |tag| tag.0) else { break };
                number = known.tags[tag].1;
            }
        }
        for at in sorted.iter().rev() {
            let mask = masks[*at as usize];
            for parent in nodes[*at as usize].parents.iter().filter_map(|p| place(nodes, *p)) {
                masks[parent as usize] |= mask;
            }
        }
        let from_refs = |at: &&u32| masks[**at as usize] & FROM_REFS != 0;
        let (first, rest): (Vec<_>, Vec<_>) = sorted.iter().partition(from_refs);
        let ranked: Vec<u32> = first.into_iter().chain(rest).copied().collect();
        let mut rank = vec![NEVER; nodes.len()];
        for (position, at) in ranked.iter().enumerate() {
            rank[*at as usize] = position as u32;
        }
        let head = history.tips.head.and_then(|id| history.store.ids.number(id.as_bytes()));
        Self { ranked, rank, masks, direct, line: first_parents(nodes, head) }
    }
}

fn first_parents(nodes: &[Node], head: Option<u32>) -> Vec<u32> {
    let mut line = Vec::new();
    let mut next = head.and_then(|number| place(nodes, number));
    // No more steps than there are commits: ids that lie could make a circle.
    while let Some(at) = next.filter(|_| line.len() < nodes.len()) {
        line.push(at);
        next = nodes[at as usize].parents.first().and_then(|parent| place(nodes, *parent));
    }
    line.reverse();
    line
}

/// Parents before children; among those that could be next, the older, then the smaller id.
fn oldest_first(nodes: &[Node]) -> Vec<u32> {
    let mut waiting = vec![0_u32; nodes.len()];
    let mut children: Vec<(u32, u32)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let mut parents: Vec<_> = node.parents.iter().filter_map(|p| place(nodes, *p)).collect();
        parents.sort_unstable();
        parents.dedup();
        waiting[at] = parents.len() as u32;
        children.extend(parents.into_iter().map(|parent| (parent, at as u32)));
    }
    children.sort_unstable();
    let ready = |at: usize| Reverse((nodes[at].time, at as u32));
    let mut heap: BinaryHeap<_> =
        (0..nodes.len()).filter(|at| waiting[*at] == 0).map(ready).collect();
    let mut sorted = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, at))) = heap.pop() {
        sorted.push(at);
        let from = children.partition_point(|(parent, _)| *parent < at);
        for (_, child) in children[from..].iter().take_while(|(parent, _)| *parent == at) {
            waiting[*child as usize] -= 1;
            if waiting[*child as usize] == 0 {
                heap.push(ready(*child as usize));
            }
        }
    }
    sorted
}
