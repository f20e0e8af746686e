//! What do the decoders cost: on text where nothing is encoded, and where everything is?

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leakspan::decode::{DECODERS, Map, Survey, utf16};

/// The window that the engine gives to decoders.
const SIZE: usize = 1 << 20;

fn decode(bencher: &mut Criterion) {
    let random: Vec<u8> = random().take(SIZE).collect();
    let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &random);
    let wrapped: Vec<_> = base64.as_bytes().chunks(76).collect();
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let source = source();
    let text = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &source);
    let escapes: String = source.iter().map(|byte| format!("\\u{byte:04x}")).collect();
    let percent: String = source.iter().map(|byte| format!("%{byte:02X}")).collect();
    let corpora: [(&str, &[u8]); 8] = [
        ("source", &source),
        ("random-bytes", &random),
        ("base64-of-random", base64.as_bytes()),
        ("base64-of-random-wrapped", &wrapped.join(&b'\n')),
        ("base64-of-text", text.as_bytes()),
        ("hex-of-random", hex.as_bytes()),
        ("escapes", escapes.as_bytes()),
        ("percent", percent.as_bytes()),
    ];
    let mut group = bencher.benchmark_group("decode");
    group.throughput(Throughput::Bytes(SIZE as u64));
    for (name, corpus) in corpora {
        let corpus = &corpus[..SIZE];
        group.bench_function(format!("{name}/1MiB"), |bencher| {
            bencher.iter(|| {
                let mut found = Vec::new();
                let survey = Survey::of(black_box(corpus));
                let decoders = DECODERS.iter();
                decoders.for_each(|decoder| decoder.decode(corpus, &survey, &mut found));
                found.len()
            });
        });
    }
    let survey = Survey::of(&source);
    for decoder in DECODERS {
        group.bench_function(format!("{}-alone/source/1MiB", decoder.name()), |bencher| {
            bencher.iter(|| {
                let mut found = Vec::new();
                decoder.decode(black_box(&source), &survey, &mut found);
                found.len()
            });
        });
    }
    let wide: Vec<u8> = source[..SIZE / 2].iter().flat_map(|byte| [*byte, 0]).collect();
    let (mut out, mut map) = (Vec::new(), Map::default());
    group.bench_function("utf16-transcode/1MiB", |bencher| {
        bencher.iter(|| {
            out.clear();
            map.clear();
            utf16::transcode(black_box(&wide), utf16::Endian::Little, &mut out, &mut map);
            out.len()
        });
    });
    group.finish();
}

/// This project's own source, over and over: names, comments, indentation.
fn source() -> Vec<u8> {
    let files = concat!(
        include_str!("../src/decode/base64.rs"),
        include_str!("../src/decode/spliced.rs"),
        include_str!("../src/model/finding.rs"),
        include_str!("../src/sources/archive/walk.rs"),
        include_str!("../src/sources/archive/zip.rs"),
    );
    files.bytes().cycle().take(SIZE).collect()
}

fn random() -> impl Iterator<Item = u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
}

criterion_group!(benches, decode);
criterion_main!(benches);
