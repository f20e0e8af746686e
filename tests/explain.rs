//! `leakspan explain`: ten findings and ten lines without one, and what is said of each.

use leakspan::signatures::samples::render;

use crate::support::Sandbox;

/// A line (a template of samples), the file that it stands in, and what must be told of it.
type Case = (&'static str, &'static str, &'static [&'static str]);

const FINDINGS: &[Case] = &[
    (
        "a.py",
        "api_key = \"${base62:40}\"",
        &[
            "generic-api-key-assignment: ",
            "score 0.",
            "of 1, so confidence ",
            "(high from 0.85, medium from 0.40, low from 0.05)",
            "for it: its signs follow one another as in random text (",
            "no words of code stand in it",
        ],
    ),
    (
        "a.yaml",
        "db_password: ${base62:20}",
        &["generic-password-assignment: ", "so confidence high", "for it: "],
    ),
    ("a.env", "SERVICE_TOKEN=${hex:40}", &["generic-api-key-assignment: ", "so confidence "]),
    (
        "b.py",
        "u = \"https://deploy:${base62:20}@git.acme.dev/a.git\"",
        &["url-basic-auth: ", "host: \"git.acme.dev\"", "score "],
    ),
    (
        "a.sh",
        "curl -u deploy:${base62:18} https://api.acme.dev/",
        &["command-line-password: ", "score "],
    ),
    (
        "b.env",
        "DD_API_KEY=${hex:32}",
        &["datadog-api-key: ", "claimed by: datadog-api-key, generic-api-key-assignment"],
    ),
    ("c.env", "LINEAR_API_KEY=lin_api_${base62:40}", &["linear-api-key: ", "confidence high"]),
    (
        "d.env",
        "PGURL=postgres://app:${base62:20}@db.acme.dev/shop",
        &["postgres-url: ", "user: \"app\""],
    ),
    (
        "e.env",
        "KEY=\"${b64:{lin_api_${base62:40}}}\"",
        &["linear-api-key: ", "read through: base64"],
    ),
    (
        "c.py",
        "token = \"lin_api_${base62:40}\" # leakspan:allow",
        &["linear-api-key: ", "suppressed by the comment leakspan:allow"],
    ),
];

const NONE: &[Case] = &[
    (
        "a.py",
        "secret_key = \"changeme\"",
        &["was dropped: placeholder", "that is: it stands for a secret and is none"],
    ),
    (
        "b.py",
        "password = \"settings_loader_factory\"",
        &[
            "was dropped: ordinary-text",
            "score 0.0",
            "so no finding (high from 0.85",
            "against it: its signs follow one another as in words (",
        ],
    ),
    (
        "c.py",
        "sha256_token = \"${hex:64}\"",
        &["was dropped: digest", "the length of a digest or a commit"],
    ),
    ("d.py", "api_key = \"aaaaaaaaaaaaaaaaaaaaaaaa\"", &["was dropped: ", "that is: "]),
    (
        "e.py",
        "\"api_key\": \"short\"",
        &["`api_key` promises a credential, but its value is too short"],
    ),
    (
        "f.py",
        "the password is not asked for",
        &["`password` promises a credential, but no operator"],
    ),
    ("g.py", "x = compute(3)", &["no name before an operator promises a credential"]),
    ("h.py", "just some words", &["no name promises a credential", "no operator gives it a value"]),
    (
        "i.py",
        "x = 'lin_api_${base62:12}'",
        &[
            "`lin_api_` is a sign of linear-api-key, whose secrets are 48 long",
            "what begins with it is 20 long",
        ],
    ),
    (
        "j.py",
        "x = 'wa${base62:4}_lin_api_${base62:40}'",
        &[
            "a value in the form of linear-api-key (`lin_api_`) is there, and a letter, digit or sign touches it",
        ],
    ),
];

#[test]
fn ten_findings_say_what_they_are_and_why_they_count() {
    for (at, case) in FINDINGS.iter().enumerate() {
        let (told, line) = explained(case, at as u64);
        assert!(!told.contains("no finding: nothing"), "{told}");
        // Longest part of the line that random text makes up: no piece of it is told.
        for random in line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|it| it.len() >= 18) {
            let hidden = !told.contains(&random[4..]);
            assert!(hidden, "{told}");
        }
    }
}

#[test]
fn ten_lines_without_a_finding_say_what_is_missing() {
    for (at, case) in NONE.iter().enumerate() {
        let (told, _) = explained(case, 100 + at as u64);
        assert!(told.starts_with("no finding: "), "{told}");
    }
}

/// What is told of the line, which stands second in its file, and the line.
fn explained((file, template, wanted): &Case, seed: u64) -> (String, String) {
    let sandbox = Sandbox::new();
    let line = render(template, seed).unwrap();
    sandbox.write(file, format!("first line\n{line}\nlast line\n"));
    let told = sandbox.leakspan(["explain".to_owned(), format!("{file}:2")]).exits(0).stdout;
    for words in *wanted {
        assert!(told.contains(words), "{template}: {words:?} is not in\n{told}");
    }
    (told, line)
}

#[test]
fn other_lines_of_the_file_are_not_told_of() {
    let sandbox = Sandbox::new();
    let line = render("api_key = \"${base62:40}\"", 1).unwrap();
    sandbox.write("a.py", format!("{line}\nx = compute(3)\n"));
    let told = sandbox.leakspan(["explain", "a.py:2"]).exits(0).stdout;
    assert!(!told.contains("generic-api-key-assignment"), "{told}");
}
