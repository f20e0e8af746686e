//! What the tests share: a throw-away directory with the command bound to it.
#![allow(dead_code, reason = "each test file uses its own part of it")]

pub(crate) mod collect;
pub(crate) mod served;
pub(crate) mod servers;
pub(crate) mod stub;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A throw-away directory, and the command run in it with a cleared environment.
///
/// `HOME` is an empty folder beside the work folder, so nothing of the machine's user is read.
pub struct Sandbox {
    root: tempfile::TempDir,
    work: PathBuf,
}

/// What a run left behind.
pub struct Outcome {
    /// The exit code; `128 + n` for a process that signal `n` ended.
    pub code: i32,
    /// Standard output, lossy.
    pub stdout: String,
    /// Standard error, lossy.
    pub stderr: String,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// An empty directory.
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary directory can be made");
        let work = root.path().join("work");
        std::fs::create_dir_all(&work).expect("a folder in it can be made");
        std::fs::create_dir_all(root.path().join("home")).expect("a folder in it can be made");
        Self { root, work }
    }

    /// The directory that commands run in.
    pub fn path(&self) -> &Path {
        &self.work
    }

    /// The folder above it: a place outside of the scanned one, gone with the sandbox.
    pub fn outside(&self) -> &Path {
        self.root.path()
    }

    /// Writes a file below [`path`](Self::path) and the folders that it needs; returns where.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work.join(name);
        let folder = path.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the folder can be made");
        std::fs::write(&path, content).expect("the file can be written");
        path
    }

    /// Reads a file below [`path`](Self::path) as text.
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.work.join(name)).expect("the file is there")
    }

    /// The command, its working directory and environment set, not yet started.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.clean(env!("CARGO_BIN_EXE_leakspan"));
        command.args(arguments);
        command
    }

    /// Runs the command to its end.
    pub fn leakspan<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        run(&mut self.command(arguments), b"")
    }

    /// Runs the command with bytes on its standard input.
    pub fn leakspan_with_input<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Outcome {
        run(&mut self.command(arguments), input)
    }

    /// Runs git; it must succeed. Returns its standard output without the last line break.
    pub fn git<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let mut command = self.clean("git");
        command.args(arguments);
        let outcome = run(&mut command, b"");
        assert_eq!(outcome.code, 0, "git {:?}: {}", command.get_args(), outcome.stderr);
        outcome.stdout.trim_end_matches('\n').to_owned()
    }

    /// Makes the directory a repository with an identity and the branch `main`.
    pub fn git_init(&self) {
        self.git(["init", "-q", "-b", "main"]);
        self.git(["config", "user.name", "A Tester"]);
        self.git(["config", "user.email", "tester@example.com"]);
    }

    /// Commits all that is below the directory.
    pub fn git_commit_all(&self, message: &str) {
        self.git(["add", "-A"]);
        self.git(["commit", "-q", "--no-verify", "-m", message]);
    }

    /// Any program with this sandbox's directory and environment.
    pub fn clean(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.work)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()))
            .env("HOME", self.root.path().join("home"))
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "2024-05-01T12:00:00+00:00")
            .env("GIT_COMMITTER_DATE", "2024-05-01T12:00:00+00:00");
        command
    }
}

/// A token that passes its checksum, made from a seed: no such string stands in any file of ours.
pub fn token(seed: u64) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let body: String = (0..30)
        .map(|_| {
            // xorshift64*, Vigna 2016.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            let drawn = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
            char::from(DIGITS[(drawn % 62) as usize])
        })
        .collect();
    let mut sum = crc32fast::hash(body.as_bytes());
    let mut tail = [b'0'; 6];
    for place in tail.iter_mut().rev() {
        *place = DIGITS[(sum % 62) as usize];
        sum /= 62;
    }
    format!("gh{}_{body}{}", 'p', String::from_utf8_lossy(&tail))
}

/// Runs a command to its end with bytes on its standard input.
pub fn run(command: &mut Command, input: &[u8]) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let mut stdin = child.stdin.take().expect("it was piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A command that does not read its input closes the pipe: no fault of the test.
        drop(stdin.write_all(&input));
    });
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("writing does not panic");
    Outcome {
        code: code(output.status),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().expect("ended by exit or by signal"))
}

impl Outcome {
    /// Standard output as JSON Lines.
    pub fn jsonl(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect()
    }

    /// The lines of one type (`finding`, `problem`) of a JSON Lines report.
    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        self.jsonl().into_iter().filter(|line| line["type"] == kind).collect()
    }

    /// The findings of a JSON Lines report.
    pub fn findings(&self) -> Vec<Value> {
        self.of_type("finding")
    }

    /// The summary of a JSON Lines report.
    pub fn summary(&self) -> Value {
        self.of_type("summary").pop().expect("a report ends with its summary")
    }

    /// Asserts the exit code, printing both streams where it differs.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "exit code\n-- stdout\n{}\n-- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

/// A line with a secret, shaped like a key of a payment provider; another one for another seed.
pub(crate) fn planted(seed: u64) -> String {
    let template = concat!("STRIPE_KEY=sk", "_live_${alnum:24}\n");
    leakspan::signatures::samples::render(template, seed).expect("the template is well formed")
}
