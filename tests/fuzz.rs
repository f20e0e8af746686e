//! The fuzz targets over their committed corpora, and over seeded changes of them: what `cargo fuzz`
//! has found once stays found.

#[path = "fuzz/targets.rs"]
mod targets;

use std::path::Path;

/// Changed copies of each corpus file.
const CHANGES: u64 = 40;

#[test]
fn every_target_holds_over_its_corpus() {
    for (name, target) in targets::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("the folder is readable").path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{name} has a corpus");
        for file in files {
            let bytes = std::fs::read(&file).expect("a corpus file is readable");
            assert!(bytes.len() <= 4096, "{} is small", file.display());
            target(&bytes);
            for seed in 0..CHANGES {
                target(&changed(&bytes, seed));
            }
        }
    }
}

#[test]
fn every_target_has_a_binary() {
    let manifest = include_str!("fuzz/Cargo.toml");
    for (name, _) in targets::TARGETS {
        assert!(manifest.contains(&format!("path = \"bin/{name}.rs\"")), "{name}");
    }
}

/// A copy with a few bytes replaced, repeated, left out, or moved.
fn changed(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ bytes.len() as u64;
    let mut next = |limit: usize| {
        // splitmix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) as usize % limit.max(1)
    };
    let mut copy = bytes.to_vec();
    for _ in 0..=next(4) {
        let at = next(copy.len());
        let length = next(16).min(copy.len() - at);
        match next(4) {
            0 if at < copy.len() => copy[at] = next(256) as u8,
            1 => {
                let piece = copy[at..at + length].to_vec();
                copy.splice(at..at, piece);
            }
            2 => {
                copy.drain(at..at + length);
            }
            _ => copy.rotate_left(at),
        }
    }
    copy
}
