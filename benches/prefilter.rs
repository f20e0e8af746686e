//! How fast are literals found, with the built-in signatures and with 3,000?

#[path = "support/corpus.rs"]
mod corpus;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leakspan::decode::Survey;
use leakspan::engine::prefilter::{Automaton, Grams, Prefilter};

fn prefilter(criterion: &mut Criterion) {
    let files = corpus::sources();
    let size: usize = files.iter().map(Vec::len).sum();
    let mut group = criterion.benchmark_group("prefilter");
    group.throughput(Throughput::Bytes(size as u64)).sample_size(10);
    for count in [0, 3000] {
        let set = corpus::signatures(count);
        let count = set.signatures.len();
        let filters: [(&str, Box<dyn Prefilter + '_>); 2] = [
            ("grams", Box::new(Grams::new(&set.tables))),
            ("automaton", Box::new(Automaton::new(&set.tables))),
        ];
        for (name, mut filter) in filters {
            let mut hits = Vec::new();
            group.bench_function(format!("{name}/{count}-signatures"), |bencher| {
                bencher.iter(|| {
                    for file in &files {
                        hits.clear();
                        let survey = Survey::of(black_box(file));
                        filter.find(black_box(file), &survey, 0..file.len(), &mut hits);
                    }
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, prefilter);
criterion_main!(benches);
