//! Repositories made by chance: git and we must see the same objects.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::agrees_with_git;
use crate::support::{Sandbox, run};

/// splitmix64 (Steele, Lea, Flood 2014).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % limit
    }
}

/// Runs git, whatever comes of it: a script of chance may well merge what does not merge.
fn try_git(sandbox: &Sandbox, clock: &mut u64, arguments: &[&str]) -> bool {
    *clock += 60;
    let mut command = sandbox.clean("git");
    let date = format!("{clock} +0100");
    command.args(arguments).env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
    command.env("GIT_EDITOR", "true");
    run(&mut command, b"").code == 0
}

fn write(sandbox: &Sandbox, chance: &mut Chance) {
    let name = match chance.below(4) {
        0 => format!("f{}", chance.below(3)),
        1 => format!("dir/f{}", chance.below(3)),
        2 => format!("dir/deep/f{}", chance.below(3)),
        _ => format!("other/f{}", chance.below(3)),
    };
    let path = sandbox.path().join(&name);
    if path.symlink_metadata().is_ok_and(|about| about.is_symlink()) {
        std::fs::remove_file(&path).unwrap();
    }
    let mut text = std::fs::read_to_string(&path).unwrap_or_default();
    for _ in 0..=chance.below(30) {
        text.push_str(&format!("line {}\n", chance.below(1000)));
    }
    if text.len() > 40 && chance.below(2) == 0 {
        let at = chance.below(20) as usize;
        text.replace_range(at..at + 10, "changed");
    }
    sandbox.write(name, text);
}

/// A repository of random history; deterministic by its seed.
pub(super) fn repository(seed: u64, steps: u64) -> Sandbox {
    let sandbox = Sandbox::new();
    let mut chance = Chance(seed);
    let mut clock = 1_700_000_000;
    let format = ["--object-format=sha1", "--object-format=sha256"][(seed % 7 == 3) as usize];
    let refs = ["--ref-format=files", "--ref-format=reftable"][(seed % 5 == 2) as usize];
    sandbox.git(["init", "-q", "-b", "main", format, refs]);
    sandbox.git(["config", "user.name", "A Tester"]);
    sandbox.git(["config", "user.email", "tester@example.com"]);
    sandbox.git(["config", "gc.auto", "0"]);
    let git = |clock: &mut u64, arguments: &[&str]| try_git(&sandbox, clock, arguments);
    write(&sandbox, &mut chance);
    git(&mut clock, &["add", "-A"]);
    git(&mut clock, &["commit", "-q", "-m", "start"]);
    for step in 0..steps {
        let message = format!("step {step}");
        let branch = format!("b{}", chance.below(4));
        let other = format!("b{}", chance.below(4));
        match chance.below(22) {
            0..=6 => {
                write(&sandbox, &mut chance);
                git(&mut clock, &["add", "-A"]);
                git(&mut clock, &["commit", "-q", "-m", &message]);
            }
            7 => drop(git(&mut clock, &["checkout", "-q", "-B", &branch])),
            8 => drop(git(&mut clock, &["checkout", "-q", "-f", &branch])),
            9 | 10 => {
                // Also what the merge alone holds.
                if !git(&mut clock, &["merge", "-q", "--no-commit", "-X", "theirs", &branch]) {
                    git(&mut clock, &["merge", "--abort"]);
                }
                write(&sandbox, &mut chance);
                git(&mut clock, &["add", "-A"]);
                git(&mut clock, &["commit", "-q", "-m", &message]);
            }
            11 => {
                let octopus = ["merge", "-q", "-m", "octopus", "-s", "ours", &branch, &other];
                git(&mut clock, &octopus);
            }
            12 => {
                write(&sandbox, &mut chance);
                git(&mut clock, &["stash", "-q", "-u"]);
            }
            13 => {
                let note = format!("note {step}");
                git(&mut clock, &["notes", "add", "-f", "-m", &note]);
            }
            14 => drop(git(&mut clock, &["tag", "-m", "of a tag", &message.replace(' ', "-")])),
            15 => {
                write(&sandbox, &mut chance);
                git(&mut clock, &["add", "-A"]);
                git(&mut clock, &["commit", "-q", "--amend", "-m", &message]);
            }
            16 => drop(git(&mut clock, &["reset", "-q", "--hard", "HEAD~1"])),
            17 => {
                let link = sandbox.path().join(format!("link{}", chance.below(2)));
                drop(std::os::unix::fs::symlink(format!("to/{step}"), link));
                git(&mut clock, &["add", "-A"]);
                git(&mut clock, &["commit", "-q", "-m", &message]);
            }
            18 => {
                let id = format!("{step:040x}");
                let id = if format.ends_with("256") { format!("{id}{:024}", 1) } else { id };
                let entry = format!("160000,{id},sub");
                git(&mut clock, &["update-index", "--add", "--cacheinfo", &entry]);
                git(&mut clock, &["commit", "-q", "-m", &message]);
            }
            19 => drop(git(&mut clock, &["mv", "-f", "-k", "dir/f1", "dir/f2", "other/"])),
            20 => {
                write(&sandbox, &mut chance);
                git(&mut clock, &["add", "-A"]);
            }
            _ => match chance.below(4) {
                0 => drop(git(&mut clock, &["repack", "-q", "-d"])),
                1 => drop(git(&mut clock, &["repack", "-q", "-a", "-d", "-f"])),
                2 => drop(git(&mut clock, &["gc", "-q", "--prune=never"])),
                _ => drop(git(&mut clock, &["multi-pack-index", "write"])),
            },
        }
    }
    sandbox
}

/// How many repositories are made; the long run makes more.
fn cases(usual: u64) -> u64 {
    let asked = std::env::var("LEAKSPAN_REPOSITORIES").ok();
    asked.map_or(usual, |text| text.parse().expect("LEAKSPAN_REPOSITORIES is a number"))
}

/// Checks so many seeds, or as many as are asked for, on all cores; git is a process a step and waits most of
/// the time. Which seeds failed is told at the end.
#[track_caller]
pub(super) fn each_case(usual: u64, check: impl Fn(u64) + Sync) {
    let (count, next) = (cases(usual), AtomicU64::new(0));
    let failed: Mutex<BTreeSet<u64>> = Mutex::default();
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= count {
                return;
            }
            if catch_unwind(AssertUnwindSafe(|| check(seed))).is_err() {
                failed.lock().expect("no panic here").insert(seed);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let failed = failed.into_inner().expect("no panic here");
    assert!(failed.is_empty(), "repositories {failed:?} of {count}");
}

#[test]
fn every_object_of_a_random_repository_is_seen_once() {
    each_case(8, |seed| drop(agrees_with_git(&repository(seed, 40))));
}
