//! Inputs that are made to be slow: is every one linear, and at least 60 MB/s?

#[path = "support/corpus.rs"]
mod corpus;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leakspan::engine::{Options, Scanner};
use leakspan::model::{Blob, BlobPath, Content, Origin, OriginKind};

const SIZE: usize = 8 << 20;

fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let mut noise = corpus::Noise(7);
    let random: Vec<u8> = (0..SIZE).map(|_| noise.below(256) as u8).collect();
    let of = |alphabet: &[u8]| -> Vec<u8> {
        random.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()]).collect()
    };
    let repeated = |text: &str| -> Vec<u8> { text.bytes().cycle().take(SIZE).collect() };
    let base64 = of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    let script: Vec<u8> = corpus::sources().concat().into_iter().take(SIZE).collect();
    vec![
        ("one-line-source", script.iter().map(|b| if *b == b'\n' { b' ' } else { *b }).collect()),
        ("base64", base64),
        ("hex", of(b"0123456789abcdef")),
        ("random", random.clone()),
        ("one-byte", vec![b'a'; SIZE]),
        ("keyword", repeated("password ")),
        ("assignments", repeated("api_key = \"")),
        ("prefix", repeated(concat!("gh", "p_"))),
        ("url", repeated("https://a:b@")),
        ("pem-headers", repeated("-----BEGIN RSA PRIVATE KEY-----\n")),
        ("newlines", vec![b'\n'; SIZE]),
        ("nul-bytes", vec![0; SIZE]),
        ("escapes", repeated("\\x41%41\\u0041")),
    ]
}

fn worst(criterion: &mut Criterion) {
    let origin = Arc::new(Origin::of(OriginKind::File));
    let blob = Blob { path: BlobPath::new("a.js"), origin };
    let scanner = Scanner::new(corpus::signatures(0), Options::default());
    let mut thread = scanner.thread();
    let mut group = criterion.benchmark_group("worst");
    group.sample_size(10);
    for (name, text) in inputs() {
        for size in [SIZE / 4, SIZE] {
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(format!("{name}/{}MiB", size >> 20), |bencher| {
                bencher.iter(|| thread.scan(&blob, Content::Bytes(black_box(&text[..size]))));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, worst);
criterion_main!(benches);
