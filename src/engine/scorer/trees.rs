//! Boosted trees, read from a table that `train.py` writes.

use super::features::COUNT;

/// Nodes of ten bytes: feature (255: a leaf), padding, then for a leaf its weight as `f32`, for a branch
/// its threshold; then left and right as node numbers (`u16`). All little-endian. Roots come first.
static NODES: &[u8] = include_bytes!("trees.bin");
const SIZE: usize = 10;

/// The chance that a candidate with these features is a credential, as the trees have learnt it.
pub(super) fn probability(features: &[f32; COUNT]) -> f32 {
    let roots = u16::from_le_bytes([NODES[0], NODES[1]]);
    let sum: f32 = (0..roots).map(|root| leaf(features, root)).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// How far each feature has moved the sum of the trees.
///
/// Each branch is worth the mean of what is below it; a step from a branch to its side is put down to the
/// feature that the branch asks for (Saabas 2014). Exact in sum, a fair guess for a single feature.
pub(super) fn contributions(features: &[f32; COUNT]) -> [f32; COUNT] {
    let mut moved = [0.0; COUNT];
    for root in 0..u16::from_le_bytes([NODES[0], NODES[1]]) {
        let mut node = root;
        while let Node::Branch { feature, threshold, sides } = read(node) {
            let next = sides[usize::from(features[feature] > threshold)];
            moved[feature] += worth(next) - worth(node);
            node = next;
        }
    }
    moved
}

/// A node of a tree.
enum Node {
    Leaf(f32),
    Branch { feature: usize, threshold: f32, sides: [u16; 2] },
}

fn read(node: u16) -> Node {
    let at = 2 + usize::from(node) * SIZE;
    let bytes = &NODES[at..at + SIZE];
    let number = f32::from_le_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]);
    let side = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    match usize::from(bytes[0]) {
        feature if feature < COUNT => {
            Node::Branch { feature, threshold: number, sides: [side(6), side(8)] }
        }
        _ => Node::Leaf(number),
    }
}

fn worth(node: u16) -> f32 {
    match read(node) {
        Node::Leaf(weight) => weight,
        Node::Branch { sides: [left, right], .. } => f32::midpoint(worth(left), worth(right)),
    }
}

/// The weight of the leaf that the features lead to.
fn leaf(features: &[f32; COUNT], root: u16) -> f32 {
    let mut node = root;
    loop {
        let at = 2 + usize::from(node) * SIZE;
        let bytes = &NODES[at..at + SIZE];
        let number = f32::from_le_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]);
        let Some(feature) = features.get(usize::from(bytes[0])) else { return number };
        let side = if *feature <= number { 6 } else { 8 };
        node = u16::from_le_bytes([bytes[side], bytes[side + 1]]);
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNT, NODES, contributions, probability, worth};

    #[test]
    fn contributions_add_up_to_the_score() {
        let roots = u16::from_le_bytes([NODES[0], NODES[1]]);
        let mean: f32 = (0..roots).map(worth).sum();
        for step in 0..20 {
            let features = std::array::from_fn::<f32, COUNT, _>(|at| (at * step % 7) as f32 * 1.5);
            let sum = mean + contributions(&features).iter().sum::<f32>();
            let score = 1.0 / (1.0 + (-sum).exp());
            assert!((score - probability(&features)).abs() < 1e-3, "{score}");
        }
    }
}
