//! Whole histories, held against git itself.

#[path = "history/attribution.rs"]
mod attribution;
#[path = "history/broken.rs"]
mod broken;
#[path = "history/doubles.rs"]
mod doubles;
#[path = "history/logs.rs"]
mod logs;
#[path = "history/modes.rs"]
mod modes;
#[path = "history/people.rs"]
mod people;
#[path = "history/places.rs"]
mod places;
#[path = "history/random.rs"]
mod random;
#[path = "history/sightings.rs"]
mod sightings;
#[path = "history/state.rs"]
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use leakspan::git::KnownObjects;
use leakspan::model::{Origin, OriginKind};
use leakspan::sources::{ChangeOptions, History};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::support::collect::Collected;
use crate::support::{Sandbox, run};

fn collected_at(path: &Path) -> Collected {
    let options = ChangeOptions { threads: 3, ..ChangeOptions::default() };
    Collected::of(
        &History::open(path, b"", &KnownObjects::default(), options)
            .expect("the repository is there"),
    )
}

/// The id of a blob, from its bytes.
fn id_of(bytes: &[u8], width: usize) -> String {
    let head = format!("blob {}\0", bytes.len());
    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect();
    match width {
        40 => hex(&Sha1::new().chain_update(head).chain_update(bytes).finalize()),
        _ => hex(&Sha256::new().chain_update(head).chain_update(bytes).finalize()),
    }
}

/// What git says is in a repository, by kind.
fn oracle(sandbox: &Sandbox) -> BTreeMap<String, BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    let listed = sandbox.git(["rev-list", "--objects", "--all", "--reflog", "--indexed-objects"]);
    ids.extend(listed.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)));
    let mut fsck = sandbox.clean("git");
    let lost = run(fsck.args(["fsck", "--unreachable", "--no-progress"]), b"");
    let lost = lost.stdout;
    ids.extend(lost.lines().filter_map(|line| line.rsplit(' ').next().map(str::to_owned)));
    let list: String = ids.iter().map(|id| format!("{id}\n")).collect();
    let mut check = sandbox.clean("git");
    check.args(["cat-file", "--batch-check=%(objecttype) %(objectname)"]);
    let kinds = run(&mut check, list.as_bytes()).stdout;
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in kinds.lines() {
        let (kind, id) = line.split_once(' ').expect("kind and id");
        found.entry(kind.to_owned()).or_default().insert(id.to_owned());
    }
    found
}

fn objects(found: &Collected, kind: OriginKind) -> Vec<(&str, &[u8], String)> {
    let of_kind = |origin: &Origin| origin.kind == kind;
    let blobs = found.blobs.iter().filter(|(.., origin)| of_kind(origin));
    let object = |origin: &Origin| origin.object.clone().expect("its object is named");
    blobs.map(|(path, bytes, origin)| (path.as_str(), bytes.as_slice(), object(origin))).collect()
}

/// Asserts that every object was visited once, with the bytes that belong to its id.
#[track_caller]
fn agrees_with_git(sandbox: &Sandbox) -> Collected {
    let found = collected_at(sandbox.path());
    let git = oracle(sandbox);
    let none = BTreeSet::new();
    for (kind, name) in
        [(OriginKind::Commit, "blob"), (OriginKind::Message, "commit"), (OriginKind::Tag, "tag")]
    {
        let seen = objects(&found, kind);
        let ids: BTreeSet<_> = seen.iter().map(|(.., id)| id.clone()).collect();
        assert_eq!(seen.len(), ids.len(), "each {name} once");
        assert_eq!(&ids, git.get(name).unwrap_or(&none), "every {name}");
    }
    for (path, bytes, id) in objects(&found, OriginKind::Commit) {
        assert_eq!(id_of(bytes, id.len()), id, "{path}");
    }
    let serious: Vec<_> = found.problems.iter().filter(|p| p.reason.incomplete()).collect();
    assert!(serious.is_empty(), "{serious:?}");
    found
}

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox
}

#[test]
fn an_empty_repository_holds_nothing_and_says_so() {
    let sandbox = repository();
    let found = agrees_with_git(&sandbox);
    assert_eq!(found.blobs.len(), 0);
    assert_eq!(found.reasons(), ["empty-repository"]);
    let outcome = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(0);
    assert_eq!(outcome.summary()["objects"], 0);
}

#[test]
fn blobs_have_the_paths_of_their_trees() {
    let sandbox = repository();
    sandbox.write("src/deep/file.txt", "content");
    sandbox.write("top", "other");
    sandbox.git_commit_all("one");
    std::fs::remove_file(sandbox.path().join("top")).unwrap();
    sandbox.git_commit_all("two");
    for packed in [false, true] {
        if packed {
            sandbox.git(["gc", "-q"]);
        }
        let found = agrees_with_git(&sandbox);
        let blobs: Vec<_> =
            objects(&found, OriginKind::Commit).iter().map(|(path, ..)| path.to_owned()).collect();
        assert_eq!(blobs, ["src/deep/file.txt", "top"]);
        let texts = objects(&found, OriginKind::Message);
        assert!(texts.iter().any(|(_, text, _)| text.starts_with(b"one\n")));
        assert!(texts.iter().all(|(_, text, _)| {
            let text = String::from_utf8_lossy(text).into_owned();
            text.contains("author A Tester <tester@example.com>") && !text.contains("tree ")
        }));
    }
}

#[test]
fn deltas_of_a_growing_file_are_all_read() {
    let sandbox = repository();
    let mut text = String::new();
    for round in 0..60 {
        for line in 0..40 {
            text.push_str(&format!("line {line} of round {round}\n"));
        }
        text.replace_range(0..4, &format!("{round:04}"));
        sandbox.write("grows", &text);
        sandbox.write(format!("beside/{round}"), format!("{round}"));
        sandbox.git_commit_all(&format!("round {round}"));
    }
    sandbox.git(["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50"]);
    let found = agrees_with_git(&sandbox);
    let grows = objects(&found, OriginKind::Commit);
    assert_eq!(grows.iter().filter(|(path, ..)| *path == "grows").count(), 60);
}

#[test]
fn a_large_blob_is_streamed_and_whole() {
    let sandbox = repository();
    let mut large = Vec::new();
    let mut state = 1_u32;
    while large.len() < 18 << 20 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        large.extend_from_slice(&[state as u8 & 0x3f; 64]);
    }
    sandbox.write("large", &large);
    sandbox.git_commit_all("large");
    sandbox.git(["gc", "-q"]);
    agrees_with_git(&sandbox);
}

#[test]
fn other_hashes_references_and_packs_are_read() {
    for arguments in [
        &["--object-format=sha256"][..],
        &["--ref-format=reftable"],
        &["--object-format=sha256", "--ref-format=reftable"],
        &["--bare"],
    ] {
        let sandbox = Sandbox::new();
        let command = [&["init", "-q", "-b", "main"][..], arguments].concat();
        sandbox.git(command);
        sandbox.git(["config", "user.name", "A"]);
        sandbox.git(["config", "user.email", "a@example.com"]);
        if arguments == ["--bare"] {
            sandbox.write("in", "content");
            let blob = sandbox.git(["hash-object", "-w", "in"]);
            let tree = run(
                sandbox.clean("git").arg("mktree"),
                format!("100644 blob {blob}\tname\n").as_bytes(),
            );
            let commit = sandbox.git(["commit-tree", "-m", "one", tree.stdout.trim()]);
            sandbox.git(["update-ref", "HEAD", &commit]);
        } else {
            for name in ["a", "b"] {
                sandbox.write(name, name.repeat(500));
                sandbox.git_commit_all(name);
                sandbox.git(["repack", "-q", "-d"]);
            }
            sandbox.git(["tag", "-m", "words", "v1"]);
            sandbox.git(["multi-pack-index", "write"]);
        }
        agrees_with_git(&sandbox);
    }
}

#[test]
fn linked_worktrees_and_shallow_clones_are_whole_repositories() {
    let sandbox = repository();
    for name in ["a", "b", "c"] {
        sandbox.write(name, name);
        sandbox.git_commit_all(name);
    }
    sandbox.git(["worktree", "add", "-q", "linked"]);
    let linked = collected_at(&sandbox.path().join("linked"));
    let whole = agrees_with_git(&sandbox);
    assert_eq!(linked.blobs, whole.blobs);
    let from = format!("file://{}", sandbox.path().display());
    sandbox.git(["clone", "-q", "--depth=1", &from, "shallow"]);
    let shallow = collected_at(&sandbox.path().join("shallow"));
    assert_eq!(objects(&shallow, OriginKind::Message).len(), 1);
    assert!(shallow.problems.is_empty(), "{:?}", shallow.problems);
}

#[test]
fn an_object_in_several_packs_and_loose_is_visited_once() {
    let sandbox = repository();
    sandbox.write("a", "a".repeat(1000));
    sandbox.git_commit_all("a");
    let mut pack = sandbox.clean("git");
    pack.args(["pack-objects", "-q", "--all", ".git/objects/pack/pack"]);
    assert_eq!(run(&mut pack, b"").code, 0);
    sandbox.write("a", "a".repeat(1001));
    sandbox.git_commit_all("b");
    let mut pack = sandbox.clean("git");
    pack.args(["pack-objects", "-q", "--all", ".git/objects/pack/pack"]);
    assert_eq!(run(&mut pack, b"").code, 0);
    let found = agrees_with_git(&sandbox);
    assert_eq!(objects(&found, OriginKind::Commit).len(), 2);
}

#[test]
fn submodules_are_named_and_not_followed() {
    let sandbox = repository();
    let commit = "1".repeat(40);
    sandbox.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},libs/sub")]);
    sandbox.git(["commit", "-q", "-m", "sub"]);
    let found = agrees_with_git(&sandbox);
    assert_eq!(found.reasons(), ["submodule"]);
    assert_eq!(found.problems[0].path.display(), "libs/sub");
}
