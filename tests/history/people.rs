//! Secrets in the names of people: no report shows them, whichever finding names the commit.

use leakspan::report::FORMATS;

use super::repository;
use crate::support::{planted, run, token};

#[test]
fn no_report_shows_a_secret_that_a_person_is_called_by() {
    let sandbox = repository();
    let (author, mail, committer, address) = (token(1), token(2), token(3), token(4));
    sandbox.write("a.env", planted(5));
    sandbox.git(["add", "-A"]);
    let mut commit = sandbox.clean("git");
    commit.args(["commit", "-q", "-m", "words"]);
    commit.env("GIT_AUTHOR_NAME", &author).env("GIT_AUTHOR_EMAIL", format!("{mail}@example.com"));
    commit.env("GIT_COMMITTER_NAME", &committer).env("GIT_COMMITTER_EMAIL", &address);
    assert_eq!(run(&mut commit, b"").code, 0);
    // What is found only elsewhere is masked as well.
    let elsewhere = token(6);
    sandbox.write("b.env", planted(7));
    sandbox.git(["add", "-A"]);
    let name = format!("{elsewhere} <a@example.com>");
    sandbox.git(["commit", "-q", "-m", "more", "--author", &name]);
    sandbox.git(["mv", "a.env", "c.env"]);
    sandbox.git(["commit", "-q", "-m", "moved", "--author", &name]);
    sandbox.git(["rm", "-q", "c.env"]);
    sandbox.git(["commit", "-q", "-m", "gone", "--author", &name]);
    let tagger = token(8);
    let mut tag = sandbox.clean("git");
    tag.args(["tag", "-m", &planted(9), "v1"]).env("GIT_COMMITTER_NAME", &tagger);
    assert_eq!(run(&mut tag, b"").code, 0);
    let first = sandbox.git(["rev-list", "--max-parents=0", "HEAD"]);
    let range = format!("{first}..HEAD");
    let secrets = [&author, &mail, &committer, &address, &elsewhere, &tagger];
    for format in FORMATS.iter().map(|format| format.name()) {
        for mode in [
            &["--history"][..],
            &["--history", "--all-sightings"],
            &["--history", "--min-severity", "critical"],
            &["--range", &range],
        ] {
            let all = [&["scan", "-v", "-f", format][..], mode].concat();
            let outcome = sandbox.leakspan(&all);
            assert!(outcome.code < 2, "{all:?}: {}", outcome.stderr);
            let text = outcome.stdout + &outcome.stderr;
            for secret in secrets {
                // Also of a part of it no more than a mask shows.
                assert!(!text.contains(&secret[8..20]), "{all:?} shows a name: {text}");
            }
        }
    }
    // The names are there to be shown.
    let shown = sandbox.leakspan(["scan", "--history", "--show-secrets", "-f", "jsonl"]).exits(1);
    let found = shown.findings();
    let of_file = found.iter().find(|finding| finding["path"] == "a.env").unwrap();
    assert_eq!(of_file["origin"]["author"], author);
    assert_eq!(of_file["history"]["committer"], committer);
}
