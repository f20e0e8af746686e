//! One id in several places: nothing hides behind another copy, and bytes that are not those of an id are told.

use leakspan::model::OriginKind;

use super::broken::{Part, blob, contents, deflated, entry, write_pack};
use super::{collected_at, id_of, objects, repository};
use crate::support::{Sandbox, planted, run};

const HISTORY: [&str; 4] = ["scan", "--history", "-f", "jsonl"];

/// Writes a loose object of any kind under any id.
fn loose(sandbox: &Sandbox, kind: &str, id: &str, bytes: &[u8]) {
    let whole = [format!("{kind} {}\0", bytes.len()).as_bytes(), bytes].concat();
    let path = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
    drop(std::fs::remove_file(sandbox.path().join(&path)));
    sandbox.write(path, deflated(&whole));
}

/// An entry that holds other bytes than its id says.
fn lying(id: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (id.to_owned(), entry(&Part::Blob(bytes)))
}

#[track_caller]
fn both_are_seen_and_told(sandbox: &Sandbox, id: &str, all: &[&str]) {
    let found = collected_at(sandbox.path());
    assert_eq!(contents(&found), all);
    assert!(!found.problems.is_empty());
    assert!(found.reasons().iter().all(|reason| *reason == "corrupt"), "{:?}", found.problems);
    assert!(found.problems.iter().all(|it| it.detail.contains(id)), "{:?}", found.problems);
    let outcome = sandbox.leakspan(HISTORY);
    let expected = if all.iter().any(|text| text.contains("STRIPE")) { 1 } else { 3 };
    assert_eq!(outcome.code, expected, "{}", outcome.stdout);
}

#[test]
fn other_bytes_behind_the_id_of_another_pack_are_read_and_told() {
    let honest = "the honest content";
    let id = id_of(honest.as_bytes(), 40);
    let secret = planted(1);
    // Whichever pack comes first by its name, and whichever of the two is the liar.
    for beside in ["a", "b", "c", "d", "e", "f"] {
        let sandbox = repository();
        write_pack(&sandbox, &[blob(honest.as_bytes()), blob(beside.as_bytes())]);
        write_pack(&sandbox, &[lying(&id, secret.as_bytes())]);
        both_are_seen_and_told(&sandbox, &id, &[&secret, beside, honest]);
    }
    let sandbox = repository();
    write_pack(&sandbox, &[blob(honest.as_bytes())]);
    loose(&sandbox, "blob", &id, secret.as_bytes());
    both_are_seen_and_told(&sandbox, &id, &[&secret, honest]);
    // Two of them, and nobody tells the truth.
    let sandbox = repository();
    write_pack(&sandbox, &[lying(&id, b"other")]);
    loose(&sandbox, "blob", &id, secret.as_bytes());
    both_are_seen_and_told(&sandbox, &id, &[&secret, "other"]);
}

#[test]
fn the_index_of_one_pack_may_name_an_id_twice() {
    let honest = "the honest content";
    let id = id_of(honest.as_bytes(), 40);
    let secret = planted(1);
    for order in [[honest, &secret], [&secret, honest]] {
        let sandbox = repository();
        write_pack(&sandbox, &order.map(|text| lying(&id, text.as_bytes())));
        both_are_seen_and_told(&sandbox, &id, &[&secret, honest]);
    }
}

#[test]
fn deltas_and_large_blobs_prove_their_ids_too() {
    let honest = "content of a delta";
    let id = id_of(honest.as_bytes(), 40);
    let base = planted(1);
    let sandbox = repository();
    write_pack(&sandbox, &[blob(honest.as_bytes())]);
    let whole = entry(&Part::Blob(base.as_bytes()));
    let (kept, added) = (base.len() as u8 - 1, b"!");
    let delta = [&[base.len() as u8, base.len() as u8, 0x90, kept, 1][..], added].concat();
    let back = whole.len() as u64;
    write_pack(
        &sandbox,
        &[(id_of(base.as_bytes(), 40), whole), (id.clone(), entry(&Part::Offset(back, &delta)))],
    );
    let made = format!("{}!", base.trim_end());
    both_are_seen_and_told(&sandbox, &id, &[&base, &made, honest]);
    // From 16 MiB on they are streamed.
    let large = "x".repeat(17 << 20);
    let id = id_of(large.as_bytes(), 40);
    let sandbox = repository();
    write_pack(&sandbox, &[blob(large.as_bytes())]);
    write_pack(&sandbox, &[blob(large.as_bytes()), blob(b"beside")]);
    let found = collected_at(sandbox.path());
    assert_eq!((found.blobs.len(), found.problems.len()), (2, 0));
    let other = large.replace('x', "y");
    write_pack(&sandbox, &[lying(&id, other.as_bytes())]);
    both_are_seen_and_told(&sandbox, &id, &["beside", &large, &other]);
}

#[test]
fn copies_of_another_kind_are_read_as_what_they_are() {
    let sandbox = repository();
    let secret = planted(1);
    sandbox.write("a", "words");
    sandbox.git_commit_all("one");
    let tree = sandbox.git(["rev-parse", "HEAD^{tree}"]);
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    sandbox.git(["repack", "-q", "-a", "-d"]);
    for id in [&tree, &commit] {
        loose(&sandbox, "blob", id, secret.as_bytes());
        let outcome = sandbox.leakspan(HISTORY).exits(1);
        assert_eq!(outcome.findings()[0]["secret"].as_str().map(|it| it.len() > 4), Some(true));
        let found = collected_at(sandbox.path());
        assert_eq!(contents(&found), [&secret, "words"], "{id}");
        assert_eq!(objects(&found, OriginKind::Message).len(), 1, "{id}");
        assert!(found.problems.iter().any(|problem| problem.detail.contains(id.as_str())));
        std::fs::remove_file(sandbox.path().join(".git/objects").join(&id[..2]).join(&id[2..]))
            .unwrap();
    }
    // The other way round: the pack says that a blob is something else.
    let text = b"the honest content";
    let sandbox = repository();
    let head =
        |kind: u8, size: usize| vec![kind << 4 | 0x80 | (size & 15) as u8, (size >> 4) as u8];
    for kind in [1, 2, 4] {
        let entry = [head(kind, secret.len()), deflated(secret.as_bytes())].concat();
        write_pack(&sandbox, &[(id_of(text, 40), entry)]);
    }
    loose(&sandbox, "blob", &id_of(text, 40), text);
    let found = collected_at(sandbox.path());
    assert!(contents(&found).contains(&"the honest content".to_owned()), "{:?}", contents(&found));
    sandbox.leakspan(HISTORY).exits(1);
}

#[test]
fn a_loose_object_whose_bytes_are_others_is_read_and_told() {
    let sandbox = repository();
    let id = id_of(b"the honest content", 40);
    loose(&sandbox, "blob", &id, planted(1).as_bytes());
    both_are_seen_and_told(&sandbox, &id, &[&planted(1)]);
    loose(&sandbox, "blob", &id, b"nothing in it");
    both_are_seen_and_told(&sandbox, &id, &["nothing in it"]);
}

#[test]
fn equal_copies_are_shown_once_and_cost_no_problem() {
    let sandbox = repository();
    for name in ["a", "b", "c"] {
        sandbox.write(name, name.repeat(500));
        sandbox.git_commit_all(name);
        let mut pack = sandbox.clean("git");
        pack.args(["pack-objects", "-q", "--all", ".git/objects/pack/pack"]);
        assert_eq!(run(&mut pack, b"").code, 0);
    }
    let from = sandbox.path().to_str().unwrap();
    sandbox.git(["clone", "-q", "--shared", from, "shared"]);
    let shared = sandbox.path().join("shared");
    let mut pack = sandbox.clean("git");
    pack.current_dir(&shared).args(["repack", "-q", "-a", "-d"]);
    assert_eq!(run(&mut pack, b"").code, 0);
    let found = collected_at(sandbox.path());
    assert_eq!((found.blobs.len(), found.problems.len()), (6, 0), "{:?}", found.problems);
    let allowed = ["scan", "--history", "-f", "jsonl", "shared", "--allow-external-objects", from];
    assert_eq!(sandbox.leakspan(allowed).exits(0).summary()["objects"], 9);
}

#[test]
fn a_state_trusts_no_id_that_stands_in_several_places() {
    let sandbox = repository();
    let honest = b"the honest content";
    let id = id_of(honest, 40);
    write_pack(&sandbox, &[blob(honest)]);
    let state = sandbox.outside().join("state");
    let arguments = ["scan", "--history", "-q", "--state", state.to_str().unwrap()];
    sandbox.leakspan(arguments).exits(0);
    write_pack(&sandbox, &[lying(&id, planted(1).as_bytes())]);
    for _ in 0..2 {
        sandbox.leakspan(arguments).exits(1);
    }
    // Also one without a finding is told again.
    let sandbox = repository();
    write_pack(&sandbox, &[blob(honest)]);
    loose(&sandbox, "blob", &id, b"other, and nothing in it");
    for _ in 0..2 {
        sandbox.leakspan(arguments).exits(3);
    }
}
