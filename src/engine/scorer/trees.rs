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
