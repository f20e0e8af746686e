//! Ranges of commits, held against git itself.

use std::collections::BTreeSet;

use leakspan::git::{self, Options, RangeOptions, Repository, Revisions};
use leakspan::model::OriginKind;
use leakspan::sources::{ChangeOptions, Range, Source};
use proptest::prelude::*;

use crate::support::collect::Collected;
use crate::support::{Sandbox, planted};

fn open(sandbox: &Sandbox, range: &str) -> Result<Range, leakspan::sources::Error> {
    let revisions = Revisions::parse(range)?;
    Range::open(sandbox.path(), &revisions, &RangeOptions::default(), ChangeOptions::default())
}

fn collected(sandbox: &Sandbox, range: &str) -> Collected {
    Collected::of(&open(sandbox, range).unwrap())
}

/// The files of a range, without messages.
fn files(found: &Collected) -> Vec<(&str, String)> {
    let files = found.blobs.iter().filter(|(.., origin)| origin.kind == OriginKind::Commit);
    files.map(|(path, bytes, _)| (path.as_str(), String::from_utf8_lossy(bytes).into())).collect()
}

/// A repository with the file `base` committed and tagged `base`.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("base", "base");
    sandbox.git_commit_all("base");
    sandbox.git(["tag", "base"]);
    sandbox
}

fn commit(sandbox: &Sandbox, name: &str, content: &str) {
    sandbox.write(name, content);
    sandbox.git_commit_all(&format!("write {name}"));
}

#[test]
fn content_that_a_later_commit_removes_is_found_with_who_brought_it_in() {
    let sandbox = repository();
    commit(&sandbox, "a", "one");
    sandbox.git(["rm", "-q", "a"]);
    sandbox.git(["commit", "-q", "-m", "remove"]);
    let found = collected(&sandbox, "base..HEAD");
    assert_eq!(files(&found), [("a", "one".to_owned())]);
    let (.., origin) = found.blobs.iter().find(|(path, ..)| path == "a").unwrap();
    let made = origin.commit.as_ref().unwrap();
    assert_eq!(made.id, sandbox.git(["rev-parse", "HEAD~1"]));
    assert_eq!(
        (made.author.as_str(), made.email.as_str(), made.date.as_str()),
        ("A Tester", "tester@example.com", "2024-05-01T12:00:00+00:00")
    );
}

#[test]
fn messages_and_names_are_content() {
    let sandbox = repository();
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "subject\n\nbody of it"]);
    let found = collected(&sandbox, "base..");
    let (path, bytes, origin) = &found.blobs[0];
    assert_eq!(origin.kind, OriginKind::Message);
    assert_eq!(*path, format!("commit-message/{}", sandbox.git(["rev-parse", "HEAD"])));
    let text = String::from_utf8_lossy(bytes);
    assert!(text.starts_with("subject\n\nbody of it"), "{text}");
    assert!(text.contains("\nauthor A Tester <tester@example.com>"), "{text}");
}

#[test]
fn a_merge_adds_only_what_it_changed_itself() {
    let sandbox = repository();
    sandbox.git(["checkout", "-q", "-b", "side"]);
    commit(&sandbox, "side", "from the side");
    sandbox.git(["checkout", "-q", "main"]);
    commit(&sandbox, "main", "from main");
    sandbox.git(["merge", "-q", "--no-commit", "side"]);
    sandbox.write("evil", "only in the merge");
    sandbox.git_commit_all("merge");
    let all = collected(&sandbox, "base..HEAD");
    let names: Vec<_> = files(&all).into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["evil", "main", "side"]);
    let merge = collected(&sandbox, "HEAD^..HEAD");
    let names: Vec<_> = files(&merge).into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["evil", "side"], "the second parent's own commits belong to the range");
    let commit_of = |name: &str| {
        let (.., origin) = all.blobs.iter().find(|(path, ..)| path == name).unwrap();
        origin.commit.clone().unwrap().id
    };
    assert_eq!(commit_of("side"), sandbox.git(["rev-parse", "side"]));
    assert_eq!(commit_of("evil"), sandbox.git(["rev-parse", "HEAD"]));
}

#[test]
fn the_same_content_is_read_once_under_its_first_commit() {
    let sandbox = repository();
    commit(&sandbox, "b", "same");
    commit(&sandbox, "a", "same");
    let found = collected(&sandbox, "base..HEAD");
    assert_eq!(files(&found), [("b", "same".to_owned())]);
}

#[test]
fn the_version_before_is_known() {
    let sandbox = repository();
    commit(&sandbox, "a", "old secret");
    sandbox.git(["tag", "old"]);
    commit(&sandbox, "a", "old secret, and more");
    sandbox.git(["mv", "a", "renamed"]);
    commit(&sandbox, "renamed", "old secret, and more, renamed");
    let range = open(&sandbox, "old..HEAD").unwrap();
    let found = Collected::of(&range);
    let earlier = |name: &str| -> Vec<String> {
        let (path, _, origin) = found.blobs.iter().find(|(path, ..)| path == name).unwrap();
        let path = leakspan::model::BlobPath::new(path.as_bytes());
        let texts = range.earlier(&path, origin).into_iter();
        texts.map(|text| String::from_utf8(text).unwrap()).collect()
    };
    assert_eq!(earlier("a"), ["old secret"]);
    assert_eq!(earlier("renamed"), ["old secret, and more"]);
}

#[test]
fn revisions_that_do_not_exist_are_errors() {
    let sandbox = repository();
    let zeros = "0".repeat(40);
    for range in [
        "nothing..HEAD",
        "HEAD..nothing",
        "HEAD~7..HEAD",
        "HEAD^3..HEAD",
        "base",
        "--all..HEAD",
        "a..b..c",
        &format!("{zeros}..HEAD"),
        "deadbeef..HEAD",
        "HEAD:base..HEAD",
        "HEAD@{1}..HEAD",
        ":/base..HEAD",
        "../../etc/passwd..HEAD",
        "HEAD~x..HEAD",
        "HEAD~99999999999999999999..HEAD",
        "HEAD^{tree}..HEAD",
        "",
    ] {
        let error = match open(&sandbox, range) {
            Ok(_) => panic!("{range} was accepted"),
            Err(error) => error,
        };
        let revision = matches!(error, leakspan::sources::Error::Git(git::Error::Revision { .. }));
        assert!(revision, "{range}: {error}");
    }
}

#[test]
fn every_way_to_name_a_commit_leads_to_gits_commit() {
    let sandbox = repository();
    commit(&sandbox, "a", "1");
    sandbox.git(["checkout", "-q", "-b", "side/branch"]);
    commit(&sandbox, "b", "1");
    sandbox.git(["checkout", "-q", "main"]);
    commit(&sandbox, "c", "1");
    sandbox.git(["merge", "-q", "--no-edit", "side/branch"]);
    sandbox.git(["tag", "-a", "-m", "annotated", "v1.0"]);
    sandbox.git(["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    sandbox.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    sandbox.git(["pack-refs", "--all"]);
    let full = sandbox.git(["rev-parse", "HEAD"]);
    for name in [
        "HEAD",
        "@",
        "main",
        "heads/main",
        "refs/heads/main",
        "side/branch",
        "v1.0",
        "tags/v1.0",
        "v1.0^{}",
        "v1.0^{commit}",
        "v1.0~1",
        "HEAD^",
        "HEAD^2",
        "HEAD^2~1",
        "HEAD~2^0",
        "HEAD^^",
        "origin/main",
        "origin",
        full.as_str(),
        &full[..10],
        "base",
    ] {
        let id = sandbox.git(["rev-parse", &format!("{name}^{{commit}}")]);
        // A tip that moves no reference: `HEAD` itself is among the names.
        let tip = sandbox.git(["commit-tree", "-p", "HEAD", "-m", "tip", "HEAD^{tree}"]);
        let expected = sandbox.git(["rev-list", &format!("{id}..{tip}")]);
        let expected: BTreeSet<_> = expected.lines().map(str::to_owned).collect();
        let revisions = Revisions { tips: vec![tip], hidden: vec![name.to_owned()] };
        let repository = Repository::open(sandbox.path(), &Options::default()).unwrap();
        let range = repository.range(&revisions, &RangeOptions::default()).unwrap();
        let ours: BTreeSet<_> = range.commits.iter().map(|c| c.commit.id.clone()).collect();
        assert_eq!(ours, expected, "{name}");
    }
}

#[test]
fn a_range_without_commits_is_a_problem() {
    let sandbox = repository();
    let found = collected(&sandbox, "HEAD..HEAD");
    assert_eq!(found.reasons(), ["listing-incomplete"]);
    assert!(found.problems[0].reason.incomplete());
}

/// A clone that has only the last `depth` commits.
fn shallow(origin: &Sandbox, depth: &str) -> Sandbox {
    let clone = Sandbox::new();
    let url = format!("file://{}", origin.path().display());
    clone.git(["clone", "-q", "--depth", depth, &url, "."]);
    clone
}

#[test]
fn a_shallow_clone_without_the_base_names_the_line_that_mends_it() {
    let origin = repository();
    let base = origin.git(["rev-parse", "base"]);
    for n in 0..4 {
        commit(&origin, "a", &n.to_string());
    }
    let clone = shallow(&origin, "2");
    for range in [format!("{base}..HEAD"), "HEAD~3..HEAD".to_owned()] {
        let found = collected(&clone, &range);
        assert_eq!(found.reasons(), ["object-missing"], "{range}");
        assert!(found.problems[0].detail.contains("git fetch --unshallow"), "{range}");
    }
    let found = collected(&clone, "HEAD~1..HEAD");
    assert_eq!((files(&found), found.reasons()), (vec![("a", "3".to_owned())], vec![]));
    // A base that is there, but not below the cut: what lies between cannot be known.
    clone.git(["fetch", "-q", "--depth", "1", "origin", &base]);
    let found = collected(&clone, &format!("{base}..HEAD"));
    assert!(found.reasons().contains(&"object-missing"), "{:?}", found.problems);
}

#[test]
fn a_missing_blob_of_a_partial_clone_is_not_fetched() {
    let origin = repository();
    commit(&origin, "a", "1");
    origin.git(["config", "uploadpack.allowFilter", "true"]);
    let clone = Sandbox::new();
    let url = format!("file://{}", origin.path().display());
    clone.git(["clone", "-q", "--no-checkout", "--filter=blob:none", &url, "."]);
    let found = collected(&clone, "HEAD~1..HEAD");
    assert_eq!((files(&found), found.reasons()), (vec![], vec!["object-missing"]));
    assert!(found.problems[0].detail.contains("partial"), "{:?}", found.problems);
}

#[test]
fn replaced_objects_are_read_as_they_were() {
    let sandbox = repository();
    commit(&sandbox, "a", "the original");
    sandbox.write("b", "an innocent twin");
    let twin = sandbox.git(["hash-object", "-w", "b"]);
    let original = sandbox.git(["rev-parse", "HEAD:a"]);
    sandbox.git(["replace", &original, &twin]);
    assert_eq!(files(&collected(&sandbox, "base..HEAD")), [("a", "the original".to_owned())]);
}

#[test]
fn strange_names_in_trees_are_labels() {
    let sandbox = repository();
    sandbox.write("x", "under a strange name");
    let blob = sandbox.git(["hash-object", "-w", "x"]);
    for name in ["..", ".git", "a\nb", "git~1", ".git ", "%s", "\u{1b}[2J", "-rf"] {
        let mut mktree = sandbox.clean("git");
        mktree.args(["mktree", "-z"]);
        let made =
            crate::support::run(&mut mktree, format!("100644 blob {blob}\t{name}\0").as_bytes());
        assert_eq!(made.code, 0, "{name:?}: {}", made.stderr);
        let tree = made.stdout.trim();
        let made = sandbox.git(["commit-tree", "-p", "HEAD", "-m", "strange", tree]);
        let found = collected(&sandbox, &format!("HEAD..{made}"));
        assert_eq!(files(&found), [(name, "under a strange name".to_owned())]);
    }
}

#[test]
fn x2_a_range_that_cannot_be_looked_at_does_not_pass() {
    let sandbox = repository();
    commit(&sandbox, "a", "clean");
    for (range, code) in [
        ("base..HEAD", 0),
        ("nothing..HEAD", 2),
        ("HEAD..nothing", 2),
        ("HEAD~9..HEAD", 2),
        ("--log-opts=x..HEAD", 2),
        ("HEAD", 2),
        ("HEAD..HEAD", 3),
        ("HEAD..base", 3),
    ] {
        let outcome = sandbox.leakspan(["scan", &format!("--range={range}")]);
        assert_eq!(outcome.code, code, "{range}\n{}\n{}", outcome.stdout, outcome.stderr);
    }
    sandbox.leakspan(["scan", "--since", "HEAD"]).exits(3);
    sandbox.leakspan(["scan", "--since", "nothing"]).exits(2);
    sandbox.leakspan(["scan", "--range", "base..HEAD", "--staged"]).exits(2);
}

#[test]
fn a_secret_of_the_range_gates_under_its_commit_and_one_from_before_does_not() {
    let sandbox = repository();
    commit(&sandbox, "a", &planted(1));
    sandbox.git(["tag", "-f", "base"]);
    commit(&sandbox, "a", &format!("edited\n{}", planted(1)));
    sandbox.leakspan(["scan", "--range", "base..HEAD"]).exits(0);
    commit(&sandbox, "a", &format!("edited\n{}{}", planted(1), planted(2)));
    commit(&sandbox, "a", "gone");
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "--since", "base"]).exits(1);
    let findings = outcome.findings();
    assert_eq!(findings.len(), 1, "{}", outcome.stdout);
    let origin = &findings[0]["origin"];
    assert_eq!(origin["kind"], "commit");
    assert_eq!(origin["commit"], sandbox.git(["rev-parse", "HEAD~1"]).as_str());
    assert_eq!(origin["author"], "A Tester");
    assert_eq!(origin["email"], "tester@example.com");
    let one = sandbox.leakspan(["scan", "-f", "jsonl", "--since", "base", "-j", "1"]);
    let eight = sandbox.leakspan(["scan", "-f", "jsonl", "--since", "base", "-j", "8"]);
    assert_eq!(one.stdout, eight.stdout);
}

/// One step of a scripted history.
#[derive(Clone, Debug)]
enum Step {
    Write(usize, u8),
    Move(usize, usize),
    Remove(usize),
    Branch(usize),
    Merge(usize, bool),
}

const NAMES: &[&str] = &["a", "d/a", "d/e/f", "d-e", "z"];
const BRANCHES: &[&str] = &["main", "one", "two"];

fn step() -> impl Strategy<Value = Step> {
    let (name, branch) = (0..NAMES.len(), 0..BRANCHES.len());
    prop_oneof![
        4 => (name.clone(), 0..6_u8).prop_map(|(name, content)| Step::Write(name, content)),
        1 => (name.clone(), name.clone()).prop_map(|(from, to)| Step::Move(from, to)),
        1 => name.prop_map(Step::Remove),
        2 => branch.clone().prop_map(Step::Branch),
        2 => (branch, any::<bool>()).prop_map(|(branch, evil)| Step::Merge(branch, evil)),
    ]
}

fn attempt(sandbox: &Sandbox, time: usize, arguments: &[&str]) -> bool {
    // Clocks that go back: order must come from the graph.
    let date = format!("{} +0000", 1_700_000_000 + (time * 7919) % 1000);
    let mut git = sandbox.clean("git");
    git.env("GIT_COMMITTER_DATE", &date).args(arguments);
    git.output().unwrap().status.success()
}

fn take(sandbox: &Sandbox, time: usize, step: &Step) {
    let commit = ["commit", "-q", "-a", "--allow-empty", "-m", "step"];
    match step {
        Step::Write(name, content) => {
            sandbox.write(NAMES[*name], format!("content {content}"));
            attempt(sandbox, time, &["add", "-A"]);
            attempt(sandbox, time, &commit);
        }
        Step::Move(from, to) => {
            attempt(sandbox, time, &["mv", "-f", NAMES[*from], NAMES[*to]]);
            attempt(sandbox, time, &commit);
        }
        Step::Remove(name) => {
            attempt(sandbox, time, &["rm", "-q", NAMES[*name]]);
            attempt(sandbox, time, &commit);
        }
        Step::Branch(branch) => {
            if !attempt(sandbox, time, &["checkout", "-q", BRANCHES[*branch]]) {
                attempt(sandbox, time, &["checkout", "-q", "-b", BRANCHES[*branch]]);
            }
        }
        Step::Merge(branch, evil) => {
            let name = BRANCHES[*branch];
            attempt(sandbox, time, &["merge", "-q", "--no-commit", "--no-ff", "-X", "ours", name]);
            if *evil {
                sandbox.write("evil", format!("made by merge {time}"));
            }
            attempt(sandbox, time, &["add", "-A"]);
            attempt(sandbox, time, &commit);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() })]
    #[test]
    fn commits_and_new_objects_are_gits(
        steps in prop::collection::vec(step(), 4..20),
        cut in 0_usize..20,
    ) {
        let sandbox = repository();
        for (time, step) in steps.iter().enumerate() {
            if time == cut {
                sandbox.git(["tag", "-f", "base"]);
            }
            take(&sandbox, time, step);
        }
        // Not `base..HEAD`: where clocks lie, git may list commits of `base` too.
        let reached = |tip: &str| -> BTreeSet<_> {
            sandbox.git(["rev-list", tip, "--"]).lines().map(str::to_owned).collect()
        };
        let expected: BTreeSet<_> = reached("HEAD").difference(&reached("base")).cloned().collect();
        prop_assume!(!expected.is_empty());
        let repository = Repository::open(sandbox.path(), &Options::default()).unwrap();
        let revisions = Revisions::parse("base..HEAD").unwrap();
        let range = repository.range(&revisions, &RangeOptions::default()).unwrap();
        prop_assert!(range.problems.is_empty());
        let order: Vec<_> = range.commits.iter().map(|c| c.commit.id.clone()).collect();
        let ours: BTreeSet<_> = order.iter().cloned().collect();
        prop_assert_eq!(&ours, &expected);
        prop_assert_eq!(order.len(), ours.len());

        // A blob is new where no commit before the range, and no commit of it, had it: git lists those.
        let listed = sandbox.git(["rev-list", "--objects", "--filter=object:type=blob", "HEAD", "^base", "--"]);
        let before = sandbox.git(["rev-list", "--objects", "base", "--"]);
        let id = |line: &str| line.split(' ').next().unwrap_or("").to_owned();
        let before: BTreeSet<_> = before.lines().map(id).collect();
        let commits = &expected;
        let new: BTreeSet<_> = listed
            .lines()
            .map(id)
            .filter(|id| !before.contains(id) && !commits.contains(id))
            .collect();
        let ours: BTreeSet<_> = range.blobs.iter().map(|blob| blob.id.to_string()).collect();
        prop_assert!(ours.is_superset(&new), "missed {:?}", new.difference(&ours));
        // What we list beyond git's list stood in the repository before, under another path.
        for id in ours.difference(&new) {
            prop_assert!(before.contains(id), "{id} is neither new nor old");
        }
    }
}
