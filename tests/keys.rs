//! Private keys as the programs that make them write them: found, proven, and told from spoilt ones.

use serde_json::Value;

use crate::support::{Sandbox, run};

/// A command that writes the key file, the signature that finds it, and the algorithm that it must tell.
const KEYS: &[(&str, &str, &str, Option<&str>)] = &[
    ("openssl genpkey -algorithm ed25519 -out k", "pem-private-key", "k", Some("Ed25519")),
    ("openssl genpkey -algorithm rsa -out k", "pem-private-key", "k", Some("RSA")),
    (
        "openssl ecparam -name prime256v1 -genkey -noout -out k",
        "pem-private-key",
        "k",
        Some("EC P-256"),
    ),
    ("ssh-keygen -q -t ed25519 -N  -f k", "openssh-private-key", "k", Some("ssh-ed25519")),
    ("ssh-keygen -q -t rsa -N  -f k", "openssh-private-key", "k", Some("ssh-rsa")),
    ("ssh-keygen -q -t rsa -m PEM -N  -f k", "pem-private-key", "k", Some("RSA")),
    (
        "puttygen -q -t ed25519 --new-passphrase empty -o k",
        "putty-private-key",
        "k",
        Some("ssh-ed25519"),
    ),
    (
        "puttygen -q -t ecdsa -b 256 --new-passphrase empty --ppk-param version=2 -o k",
        "putty-private-key",
        "k",
        Some("EC P-256"),
    ),
    ("age-keygen -o k", "age-secret-key", "k", None),
];

/// The findings of a file, by the rank of the signature asked for.
fn found(sandbox: &Sandbox, signature: &str) -> Vec<Value> {
    let report = sandbox.leakspan(["scan", "-f", "jsonl", "--no-suppress", "k"]);
    report.findings().into_iter().filter(|it| it["signature"] == signature).collect()
}

#[test]
fn keys_of_real_programs_are_proven_and_spoilt_ones_are_not() {
    for (command, signature, file, algorithm) in KEYS {
        let sandbox = Sandbox::new();
        sandbox.write("empty", "");
        let mut words = command.split(' ');
        let mut program = sandbox.clean(words.next().expect("a program"));
        let made = run(program.args(words), b"");
        assert_eq!(made.code, 0, "{command}: {}", made.stderr);
        let findings = found(&sandbox, signature);
        assert_eq!(findings.len(), 1, "{command}");
        assert_eq!(findings[0]["confidence"], "high", "{command}");
        assert_eq!(findings[0]["facts"]["algorithm"].as_str(), *algorithm, "{command}");
        let whole = sandbox.read(file);
        sandbox.write(file, spoilt(&whole));
        let findings = found(&sandbox, signature);
        assert!(findings.iter().all(|it| it["confidence"] != "high"), "{command}: {findings:?}");
    }
}

/// The text with the first line of its body turned around: the head of a structure, or what a checksum covers.
fn spoilt(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_body =
        |line: &String| line.len() > 30 && !line.contains(": ") && !line.starts_with("--");
    let at = lines.iter().position(is_body).expect("a body");
    let turned = |text: &str| text.chars().rev().collect::<String>();
    lines[at] = match lines[at].split_once("-1") {
        Some((prefix, data)) => format!("{prefix}-1{}", turned(data)),
        None => turned(&lines[at]),
    };
    lines.join("\n") + "\n"
}
