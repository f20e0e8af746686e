//! Every row of FORMATS over one set of hostile findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use serde_json::Value;

use super::{FORMATS, Style, named};
use crate::model::*;

const PLAIN: Style = Style { color: false, show_secrets: false, verbose: 0 };
const VERBOSE: Style = Style { verbose: 1, ..PLAIN };

/// Looks like a key; made of pieces, so that no scanner takes this file for a leak.
fn secret() -> String {
    ["qX7", "mZ2", "pL9", "vT4", "kW8", "nR5", "jH3", "bF6", "yD1", "cS0"].concat()
}

/// What attackers put where a report prints it.
const HOSTILE: &str = "x\n::set-output name=a::b\r##[group]g ##vso[task.complete]\u{1b}]52;c;aGk=\u{7}\
    \u{9b}2J\u{202e}gpj\u{200b}section_start:1:a\n--- fold\n=cmd|' /C calc'!A0,\"q\"<b>]]>&;%{0}[a](javascript:b)\u{0}\u{fffe}";

fn finding(path: &[u8], line: u64, text: &str) -> Finding {
    let secret = secret();
    let before = text.find(&secret).expect("the secret stands in its line");
    let span = Span::new(100 * line + before as u64, 100 * line + (before + secret.len()) as u64);
    let column = before as u64 + 1;
    Finding {
        signature: "acme-key".into(),
        signatures: vec!["acme-key".into(), "generic".into()],
        provider: "Acme".into(),
        title: "Acme key".into(),
        kind: "api-key".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        revoke: Some("https://acme.example/keys".into()),
        path: BlobPath::new(path),
        origin: Arc::new(Origin::of(OriginKind::File)),
        line,
        column,
        end_line: line,
        end_column: column + secret.len() as u64,
        span,
        fingerprint: Some(
            FingerprintKey::Secret(vec![7; 32].into()).fingerprint(secret.as_bytes()),
        ),
        excerpt: Excerpt {
            line: SecretBytes::new(text.as_bytes().to_vec()),
            hidden: std::iter::once(before..before + secret.len()).collect(),
            cut: (false, false),
        },
        secret: SecretBytes::new(secret.into_bytes()),
        decoded: vec![],
        facts: Facts::new(),
        nearby: None,
        suppression: None,
        expired: None,
        verdict: Verdict::not_checked(),
        sightings: 1,
        history: None,
    }
}

fn report(findings: Vec<Finding>, suppressed: Vec<Finding>, problems: Vec<Problem>) -> Report {
    let summary = Summary {
        files: 12,
        bytes: 34_567,
        signatures: 60,
        suppressed: BTreeMap::from([("inline".to_owned(), suppressed.len() as u64)]),
        complete: problems.iter().all(|problem| !problem.reason.incomplete()),
        ..Summary::default()
    };
    Report { findings, suppressed, problems, summary }
}

/// An everyday report: what the snapshots show.
fn everyday() -> Report {
    let mut first = finding(b"src/app.env", 3, &format!("\tTOKEN={} # größe", secret()));
    first.facts.insert("expires".into(), Value::from("2026-01-31"));
    let mut second = finding(b"src/app.env", 9, &format!("日本 = \"{}\"", secret()));
    second.severity = Severity::Medium;
    second.decoded = vec!["base64".into()];
    second.origin = Arc::new(Origin {
        kind: OriginKind::Commit,
        commit: Some(Commit {
            id: "1234567890abcdef1234567890abcdef12345678".into(),
            author: "Ada".into(),
            email: "ada@example.org".into(),
            date: "2026-01-02T03:04:05+01:00".into(),
        }),
        in_head: Some(true),
        object: None,
    });
    let mut quiet = finding(b"test/data.txt", 1, &secret());
    quiet.suppression = Some(Suppression::Inline("leakspan:allow".into()));
    let problems = vec![
        Problem::new(BlobPath::new(*b"a.zip"), Reason::ArchiveCorrupt, "the directory is cut off"),
        Problem::new(BlobPath::new(*b"vendor/lib"), Reason::Submodule, "scan it by itself"),
    ];
    report(vec![first, second], vec![quiet], problems)
}

/// A report in which everything that can be hostile is, and the secret stands in nine places.
fn hostile() -> Report {
    let secret = secret();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let reversed: String = secret.chars().rev().collect();
    let text = format!("{HOSTILE} {secret} {base64} {hex} {reversed} {HOSTILE}");
    let path = [b"\xff../", HOSTILE.as_bytes(), b"/", secret.as_bytes()].concat();
    let mut one = finding(&path, 2, &text);
    one.facts.insert("name".into(), Value::from(format!("{HOSTILE} {secret}")));
    one.facts.insert("deep".into(), serde_json::json!([{"a": base64}]));
    one.origin = Arc::new(Origin {
        kind: OriginKind::Commit,
        commit: Some(Commit {
            id: "1234567890abcdef1234567890abcdef12345678".into(),
            author: format!("{HOSTILE} {secret}"),
            email: format!("{secret}@example.org"),
            date: "2026-01-02T03:04:05+01:00".into(),
        }),
        in_head: None,
        object: None,
    });
    one.expired = Some("2026-01-01".into());
    one.history = Some(Arc::new(hostile_history(&path, one.origin.commit.clone().unwrap())));
    let mut other = one.clone();
    other.suppression = Some(Suppression::File {
        owner: HOSTILE.into(),
        reason: HOSTILE.into(),
        until: "2026-01-01".into(),
    });
    let starts = ["=1+1", "+1", "-1", "@a", "\t=1", "::error::x", "--- x", "##[error]x"];
    let mut findings = vec![one];
    findings.extend(starts.iter().map(|start| finding(start.as_bytes(), 1, &secret)));
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    let problems = vec![
        Problem::new(BlobPath::new(path.clone()), Reason::Corrupt, HOSTILE),
        Problem::new(BlobPath::new(path), Reason::SpecialFile, HOSTILE),
    ];
    let mut report = report(findings, vec![other], problems);
    report.summary.notes.push(HOSTILE.into());
    report
}

/// A history that names the secret wherever it can.
fn hostile_history(path: &[u8], commit: Commit) -> History {
    let path = BlobPath::new(path);
    let person = commit.author.clone();
    let sighting = |commit: Option<Commit>, kind| Sighting {
        path: path.clone(),
        kind,
        object: "1234567890abcdef1234567890abcdef12345678".into(),
        line: 3,
        column: 1,
        commit,
        reach: Reach::Stash,
        suppressed: true,
    };
    History {
        reach: Reach::Head,
        committer: person.clone(),
        committer_email: person,
        committed: commit.date.clone(),
        clock: Some(Clock::C),
        paths: vec![path.clone(), path.clone()],
        windows: vec![Window { from: commit.clone(), until: Some(commit.clone()) }],
        moves: vec![Move { path: path.clone(), commit: commit.clone() }],
        last_path: Some(path.clone()),
        sightings: Some(vec![
            sighting(Some(commit), OriginKind::Commit),
            sighting(None, OriginKind::Path),
        ]),
    }
}

fn written(format: &str, report: &Report, style: Style) -> String {
    let mut out = Vec::new();
    named(format)
        .expect("a row of FORMATS")
        .write(report, style, &mut out)
        .expect("memory takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

#[test]
fn no_format_shows_eight_bytes_of_a_secret_in_any_form() {
    let secret = secret();
    let mut forms = vec![secret.clone(), secret.chars().rev().collect()];
    forms.push(base64::engine::general_purpose::STANDARD_NO_PAD.encode(&secret));
    forms.push(secret.bytes().map(|byte| format!("{byte:02x}")).collect());
    for format in FORMATS {
        for style in [PLAIN, VERBOSE] {
            let text = written(format.name(), &hostile(), style);
            for window in forms.iter().flat_map(|form| form.as_bytes().windows(8)) {
                let window = std::str::from_utf8(window).unwrap();
                assert!(!text.contains(window), "{} shows {window}: {text}", format.name());
            }
        }
    }
}

#[test]
fn every_format_shows_secrets_when_asked() {
    let style = Style { show_secrets: true, ..PLAIN };
    for format in FORMATS.iter().filter(|format| format.name() != "sarif") {
        assert!(
            written(format.name(), &everyday(), style).contains(&secret()),
            "{}",
            format.name()
        );
    }
}

#[test]
fn no_output_holds_a_control_character_or_a_command_that_is_not_ours() {
    for format in FORMATS {
        for style in [PLAIN, VERBOSE] {
            let text = written(format.name(), &hostile(), style);
            for line in text.lines() {
                let name = format.name();
                assert!(line.chars().all(crate::text::is_plain), "{name}: {line:?}");
                // What stands behind our own command must hold no other.
                let ours = match name {
                    "azure" => line.strip_prefix("##vso[task.logissue ").unwrap_or(line),
                    "github" => line.trim_start_matches("::"),
                    _ => line,
                };
                let folds = ["section_start:", "travis_fold:"];
                let words = ["##[", "##vso[", "##teamcity["];
                let folds = if json_like(name) { &[][..] } else { &folds };
                for word in words.iter().chain(folds) {
                    assert!(!ours.contains(word), "{name}: {line}");
                }
                let starts = ["::", "---", "+++", "~~~", "^^^"];
                let start = ours.trim_start();
                assert!(!starts.iter().any(|word| start.starts_with(word)), "{name}: {line}");
            }
        }
    }
}

/// JSON keeps its text, inside quotes on a line that begins with a quote or a brace.
fn json_like(name: &str) -> bool {
    matches!(name, "json" | "jsonl" | "sarif" | "gitlab" | "gitleaks")
}

#[test]
fn annotations_are_of_one_line_and_of_four_kibibytes_at_most() {
    let mut report = hostile();
    let long = "%,:\u{1b}".repeat(5000);
    report.problems.push(Problem::new(BlobPath::new(long.as_bytes()), Reason::Corrupt, long));
    for format in ["github", "azure"] {
        let text = written(format, &report, PLAIN);
        // Nine findings, two problems that leave the run incomplete, one summary.
        assert_eq!(text.lines().count(), 9 + 2 + 1, "{format}");
        assert!(text.lines().all(|line| line.len() <= 4096), "{format}");
    }
}

#[test]
fn colours_stand_in_human_alone_and_only_when_asked() {
    let style = Style { color: true, ..VERBOSE };
    for format in FORMATS {
        let colored = written(format.name(), &everyday(), style).contains('\u{1b}');
        assert_eq!(colored, format.name() == "human", "{}", format.name());
        assert!(!written(format.name(), &everyday(), VERBOSE).contains('\u{1b}'));
    }
}

#[test]
fn json_formats_come_back_as_values() {
    for format in ["json", "sarif", "gitlab", "gitleaks"] {
        serde_json::from_str::<Value>(&written(format, &hostile(), VERBOSE)).expect(format);
    }
    let text = written("jsonl", &hostile(), VERBOSE);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types[types.len() - 4..], ["suppressed", "problem", "problem", "summary"]);
    assert_eq!(lines[0]["schema"], "leakspan/1");
}

#[test]
fn jsonl_has_the_keys_of_the_interface_in_order() {
    let text = written("jsonl", &everyday(), PLAIN);
    let key = |line: &str| -> Vec<String> {
        let pieces = regex::Regex::new(r#"[{,]"([a-z_]+)":"#).unwrap();
        pieces.captures_iter(line).map(|found| found[1].to_owned()).collect()
    };
    let finding = key(text.lines().next().unwrap());
    let wanted = "type schema signature signatures provider title kind severity confidence path line column \
        end_line end_column byte_start byte_end secret fingerprint length origin kind commit author email date \
        in_head context owner verdict status reason checked_at facts expires decoded sightings suppression expired";
    assert_eq!(finding, wanted.split_whitespace().collect::<Vec<_>>());
    let summary = key(text.lines().last().unwrap());
    let wanted =
        "type findings problems suppressed files bytes objects signatures complete seconds version";
    assert_eq!(summary[..11], wanted.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn csv_reads_back_and_no_cell_begins_a_formula() {
    let text = written("csv", &hostile(), VERBOSE);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<_> = rows.records().map(|row| row.expect("rows are of one length")).collect();
    // Findings with two sightings, what is suppressed, problems.
    assert_eq!(rows.len(), 9 + 2 + 1 + 2);
    for cell in rows.iter().flatten() {
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
}

#[test]
fn junit_reads_back_and_counts_what_it_holds() {
    use quick_xml::events::Event;
    let text = written("junit", &hostile(), VERBOSE);
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.expect("attributes are quoted");
                }
                let name = tag.name().as_ref().to_owned();
                *counts.entry(name).or_default() += 1;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let counted = |name: &str| counts.get(name).copied().unwrap_or(0);
    assert_eq!(
        (counted("testcase"), counted("failure"), counted("error"), counted("skipped")),
        (12, 9, 1, 2)
    );
    assert!(
        text.contains(
            r#"<testsuite name="leakspan" tests="12" failures="9" errors="1" skipped="2">"#
        ),
        "{text}"
    );
}

#[test]
fn sarif_and_gitlab_are_valid_against_their_schemas() {
    for (format, schema) in [("sarif", "sarif-2.1.0"), ("gitlab", "gitlab-secret-detection-15")] {
        let file = format!("{}/fixtures/schemas/{schema}.json", env!("CARGO_MANIFEST_DIR"));
        let mut schema: Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        // SARIF's own pattern of languages has a stray bracket; we write no language.
        for of in ["run", "toolComponent"] {
            if let Some(language) =
                schema.pointer_mut(&format!("/definitions/{of}/properties/language"))
            {
                *language = Value::from(true);
            }
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        let empty = report(vec![], vec![], vec![]);
        for report in [everyday(), hostile(), empty] {
            let value = serde_json::from_str(&written(format, &report, VERBOSE)).unwrap();
            let wrong: Vec<_> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
            assert!(wrong.is_empty(), "{format}: {wrong:#?}");
        }
    }
}

#[test]
fn sarif_keeps_the_worst_results_that_github_takes() {
    let mut slight = finding(b"a", 1, &secret());
    slight.severity = Severity::Low;
    let mut findings = vec![slight; 25_005];
    findings[25_003].severity = Severity::Critical;
    findings[7].severity = Severity::Medium;
    let text = written("sarif", &report(findings, vec![], vec![]), PLAIN);
    let value: Value = serde_json::from_str(&text).unwrap();
    let results = value["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    let of = |level: &str| results.iter().filter(|result| result["level"] == level).count();
    assert_eq!((of("error"), of("warning")), (1, 1));
    let notices = &value["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notices[0]["message"]["text"].as_str().unwrap().starts_with("5 less severe results"));
}

#[test]
fn sarif_fingerprints_survive_moved_lines_and_tell_copies_apart() {
    let prints = |lines: [u64; 2]| -> Vec<String> {
        let findings = lines.map(|line| finding(b"a", line, &secret())).to_vec();
        let text = written("sarif", &report(findings, vec![], vec![]), PLAIN);
        let value: Value = serde_json::from_str(&text).unwrap();
        let results = value["runs"][0]["results"].as_array().unwrap();
        results
            .iter()
            .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].to_string())
            .collect()
    };
    assert_eq!(prints([1, 2]), prints([10, 40]));
    assert_ne!(prints([1, 2])[0], prints([1, 2])[1]);
}

#[test]
fn sarif_columns_are_utf16_code_units_and_paths_climb_nowhere() {
    let text = written("sarif", &everyday(), PLAIN);
    let value: Value = serde_json::from_str(&text).unwrap();
    let region = &value["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"];
    // Two characters of three bytes stand before it.
    assert_eq!((&region["startColumn"], &region["endColumn"]), (&Value::from(7), &Value::from(37)));
    assert_eq!(super::shown::uri(b"../a b/./c%\xff:d"), "%2E%2E/a%20b/%2E/c%25%FF%3Ad");
    assert_eq!(super::shown::uri(b"javascript:alert(1)"), "javascript%3Aalert%281%29");
    assert_eq!(super::shown::uri(b"/etc//x.zip!a/b"), "etc/x.zip!a/b");
}

fn stopped(report: &Report) -> String {
    let mut out = Vec::new();
    super::stopped(super::Deed::Commit, report, &|_| true, PLAIN, &mut out)
        .expect("memory takes all");
    String::from_utf8(out).expect("text is UTF-8")
}

#[test]
fn a_stopped_commit_is_told_in_ten_lines_a_finding_without_commands_or_secrets() {
    insta::assert_snapshot!("stopped-commit", stopped(&everyday()));
    let text = stopped(&hostile());
    assert!(text.lines().all(|line| line.chars().all(crate::text::is_plain)), "{text}");
    assert!(!text.contains("##[") && !text.contains(&secret()[..8]), "{text}");
    for part in text.split("\n\n").skip(1).take(9) {
        assert!(part.lines().count() <= 10, "{part}");
        assert!(part.contains("1 remove it") && part.contains("3 allow it"), "{part}");
    }
}

#[test]
fn everyday_snapshots() {
    for format in FORMATS {
        insta::assert_snapshot!(format.name(), written(format.name(), &everyday(), PLAIN));
    }
    insta::assert_snapshot!("human-verbose", written("human", &everyday(), VERBOSE));
}

#[test]
fn hostile_human_snapshot() {
    insta::assert_snapshot!(written("human", &hostile(), PLAIN));
}
