//! Versions of a text, each scanned as a change of the one before: the same is found as in each whole.

use leakspan::engine::{Found, Options, Scanner};
use leakspan::model::{Blob, Content, Copied, Lineage, Memory};
use proptest::prelude::*;

use leakspan::signatures::samples;

use super::{blob, planted, set, told};

/// One change of a text.
#[derive(Clone, Debug)]
enum Edit {
    /// Replaces so many bytes from there on, both in per mille of the text and bytes.
    Splice(usize, usize, Vec<u8>),
    /// Moves a part of the text to its end.
    Move(usize, usize),
}

fn splice(text: &[u8], edits: &[Edit]) -> (Vec<u8>, Vec<Copied>) {
    let mut pieces: Vec<(std::ops::Range<usize>, Vec<u8>)> = Vec::new();
    let mut at = 0;
    for edit in edits {
        let (place, length, new) = match edit {
            Edit::Splice(place, length, new) => (place, length, new.clone()),
            Edit::Move(place, length) => (place, length, Vec::new()),
        };
        let from = at.max(text.len() * place / 1000);
        let end = text.len().min(from + length);
        pieces.push((at..from, new));
        at = end;
        if matches!(edit, Edit::Move(..)) && from < end {
            pieces.push((from..end, Vec::new()));
        }
    }
    pieces.push((at..text.len(), Vec::new()));
    let (mut made, mut copies) = (Vec::new(), Vec::new());
    for (copied, new) in pieces {
        if !copied.is_empty() {
            Copied::push(&mut copies, copied.clone(), made.len());
            made.extend_from_slice(&text[copied]);
        }
        made.extend(new);
    }
    (made, copies)
}

fn version(
    scanner: &Scanner,
    blob: &Blob,
    text: &[u8],
    base: Option<(&[u8], &[Copied], &Memory)>,
) -> (Found, Memory) {
    let mut lineage = Lineage { heirs: true, ..Lineage::default() };
    if let Some((bytes, copies, memory)) = base {
        lineage = Lineage { copies, base: bytes, memory: Some(memory), ..lineage };
    }
    let (found, memory) = scanner.thread().version(blob, text, &lineage);
    (found, memory.expect("it has heirs and is short"))
}

/// All that is found and all that is not, of every version.
#[track_caller]
fn versions_are_scanned_alike(
    scanner: &Scanner,
    first: Vec<u8>,
    versions: &[Vec<Edit>],
    name: &str,
) {
    let blob = blob(name);
    let (_, mut memory) = version(scanner, &blob, &first, None);
    let mut base = first;
    for edits in versions {
        let (text, copies) = splice(&base, edits);
        let whole = scanner.thread().scan(&blob, Content::Bytes(&text));
        let changed = version(scanner, &blob, &text, Some((&base, &copies, &memory)));
        let found = changed.0;
        assert_eq!(told(&found), told(&whole), "{}", text.escape_ascii());
        assert_eq!(found.dropped, whole.dropped, "{}", text.escape_ascii());
        assert_eq!(found.bytes, whole.bytes);
        (base, memory) = (text, changed.1);
    }
}

fn explaining() -> Scanner {
    Scanner::new(set(), Options { explain: true, ..Options::default() })
}

/// Lines of which many are nearly, or wholly, what signatures look for.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,9}( [a-z]{1,12}){0,9}",
        1 => (0_usize..5000).prop_map(|at| planted()[at % planted().len()].clone()),
        1 => (0_usize..5000, 1_usize..60).prop_map(|(at, cut)| {
            let line = planted()[at % planted().len()].clone();
            let most = line.len().min(cut);
            String::from_utf8_lossy(&line.as_bytes()[..most]).into_owned()
        }),
        1 => "[A-Za-z0-9+/]{20,90}={0,2}",
        1 => "(password|api_key|token|secret)( ?[=:] ?)\"?[a-zA-Z0-9]{4,24}\"?",
        1 => "https?://[a-z]{3,8}:[a-z0-9]{4,12}@[a-z]{2,9}\\.[a-z]{2}/",
        1 => "(\\\\u00[67][0-9a-f]|%[67][0-9a-f]|&quot;|&#x[67][0-9a-f];|\\\\n|[a-z]){1,40}",
        1 => "([0-9a-f]{2}[ ,]){10,40}",
    ]
}

fn text(lines: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(line(), 1..lines).prop_map(|lines| lines.join("\n").into_bytes())
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let new = prop_oneof![3 => text(3), 1 => "[ -~\n]{0,3}".prop_map(String::into_bytes)];
    let splice = (0_usize..1000, 0_usize..80, new)
        .prop_map(|(place, length, new)| Edit::Splice(place, length, new));
    let moved = (0_usize..1000, 0_usize..400).prop_map(|(place, length)| Edit::Move(place, length));
    let sorted = |mut edits: Vec<Edit>| {
        edits.sort_by_key(|edit| match edit {
            Edit::Splice(place, ..) | Edit::Move(place, _) => *place,
        });
        edits
    };
    proptest::collection::vec(prop_oneof![4 => splice, 1 => moved], 0..4).prop_map(sorted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_version_gives_what_its_whole_text_gives(
        first in text(120),
        versions in proptest::collection::vec(edits(), 1..5),
        name in prop::sample::select(vec!["a.env", "src/a.py", "deploy.yaml", "a.json"]),
    ) {
        versions_are_scanned_alike(&explaining(), first, &versions, name);
    }
}

/// How many texts are made; the long run makes more.
fn cases() -> u32 {
    let asked = std::env::var("LEAKSPAN_VERSIONS").ok();
    asked.map_or(24, |text| text.parse().expect("LEAKSPAN_VERSIONS is a number"))
}

/// Every byte around a secret is a place at which a change may begin or end.
#[test]
fn a_secret_is_found_wherever_the_change_beside_it_ends() {
    let scanner = explaining();
    let filler = "some words that nobody looks for\n".repeat(40);
    let samples = planted();
    for sample in samples.iter().step_by(samples.len() / 12) {
        let text = format!("{filler}{sample}\n{filler}");
        let start = filler.len();
        for place in (start - 40..start + sample.len() + 40).step_by(3) {
            let base =
                [&text.as_bytes()[..place], &text.as_bytes()[(place + 25).min(text.len())..]];
            let (base, new) = (base.concat(), text.as_bytes()[place..place + 25].to_vec());
            let mut copies = Vec::new();
            Copied::push(&mut copies, 0..place, 0);
            Copied::push(&mut copies, place..base.len(), place + new.len());
            let blob = blob("a.env");
            let (_, memory) = version(&scanner, &blob, &base, None);
            let changed =
                version(&scanner, &blob, text.as_bytes(), Some((&base, &copies, &memory))).0;
            let whole = scanner.thread().scan(&blob, Content::Bytes(text.as_bytes()));
            assert_eq!(told(&changed), told(&whole), "{sample} at {place}");
            assert_eq!(changed.dropped, whole.dropped, "{sample} at {place}");
        }
    }
}

/// A memory that lies shows that memories are used: what it leaves out is not looked for again.
#[test]
fn what_did_not_change_is_not_looked_at_again() {
    let scanner = explaining();
    let filler = "some words that nobody looks for\n".repeat(100);
    let line = planted().into_iter().find(|line| line.contains("ghp_")).unwrap();
    let base = format!("{filler}{}\n{filler}", ".".repeat(line.len()));
    let mut text = format!("{filler}{line}\n{filler}");
    let place = text.len() - 10;
    text.insert(place, 'x');
    let blob = blob("a.env");
    let (_, memory) = version(&scanner, &blob, base.as_bytes(), None);
    // It is said that nothing was inserted where the secret is, but one byte far behind it.
    let mut copies = Vec::new();
    Copied::push(&mut copies, 0..place, 0);
    Copied::push(&mut copies, place..base.len(), place + 1);
    let lineage = (base.as_bytes(), copies.as_slice(), &memory);
    let found = version(&scanner, &blob, text.as_bytes(), Some(lineage)).0;
    assert!(found.findings.is_empty() && found.dropped.is_empty());
    assert_eq!(scanner.thread().scan(&blob, Content::Bytes(text.as_bytes())).findings.len(), 1);
}

/// A change between a name and its value that touches neither: too far apart before it, not any more behind it.
#[test]
fn a_name_counts_when_its_value_comes_nearer() {
    let value = samples::render("${hex:32}", 7).unwrap();
    let name = "- name: DATADOG_API_KEY_PRODUCTION of_the_whole cluster_wide\n";
    let lines: Vec<String> = (0..200).map(|n| format!("plain words, number {n}\n")).collect();
    let (head, tail) = (lines[..100].concat(), lines[100..].concat());
    let first = format!("{head}{name}{}value: \"{value}\"\n{tail}", " ".repeat(45));
    let place = first.find("value: ").unwrap() - 12;
    // Splices take their place in per mille.
    let pad =
        (0..1000).find(|pad| ((place + pad) * 1000).is_multiple_of(first.len() + pad)).unwrap_or(0);
    let first = format!("{}{first}", ".".repeat(pad)).into_bytes();
    let place = (place + pad) * 1000 / first.len();
    let edits = vec![Edit::Splice(place, 10, Vec::new())];
    let (text, _) = splice(&first, &edits);
    let scanner = explaining();
    let whole = scanner.thread().scan(&blob("deploy.yaml"), Content::Bytes(&text));
    assert!(whole.findings.iter().any(|it| it.signature == "datadog-api-key"));
    let before = scanner.thread().scan(&blob("deploy.yaml"), Content::Bytes(&first));
    assert!(!before.findings.iter().any(|it| it.signature == "datadog-api-key"));
    versions_are_scanned_alike(&scanner, first, &[edits], "deploy.yaml");
}
