//! Signature files: what loads, what is refused and how, and whether the built-in ones work.

use std::collections::BTreeSet;

use leakspan::app::signatures::{CheckOptions, ListFormat, check, check_samples, list, show};
use leakspan::model::Matcher;
use leakspan::signatures::samples::{Samples, render, seed};
use leakspan::signatures::{self, Options, Selection, file, load, open};

use crate::support::Sandbox;

const ACME: &str = r#"
provider = "Acme"

[[signature]]
id = "acme-key"
title = "Acme key"
severity = "high"
kind = "api-key"
token = 'qzacme_[0-9a-f]{24}'
accept = ["ACME_KEY=qzacme_${hex:24}", "{\"key\":\"qzacme_${hex:24}\"}"]
reject = ["qzacme_${hex:12}"]
"#;

fn parse(text: &str) -> Result<Vec<file::Entry>, String> {
    file::parse("acme.toml".as_ref(), text).map_err(|error| error.to_string())
}

fn broken(from: &str, to: &str) -> String {
    parse(&ACME.replace(from, to)).expect_err("it must not load")
}

#[test]
fn a_file_without_faults_loads() {
    let entries = parse(ACME).unwrap();
    assert_eq!(entries[0].signature.id, "acme-key");
    assert_eq!(entries[0].signature.file, "acme");
    assert_eq!(entries[0].line, 5);
    assert!(!entries[0].windows.is_empty());
}

#[test]
fn unknown_keys_name_file_line_id_and_the_nearest_key() {
    insta::assert_snapshot!(
        broken("severity", "severty"),
        @"acme.toml:7: signature `acme-key`: unknown key `severty`, the nearest is `severity`"
    );
    insta::assert_snapshot!(
        broken("provider", "provder"),
        @"acme.toml:2: unknown key `provder`, the nearest is `provider`"
    );
}

#[test]
fn faults_name_their_line_and_what_to_do() {
    let token = "token = 'qzacme_[0-9a-f]{24}'";
    for (from, to, wanted) in [
        ("acme-key", "Acme_Key", "an id is made of"),
        (token, "", "give one of"),
        (token, "pattern = 'qzacme_[0-9a-f]+'", "unbounded"),
        (token, "pattern = '[0-9a-f]{32}'", "literal"),
        (token, "pattern = '(qzacme_[0-9a-f]{24}'", "parsed"),
        (token, "pattern = '(?:qzacme_[0-9a-f]{24})?'", "empty string"),
        (token, "token = 'qzacme_[0-9a-f]{24}'\nkeywords = ['globex']", "does not prove"),
        (token, "token = 'qzacme_[0-9a-f]{24}'\nwindow = [1, 2]", "`window`"),
        (token, "token = 'qzacme_[0-9a-f]{24}'\nknown_sha256 = ['ab']", "SHA-256"),
        ("\"high\"", "\"hihg\"", "unknown variant"),
    ] {
        let error = broken(from, to);
        assert!(error.contains(wanted), "{to}: {error}");
        assert!(error.starts_with("acme.toml:"), "{error}");
    }
}

#[test]
fn patterns_that_would_take_too_much_memory_are_refused() {
    let token = "token = 'qzacme_[0-9a-f]{24}'";
    for pattern in ["(?:q{1000}){1000}", "qzacme[a-f]{4294967295}", &"q".repeat(20_000)] {
        let error = broken(token, &format!("pattern = '{pattern}'"));
        assert!(error.contains("signature `acme-key`"), "{error}");
    }
    let sandbox = Sandbox::new();
    let wide = "token = 'qzacme_(?:[a-f][h-m]|[g-l][n-s]|[m-r][t-z]|[0-4][5-9]|[5-9][0-4]|[A-F][H-M]|[G-L][N-S]|[M-R][T-Z]|x[a-z]|y[a-z]|z[0-9]){2000}'";
    let file = sandbox.write("wide.toml", ACME.replace(token, wide));
    let options = Options { files: vec![file], ..Options::default() };
    let error = open(signatures::builtin(), &options).expect_err("too large").to_string();
    assert!(error.contains("2 MiB"), "{error}");
}

#[test]
fn a_file_or_folder_without_signatures_is_an_error() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("rules/empty.toml", "provider = \"Acme\"\n");
    assert!(load::read(&file).unwrap_err().to_string().contains("no signature"));
    let folder = sandbox.path().join("bare");
    std::fs::create_dir(&folder).unwrap();
    assert!(load::read(&folder).unwrap_err().to_string().contains("no signature"));
    assert!(load::read(&sandbox.path().join("absent")).is_err());
}

#[test]
fn an_id_used_twice_is_an_error() {
    let mut entries = parse(ACME).unwrap();
    entries.append(&mut parse(ACME).unwrap());
    let error = load::assemble(entries).unwrap_err().to_string();
    assert!(error.contains("used twice"), "{error}");
}

#[test]
fn files_add_to_the_built_in_set_and_replace_by_id() {
    let sandbox = Sandbox::new();
    sandbox.write("rules/acme.toml", ACME);
    sandbox.write("rules/github.toml", ACME.replace("acme-key", "github-pat-classic"));
    let options = Options { files: vec![sandbox.path().join("rules")], ..Options::default() };
    let base = signatures::builtin();
    let before = base.signatures.len();
    let opened = open(base, &options).unwrap();
    assert_eq!(opened.set.signatures.len(), before + 1);
    assert_eq!(opened.replaced, ["github-pat-classic"]);
    let replaced = opened.set.signatures.iter().find(|it| it.id == "github-pat-classic").unwrap();
    assert_eq!(replaced.provider, "Acme");
    assert!(opened.set.signatures.is_sorted_by(|a, b| a.id < b.id));
}

#[test]
fn a_choice_keeps_what_it_names_and_an_unknown_id_names_the_nearest() {
    let choose = |enable: &[&str], disable: &[&str]| {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let choice = Selection { enable: owned(enable), disable: owned(disable) };
        open(signatures::builtin(), &Options { files: Vec::new(), choice })
    };
    let all = signatures::builtin().signatures.len();
    assert_eq!(choose(&["stripe-secret-key"], &[]).unwrap().set.signatures.len(), 1);
    let fewer = choose(&[], &["stripe-secret-key"]).unwrap().set;
    assert_eq!(fewer.signatures.len(), all - 1);
    let anchors = fewer.tables.anchors.iter();
    assert!(anchors.map(|anchor| anchor.signature as usize).all(|at| at < all - 1));
    let error = choose(&["stripe-secret-kay"], &[]).unwrap_err().to_string();
    assert!(error.contains("`stripe-secret-key`"), "{error}");
    assert!(choose(&["jwt"], &["jwt"]).is_err());
}

#[test]
fn choosing_keeps_the_literals_of_what_is_left() {
    let choice = Selection { enable: vec!["aws-access-key-id".into()], disable: Vec::new() };
    let set = open(signatures::builtin(), &Options { files: Vec::new(), choice }).unwrap().set;
    let literals: BTreeSet<_> = set.tables.literals.iter().map(|it| it.bytes.to_vec()).collect();
    assert_eq!(literals, [b"abia".to_vec(), b"acca".to_vec(), b"akia".to_vec()].into());
}

#[test]
fn accepted_samples_match_the_pattern_by_itself() {
    let set = signatures::builtin();
    let mut wrong = Vec::new();
    for (signature, samples) in set.signatures.iter().zip(signatures::builtin_samples()) {
        let Matcher::Pattern(pattern) = &signature.matcher else { continue };
        let regex = regex::bytes::RegexBuilder::new(pattern).unicode(false).build().unwrap();
        for (number, template) in samples.accept.iter().enumerate() {
            for round in 0..20 {
                let seed = seed(&samples.id, number, round);
                let text = render(template, seed).unwrap();
                // A template inside an encoder is for the decoders.
                if !regex.is_match(text.as_bytes()) && !template.contains("64:{") {
                    wrong.push(format!("{}: {template} -> {text}", samples.id));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn built_in_signatures_match_their_samples_through_the_whole_engine() {
    let mut out = Vec::new();
    // Every sample many times over: a filter must not drop one in a hundred by its looks.
    let checked = check(&CheckOptions { rounds: 20, ..CheckOptions::default() }, &mut out).unwrap();
    assert_eq!(checked.complaints, [""; 0], "{}", String::from_utf8_lossy(&out));
    assert!(checked.samples > 500, "{} samples", checked.samples);
}

#[test]
fn a_prefix_that_reads_like_a_placeholder_is_no_placeholder() {
    for prefix in ["my_token_", "api_key_", "example-", "fake_", "your_secret_key-", "todo."] {
        let token = prefix.replace('.', "[.]");
        let text = ACME.replace("qzacme_", &token).replace("ACME_KEY=[.]", "ACME_KEY=.");
        let text = text.replace("todo[.]${hex", "todo.${hex");
        let entries = parse(&text).unwrap();
        let samples = signatures::lint::samples_of(&entries);
        let (set, _) = load::assemble(entries).unwrap();
        let checked = check_samples(set.clone(), &samples, 20);
        assert_eq!(checked.complaints, [""; 0], "{prefix}");
        // Behind the prefix the words count.
        let [samples] = &samples[..] else { panic!("one signature") };
        let placeholder = Samples {
            id: samples.id.clone(),
            overlaps: Vec::new(),
            accept: samples.accept.clone(),
            reject: vec![format!("{prefix}${{repeat:a:24}}"), format!("{prefix}${{repeat:x:24}}")],
        };
        assert_eq!(check_samples(set, &[placeholder], 1).complaints, [""; 0], "{prefix}");
    }
}

/// How likely random bytes hold a match at some place, at most.
fn chance(hir: &regex_syntax::hir::Hir) -> f64 {
    use regex_syntax::hir::{Class, HirKind};
    let share = |members: usize| (members as f64 / 256.0).min(1.0);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1.0,
        HirKind::Literal(literal) => share(1).powi(literal.0.len() as i32),
        HirKind::Class(Class::Bytes(class)) => share(class.iter().map(|range| range.len()).sum()),
        HirKind::Class(Class::Unicode(class)) => share(class.iter().map(|range| range.len()).sum()),
        HirKind::Capture(capture) => chance(&capture.sub),
        HirKind::Repetition(it) => chance(&it.sub).powi(it.min as i32),
        HirKind::Concat(parts) => parts.iter().map(chance).product(),
        HirKind::Alternation(ways) => ways.iter().map(chance).sum::<f64>().min(1.0),
    }
}

#[test]
fn no_built_in_pattern_matches_in_a_terabyte_of_random_bytes() {
    let mut loose = Vec::new();
    for signature in signatures::builtin().signatures.iter() {
        let Matcher::Pattern(pattern) = &signature.matcher else { continue };
        let bits = -chance(&signatures::literals::parse(pattern).unwrap()).log2();
        // A sixteenth of a chance in 2^40 bytes.
        if bits < 44.0 {
            loose.push(format!("{}: {bits:.0} bits", signature.id));
        }
    }
    assert_eq!(loose, [""; 0]);
}

#[test]
fn check_tells_what_is_wrong_with_samples() {
    let entries = parse(ACME).unwrap();
    let (set, _) = load::assemble(entries).unwrap();
    let complaints = |accept: &[&str], reject: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let id = "acme-key".to_owned();
        let samples =
            Samples { id, accept: owned(accept), reject: owned(reject), overlaps: Vec::new() };
        check_samples(set.clone(), &[samples], 1).complaints.join("\n")
    };
    let good = "qzacme_${hex:24}";
    assert_eq!(complaints(&[good, good], &["qzacme_"]), "");
    assert!(complaints(&[good], &["qzacme_"]).contains("at least 2 and 1"));
    assert!(complaints(&[good, "qzacme_${hex:8}"], &["qzacme_"]).contains("not found"));
    assert!(complaints(&[good, good], &[good]).contains("must not be"));
    assert!(complaints(&[good, "${nothing}"], &["x"]).contains("no placeholder"));
}

#[test]
fn two_signatures_with_one_span_and_no_rank_are_a_complaint() {
    let twin = ACME.split_once("[[signature]]").unwrap().1.replace("acme-key", "acme-twin");
    let entries = parse(&format!("{ACME}\n[[signature]]{twin}")).unwrap();
    let samples = signatures::lint::samples_of(&entries);
    let (set, _) = load::assemble(entries).unwrap();
    let complaints = check_samples(set, &samples, 1).complaints.join("\n");
    assert!(complaints.contains("claims the same span"), "{complaints}");
}

#[test]
fn what_is_said_of_the_catalogue_names_signatures_that_there_are() {
    let known: BTreeSet<_> =
        signatures::builtin().signatures.iter().map(|it| it.id.to_string()).collect();
    let rows = include_str!("../signatures/coverage.tsv").lines().filter(|it| !it.starts_with('#'));
    for row in rows {
        let [name, how, words] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        assert!(!known.contains(name), "{name} has a signature of its own");
        if how == "covered" {
            for id in words.split(' ') {
                assert!(known.contains(id), "{name}: there is no signature {id}");
            }
        }
        // A reason may point at what is found instead.
        for id in
            words.split('`').skip(1).step_by(2).filter(|id| how != "shape" && id.contains("-"))
        {
            assert!(known.contains(id), "{name}: there is no signature {id}");
        }
    }
}

/// The complaints about a file beside the built-in signatures, with all that was written.
fn complaints_about(text: &str) -> (Vec<String>, String) {
    let sandbox = Sandbox::new();
    let path = Some(sandbox.write("acme.toml", text));
    let mut out = Vec::new();
    let checked = check(&CheckOptions { path, rounds: 20, cost: true }, &mut out).unwrap();
    (checked.complaints, String::from_utf8(out).unwrap())
}

#[test]
fn a_signature_that_works_has_no_complaint_and_its_cost_is_shown() {
    let called = ACME.replace("qzacme_", "token-");
    let (complaints, out) = complaints_about(ACME);
    assert_eq!(complaints, [""; 0], "{out}");
    assert!(out.contains("generic-password-assignment"), "{out}");
    // Nothing in the text calls for a prefix that does not stand there; a word of it does.
    assert!(!out.contains("  acme-key\n"), "{out}");
    let (_, out) = complaints_about(&called.replace("token-[", "token[-_ .,]["));
    assert!(out.contains("  acme-key\n"), "{out}");
}

#[test]
fn what_is_slow_or_noisy_is_a_complaint() {
    let token = "token = 'qzacme_[0-9a-f]{24}'";
    let with = |pattern: &str| ACME.replace(token, &format!("pattern = '{pattern}'"));
    let (complaints, _) = complaints_about(&with(r"return[ -~\s]{0,3000}[0-9]"));
    let told = complaints.join("\n");
    assert!(told.contains("acme-key: slow: its pattern reads"), "{told}");
    let (complaints, _) = complaints_about(&with("revision: (?<secret>[0-9a-f]{40})"));
    let told = complaints.join("\n");
    assert!(told.contains("acme-key: noisy: "), "{told}");
    assert!(told.contains("findings in ordinary source without a secret, first src/"), "{told}");
}

#[test]
fn crossfire_must_be_explained_and_an_explanation_must_explain_something() {
    let github = ACME.replace("qzacme_[0-9a-f]{24}", "ghp_[0-9A-Za-z]{36}").replace(
        r#"accept = ["ACME_KEY=qzacme_${hex:24}", "{\"key\":\"qzacme_${hex:24}\"}"]"#,
        r#"accept = ["ACME_KEY=ghp_${base62:36}", "key: ghp_${base62:36}"]"#,
    );
    let rank = |text: &str, more: &str| text.replace("kind =", &format!("rank = 5\n{more}kind ="));
    let (complaints, out) = complaints_about(&rank(&github, ""));
    let told = complaints.join("\n");
    assert!(
        told.contains("github-pat-classic: acme-key fires on its samples too, and wins"),
        "{out}"
    );
    // On those of the built-in one, too: its checksum is right there, and the other claims the span.
    let said = r#"overlaps = { github-pat-classic = "the same token" }"#.to_owned() + "\n";
    let (complaints, out) = complaints_about(&rank(&github, &said));
    assert_eq!(complaints, [""; 0], "{out}");
    assert!(out.contains("cross-fire: "), "{out}");
    assert!(out.contains(": the same token"), "{out}");
    let (complaints, _) = complaints_about(&ACME.replace("kind =", &format!("{said}kind =")));
    let told = complaints.join("\n");
    assert!(told.contains("acme-key: `overlaps` explains github-pat-classic"), "{told}");
    let unknown = broken("kind =", "overlaps = { jwt = \"\" }\nkind =");
    assert!(unknown.contains("`overlaps` is empty"), "{unknown}");
    let entries = parse(&ACME.replace("kind =", "overlaps = { nothing = \"x\" }\nkind =")).unwrap();
    let error = load::assemble(entries).unwrap_err().to_string();
    assert!(error.contains("`overlaps` names `nothing`"), "{error}");
}

#[test]
fn every_built_in_signature_is_listed_and_can_be_shown() {
    let set = signatures::builtin();
    let mut text = Vec::new();
    list(&set, ListFormat::Json, &mut text).unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
    assert_eq!(rows.len(), set.signatures.len());
    let samples = signatures::builtin_samples();
    for signature in set.signatures.iter() {
        let mut text = Vec::new();
        show(&set, &samples, &signature.id, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(&*signature.title), "{text}");
        assert!(text.contains("\nfinds       ") && text.contains("\nsample      "), "{text}");
    }
    let error = show(&set, &samples, "jwd", &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("`jwt`"), "{error}");
}
