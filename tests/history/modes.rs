//! Both ways to scan a history, by its changes and in full: the reports are the same, byte for byte.

use super::random::{Chance, each_case, repository as random_repository};
use super::repository;
use crate::support::{Sandbox, planted};

fn report(sandbox: &Sandbox, mode: &str, more: &[&str]) -> String {
    let arguments = ["scan", "--history", "--history-mode", mode, "-f", "jsonl", "--show-secrets"];
    let outcome = sandbox.leakspan([&arguments[..], more].concat());
    assert!(outcome.code < 2, "{}", outcome.stderr);
    outcome.stdout
}

#[track_caller]
fn modes_agree(sandbox: &Sandbox, what: &str) -> String {
    let full = report(sandbox, "full", &["-j", "1"]);
    for threads in ["1", "3"] {
        assert_eq!(report(sandbox, "changes", &["-j", threads]), full, "{what}, {threads} threads");
    }
    full
}

/// A line that a signature may look for, or a plain one.
fn line(chance: &mut Chance) -> String {
    let number = chance.below(1 << 30);
    match chance.below(12) {
        0 => planted(number),
        1 => format!("password = \"p{number}Xq\""),
        2 => format!("url: https://user:p{number}w@db.internal/x"),
        3 => format!("data: {}", "QUJD".repeat(chance.below(20) as usize)),
        4 => format!("esc: \\u0061\\u0062 {number} %41%42 &quot;"),
        5 => format!("-----BEGIN {} KEY----- {number}", "PRIVATE"),
        _ => format!("some plain words and the number {number}"),
    }
}

/// Versions of a few files, long enough for git to store them as changes.
fn edited(seed: u64, commits: u64) -> Sandbox {
    let sandbox = repository();
    let mut chance = Chance(seed);
    let mut files: Vec<Vec<String>> = vec![Vec::new(); 3];
    for step in 0..commits {
        let which = chance.below(files.len() as u64) as usize;
        let lines = &mut files[which];
        let at =
            |chance: &mut Chance, lines: &[String]| chance.below(lines.len() as u64 + 1) as usize;
        for _ in 0..=chance.below(4) {
            let place = at(&mut chance, lines);
            match chance.below(5) {
                0 => drop(lines.drain(place.saturating_sub(3)..place)),
                1 => {
                    let block = lines.split_off(place);
                    lines.splice(0..0, block);
                }
                _ => {
                    let new: Vec<_> = (0..=chance.below(4)).map(|_| line(&mut chance)).collect();
                    lines.splice(place..place, new);
                }
            }
        }
        // Each version differs from the one before.
        lines.push(format!("version {step}"));
        if step < 3 {
            lines.extend((0..80).map(|_| line(&mut chance)));
        }
        let ends = ["\n", "\r\n"][(seed % 2) as usize];
        let name = ["app.py", "conf/settings.env", "notes.md"][which];
        sandbox.write(name, lines.join(ends));
        sandbox.git_commit_all(&format!("step {step}"));
    }
    sandbox
}

#[test]
fn changes_and_full_give_one_report() {
    each_case(4, |seed| {
        let sandbox = edited(seed, 25);
        sandbox.git(["repack", "-q", "-a", "-d", "-f", "--depth=40", "--window=30"]);
        let folder = sandbox.path().join(".git/objects/pack");
        let files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        let index = files.into_iter().find(|path| path.extension().is_some_and(|it| it == "idx"));
        let listed = sandbox.git(["verify-pack", "-v", index.unwrap().to_str().unwrap()]);
        let deltas = listed.lines().filter(|line| line.split_whitespace().count() == 7).count();
        assert!(deltas > 10, "there are changes to scan: {deltas}");
        let told = modes_agree(&sandbox, &format!("edits {seed}"));
        assert!(told.lines().count() > 10, "{told}");
    });
}

#[test]
fn changes_and_full_agree_on_random_repositories() {
    each_case(4, |seed| {
        drop(modes_agree(&random_repository(seed, 40), &format!("repository {seed}")));
    });
}
