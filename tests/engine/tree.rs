//! The oracle over a real tree: the sources of this package and of what it is built from.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use leakspan::engine::{Options, Scanner};

use super::{Oracle, by_prefilter, planted, set};

/// How much of the tree is read; `tests/long` reads more.
fn budget() -> u64 {
    let mebibytes = std::env::var("LEAKSPAN_ORACLE_MIB").ok().and_then(|n| n.parse().ok());
    mebibytes.unwrap_or(2) << 20
}

/// All files of a folder and those in it, in the order of their names.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        match path.symlink_metadata() {
            Ok(about) if about.is_dir() => files(&path, found),
            Ok(about) if about.is_file() => found.push(path),
            _ => {}
        }
    }
}

/// Files from all over the tree, as many as the budget takes.
fn sample() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in ["src", "tests", "signatures", "benches", "docs", "hooks"] {
        files(&own.join(folder), &mut all);
    }
    // Where cargo keeps what it has unpacked. Without it the tree is this package alone.
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = std::env::var_os("HOME")?;
        Some(PathBuf::from(home).join(".cargo"))
    });
    if let Some(cargo) = cargo {
        files(&cargo.join("registry/src"), &mut all);
    }
    let length = |path: &PathBuf| path.metadata().map_or(0, |about| about.len());
    let total: u64 = all.iter().map(length).sum();
    let step = usize::try_from(total.div_ceil(budget())).unwrap().max(1);
    all.into_iter().step_by(step).collect()
}

#[test]
fn prefilter_and_windows_equal_every_regex_alone_over_a_real_tree() {
    let set = set();
    let (oracle, scanner) = (Oracle::of(&set), Scanner::new(set.clone(), Options::default()));
    let (paths, samples) = (sample(), planted());
    assert!(paths.len() > 20, "{} files", paths.len());
    let (next, found) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut thread = scanner.thread();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(at) else { return };
            let Ok(mut text) = std::fs::read(path) else { continue };
            // Real text holds few secrets: a sample in the middle of each file, where it may touch.
            let sample = samples[at % samples.len()].as_bytes();
            let middle = text.len() / 2;
            text.splice(middle..middle, sample.iter().copied());
            let raw = by_prefilter(&set, &mut thread, &text);
            assert_eq!(raw, oracle.matches(&text), "{}", path.display());
            found.fetch_add(raw.len(), Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
    assert!(found.into_inner() > paths.len() / 4, "samples are among what is found");
}
