//! How fast is the whole engine in memory, on one core, on ordinary source?

#[path = "support/corpus.rs"]
mod corpus;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leakspan::engine::{Options, Scanner};
use leakspan::model::{Blob, BlobPath, Content, Origin, OriginKind};

fn throughput(criterion: &mut Criterion) {
    let files = corpus::sources();
    let size: usize = files.iter().map(Vec::len).sum();
    let origin = Arc::new(Origin::of(OriginKind::File));
    let blob = Blob { path: BlobPath::new("src/lib.rs"), origin };
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Bytes(size as u64)).sample_size(10);
    for set in [corpus::without_generic(), corpus::signatures(0), corpus::signatures(3000)] {
        for decode_depth in [0, 5] {
            let options = Options { decode_depth, ..Options::default() };
            let scanner = Scanner::new(set.clone(), options);
            let mut thread = scanner.thread();
            let name = format!("{}-signatures/decode-{decode_depth}", set.signatures.len());
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    for file in &files {
                        black_box(thread.scan(&blob, Content::Bytes(black_box(file))));
                    }
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, throughput);
criterion_main!(benches);
