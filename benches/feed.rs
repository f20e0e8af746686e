//! How fast is every object of a repository decoded once, with its names and without a scan, on one thread?
//!
//! `LEAKSPAN_REPOSITORY` names it; else it is this one. Beside `git log -p --all` and a scan: `history/run`.

use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leakspan::git::{KnownObjects, Options, Repository};

fn feed(criterion: &mut Criterion) {
    let root = std::env::var_os("LEAKSPAN_REPOSITORY").map(PathBuf::from);
    let root = root.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let repository = Repository::open(&root, &Options::default()).expect("a repository");
    let known = KnownObjects::default();
    let mut group = criterion.benchmark_group("feed");
    let objects = repository.history(&known).len() as u64;
    group.throughput(Throughput::Elements(objects)).sample_size(10);
    group.bench_function("every object once", |bencher| {
        bencher.iter(|| repository.history(&known).learn(1));
    });
    group.finish();
}

criterion_group!(benches, feed);
criterion_main!(benches);
