//! Every place of a secret, and where it went: held against `git log`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::repository;
use crate::support::{Sandbox, planted, run};

/// A commit a minute.
fn commit(sandbox: &Sandbox, minute: u64) -> String {
    let date = format!("2024-05-02T10:{minute:02}:00+02:00");
    sandbox.git(["add", "-A"]);
    let mut commit = sandbox.clean("git");
    commit.args(["commit", "-q", "--allow-empty", "-m", "words"]);
    commit.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
    assert_eq!(run(&mut commit, b"").code, 0);
    sandbox.git(["rev-parse", "HEAD"])
}

fn rename(sandbox: &Sandbox, from: &str, to: &str) {
    let to_path = sandbox.path().join(to);
    std::fs::create_dir_all(to_path.parent().unwrap()).unwrap();
    std::fs::rename(sandbox.path().join(from), to_path).unwrap();
}

fn finding(sandbox: &Sandbox, more: &[&str]) -> Value {
    let arguments = [&["scan", "--history", "-f", "jsonl"], more].concat();
    let mut findings = sandbox.leakspan(arguments).exits(1).findings();
    assert_eq!(findings.len(), 1);
    findings.remove(0)
}

/// The moves that we tell, path and commit, the oldest first.
fn moves(finding: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let moves = finding["history"]["moves"].as_array().unwrap();
    moves.iter().map(|it| (text(&it["path"]), text(&it["commit"]))).collect()
}

/// The renames that lead to a path, as git tells them, the oldest first.
fn followed(sandbox: &Sandbox, path: &str) -> Vec<(String, String)> {
    let log = ["log", "--follow", "--first-parent", "--name-status", "--format=%H", "--", path];
    let mut commit = String::new();
    let mut renames = Vec::new();
    for line in sandbox.git(log).lines() {
        match line.split('\t').collect::<Vec<_>>()[..] {
            [status, _, to] if status.starts_with('R') => {
                renames.push((to.to_owned(), commit.clone()));
            }
            [id] if !id.is_empty() => commit = id.to_owned(),
            _ => {}
        }
    }
    renames.reverse();
    renames
}

#[test]
fn renames_are_followed_as_git_follows_them() {
    let sandbox = repository();
    let lines: String = (0..20).map(|line| format!("# line {line}\n")).collect();
    sandbox.write("conf/app.env", format!("{lines}{}", planted(1)));
    sandbox.write("other", "words");
    commit(&sandbox, 1);
    let told = finding(&sandbox, &[]);
    assert_eq!(
        (moves(&told).len(), told["history"]["last_path"].as_str()),
        (0, Some("conf/app.env"))
    );
    rename(&sandbox, "conf/app.env", "conf/live.env");
    commit(&sandbox, 2);
    sandbox.write("conf/live.env", format!("# new\n{lines}{}", planted(1)));
    commit(&sandbox, 3);
    // The folder, with an edit in the same commit.
    rename(&sandbox, "conf", "settings");
    sandbox.write("settings/live.env", format!("# newer\n{lines}{}", planted(1)));
    commit(&sandbox, 4);
    // The folder alone: its tree is the same.
    rename(&sandbox, "settings", "deep/er");
    commit(&sandbox, 5);
    sandbox.write("other", "more words");
    commit(&sandbox, 6);
    let git = followed(&sandbox, "deep/er/live.env");
    assert_eq!(git.len(), 3, "{git:?}");
    for packed in [false, true] {
        if packed {
            sandbox.git(["gc", "-q"]);
        }
        let told = finding(&sandbox, &[]);
        assert_eq!(told["path"], "conf/app.env");
        assert_eq!(moves(&told), git);
        assert_eq!(told["history"]["last_path"], "deep/er/live.env");
    }
    // Where it stood last is told of what is gone, too.
    std::fs::remove_dir_all(sandbox.path().join("deep")).unwrap();
    commit(&sandbox, 7);
    let told = finding(&sandbox, &[]);
    assert_eq!((moves(&told), &told["history"]["last_path"]), (git, &"deep/er/live.env".into()));
    let human = sandbox.leakspan(["scan", "--history"]).exits(1).stdout;
    assert_eq!(human.matches("moved to").count(), 3, "{human}");
}

#[test]
fn a_rename_on_a_side_branch_counts_where_it_is_merged() {
    let sandbox = repository();
    sandbox.write("a.env", planted(1));
    let first = commit(&sandbox, 1);
    sandbox.git(["checkout", "-q", "-b", "side"]);
    rename(&sandbox, "a.env", "b.env");
    commit(&sandbox, 2);
    sandbox.git(["checkout", "-q", "main"]);
    sandbox.write("words", "words");
    commit(&sandbox, 3);
    assert_eq!(moves(&finding(&sandbox, &[])), []);
    sandbox.git(["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    let merge = sandbox.git(["rev-parse", "HEAD"]);
    let told = finding(&sandbox, &[]);
    assert_eq!(told["origin"]["commit"], first);
    assert_eq!(moves(&told), [("b.env".to_owned(), merge)]);
    // On a branch that is not merged there is no such line.
    let sandbox = repository();
    commit(&sandbox, 1);
    sandbox.git(["checkout", "-q", "-b", "side"]);
    sandbox.write("a.env", planted(1));
    commit(&sandbox, 2);
    sandbox.git(["checkout", "-q", "main"]);
    assert!(finding(&sandbox, &[])["history"]["last_path"].is_null());
}

#[test]
fn every_sighting_is_listed_where_it_is_asked_for() {
    let sandbox = repository();
    let secret = planted(1);
    sandbox.write("a.env", &secret);
    commit(&sandbox, 1);
    sandbox.write("copy/b.env", &secret);
    commit(&sandbox, 2);
    rename(&sandbox, "a.env", "c.env");
    commit(&sandbox, 3);
    sandbox.write("c.env", format!("# edited\n{secret}{secret}"));
    commit(&sandbox, 4);
    sandbox.git(["checkout", "-q", "-b", "side"]);
    sandbox.write("side.env", &secret);
    commit(&sandbox, 5);
    sandbox.git(["checkout", "-q", "main"]);
    sandbox.write("lost", format!("# lost\n{secret}"));
    let lost = sandbox.git(["hash-object", "-w", "lost"]);
    assert!(finding(&sandbox, &[])["history"].get("all_sightings").is_none());
    // By git: each path at which a blob with the secret newly stands, and the commit of that.
    let token = secret.trim().trim_start_matches("STRIPE_KEY=");
    let log = sandbox.git(["log", "--all", "--reverse", "--topo-order", "--format=%H"]);
    let (mut seen, mut expected) = (BTreeSet::new(), BTreeSet::new());
    for commit in log.lines() {
        for line in sandbox.git(["ls-tree", "-r", commit]).lines() {
            let (about, path) = line.split_once('\t').unwrap();
            let blob = about.rsplit(' ').next().unwrap();
            if seen.insert((blob.to_owned(), path.to_owned())) {
                let text = sandbox.git(["cat-file", "-p", blob]);
                for (at, _) in text.lines().enumerate().filter(|(_, line)| line.contains(token)) {
                    let place = (path.to_owned(), at as u64 + 1, blob.to_owned());
                    expected.insert((place, commit.to_owned()));
                }
            }
        }
    }
    let told = finding(&sandbox, &["--all-sightings"]);
    let listed = told["history"]["all_sightings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ours = listed.iter().map(|it| {
        let place = (text(&it["path"]), it["line"].as_u64().unwrap(), text(&it["object"]));
        (place, text(&it["commit"]))
    });
    let (ours, count): (BTreeSet<_>, _) = (ours.collect(), listed.len());
    expected.insert(((format!("object/{lost}"), 2, lost), String::new()));
    assert_eq!(ours, expected);
    assert_eq!(count, expected.len(), "each once");
    assert_eq!(told["sightings"], 4, "places in objects, whatever they are called");
    let reach = |path: &str| listed.iter().find(|it| it["path"] == path).unwrap()["reach"].clone();
    assert_eq!((reach("side.env"), reach("c.env")), ("branch".into(), "head".into()));
    // In the formats that have a place for them.
    for (format, counted) in [
        ("human", "  seen "),
        ("json", "\"object\":"),
        ("csv", "\nsighting,"),
        ("sarif", "\"text\": \"in "),
        ("junit", "; seen at"),
        ("gitleaks", "\"RuleID\""),
    ] {
        let all = ["scan", "--history", "--all-sightings", "-f", format];
        let outcome = sandbox.leakspan(all).exits(1).stdout;
        assert_eq!(outcome.matches(counted).count(), count, "{format}: {outcome}");
        let one = sandbox.leakspan(["scan", "--history", "-f", format]).exits(1).stdout;
        let alone = usize::from(format == "gitleaks");
        assert_eq!(one.matches(counted).count(), alone, "{format}: {one}");
    }
    sandbox.leakspan(["scan", "--all-sightings"]).exits(2);
}

#[test]
fn members_of_archives_move_with_their_archive() {
    let sandbox = repository();
    let mut tar = tar::Builder::new(Vec::new());
    let (mut header, text) = (tar::Header::new_gnu(), planted(1));
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "in/a.env", text.as_bytes()).unwrap();
    sandbox.write("one.tar", tar.into_inner().unwrap());
    commit(&sandbox, 1);
    rename(&sandbox, "one.tar", "two.tar");
    commit(&sandbox, 2);
    let told = finding(&sandbox, &["--all-sightings"]);
    assert_eq!(told["path"], "one.tar!in/a.env");
    assert_eq!(told["history"]["last_path"], "two.tar!in/a.env");
    let listed = told["history"]["all_sightings"].as_array().unwrap();
    let paths: Vec<_> = listed.iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["one.tar!in/a.env", "two.tar!in/a.env"]);
}

/// One tree, nested so often that it has more paths than there is time for.
#[test]
fn a_tree_of_a_million_paths_costs_no_time() {
    let sandbox = repository();
    sandbox.write("in", planted(1));
    let mut below = format!("100644 blob {}", sandbox.git(["hash-object", "-w", "in"]));
    for _ in 0..30 {
        let lines = format!("{below}\ta\n{below}\tb\n");
        let made = run(sandbox.clean("git").arg("mktree"), lines.as_bytes());
        below = format!("040000 tree {}", made.stdout.trim());
    }
    let tree = below.rsplit(' ').next().unwrap().to_owned();
    let bomb = sandbox.git(["commit-tree", "-m", "bomb", &tree]);
    sandbox.git(["update-ref", "HEAD", &bomb]);
    let told = finding(&sandbox, &["--all-sightings"]);
    let listed = told["history"]["all_sightings"].as_array().unwrap().len();
    assert!((1..=256).contains(&listed), "{listed}");
}
