//! How long a whole process takes for one small file, and for nothing at all.
//!
//! The floor under both is the process itself: `--version` shows it.

use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

fn run(arguments: &[&str], folder: &std::path::Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_leakspan"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the binary starts");
    assert_eq!(status.code(), Some(0), "a clean scan is measured, not a failing one");
}

fn startup(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for the file");
    let source: String = (0..150)
        .map(|n| format!("fn step_{n}(input: u32) -> u32 {{ input.wrapping_add({n}) }}\n"))
        .collect();
    std::fs::write(folder.path().join("lib.rs"), source).expect("the folder is writable");

    let mut group = criterion.benchmark_group("startup");
    group.sample_size(50);
    group.bench_function("version", |b| b.iter(|| run(&["--version"], folder.path())));
    group.bench_function("scan/one-file/8KiB", |b| {
        b.iter(|| run(&["scan", "lib.rs"], folder.path()));
    });
    group.finish();
}

criterion_group!(benches, startup);
criterion_main!(benches);
