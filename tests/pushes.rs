//! The hooks of pushes, driven by real pushes to a real repository: on the disk, behind `git daemon`, and behind
//! a web server.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::support::served::{Served, Way, serve};
use crate::support::{Outcome, Sandbox, planted, run};

/// A repository with one commit that its remote `origin` has.
struct Pair {
    sandbox: Sandbox,
    _served: Served,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Sender,
    Receiver,
}

const BOTH: [Side; 2] = [Side::Sender, Side::Receiver];

/// Where the hook is, and how the other side is reached.
const EVERY: [(Side, Way); 6] = [
    (Side::Sender, Way::File),
    (Side::Sender, Way::Daemon),
    (Side::Sender, Way::Http),
    (Side::Receiver, Way::File),
    (Side::Receiver, Way::Daemon),
    (Side::Receiver, Way::Http),
];

impl Pair {
    fn new(side: Side) -> Self {
        Self::over(side, Way::File)
    }

    fn over(side: Side, way: Way) -> Self {
        let sandbox = Sandbox::new();
        sandbox.git_init();
        sandbox.git(["init", "-q", "--bare", "-b", "main", "../origin.git"]);
        let served = serve(&sandbox, way, path_with_leakspan());
        sandbox.git(["remote", "add", "origin", &format!("{}/origin.git", served.base)]);
        sandbox.write("readme", "words");
        sandbox.git_commit_all("start");
        sandbox.git(["push", "-q", "-u", "origin", "main"]);
        let pair = Self { sandbox, _served: served };
        let outcome = match side {
            Side::Sender => pair.sandbox.leakspan(["hook", "install", "pre-push"]),
            Side::Receiver => {
                pair.sandbox.leakspan(["hook", "install", "pre-receive", "-C", "../origin.git"])
            }
        };
        assert!(outcome.exits(0).stdout.contains("installed: "));
        pair
    }

    fn commit(&self, name: &str, content: &str) {
        self.sandbox.write(name, content);
        self.sandbox.git_commit_all(&format!("write {name}"));
    }

    fn push(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.sandbox.clean("git");
        command.args(["push"]).args(arguments).env("PATH", path_with_leakspan());
        run(&mut command, b"")
    }

    #[track_caller]
    fn passes(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.push(arguments).exits(0);
        assert!(outcome.stderr.contains("leakspan: no secrets in"), "{}", outcome.stderr);
        outcome
    }

    #[track_caller]
    fn stopped(&self, arguments: &[&str]) -> Outcome {
        let before = self.remote();
        let outcome = self.push(arguments);
        assert_ne!(outcome.code, 0, "{}", outcome.stderr);
        let words = "leakspan stopped this push: it would publish";
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
        assert_eq!(self.remote(), before, "nothing arrived");
        outcome
    }

    fn remote(&self) -> String {
        self.sandbox.git(["-C", "../origin.git", "for-each-ref"])
    }
}

fn path_with_leakspan() -> OsString {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_leakspan"));
    let own = program.parent().expect("a program has a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)))
        .expect("no folder of PATH has a colon")
}

#[test]
fn x8_a_new_commit_and_a_new_branch_are_checked() {
    for (side, way) in EVERY {
        let pair = Pair::over(side, way);
        pair.commit("a", "clean");
        pair.passes(&["origin", "main"]);
        pair.sandbox.git(["checkout", "-q", "-b", "topic"]);
        pair.commit("b", &planted(1));
        let outcome = pair.stopped(&["origin", "topic"]);
        assert!(outcome.stderr.contains("b:1:"), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.contains("--no-verify"), side == Side::Sender);
        // Taken out again in the next commit, it would be published all the same.
        pair.commit("b", "clean");
        pair.stopped(&["origin", "topic"]);
        pair.sandbox.git(["reset", "-q", "--soft", "HEAD~2"]);
        pair.sandbox.git(["commit", "-q", "-m", "as one"]);
        pair.passes(&["origin", "topic"]);
    }
}

#[test]
fn x8_deleting_and_forcing_and_what_is_known_passes() {
    for (side, way) in EVERY {
        let pair = Pair::over(side, way);
        pair.commit("a", "clean");
        pair.passes(&["origin", "main", "main:other"]);
        pair.passes(&["origin", ":other"]);
        pair.sandbox.git(["reset", "-q", "--hard", "HEAD~1"]);
        pair.commit("b", "clean");
        pair.passes(&["--force", "origin", "main"]);
        pair.sandbox.git(["reset", "-q", "--hard", "HEAD~1"]);
        pair.commit("c", &planted(2));
        pair.stopped(&["--force", "origin", "main"]);
    }
}

#[test]
fn x8_tags_their_words_and_what_they_name_are_checked() {
    for (side, way) in EVERY {
        let pair = Pair::over(side, way);
        pair.sandbox.git(["tag", "-m", "clean words", "v1"]);
        pair.passes(&["origin", "v1"]);
        pair.sandbox.git(["tag", "-m", &planted(3), "v2"]);
        let outcome = pair.stopped(&["origin", "v2"]);
        assert!(outcome.stderr.contains("tag-message/"), "{}", outcome.stderr);
        pair.sandbox.write("lost", planted(4));
        let blob = pair.sandbox.git(["hash-object", "-w", "lost"]);
        pair.sandbox.git(["tag", "blob", &blob]);
        pair.stopped(&["origin", "blob"]);
        let tree = run(
            pair.sandbox.clean("git").arg("mktree"),
            format!("100644 blob {blob}\tin/side\n").replace("in/", "").as_bytes(),
        );
        pair.sandbox.git(["tag", "-m", "of a tree", "tree", tree.stdout.trim()]);
        pair.stopped(&["origin", "tree"]);
        pair.sandbox.git(["checkout", "-q", "--detach"]);
        pair.commit("d", &planted(5));
        pair.sandbox.git(["tag", "light"]);
        pair.stopped(&["origin", "light"]);
    }
}

#[test]
fn x8_one_of_many_references_stops_all() {
    for (side, way) in EVERY {
        let pair = Pair::over(side, way);
        for number in 0..30 {
            pair.sandbox.git(["checkout", "-q", "-b", &format!("b{number}"), "main"]);
            let content = if number == 17 { planted(6) } else { format!("clean {number}") };
            pair.commit(&format!("f{number}"), &content);
        }
        let outcome = pair.stopped(&["--all", "origin"]);
        assert!(outcome.stderr.contains("f17:1:"), "{}", outcome.stderr);
        pair.sandbox.git(["branch", "-q", "-D", "b17"]);
        pair.sandbox.git(["checkout", "-q", "main"]);
        drop(pair.push(&["origin", "--delete", "b17"]));
        pair.sandbox.git(["checkout", "-q", "-B", "b29", "main"]);
        pair.passes(&["--all", "--force", "origin"]);
    }
}

#[test]
fn the_update_hook_refuses_a_reference_and_lets_the_others_pass() {
    let pair = Pair::new(Side::Sender);
    pair.sandbox.leakspan(["hook", "remove", "pre-push"]).exits(0);
    let install = ["hook", "install", "update", "-C", "../origin.git"];
    assert!(pair.sandbox.leakspan(install).exits(0).stdout.contains("installed: "));
    for (name, content) in [("good", "clean".to_owned()), ("bad", planted(8))] {
        pair.sandbox.git(["checkout", "-q", "-b", name, "main"]);
        pair.commit(name, &content);
    }
    pair.sandbox.git(["tag", "t", "good"]);
    let outcome = pair.push(&["origin", "good", "bad", "t"]);
    assert_ne!(outcome.code, 0);
    assert!(outcome.stderr.contains("bad:1:"), "{}", outcome.stderr);
    let there = pair.remote();
    assert!(there.contains("refs/heads/good") && there.contains("refs/tags/t"), "{there}");
    assert!(!there.contains("refs/heads/bad"), "{there}");
    // Deleting brings nothing; a hook without its arguments checks nothing, and stops.
    pair.push(&["origin", "--delete", "good"]).exits(0);
    assert_eq!(pair.sandbox.leakspan(["hook", "run", "update"]).code, 2);
    let status = ["hook", "status", "update", "-C", "../origin.git"];
    assert!(pair.sandbox.leakspan(status).exits(0).stdout.contains("references pushed"));
}

#[test]
fn x8_a_remote_tip_that_is_not_known_here_hides_nothing_and_stops_nothing() {
    for (side, way) in EVERY {
        let pair = Pair::over(side, way);
        pair.sandbox.git(["clone", "-q", "../origin.git", "../other"]);
        let other = ["-C", "../other", "-c", "user.name=b", "-c", "user.email=b@example.com"];
        pair.sandbox.git([&other[..], &["commit", "-q", "--allow-empty", "-m", "theirs"]].concat());
        pair.sandbox.git([&other[..], &["push", "-q", "--no-verify"]].concat());
        pair.commit("a", &planted(7));
        pair.stopped(&["--force", "origin", "main"]);
        pair.commit("a", "clean");
        pair.sandbox.git(["reset", "-q", "--soft", "HEAD~2"]);
        pair.sandbox.git(["commit", "-q", "-m", "clean"]);
        pair.passes(&["--force", "origin", "main"]);
    }
}

#[test]
fn a_push_to_an_address_without_a_remote_is_checked_whole() {
    let pair = Pair::new(Side::Sender);
    pair.sandbox.git(["init", "-q", "--bare", "../empty.git"]);
    pair.passes(&["../empty.git", "main"]);
    pair.commit("a", &planted(8));
    pair.stopped(&["../empty.git", "main:new"]);
}

#[test]
fn what_the_other_side_has_already_stops_no_push() {
    for side in BOTH {
        let pair = Pair::new(side);
        pair.commit("a", &planted(9));
        if side == Side::Receiver {
            // The server took it in before it had the hook.
            let hook = pair.sandbox.outside().join("origin.git/hooks/pre-receive");
            let aside = pair.sandbox.outside().join("aside");
            std::fs::rename(&hook, &aside).unwrap();
            pair.sandbox.git(["push", "-q", "origin", "main"]);
            std::fs::rename(&aside, &hook).unwrap();
        } else {
            pair.sandbox.git(["push", "-q", "--no-verify", "origin", "main"]);
        }
        // The same file changes, the secret stays: the push does not bring it in.
        pair.commit("a", &format!("changed\n{}", planted(9)));
        pair.passes(&["origin", "main"]);
        pair.commit("a", &format!("changed\n{}{}", planted(9), planted(10)));
        pair.stopped(&["origin", "main"]);
    }
}

#[test]
fn a_hook_that_was_there_gets_the_lines_too() {
    let pair = Pair::new(Side::Sender);
    pair.sandbox.leakspan(["hook", "remove", "pre-push"]).exits(0);
    let hook =
        pair.sandbox.write(".git/hooks/pre-push", "#!/bin/sh\ncat >seen\necho \"$1\" >>seen\n");
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    pair.sandbox.leakspan(["hook", "install", "pre-push"]).exits(0);
    pair.commit("a", &planted(11));
    pair.stopped(&["origin", "main"]);
    let seen = pair.sandbox.read("seen");
    assert!(seen.starts_with("refs/heads/main ") && seen.ends_with("\norigin\n"), "{seen}");
    pair.sandbox.leakspan(["hook", "remove", "pre-push"]).exits(0);
    assert!(std::fs::read_to_string(&hook).unwrap().contains("cat >seen"));
}

#[test]
fn installing_is_told_apart_by_hook_and_status_sees_each() {
    let pair = Pair::new(Side::Sender);
    let status = |name: &str| {
        let mut command = pair.sandbox.command(["hook", "status", name]);
        run(command.env("PATH", path_with_leakspan()), b"")
    };
    assert!(status("pre-push").exits(0).stdout.contains("active: pushes are checked"));
    assert!(status("pre-commit").exits(3).stdout.contains("no pre-commit hook"));
    pair.sandbox.leakspan(["hook", "install"]).exits(0);
    status("pre-commit").exits(0);
    pair.sandbox.leakspan(["hook", "remove", "pre-push"]).exits(0);
    status("pre-commit").exits(0);
    status("pre-push").exits(3);
    let bare = ["hook", "install", "pre-push", "-C", "../origin.git"];
    assert!(pair.sandbox.leakspan(bare).exits(2).stderr.contains("bare"));
}

#[test]
fn what_cannot_be_looked_at_stops_the_push() {
    let pair = Pair::new(Side::Sender);
    for (input, code) in [("nonsense\n", 2), ("a b c d\n", 2), ("", 0), ("\n", 0)] {
        let arguments = ["hook", "run", "pre-push", "--", "origin", "url"];
        let outcome = pair.sandbox.leakspan_with_input(arguments, input.as_bytes()).exits(code);
        assert_eq!(code == 0, outcome.stderr.contains("no secrets in 0 new"), "{}", outcome.stderr);
    }
    pair.commit("a", "lost");
    let blob = pair.sandbox.git(["rev-parse", "HEAD:a"]);
    let head = pair.sandbox.git(["rev-parse", "HEAD"]);
    let path = pair.sandbox.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(path).unwrap();
    let line = format!("refs/heads/main {head} refs/heads/main {}\n", "0".repeat(40));
    let arguments = ["hook", "run", "pre-push", "--", "origin", "url"];
    let outcome = pair.sandbox.leakspan_with_input(arguments, line.as_bytes()).exits(3);
    assert!(outcome.stderr.contains("object-missing"), "{}", outcome.stderr);
    let line = format!("x {} refs/heads/main {}\n", "1".repeat(40), "0".repeat(40));
    pair.sandbox.leakspan_with_input(arguments, line.as_bytes()).exits(3);
}

#[test]
fn hundreds_of_commits_arrive_in_a_pack_and_are_all_checked() {
    for side in BOTH {
        let pair = Pair::new(side);
        let mut stream = String::from("reset refs/heads/main\nfrom refs/heads/main^0\n\n");
        let secret = planted(12);
        for number in 0..300 {
            let text = if number == 150 { secret.clone() } else { format!("text {number}\n") };
            stream.push_str(&format!(
                "commit refs/heads/main\ncommitter A <a@example.com> {} +0000\ndata 2\nx\n\
                 M 100644 inline d/f{number}\ndata {}\n{text}\n",
                1_800_000_000 + number,
                text.len()
            ));
        }
        let mut import = pair.sandbox.clean("git");
        assert_eq!(run(import.args(["fast-import", "--quiet"]), stream.as_bytes()).code, 0);
        let outcome = pair.stopped(&["origin", "main"]);
        assert!(outcome.stderr.contains("d/f150:1:"), "{}", outcome.stderr);
    }
}
