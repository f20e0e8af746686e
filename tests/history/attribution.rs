//! Who brought a secret in, under which path, and when it went: held against `git log`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use leakspan::git::{History, KnownObjects, ObjectId, Options, Repository};
use leakspan::model::{OriginKind, Sightings};

use super::random::{Chance, each_case, repository as random_repository};
use super::{collected_at, objects, repository};
use crate::support::{Sandbox, planted, run};

fn secret_of(line: &str) -> String {
    line.trim().trim_start_matches("STRIPE_KEY=").to_owned()
}

/// A commit a minute, by two people.
fn commit_at(sandbox: &Sandbox, minute: u64, message: &str) -> String {
    let date = format!("2024-05-02T10:{minute:02}:00+02:00");
    let mut add = sandbox.clean("git");
    assert_eq!(run(add.args(["add", "-A"]), b"").code, 0);
    let mut commit = sandbox.clean("git");
    commit.args(["commit", "-q", "-m", message, "--author", "Ada <ada@example.org>"]);
    commit.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
    assert_eq!(run(&mut commit, b"").code, 0);
    sandbox.git(["rev-parse", "HEAD"])
}

#[test]
fn the_first_commit_the_removal_and_the_return_are_told() {
    let sandbox = repository();
    sandbox.write("readme", "words");
    commit_at(&sandbox, 1, "start");
    let secret = planted(1);
    sandbox.write("conf/app.env", format!("# first\n{secret}"));
    let first = commit_at(&sandbox, 2, "secret");
    sandbox.write("conf/app.env", format!("# second\n{secret}"));
    sandbox.write("copy/app.env", format!("# first\n{secret}"));
    commit_at(&sandbox, 3, "changed, and a copy");
    sandbox.write("conf/app.env", "# gone\n");
    std::fs::remove_file(sandbox.path().join("copy/app.env")).unwrap();
    let gone = commit_at(&sandbox, 4, "gone");
    sandbox.write("again", format!("# second\n{secret}"));
    let again = commit_at(&sandbox, 5, "again");
    for packed in [false, true] {
        if packed {
            sandbox.git(["gc", "-q"]);
        }
        let outcome = sandbox.leakspan(["scan", "--history", "-f", "jsonl", "--show-secrets"]);
        let findings = outcome.exits(1).findings();
        assert_eq!(findings.len(), 1);
        let finding = &findings[0];
        assert_eq!(finding["secret"], secret_of(&secret));
        assert_eq!(finding["path"], "conf/app.env");
        assert_eq!(finding["line"], 2);
        assert_eq!(finding["sightings"], 2, "two blobs hold it");
        let origin = &finding["origin"];
        assert_eq!(origin["commit"], first);
        assert_eq!(
            (&origin["author"], &origin["email"]),
            (&"Ada".into(), &"ada@example.org".into())
        );
        assert_eq!(origin["date"], "2024-05-02T10:02:00+02:00");
        assert_eq!(origin["in_head"], true);
        let history = &finding["history"];
        assert_eq!(history["committer"], "A Tester");
        assert_eq!(history["committed"], "2024-05-02T10:02:00+02:00");
        assert_eq!(history["clock"], "B");
        assert_eq!(history["paths"], serde_json::json!(["conf/app.env"]));
        assert!(history["removed"].is_null(), "it is back");
        let windows: Vec<_> = history["windows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| (w["from"]["commit"].clone(), w["until"]["commit"].clone()))
            .collect();
        let null = serde_json::Value::Null;
        assert_eq!(
            windows,
            [(first.clone().into(), gone.clone().into()), (again.clone().into(), null)]
        );
    }
    std::fs::remove_file(sandbox.path().join("again")).unwrap();
    let last = commit_at(&sandbox, 6, "gone for good");
    let outcome = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
    let finding = &outcome.findings()[0];
    assert_eq!(finding["history"]["removed"]["commit"], last);
    assert_eq!(finding["origin"]["in_head"], false);
    let human = sandbox.leakspan(["scan", "--history"]).exits(1).stdout;
    assert!(human.contains(&format!("taken out by {last}")), "{human}");
}

/// An older entry of the stash is named by its log alone, as what was amended away is.
#[test]
fn a_commit_of_a_branch_comes_before_an_older_one_that_only_a_log_leads_to() {
    let sandbox = repository();
    sandbox.write("app.env", "words");
    commit_at(&sandbox, 5, "start");
    for text in [&planted(1), "other words"] {
        sandbox.write("app.env", text);
        let mut stash = sandbox.clean("git");
        let date = "2024-05-02T10:06:00+02:00";
        stash.args(["stash", "-q"]).env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date);
        assert_eq!(run(&mut stash, b"").code, 0);
    }
    let stashed = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
    assert_eq!(stashed.findings()[0]["history"]["reach"], "stash");
    sandbox.write("app.env", planted(1));
    let first = commit_at(&sandbox, 7, "secret");
    let found = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
    assert_eq!(found.findings()[0]["origin"]["commit"], first);
}

#[test]
fn a_comment_suppresses_a_sighting_and_ignored_paths_are_left_out_where_all_are() {
    let sandbox = repository();
    sandbox.write("a", format!("# leakspan:allow\n{}", planted(1)));
    sandbox.git_commit_all("allowed");
    sandbox.leakspan(["scan", "--history", "-q"]).exits(0);
    sandbox.write("a", planted(1));
    sandbox.git_commit_all("no longer");
    let found = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
    assert_eq!(found.findings()[0]["origin"]["commit"], sandbox.git(["rev-parse", "HEAD"]));
    sandbox.write(".leakspanignore", "/a\n");
    sandbox.leakspan(["scan", "--history", "-q"]).exits(0);
    sandbox.leakspan(["scan", "--history", "-q", "--no-suppress"]).exits(1);
}

#[test]
fn several_repositories_are_told_apart() {
    let sandbox = repository();
    for name in ["one", "two"] {
        sandbox.git(["init", "-q", name]);
        sandbox.write(format!("{name}/app.env"), planted(3));
        sandbox.git(["-C", name, "add", "."]);
        sandbox.git(["-C", name, "-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x"]);
    }
    let outcome = sandbox.leakspan(["scan", "--history", "one", "two", "-f", "jsonl"]).exits(1);
    let findings = outcome.findings();
    let paths: Vec<_> = findings.iter().map(|finding| finding["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["one/app.env", "two/app.env"]);
}

/// The commits that bring in or take out each object, as `git log --find-object` names them: those in whose
/// differences from a parent it stands. Asked once for all objects.
fn commits_by_object(sandbox: &Sandbox) -> BTreeMap<String, BTreeSet<String>> {
    let log = ["log", "--all", "-m", "--topo-order", "--raw", "-r", "--no-abbrev", "--format=%H"];
    let log = sandbox.git([&log[..], &["--no-renames"]].concat());
    let mut commits: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut commit = "";
    for line in log.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix(':') {
            None => commit = line,
            // Two modes, two ids, the letter and the path.
            Some(change) => change.split(' ').skip(2).take(2).for_each(|id| {
                commits.entry(id.to_owned()).or_default().insert(commit.to_owned());
            }),
        }
    }
    commits
}

/// Asserts for some blobs of a random repository that the commit is one of those that brought it in.
fn agrees_with_log(sandbox: &Sandbox, chance: &mut Chance) -> usize {
    let found = collected_at(sandbox.path());
    let blobs = objects(&found, OriginKind::Commit);
    let wanted: Vec<ObjectId> = (0..12)
        .map(|_| &blobs[chance.below(blobs.len() as u64) as usize])
        .map(|(.., id)| ObjectId::from_hex(id.as_bytes()).unwrap())
        .collect();
    let repository = Repository::open(sandbox.path(), &Options::default()).unwrap();
    let history: History = repository.history(&KnownObjects::default());
    history.learn(2);
    let secrets: Vec<_> = wanted.iter().map(|id| vec![*id]).collect();
    let told = history.trace(&secrets, 4_000_000_000, Sightings::Listed, 2);
    let by_object = commits_by_object(sandbox);
    let (head, none) = (sandbox.git(["ls-tree", "-r", "HEAD"]), BTreeSet::new());
    let mut trees: BTreeMap<String, String> = BTreeMap::new();
    let mut paths_in = |commit: &str, id: &ObjectId| -> BTreeSet<String> {
        let tree = || sandbox.git(["ls-tree", "-r", "-z", commit]);
        let tree = trees.entry(commit.to_owned()).or_insert_with(tree);
        let lines = tree.split('\0').filter(|line| line.contains(&id.to_string()));
        lines.filter_map(|line| line.split_once('\t').map(|(_, path)| path.to_owned())).collect()
    };
    let mut compared = 0;
    for (id, told) in wanted.iter().zip(&told) {
        let commits = by_object.get(&id.to_string()).unwrap_or(&none);
        let place = &told.places[0];
        assert_eq!(told.in_head, head.contains(&id.to_string()), "{id}");
        if commits.is_empty() {
            continue;
        }
        let made = place.made.as_ref().unwrap_or_else(|| panic!("{id} has a commit: {commits:?}"));
        assert!(commits.contains(made.commit.id.as_str()), "{id}: {made:?} is not in {commits:?}");
        let ours: BTreeSet<_> = place.paths.iter().map(|path| path.display()).collect();
        assert_eq!(ours, paths_in(&made.commit.id, id), "{id} in {}", made.commit.id);
        // Every path that it ever had, and each under a commit that brings it there.
        let mut all = BTreeSet::new();
        for commit in commits {
            all.extend(paths_in(commit, id));
        }
        let listed: BTreeSet<_> = place.names.iter().map(|name| name.path.display()).collect();
        assert!(all.is_subset(&listed), "{id}: {all:?} in {listed:?}");
        for name in &place.names {
            let there = paths_in(&name.commit.id, id);
            assert!(there.contains(&name.path.display()), "{id} at {name:?}");
        }
        // Where it stands last is where git has it, as long as it stands.
        if let (true, Some(moves)) = (told.in_head, &told.moves) {
            let last = moves.last().map(|step| &step.path).or(place.paths.first()).unwrap();
            assert!(paths_in("HEAD", id).contains(&last.display()), "{id} at {last:?}");
        }
        compared += 1;
    }
    compared
}

#[test]
fn commits_paths_and_presence_are_those_of_git() {
    let compared = AtomicUsize::new(0);
    each_case(5, |seed| {
        let sandbox = random_repository(1000 + seed, 40);
        compared.fetch_add(agrees_with_log(&sandbox, &mut Chance(seed)), Ordering::Relaxed);
    });
    assert!(compared.into_inner() >= 20, "there is something to compare");
}
