//! Where a secret went: from the path under which it came in, along first parents, to where it stands.

use super::order::Order;
use super::read::Known;
use super::spots::{Leading, Spot, Spots, path_hash};

/// How many places are weighed where a secret is at several.
const MAX_WEIGHED: usize = 16;

/// A path, and the place on the line from which on it is the one.
pub(super) type Step = (Vec<u8>, u32);

/// The places on the line at which secrets of `leading` stand at other paths than before, and which do.
pub(super) fn changes(order: &Order, known: &Known, leading: &Leading) -> Vec<(u32, u64)> {
    let mut before = None;
    let mut changes = Vec::new();
    for (position, at) in order.line.iter().enumerate() {
        let tree = known.nodes[*at as usize].tree;
        let changed = leading.changed(before, tree).paths;
        if changed != 0 {
            changes.push((position as u32, changed));
        }
        before = tree;
    }
    changes
}

/// Follows a secret along the line, from the path under which it came in. Nothing where it never stood there.
///
/// It stays at its path as long as something with it stands there; then it is where it newly appears: the same
/// object before another, the same file name before another. Where it appears nowhere it is at a copy.
pub(super) fn follow(
    spots: &mut Spots<'_>,
    order: &Order,
    known: &Known,
    changes: impl Iterator<Item = u32>,
    (path, object): (&[u8], u32),
) -> Option<Vec<Step>> {
    let (mut path, mut here) = (path.to_vec(), (path_hash(path), object));
    let mut steps: Option<Vec<Step>> = None;
    let tree_at = |position: u32| known.nodes[order.line[position as usize] as usize].tree;
    for position in changes {
        let tree = tree_at(position);
        let before = spots.at(position.checked_sub(1).and_then(tree_at));
        let now = spots.at(tree);
        // It may have been edited at its path since.
        here = before.iter().find(|spot| spot.0 == here.0).copied().unwrap_or(here);
        let Some(tree) = tree.filter(|_| !now.is_empty()) else { continue };
        let steps = steps.get_or_insert_default();
        if now.iter().all(|spot| spot.0 != here.0)
            && let Some((name, spot)) = next(spots, tree, &now, &before, &path, here)
        {
            (path, here) = (name, spot);
            steps.push((path.clone(), position));
        }
    }
    steps
}

/// Where a secret is that no longer stands at its path.
fn next(
    spots: &Spots<'_>,
    tree: u32,
    now: &[Spot],
    before: &[Spot],
    path: &[u8],
    here: Spot,
) -> Option<(Vec<u8>, Spot)> {
    let is_new = |spot: &&Spot| before.iter().all(|known| known.0 != spot.0);
    let new: Vec<Spot> = now.iter().filter(is_new).copied().collect();
    let mut choice = if new.is_empty() { now.to_vec() } else { new };
    if choice.iter().any(|spot| spot.1 == here.1) {
        choice.retain(|spot| spot.1 == here.1);
    }
    let name = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
    let own = name(path);
    let named = choice.into_iter().take(MAX_WEIGHED);
    let named = named.filter_map(|spot| Some((spots.path(tree, spot)?, spot)));
    named.min_by_key(|(path, _)| (name(path) != own, path.clone()))
}
