//! Packs: a pack and an index of any bytes are read, or told as a problem; never a panic, and no object
//! is shown twice.

use sha1::{Digest, Sha1};

use super::store;

/// The first two bytes say how long the pack is; the index follows.
pub(crate) fn run(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
    let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let (pack, index) = rest.split_at(length);
    // With right checksums, or no change would be more than a wrong checksum.
    let pack = sealed(pack.get(..length.saturating_sub(20)).unwrap_or_default());
    let body = &index[..index.len().saturating_sub(40)];
    let index = sealed(&[body, &pack[pack.len() - 20..]].concat());
    let folder = store::repository();
    let packs = folder.path().join(".git/objects/pack");
    std::fs::create_dir_all(&packs).expect("a folder can be made");
    std::fs::write(packs.join("pack-x.pack"), pack).expect("a file can be written");
    std::fs::write(packs.join("pack-x.idx"), index).expect("a file can be written");
    store::visited(folder.path());
}

fn sealed(content: &[u8]) -> Vec<u8> {
    [content, Sha1::digest(content).as_slice()].concat()
}
