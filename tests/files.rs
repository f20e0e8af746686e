//! Files and folders: what is read, under which name, and what is left alone.

use std::os::unix::fs::symlink;
use std::sync::Mutex;

use leakspan::model::{Blob, Content, Problem, Reason, Sink, Worker};
use leakspan::sources::{ArchiveOptions, FileOptions, Files, Source};

use crate::support::collect::Collected;
use crate::support::{Sandbox, token};

fn options(jobs: usize) -> FileOptions {
    FileOptions {
        jobs,
        archives: ArchiveOptions::default(),
        ignore_files: true,
        ignores: Vec::new(),
    }
}

fn collect(sandbox: &Sandbox) -> Collected {
    let files = Files::open(&[sandbox.path().to_path_buf()], options(2)).unwrap();
    Collected::of(&files)
}

#[test]
fn hidden_files_are_read_and_the_insides_of_git_are_not() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write(".env", "a");
    sandbox.write(".config/deep/file", "b");
    sandbox.write("nested/.git", "gitdir: elsewhere");
    sandbox.write("nested/file", "c");
    assert_eq!(collect(&sandbox).paths(), [".config/deep/file", ".env", "nested/file"]);
}

#[test]
fn gitignore_leaves_out_what_git_does_not_track_and_only_in_a_repository() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "*.env\nbuild/\n");
    sandbox.write("tracked.env", "a");
    sandbox.write("untracked.env", "b");
    sandbox.write("build/tracked", "c");
    sandbox.write("build/untracked", "d");
    let all = ["build/tracked", "build/untracked", "tracked.env", "untracked.env"];
    assert_eq!(collect(&sandbox).paths()[1..], all);
    sandbox.git_init();
    sandbox.git(["add", "-f", "tracked.env", "build/tracked"]);
    let found = collect(&sandbox);
    assert_eq!(found.paths(), [".gitignore", "build/tracked", "tracked.env"]);
    assert_eq!(found.reasons(), ["excluded-by-user", "excluded-by-user"]);
}

#[test]
fn leakspanignore_counts_in_every_folder_and_a_file_that_is_named_is_read() {
    let sandbox = Sandbox::new();
    sandbox.write("sub/.leakspanignore", "left-out\n");
    let named = sandbox.write("sub/left-out", "a");
    sandbox.write("left-out", "b");
    assert_eq!(collect(&sandbox).paths(), ["left-out", "sub/.leakspanignore"]);
    let files = Files::open(&[named], options(1)).unwrap();
    assert_eq!(Collected::of(&files).blobs.len(), 1);
}

#[test]
fn links_are_not_followed_and_those_that_leave_are_listed() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.outside().join("outside"), "secret").unwrap();
    sandbox.write("inside", "a");
    symlink("inside", sandbox.path().join("to-inside")).unwrap();
    symlink("..", sandbox.path().join("to-parent")).unwrap();
    symlink("../outside", sandbox.path().join("to-outside")).unwrap();
    symlink("nowhere", sandbox.path().join("dangling")).unwrap();
    symlink("loop", sandbox.path().join("loop")).unwrap();
    let found = collect(&sandbox);
    assert_eq!(found.paths(), ["inside"]);
    assert_eq!(found.reasons(), ["symlink-outside", "symlink-outside"]);
}

#[test]
fn pipes_and_sockets_are_listed_and_never_opened() {
    let sandbox = Sandbox::new();
    rustix::fs::mkfifoat(rustix::fs::CWD, sandbox.path().join("pipe"), 0o600.into()).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.path().join("socket")).unwrap();
    let found = collect(&sandbox);
    assert!(found.blobs.is_empty());
    assert_eq!(found.reasons(), ["special-file", "special-file"]);
}

#[test]
fn files_of_the_kernel_are_not_read() {
    let files = Files::open(&["/proc/self".into()], options(1)).unwrap();
    let found = Collected::of(&files);
    assert!(found.blobs.is_empty());
    assert_eq!(found.reasons(), ["special-file"]);
}

/// Removes the other files at the first one.
struct Remover<'s>(&'s Sandbox, Mutex<Vec<Problem>>);

impl Sink for Remover<'_> {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(Hand(self))
    }
}

struct Hand<'s>(&'s Remover<'s>);

impl Worker for Hand<'_> {
    fn blob(&mut self, blob: &Blob, _: Content<'_>) {
        for name in ["a", "b", "c"].iter().filter(|name| blob.path.as_bytes() != name.as_bytes()) {
            std::fs::remove_file(self.0.0.path().join(name)).unwrap();
        }
    }
    fn problem(&mut self, problem: Problem) {
        self.0.1.lock().unwrap().push(problem);
    }
    fn stopped(&self) -> bool {
        false
    }
    fn ignores(&self, _: &[u8]) -> bool {
        false
    }
}

#[test]
fn vanished_files_are_problems() {
    let sandbox = Sandbox::new();
    for name in ["a", "b", "c"] {
        sandbox.write(name, "text");
    }
    let sink = Remover(&sandbox, Mutex::default());
    Files::open(&[sandbox.path().to_path_buf()], options(1)).unwrap().visit(&sink).unwrap();
    let reasons: Vec<_> = sink.1.into_inner().unwrap().iter().map(|p| p.reason).collect();
    assert_eq!(reasons, [Reason::Vanished; 2]);
}

/// Writes to the file while it is being read.
struct Writer<'s>(&'s Sandbox, Mutex<Vec<Reason>>);

impl Sink for Writer<'_> {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(Scribe(self))
    }
}

struct Scribe<'s>(&'s Writer<'s>);

impl Worker for Scribe<'_> {
    fn blob(&mut self, _: &Blob, _: Content<'_>) {
        self.0.0.write("long", "short");
    }
    fn problem(&mut self, problem: Problem) {
        self.0.1.lock().unwrap().push(problem.reason);
    }
    fn stopped(&self) -> bool {
        false
    }
    fn ignores(&self, _: &[u8]) -> bool {
        false
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_a_problem() {
    let sandbox = Sandbox::new();
    sandbox.write("long", vec![b'x'; 1 << 20]);
    let sink = Writer(&sandbox, Mutex::default());
    Files::open(&[sandbox.path().to_path_buf()], options(1)).unwrap().visit(&sink).unwrap();
    assert_eq!(sink.1.into_inner().unwrap(), [Reason::ChangedDuringScan]);
}

#[test]
fn names_are_relative_to_one_target_and_begin_with_it_where_there_are_several() {
    let sandbox = Sandbox::new();
    sandbox.write("one/sub/a.env", token(1));
    sandbox.write("two/b.env", token(2));
    let paths = |arguments: &[&str]| -> Vec<String> {
        let outcome = sandbox.leakspan(arguments).exits(1);
        let text = |finding: &serde_json::Value| finding["path"].as_str().unwrap().to_owned();
        outcome.findings().iter().map(text).collect()
    };
    assert_eq!(paths(&["scan", "-f", "jsonl", "one"]), ["sub/a.env"]);
    assert_eq!(paths(&["scan", "-f", "jsonl", "one/", "two"]), ["one/sub/a.env", "two/b.env"]);
    assert_eq!(paths(&["scan", "-f", "jsonl", "two/b.env"]), ["two/b.env"]);
}

#[test]
fn handles_are_bounded_in_a_deep_tree() {
    let sandbox = Sandbox::new();
    sandbox.write(format!("{}a.env", "d/".repeat(300)), token(1));
    let mut command = sandbox.clean("prlimit");
    command.args(["--nofile=64", env!("CARGO_BIN_EXE_leakspan"), "scan", "-j", "4"]);
    crate::support::run(&mut command, b"").exits(1);
}

#[test]
fn random_bytes_with_a_short_name_in_them_are_no_finding_and_a_text_among_them_is_one() {
    let noise = |seed: u64, count: usize| {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .take(count)
        .collect::<Vec<u8>>()
    };
    let found = |middle: &[u8]| {
        let sandbox = Sandbox::new();
        for seed in 1..=20 {
            let bytes = [&noise(seed, 200)[..], middle, &noise(seed + 100, 200)].concat();
            sandbox.write(format!("{seed}.bin"), bytes);
        }
        let arguments = ["scan", "-f", "jsonl", "--min-confidence", "low"];
        let outcome = sandbox.leakspan(arguments);
        outcome.findings().len()
    };
    for name in ["pw=", "pwd:", "pass="] {
        assert_eq!(found(format!("\n{name}gH7#tR2x\n").as_bytes()), 0, "{name}");
    }
    assert_eq!(found(b"\nDB_PASSWORD=gH7#tR2xQ\n"), 20);
    // A program holds its texts with a NUL between them.
    let sandbox = Sandbox::new();
    let texts = b"a text of the program\0".repeat(50);
    let login = format!("{}=gH7#tR2xQ\0", "pwd");
    sandbox.write("program", [&texts[..], login.as_bytes(), &texts].concat());
    sandbox.leakspan(["scan", "--min-confidence", "low"]).exits(1);
}
