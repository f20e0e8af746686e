//! Broken and hostile stores: counted, never silent, never a panic, and what is beside them is read.

use std::io::Write;
use std::path::{Path, PathBuf};

use leakspan::model::OriginKind;
use sha1::{Digest, Sha1};

use super::{collected_at, id_of, objects, repository};
use crate::support::collect::Collected;
use crate::support::{Sandbox, planted, run};

/// What an entry of a pack is made of.
pub(super) enum Part<'a> {
    Blob(&'a [u8]),
    /// Distance back to the base, and the delta.
    Offset(u64, &'a [u8]),
    Named(&'a str, &'a [u8]),
}

pub(super) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn head(kind: u8, mut size: u64) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | (size & 15) as u8];
    size >>= 4;
    while size > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push((size & 0x7f) as u8);
        size >>= 7;
    }
    bytes
}

fn distance(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![(value & 0x7f) as u8];
    value >>= 7;
    while value > 0 {
        value -= 1;
        bytes.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    bytes.reverse();
    bytes
}

fn id_bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

pub(super) fn entry(part: &Part<'_>) -> Vec<u8> {
    match part {
        Part::Blob(bytes) => [head(3, bytes.len() as u64), deflated(bytes)].concat(),
        Part::Offset(back, delta) => {
            [head(6, delta.len() as u64), distance(*back), deflated(delta)].concat()
        }
        Part::Named(id, delta) => {
            [head(7, delta.len() as u64), id_bytes(id), deflated(delta)].concat()
        }
    }
}

/// Writes a pack and an index that fits it into the repository. Each entry has the id that is given.
pub(super) fn write_pack(sandbox: &Sandbox, entries: &[(String, Vec<u8>)]) -> PathBuf {
    let mut pack =
        [&b"PACK"[..], &2_u32.to_be_bytes(), &(entries.len() as u32).to_be_bytes()].concat();
    let mut placed = Vec::new();
    for (id, bytes) in entries {
        placed.push((id_bytes(id), pack.len() as u32, crc32fast::hash(bytes)));
        pack.extend_from_slice(bytes);
    }
    let sum = Sha1::digest(&pack);
    pack.extend_from_slice(&sum);
    placed.sort();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        let count = placed.iter().filter(|(id, ..)| id[0] <= first).count() as u32;
        index.extend_from_slice(&count.to_be_bytes());
    }
    index.extend(placed.iter().flat_map(|(id, ..)| id.clone()));
    index.extend(placed.iter().flat_map(|(.., crc)| crc.to_be_bytes()));
    index.extend(placed.iter().flat_map(|(_, offset, _)| offset.to_be_bytes()));
    index.extend_from_slice(&sum);
    let own = Sha1::digest(&index);
    index.extend_from_slice(&own);
    let name = format!(".git/objects/pack/pack-{}", id_of(&sum, 40));
    sandbox.write(format!("{name}.idx"), index);
    sandbox.write(format!("{name}.pack"), pack)
}

pub(super) fn blob(bytes: &[u8]) -> (String, Vec<u8>) {
    (id_of(bytes, 40), entry(&Part::Blob(bytes)))
}

pub(super) fn contents(found: &Collected) -> Vec<String> {
    let blobs = objects(found, OriginKind::Commit).into_iter();
    let mut texts: Vec<_> =
        blobs.map(|(_, bytes, _)| String::from_utf8_lossy(bytes).into_owned()).collect();
    texts.sort();
    texts
}

/// A delta that keeps the first `kept` bytes of a base and adds some.
fn delta(base: usize, kept: u8, added: &[u8]) -> Vec<u8> {
    let made = usize::from(kept) + added.len();
    [&[base as u8, made as u8, 0x90, kept, added.len() as u8], added].concat()
}

#[test]
fn a_corrupt_entry_costs_itself_and_what_rests_on_it() {
    let sandbox = repository();
    let base = entry(&Part::Blob(b"base of two"));
    let mut bad = entry(&Part::Blob(b"root that breaks"));
    let middle = bad.len() / 2;
    bad[middle] ^= 0x55;
    let on_bad = entry(&Part::Offset(bad.len() as u64, &delta(16, 4, b"lost")));
    let back = (base.len() + bad.len() + on_bad.len()) as u64;
    let on_base = entry(&Part::Offset(back, &delta(11, 4, b" kept")));
    write_pack(
        &sandbox,
        &[
            (id_of(b"base of two", 40), base),
            (id_of(b"root that breaks", 40), bad),
            (id_of(b"rootlost", 40), on_bad),
            (id_of(b"base kept", 40), on_base),
            blob(b"beside it"),
        ],
    );
    let found = collected_at(sandbox.path());
    assert_eq!(contents(&found), ["base kept", "base of two", "beside it"]);
    assert_eq!(found.reasons(), ["corrupt", "corrupt"]);
    sandbox.leakspan(["scan", "--history", "-q"]).exits(3);
}

#[test]
fn a_second_copy_stands_in_for_a_broken_one() {
    let sandbox = repository();
    let (id, mut broken) = blob(b"the same content twice");
    let middle = broken.len() / 2;
    broken[middle] ^= 0x55;
    write_pack(&sandbox, &[(id.clone(), broken)]);
    write_pack(&sandbox, &[(id, entry(&Part::Blob(b"the same content twice"))), blob(b"other")]);
    let found = collected_at(sandbox.path());
    assert_eq!(contents(&found), ["other", "the same content twice"]);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
}

#[test]
fn deltas_without_a_root_are_told() {
    let one = id_of(b"one", 40);
    let two = id_of(b"two", 40);
    let circle = [
        (one.clone(), entry(&Part::Named(&two, &delta(3, 3, b"")))),
        (two.clone(), entry(&Part::Named(&one, &delta(3, 3, b"")))),
    ];
    let itself = [(one.clone(), entry(&Part::Named(&one, &delta(3, 3, b""))))];
    let absent = [(one.clone(), entry(&Part::Named(&two, &delta(3, 3, b""))))];
    let before = [(one.clone(), entry(&Part::Offset(5000, &delta(3, 3, b""))))];
    let none = [(one, entry(&Part::Offset(0, &delta(3, 3, b""))))];
    for entries in [&circle[..], &itself, &absent, &before, &none] {
        let sandbox = repository();
        write_pack(&sandbox, entries);
        let found = collected_at(sandbox.path());
        assert_eq!(found.problems.len(), entries.len());
        assert!(found.reasons().iter().all(|reason| *reason == "corrupt"));
    }
}

#[test]
fn a_chain_of_thousands_is_read_without_recursion() {
    let sandbox = repository();
    let mut entries = vec![blob(b"x")];
    let mut text = b"x".to_vec();
    for at in 0..20_000_u32 {
        let added = at.to_be_bytes();
        let delta = delta(text.len(), text.len().min(5) as u8, &added);
        text.truncate(5);
        text.extend_from_slice(&added);
        let back = entries.last().unwrap().1.len() as u64;
        entries.push((id_of(&text, 40), entry(&Part::Offset(back, &delta))));
    }
    write_pack(&sandbox, &entries);
    let found = collected_at(sandbox.path());
    assert!(found.problems.is_empty(), "{:?}", found.problems.first());
    assert_eq!(found.blobs.len(), entries.len());
}

#[test]
fn sizes_that_lie_cost_nothing() {
    let huge = [head(3, 1 << 60), deflated(b"small")].concat();
    let small = [head(3, 1), deflated(&[b'a'; 100_000])].concat();
    let bomb = [5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0x90, 5];
    for (bytes, reason) in [(huge, "io-error"), (small, "corrupt")] {
        let sandbox = repository();
        write_pack(&sandbox, &[("1".repeat(40), bytes), blob(b"beside")]);
        let outcome = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(3);
        let problems = outcome.of_type("problem");
        // The look for an archive and the scan may both tell it.
        assert!(!problems.is_empty(), "{}", outcome.stdout);
        assert!(problems.iter().all(|problem| problem["reason"] == reason), "{}", outcome.stdout);
    }
    let sandbox = repository();
    let base = blob(b"basis");
    let back = base.1.len() as u64;
    write_pack(&sandbox, &[base, ("1".repeat(40), entry(&Part::Offset(back, &bomb)))]);
    let found = collected_at(sandbox.path());
    assert_eq!((contents(&found), found.reasons()), (vec!["basis".into()], vec!["too-large"]));
}

#[test]
fn deltas_on_large_objects_stay_in_the_budget_and_are_all_read() {
    let sandbox = repository();
    // Each level keeps its base for a second delta: without a cap some hundred objects would be held.
    let size = 40_u32 << 20;
    let mut entries = vec![blob(&vec![b'a'; size as usize])];
    let mut last = entries[0].1.len() as u64;
    let length = |mut value: u32| {
        let mut bytes = Vec::new();
        while value > 0x7f {
            bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        [bytes, vec![value as u8]].concat()
    };
    // Copies of 16 MiB less a byte, twice, and of the 8 MiB and a byte behind them, then the mark.
    let copies = [
        0xf0, 0xff, 0xff, 0xff, 0xf7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff,
        1, 1, 0, 0x80,
    ];
    for level in 0..8_u8 {
        let mut two = Vec::new();
        for branch in 0..2_u8 {
            let delta =
                [&length(size)[..], &length(size), &copies, &[1, level * 2 + branch]].concat();
            let back = if branch == 0 { last } else { last + two_len(&two) };
            two.push((
                format!("{:040x}", 1 + u32::from(level) * 2 + u32::from(branch)),
                entry(&Part::Offset(back, &delta)),
            ));
        }
        last = two.last().map_or(0, |(_, bytes): &(String, Vec<u8>)| bytes.len() as u64);
        entries.extend(two);
    }
    fn two_len(two: &[(String, Vec<u8>)]) -> u64 {
        two.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }
    write_pack(&sandbox, &entries);
    let mut command = sandbox.clean("prlimit");
    command.args(["--data=536870912", env!("CARGO_BIN_EXE_leakspan"), "scan", "--history"]);
    let outcome = run(command.args(["-f", "jsonl", "-j", "2"]), b"");
    assert_eq!(outcome.summary()["files"], entries.len(), "{}", outcome.stdout);
    outcome.exits(0);
}

#[test]
fn missing_objects_are_told() {
    let sandbox = repository();
    sandbox.write("a", "first");
    sandbox.write("b", "second");
    sandbox.git_commit_all("one");
    let blob = sandbox.git(["rev-parse", "HEAD:a"]);
    remove(&sandbox, &blob);
    let found = collected_at(sandbox.path());
    assert_eq!(found.reasons(), ["object-missing"]);
    assert_eq!(found.problems[0].path.display(), format!("object/{blob}"));
    assert_eq!(contents(&found), ["second"]);
    let tree = sandbox.git(["rev-parse", "HEAD^{tree}"]);
    remove(&sandbox, &tree);
    assert_eq!(collected_at(sandbox.path()).reasons(), ["object-missing"]);
    remove(&sandbox, &sandbox.git(["rev-parse", "HEAD"]));
    assert_eq!(collected_at(sandbox.path()).reasons(), ["object-missing"], "what main names");
    sandbox.leakspan(["scan", "--history", "-q"]).exits(3);
}

fn loose(sandbox: &Sandbox, id: &str) -> PathBuf {
    sandbox.path().join(".git/objects").join(&id[..2]).join(&id[2..])
}

fn remove(sandbox: &Sandbox, id: &str) {
    std::fs::remove_file(loose(sandbox, id)).unwrap();
}

#[test]
fn loose_objects_that_lie_are_told() {
    let whole = |header: &str, body: &[u8]| deflated(&[header.as_bytes(), body].concat());
    for (bytes, reason) in [
        (b"no zlib".to_vec(), "corrupt"),
        (Vec::new(), "corrupt"),
        (whole("blob 3\0", b"four"), "corrupt"),
        (whole("blob 5\0", b"four"), "corrupt"),
        (whole("blob 99999999999999\0", b"four"), "too-large"),
        (whole("thing 4\0", b"four"), "corrupt"),
        ([whole("blob 4\0", b"four"), b"more".to_vec()].concat(), "corrupt"),
    ] {
        let sandbox = repository();
        sandbox.write(format!(".git/objects/ab/{}", "c".repeat(38)), bytes);
        let found = collected_at(sandbox.path());
        assert_eq!((found.blobs.len(), found.reasons()), (0, vec![reason]));
    }
}

#[test]
fn links_to_other_stores_are_refused() {
    let sandbox = repository();
    let outside = Sandbox::new();
    outside.git_init();
    outside.write("secret", planted(1));
    outside.git_commit_all("secret");
    let blob = outside.git(["rev-parse", "HEAD:secret"]);
    let folder = sandbox.path().join(".git/objects").join(&blob[..2]);
    std::os::unix::fs::symlink(outside.path().join(".git/objects").join(&blob[..2]), folder)
        .unwrap();
    let found = collected_at(sandbox.path());
    assert_eq!((found.blobs.len(), found.reasons()), (0, vec!["external-object-store"]));
    let alternates = outside.path().join(".git/objects");
    sandbox.write(".git/objects/info/alternates", format!("{}\n", alternates.display()));
    let refused = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(3);
    assert!(refused.findings().is_empty());
    std::fs::remove_file(sandbox.path().join(".git/objects").join(&blob[..2])).unwrap();
    let allowed = outside.path().to_str().unwrap();
    let allowed = ["scan", "--history", "-f", "jsonl", "--allow-external-objects", allowed];
    let outcome = sandbox.leakspan(allowed).exits(1);
    assert_eq!(outcome.findings().len(), 1);
}

#[test]
fn a_pack_without_its_other_half_is_told() {
    for lost in ["idx", "pack"] {
        let sandbox = repository();
        let pack = write_pack(&sandbox, &[blob(b"content")]);
        std::fs::remove_file(pack.with_extension(lost)).unwrap();
        assert_eq!(collected_at(sandbox.path()).reasons(), ["corrupt"], "without its {lost}");
    }
}

#[test]
fn names_in_trees_are_labels_and_trees_of_any_depth_end() {
    let sandbox = repository();
    sandbox.write("in", planted(7));
    let id = sandbox.git(["hash-object", "-w", "in"]);
    std::fs::remove_file(sandbox.path().join("in")).unwrap();
    let mktree = |lines: &[u8]| {
        let made = run(sandbox.clean("git").args(["mktree", "-z"]), lines);
        assert_eq!(made.code, 0, "{}", made.stderr);
        made.stdout.trim().to_owned()
    };
    for name in ["..", ".git", "a\nb", "git~1"] {
        mktree(format!("100644 blob {id}\t{name}\0").as_bytes());
    }
    let found = collected_at(sandbox.path());
    assert_eq!(objects(&found, OriginKind::Commit).len(), 1);
    let outcome = sandbox.leakspan(["scan", "--history", "-f", "human"]).exits(1);
    assert!(!outcome.stdout.contains("a\nb"), "{}", outcome.stdout);
}

#[test]
fn the_same_tree_nested_a_million_times_is_read_once() {
    let sandbox = repository();
    sandbox.write("in", "leaf");
    let mut below = format!("100644 blob {}", sandbox.git(["hash-object", "-w", "in"]));
    for _ in 0..30 {
        let lines = format!("{below}\ta\n{below}\tb\n");
        let made = run(sandbox.clean("git").arg("mktree"), lines.as_bytes());
        below = format!("040000 tree {}", made.stdout.trim());
    }
    let tree = below.rsplit(' ').next().unwrap().to_owned();
    let commit = sandbox.git(["commit-tree", "-m", "bomb", &tree]);
    sandbox.git(["update-ref", "HEAD", &commit]);
    let found = collected_at(sandbox.path());
    assert_eq!(contents(&found), ["leaf"]);
    assert!(found.problems.is_empty());
}

#[test]
fn two_hundred_changes_of_a_pack_are_never_clean() {
    let sandbox = repository();
    for at in 0..12 {
        sandbox.write(format!("file{}", at % 5), format!("line of {at}\n").repeat(20 + at));
        sandbox.git_commit_all(&format!("commit {at}"));
    }
    sandbox.git(["repack", "-q", "-a", "-d", "-f"]);
    sandbox.git(["reflog", "expire", "--expire=now", "--all"]);
    let folder = sandbox.path().join(".git/objects/pack");
    let listed = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path());
    let listed: Vec<_> = listed.collect();
    let file = |end: &str| listed.iter().find(|p| p.extension().is_some_and(|e| e == end)).unwrap();
    let (pack, index) = (file("pack").clone(), file("idx").clone());
    assert!(collected_at(sandbox.path()).problems.is_empty());
    let mut made = 0;
    for path in [pack, index] {
        let whole = std::fs::read(&path).unwrap();
        let mut check = |why: String, bytes: &[u8]| {
            replace(&path, bytes);
            let found = collected_at(sandbox.path());
            let told = found.problems.iter().any(|problem| problem.reason.incomplete());
            assert!(told, "{why} of {}: {} blobs", path.display(), found.blobs.len());
            made += 1;
        };
        for part in 0..50 {
            check(format!("cut at {part}/50"), &whole[..whole.len() * part / 50]);
        }
        let headers = (0..32).chain((1..30).map(|part| whole.len() * part / 30));
        for at in headers {
            // The checksums of single entries and of the index itself are not read: git does not either.
            let ids = 8 + 1024..8 + 1024 + 20 * count(&whole);
            if path.extension().is_some_and(|end| end == "idx") && !(0..ids.end).contains(&at) {
                continue;
            }
            let mut bytes = whole.clone();
            bytes[at] ^= 0x41;
            check(format!("byte {at} changed"), &bytes);
        }
        replace(&path, &whole);
    }
    assert!(made >= 190, "{made}");
}

/// The number of objects of an index.
fn count(index: &[u8]) -> usize {
    let last = index.get(8 + 1020..8 + 1024).unwrap_or(&[0; 4]);
    u32::from_be_bytes(last.try_into().unwrap()) as usize
}

/// A new file, as git makes them: one that is mapped is never written to.
fn replace(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}
