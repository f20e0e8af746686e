//! Indexes of packs: a pack of three objects under an index of any bytes is read, or told as a problem.

use std::io::Write;

use sha1::{Digest, Sha1};

use super::store;

/// The index without its two checksums, which are right ones: no change is caught by them alone.
pub(crate) fn run(bytes: &[u8]) {
    let folder = store::repository();
    let packs = folder.path().join(".git/objects/pack");
    std::fs::create_dir_all(&packs).expect("a folder can be made");
    let pack = pack();
    let index = sealed(&[bytes, &pack[pack.len() - 20..]].concat());
    std::fs::write(packs.join("pack-x.pack"), pack).expect("a file can be written");
    std::fs::write(packs.join("pack-x.idx"), index).expect("a file can be written");
    store::visited(folder.path());
}

/// The blobs `one\n` and `two\n`, and a change of the first that ends in `!`.
fn pack() -> Vec<u8> {
    let deflated = |bytes: &[u8]| {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
        packed.write_all(bytes).expect("memory takes all");
        packed.finish().expect("memory takes all")
    };
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x03".to_vec();
    let start = pack.len();
    for text in [b"one\n", b"two\n"] {
        pack.push(0x34);
        pack.extend(deflated(text));
    }
    let back = (pack.len() - start) as u8;
    let delta = [4, 4, 0x90, 3, 1, b'!'];
    pack.extend([0x60 | delta.len() as u8, back]);
    pack.extend(deflated(&delta));
    sealed(&pack)
}

fn sealed(content: &[u8]) -> Vec<u8> {
    [content, Sha1::digest(content).as_slice()].concat()
}
