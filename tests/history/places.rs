//! Sixteen places where a secret can stand in a repository, each with the label of how it is reached.

use std::collections::BTreeMap;

use serde_json::Value;

use super::repository;
use crate::support::{Sandbox, planted, token};

/// What the seed of a planted secret was used for, and what must be told of it.
struct Planted {
    seed: u64,
    place: &'static str,
    reach: &'static str,
    kind: &'static str,
    path: &'static str,
    in_head: bool,
}

/// Plants a secret in every place; the names are those of the list that the test checks.
fn plant(sandbox: &Sandbox) -> Vec<Planted> {
    let mut planted_all = Vec::new();
    let mut next = 0;
    let mut new = |place, reach, kind, path, in_head| {
        next += 1;
        planted_all.push(Planted { seed: next, place, reach, kind, path, in_head });
        next
    };
    let git = |arguments: &[&str]| sandbox.git(arguments);

    sandbox.write("plain", "nothing");
    sandbox.git_commit_all("start");

    let seed = new("packed", "head", "commit", "src/packed.env", true);
    sandbox.write("src/packed.env", planted(seed));
    sandbox.git_commit_all("packed");
    git(&["repack", "-q", "-a", "-d"]);
    let seed = new("loose", "head", "commit", "loose.env", true);
    sandbox.write("loose.env", planted(seed));
    sandbox.git_commit_all("loose");

    git(&["checkout", "-q", "-b", "side"]);
    let seed = new("second parent", "head", "commit", "side.env", false);
    sandbox.write("side.env", planted(seed));
    sandbox.git_commit_all("side");
    git(&["rm", "-q", "side.env"]);
    git(&["commit", "-q", "-m", "removed on the side"]);
    git(&["checkout", "-q", "main"]);
    sandbox.write("main", "so that it is no fast-forward");
    sandbox.git_commit_all("main");
    git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    let seed = new("merge only", "head", "commit", "merge.env", true);
    sandbox.write("merge.env", planted(seed));
    sandbox.git_commit_all("merge");

    let seed = new("commit message", "head", "message", "commit-message/", true);
    git(&["commit", "-q", "--allow-empty", "-m", &format!("words\n\n{}", planted(seed))]);
    let seed = new("author name", "head", "message", "commit-message/", true);
    let author = format!("{} <somebody@example.com>", token(seed));
    git(&["commit", "-q", "--allow-empty", "-m", "by whom", "--author", &author]);
    let seed = new("tag message", "tag", "tag", "tag-message/", false);
    git(&["tag", "-m", &planted(seed), "v1"]);
    let seed = new("note", "note", "commit", "", false);
    git(&["notes", "add", "-m", &planted(seed)]);

    let seed = new("stash", "stash", "commit", "plain", false);
    sandbox.write("plain", planted(seed));
    git(&["stash", "-q"]);

    git(&["checkout", "-q", "-b", "gone"]);
    let seed = new("deleted branch", "reflog", "commit", "gone.env", false);
    sandbox.write("gone.env", planted(seed));
    sandbox.git_commit_all("gone");
    git(&["checkout", "-q", "main"]);
    git(&["branch", "-q", "-D", "gone"]);

    let seed = new("amended commit", "reflog", "commit", "amended.env", false);
    sandbox.write("amended.env", planted(seed));
    sandbox.git_commit_all("before");
    git(&["rm", "-q", "amended.env"]);
    sandbox.write("after", "after");
    git(&["add", "-A"]);
    git(&["commit", "-q", "--amend", "-m", "amended"]);

    let seed = new("unreachable", "unreachable", "commit", "object/", false);
    sandbox.write("lost", planted(seed));
    git(&["hash-object", "-w", "lost"]);
    std::fs::remove_file(sandbox.path().join("lost")).unwrap();

    git(&["worktree", "add", "-q", "-b", "linked", "../linked"]);
    let linked = sandbox.outside().join("linked");
    let seed = new("index of a linked worktree", "index", "commit", "linked.env", false);
    std::fs::write(linked.join("linked.env"), planted(seed)).unwrap();
    git(&["-C", linked.to_str().unwrap(), "add", "linked.env"]);

    // Added once, then promised only: the content stays, and no index leads to it.
    let seed = new("intent to add", "unreachable", "commit", "object/", false);
    sandbox.write("promised.env", planted(seed));
    git(&["add", "promised.env"]);
    git(&["rm", "-q", "--cached", "promised.env"]);
    git(&["add", "-N", "promised.env"]);

    let seed = new("staged only", "index", "commit", "staged.env", false);
    sandbox.write("staged.env", planted(seed));
    git(&["add", "staged.env"]);
    let seed = new("split index", "index", "commit", "split.env", false);
    git(&["update-index", "--split-index"]);
    sandbox.write("split.env", planted(seed));
    git(&["add", "split.env"]);

    git(&["worktree", "add", "-q", "-b", "sparse", "../sparse"]);
    let sparse = sandbox.outside().join("sparse");
    let sparse = sparse.to_str().unwrap();
    git(&["-C", sparse, "sparse-checkout", "set", "--cone", "--sparse-index", "kept"]);
    let seed = new("sparse index", "index", "commit", "kept/sparse.env", false);
    std::fs::create_dir_all(sandbox.outside().join("sparse/kept")).unwrap();
    std::fs::write(sandbox.outside().join("sparse/kept/sparse.env"), planted(seed)).unwrap();
    git(&["-C", sparse, "add", "--sparse", "kept/sparse.env"]);
    planted_all
}

#[test]
fn sixteen_of_sixteen_planted_secrets_are_found_with_their_labels() {
    let sandbox = repository();
    sandbox.git(["config", "gc.auto", "0"]);
    let all = plant(&sandbox);
    assert_eq!(all.len(), 17, "packed and loose are two");
    let arguments = ["scan", "--history", "-f", "jsonl", "--show-secrets", "-j", "2"];
    let outcome = sandbox.leakspan(arguments).exits(1);
    let findings: BTreeMap<String, Value> = outcome
        .findings()
        .into_iter()
        .map(|finding| (finding["secret"].as_str().unwrap().to_owned(), finding))
        .collect();
    for planted in &all {
        let Planted { seed, place, reach, kind, path, in_head } = planted;
        let line = crate::support::planted(*seed);
        let secret = match *place {
            "author name" => token(*seed),
            _ => line.trim().trim_start_matches("STRIPE_KEY=").to_owned(),
        };
        let finding = findings.get(&secret).unwrap_or_else(|| panic!("{place} is found"));
        assert_eq!(finding["history"]["reach"], *reach, "{place}");
        assert_eq!(finding["origin"]["kind"], *kind, "{place}");
        assert_eq!(finding["origin"]["in_head"], *in_head, "{place}");
        let shown = finding["path"].as_str().unwrap();
        assert!(shown.starts_with(path), "{place} at {shown}");
        assert_eq!(finding["sightings"], 1, "{place}");
        let committed = finding["origin"]["commit"].is_string();
        assert_eq!(committed, !matches!(*reach, "index" | "unreachable"), "{place}");
    }
    assert_eq!(findings.len(), all.len(), "and nothing else");
    let removed = |place: &str| {
        let planted = all.iter().find(|planted| planted.place == place).unwrap();
        let line = crate::support::planted(planted.seed);
        findings[line.trim().trim_start_matches("STRIPE_KEY=")]["history"]["removed"].clone()
    };
    assert!(removed("packed").is_null());
    assert!(removed("second parent").is_null(), "it never stood on the branch itself");
}
