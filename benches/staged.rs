//! How long a commit waits: a staged scan, the whole process, in a small repository and in one with an
//! index of 100,000 entries of which ten are changed.
//!
//! Budgets: 10 ms for the small one, 40 ms for the large one.

use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "gc.auto=0"])
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .expect("git starts");
    assert!(status.success(), "git {arguments:?}");
}

fn source(seed: usize) -> String {
    (0..150).map(|n| format!("fn step_{n}(input: u32) -> u32 {{ input + {seed} }}\n")).collect()
}

/// A repository of `files` committed files, of which `changed` are staged with other content.
fn repository(files: usize, changed: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the repository");
    let name = |n: usize| folder.path().join(format!("d{}/e{}/f{n}.rs", n / 10_000, n / 100));
    git(folder.path(), &["init", "-q"]);
    for n in 0..files {
        std::fs::create_dir_all(name(n).parent().expect("it has a folder")).expect("writable");
        // The index is what counts: nearly all files share a few contents.
        std::fs::write(name(n), format!("content {}\n", n % 7)).expect("writable");
    }
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "base"]);
    for n in 0..changed {
        std::fs::write(name(n * (files / changed)), source(n)).expect("writable");
    }
    git(folder.path(), &["add", "-A"]);
    folder
}

fn scan(folder: &Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_leakspan"))
        .args(["scan", "--staged"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the binary starts");
    assert_eq!(status.code(), Some(0), "a clean scan is measured, not a failing one");
}

fn staged(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("staged");
    group.sample_size(50);
    let small = repository(20, 1);
    group.bench_function("20-entries/1-changed", |b| b.iter(|| scan(small.path())));
    let large = repository(100_000, 10);
    group.bench_function("100k-entries/10-changed", |b| b.iter(|| scan(large.path())));
    group.finish();
}

criterion_group!(benches, staged);
criterion_main!(benches);
