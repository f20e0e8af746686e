//! The fast prefilter against the reference.

use proptest::prelude::*;

use leakspan::decode::Survey;
use leakspan::engine::prefilter::{Automaton, Grams, Hit, Prefilter};
use leakspan::model::{Lane, PrefilterTables};
use leakspan::signatures::literals::LiteralWindow;
use leakspan::signatures::tables;

fn tables_of(literals: &[&str]) -> PrefilterTables {
    let windows = |literal: &str| LiteralWindow {
        bytes: literal.as_bytes().to_vec(),
        before: 0,
        after: 40,
        upper: 0,
        lower: 0,
        run: 0,
        boundary: false,
        lane: Lane::Anywhere,
    };
    let sets: Vec<_> =
        literals.iter().enumerate().map(|(at, text)| (at as u32, vec![windows(text)])).collect();
    tables::build(&sets).unwrap()
}

fn found(prefilter: &mut dyn Prefilter, text: &[u8], range: std::ops::Range<usize>) -> Vec<Hit> {
    let mut hits = Vec::new();
    prefilter.find(text, &Survey::of(text), range, &mut hits);
    hits.sort_unstable();
    hits
}

fn assert_same(tables: &PrefilterTables, text: &[u8], range: std::ops::Range<usize>) -> usize {
    let want = found(&mut Automaton::new(tables), text, range.clone());
    assert_eq!(found(&mut Grams::new(tables), text, range), want);
    want.len()
}

const LITERALS: &[&str] =
    &["qzx", "xoxb-", "sk_live_", "akia", "-----begin", "abcdefghijkl", "@[`{"];

#[test]
fn literals_are_found_at_every_offset_and_at_both_ends() {
    let tables = tables_of(LITERALS);
    for literal in LITERALS {
        for offset in 0..64 {
            for behind in [0, 1, 2, 3, 60] {
                let text = format!("{}{literal}{}", ".".repeat(offset), "#".repeat(behind));
                assert_eq!(assert_same(&tables, text.as_bytes(), 0..text.len()), 1, "{text}");
            }
        }
    }
}

#[test]
fn a_range_gives_the_literals_that_begin_in_it() {
    let tables = tables_of(LITERALS);
    let text = b"AKIAakiaAkIa sk_live_SK_LIVE_qzx".repeat(90);
    for (start, end) in [(0, 5), (3, 9), (8, 8), (1020, 1030), (2800, text.len()), (0, text.len())]
    {
        assert_same(&tables, &text, start..end);
    }
}

#[test]
fn this_repository_gives_the_same_hits_whatever_the_filter() {
    let tables = tables_of(&["fn ", "pub", "self", "signature", "use crate", "literal"]);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if let Ok(text) = std::fs::read(entry.path()) {
            count += assert_same(&tables, &text, 0..text.len());
        }
    }
    assert!(count > 50);
}

proptest! {
    #[test]
    fn generated_text_gives_the_same_hits_whatever_the_filter(
        text in "([a-cABkKxXq@`_-]|AKIA|xoxb-|QZX|qzx|sk_live_|@\\[`\\{){0,400}",
        cut in 0_usize..400,
    ) {
        let tables = tables_of(LITERALS);
        let cut = cut.min(text.len());
        assert_same(&tables, text.as_bytes(), cut..text.len());
        assert_same(&tables, text.as_bytes(), 0..cut);
    }
}
