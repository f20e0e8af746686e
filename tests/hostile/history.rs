//! The same for scans of a whole history. What broken stores cost is in `tests/history/broken.rs`.

use super::super::support::{Outcome, Sandbox, planted, run};
use super::{blob_id, found_in, trap};

const HISTORY: [&str; 4] = ["scan", "-f", "jsonl", "--history"];

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("base", "nothing\n");
    sandbox.git_commit_all("base");
    sandbox
}

fn reasons(outcome: &Outcome) -> Vec<String> {
    let reason = |it: &serde_json::Value| it["reason"].as_str().unwrap().to_owned();
    outcome.of_type("problem").iter().map(reason).collect()
}

#[test]
fn g2_a_missing_object_of_a_promisor_is_not_fetched() {
    let trap = trap();
    let id = blob_id(&planted(2));
    let object = trap.sandbox.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
    // A tree that a commit has must name it: the index alone is not history.
    let lost = blob_id("nothing\n");
    std::fs::remove_file(object).unwrap();
    let object = trap.sandbox.path().join(".git/objects").join(&lost[..2]).join(&lost[2..]);
    std::fs::remove_file(object).unwrap();
    let calls = trap.sandbox.outside().join("calls");
    let mut command = trap.sandbox.clean("strace");
    command.args(["-f", "-e", "trace=execve,execveat,connect,socket", "-o"]).arg(&calls);
    command.arg(env!("CARGO_BIN_EXE_leakspan")).args(HISTORY).arg("--exit-zero");
    let outcome = run(&mut command, b"").exits(3);
    assert!(reasons(&outcome).contains(&"object-missing".to_owned()), "{}", outcome.stdout);
    assert!(!trap.marker.exists(), "something was fetched");
    let calls = std::fs::read_to_string(calls).unwrap();
    assert_eq!(calls.lines().filter(|line| line.contains('(')).count(), 1, "{calls}");
}

#[test]
fn g5_foreign_owner_and_variables_of_git_change_nothing() {
    let (sandbox, evil) = (repository(), repository());
    sandbox.write("ours", planted(1));
    sandbox.git_commit_all("ours");
    evil.write("theirs", planted(2));
    evil.git_commit_all("theirs");
    let plain = sandbox.leakspan(HISTORY).exits(1);
    assert!(found_in(&plain, "ours"));
    let mut command = sandbox.command(HISTORY);
    command.env("GIT_DIR", evil.path().join(".git"));
    command.env("GIT_OBJECT_DIRECTORY", evil.path().join(".git/objects"));
    let outcome = run(&mut command, b"").exits(1);
    assert_eq!(outcome.findings(), plain.findings());
    assert!(outcome.stdout.contains("GIT_DIR, GIT_OBJECT_DIRECTORY ignored"), "{}", outcome.stdout);
    // Another user's: git would refuse to look. Who is not root cannot give a file away, and looks at
    // root's own as such a user.
    if rustix::process::getuid().is_root() {
        let status = sandbox.clean("chown").args(["-R", "65534:65534", "."]).status().unwrap();
        assert!(status.success());
        assert_eq!(sandbox.leakspan(HISTORY).exits(1).findings(), plain.findings());
        let refused = run(sandbox.clean("git").arg("log"), b"");
        assert!(refused.stderr.contains("dubious ownership"), "{}", refused.stderr);
    }
}

#[test]
fn g7_submodules_are_named_and_never_fetched() {
    for url in [
        "--upload-pack=touch marker",
        "-u./marker",
        "ext::touch marker",
        "file:///nowhere",
        "../other",
    ] {
        let sandbox = repository();
        let path = if url.starts_with("ext") { "-x" } else { "sub" };
        sandbox.write(
            ".gitmodules",
            format!("[submodule \"{path}\"]\n\tpath = {path}\n\turl = {url}\n"),
        );
        let commit = format!("160000,{},{path}", "1".repeat(40));
        sandbox.git(["add", "-A"]);
        sandbox.git(["update-index", "--add", "--cacheinfo", &commit]);
        sandbox.git(["commit", "-q", "-m", "submodule"]);
        for mode in [&HISTORY[..], &["scan", "-f", "jsonl", "--since", "HEAD~1"]] {
            let outcome = sandbox.leakspan(mode.iter().chain(&["-v"])).exits(0);
            assert_eq!(reasons(&outcome), ["submodule"], "{url}");
        }
        assert!(!sandbox.path().join("marker").exists(), "{url}");
    }
}

#[test]
fn g8_a_revision_or_a_repository_is_never_an_option() {
    let sandbox = repository();
    for arguments in [
        &["scan", "--range=--output=marker..HEAD"][..],
        &["scan", "--since=--output=marker"],
        &["scan", "--history", "--", "--upload-pack=touch marker"],
        &["scan", "--staged", "--", "-u./marker"],
    ] {
        sandbox.leakspan(arguments).exits(2);
    }
    assert!(!sandbox.path().join("marker").exists());
}

/// How many references are made; the long run makes three million.
fn many() -> usize {
    let asked = std::env::var("LEAKSPAN_REFERENCES").ok();
    asked.map_or(60_000, |text| text.parse().expect("LEAKSPAN_REFERENCES is a number"))
}

/// Scans in 512 MiB and a minute.
#[track_caller]
fn bounded(sandbox: &Sandbox) -> Outcome {
    let mut command = sandbox.clean("prlimit");
    command.args(["--data=536870912", env!("CARGO_BIN_EXE_leakspan")]).args(HISTORY);
    let began = std::time::Instant::now();
    let outcome = run(&mut command, b"");
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    outcome
}

/// A list of references with names as long as they may well be.
fn pack_references(sandbox: &Sandbox, count: usize, id: impl Fn(usize) -> String) {
    use std::io::Write;
    let path = sandbox.write(".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n");
    let file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let mut file = std::io::BufWriter::new(file);
    let long = "long/".repeat(20);
    for number in 0..count {
        writeln!(file, "{} refs/heads/{long}{number:07}", id(number)).unwrap();
    }
}

#[test]
fn g12_references_by_the_million_and_loops_of_them_end() {
    let sandbox = repository();
    let head = sandbox.git(["rev-parse", "HEAD"]);
    sandbox.write("a.env", planted(1));
    sandbox.git(["add", "-A"]);
    for (name, target) in [("a", "b"), ("b", "a"), ("self", "self"), ("known", "main")] {
        sandbox.write(format!(".git/refs/heads/{name}"), format!("ref: refs/heads/{target}\n"));
    }
    pack_references(&sandbox, many(), |_| head.clone());
    let outcome = bounded(&sandbox).exits(1);
    assert_eq!(outcome.findings().len(), 1, "what is staged is history as well");
    // Each leads to another object, and none of those is there.
    pack_references(&sandbox, many(), |number| format!("{:040x}", number + 1));
    sandbox.git(["reset", "-q", "--", "a.env"]);
    let object = blob_id(&planted(1));
    std::fs::remove_file(sandbox.path().join(".git/objects").join(&object[..2]).join(&object[2..]))
        .unwrap();
    let outcome = bounded(&sandbox).exits(3);
    assert!(reasons(&outcome).iter().all(|reason| reason == "object-missing"));
    let more = format!("{} more objects", many() - 100);
    assert!(outcome.stdout.contains(&more), "{}", outcome.stdout.lines().last().unwrap());
}

#[test]
fn g12_references_in_files_of_their_own_by_the_million() {
    let sandbox = repository();
    let head = sandbox.git(["rev-parse", "HEAD"]);
    let count = many() / 3;
    let folder = sandbox.path().join(".git/refs/tags/loose");
    std::fs::create_dir_all(&folder).unwrap();
    for number in 0..count {
        let text = match number % 3 {
            0 => format!("{head}\n"),
            1 => format!("ref: refs/tags/loose/{}\n", (number + 1) % count),
            _ => "no reference\n".to_owned(),
        };
        std::fs::write(folder.join(number.to_string()), text).unwrap();
    }
    let outcome = bounded(&sandbox).exits(3);
    assert!(reasons(&outcome).iter().all(|reason| reason == "corrupt"));
    assert!(outcome.of_type("problem").len() <= 1001, "told one by one to an end");
}

#[test]
fn g12_a_log_of_millions_of_lines_is_read_line_by_line() {
    let sandbox = repository();
    let head = sandbox.git(["rev-parse", "HEAD"]);
    let line = format!("{head} {head} A <a@example.com> 1700000000 +0000\tmoved\n");
    sandbox.write(".git/logs/refs/heads/main", line.repeat(many()));
    bounded(&sandbox).exits(0);
    sandbox.write(".git/logs/refs/heads/main", vec![b'x'; 2 << 20]);
    assert_eq!(reasons(&bounded(&sandbox).exits(3)), ["corrupt"], "no line is so long");
}

#[test]
fn g16_attributes_and_ignore_files_hide_nothing() {
    let sandbox = repository();
    let hidden = [
        ("a.enc", "*.enc working-tree-encoding=UTF-16\n"),
        ("b.bin", "*.bin binary\n"),
        ("c.nodiff", "*.nodiff -diff\n"),
        ("d.noexport", "*.noexport export-ignore\n"),
        ("e.gen", "*.gen linguist-generated linguist-vendored\n"),
        ("f.ignored", ""),
    ];
    sandbox.write(".gitignore", "*.ignored\n");
    for (seed, (name, _)) in hidden.iter().enumerate() {
        let content = planted(seed as u64 + 1);
        // Git itself turns it into UTF-8 on its way in.
        let utf16 = content.encode_utf16().flat_map(u16::to_le_bytes);
        match seed {
            0 => sandbox.write(name, [0xff, 0xfe].into_iter().chain(utf16).collect::<Vec<u8>>()),
            _ => sandbox.write(name, content),
        };
    }
    let attributes: String = hidden.iter().map(|(_, line)| *line).collect();
    sandbox.write(".gitattributes", attributes);
    sandbox.git(["add", "-A"]);
    sandbox.git(["add", "-f", "f.ignored"]);
    let staged = sandbox.leakspan(["scan", "-f", "jsonl", "--staged"]).exits(1);
    sandbox.git(["commit", "-q", "-m", "hidden"]);
    let range = sandbox.leakspan(["scan", "-f", "jsonl", "--since", "HEAD~1"]).exits(1);
    let history = sandbox.leakspan(HISTORY).exits(1);
    for outcome in [staged, range, history] {
        for (name, _) in hidden {
            assert!(found_in(&outcome, name), "{name}: {}", outcome.stdout);
        }
    }
}

#[test]
fn g18_names_and_messages_command_no_terminal_and_no_runner() {
    let sandbox = repository();
    let blob = {
        sandbox.write("x", planted(1));
        sandbox.git(["hash-object", "-w", "x"])
    };
    let name = "a\u{1b}[2J\u{202e}\n::set-output name=a::b\n##vso[x]<script>=cmd|calc";
    let tree = run(
        sandbox.clean("git").args(["mktree", "-z"]),
        format!("100644 blob {blob}\t{name}\0").as_bytes(),
    );
    let message = format!("\u{1b}]0;x\u{7}\n::error::x\n{}", planted(2));
    let commit = sandbox.git(["commit-tree", "-p", "HEAD", "-m", &message, tree.stdout.trim()]);
    sandbox.git(["update-ref", "refs/heads/evil", &commit]);
    for mode in [&["--history"][..], &["--range", "main..evil"]] {
        for format in ["human", "github", "azure", "csv", "junit", "gitlab", "sarif", "jsonl"] {
            let all = [&["scan", "-v", "-f", format], mode].concat();
            let outcome = sandbox.leakspan(&all).exits(1);
            let text = format!("{}{}", outcome.stdout, outcome.stderr);
            let wild = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            // CSV ends its lines as RFC 4180 wants; JSON spells bidi characters as they are.
            let wild = |c: char| match format {
                "csv" => wild(c) && c != '\r',
                "jsonl" => c.is_control() && c != '\n',
                _ => wild(c),
            };
            assert!(!text.chars().any(wild), "{mode:?} {format}: {text:?}");
            let commands = text
                .lines()
                .map(str::trim_start)
                .filter(|line| line.starts_with("::set-output") || line.starts_with("::error::x"));
            assert_eq!(commands.count(), 0, "{format}: {text}");
        }
    }
}
