//! The built-in probes against a stub that speaks as 33 providers do, case by case.
//!
//! `fixtures/replies/providers.jsonl` holds what each provider answers to a credential that is live, revoked,
//! limited, …, and what must be concluded from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use leakspan::app::signatures::sample;
use leakspan::signatures::{builtin, builtin_samples};
use serde_json::{Value, json};

use crate::support::stub::{Answer, Asked, Stub};
use crate::support::{Sandbox, run};

/// What stands beside a secret, where its request needs more: an account, a tenant.
const BESIDE: &[(&str, &str)] = &[
    (
        "azure-ad-client-secret",
        "AZURE_TENANT_ID=11111111-2222-4333-8444-555555555555\nAZURE_CLIENT_ID=99999999-2222-4333-8444-555555555555\n",
    ),
    ("azure-devops-pat", "AZURE_DEVOPS_ORG=acme\nhttps://dev.azure.com/acme/_git/shop\n"),
    ("azure-storage-account-key", "AccountName=acmestore\n"),
    ("okta-api-token", "OKTA_DOMAIN=acme.okta.com\n"),
    ("shopify-access-token", "SHOP=acme-shop.myshopify.com\n"),
];

fn rows() -> Vec<Value> {
    let text = include_str!("../../fixtures/replies/providers.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The text of a file that holds a credential of the type.
fn text(row: &Value) -> String {
    let id = row["signature"].as_str().unwrap();
    let set = builtin();
    let signature = set.signatures.iter().find(|it| it.id == id).unwrap_or_else(|| panic!("{id}"));
    let samples = builtin_samples();
    let samples = samples.iter().find(|it| it.id == id).unwrap();
    let beside = BESIDE.iter().find(|(own, _)| *own == id).map_or("", |(_, beside)| beside);
    let made = match id {
        "gcp-service-account-key" => service_account(),
        "aws-session-token" | "aws-secret-access-key" => aws(id == "aws-session-token"),
        "twilio-account-auth-token" => {
            format!("TWILIO_ACCOUNT_SID={}{}\n", "AC", "0123456789abcdef0123456789abcdef")
                + &sample(signature, samples).unwrap()
        }
        _ => sample(signature, samples).unwrap(),
    };
    format!("{made}\n{beside}")
}

/// A key file with a key that signs: made here, it never opened anything.
fn service_account() -> String {
    let sandbox = Sandbox::new();
    let mut openssl = sandbox.clean("openssl");
    let made = run(openssl.args(["genpkey", "-quiet", "-algorithm", "rsa", "-out", "k"]), b"");
    assert_eq!(made.code, 0, "{}", made.stderr);
    // The keys in the order in which the provider writes them.
    let id = "0123456789abcdef".repeat(3);
    format!(
        "{{\"type\": \"service_account\", \"private_key_id\": \"{}\", \"private_key\": {}, \"client_email\": \"{}\"}}\n",
        &id[..40],
        json!(sandbox.read("k")),
        "ci@acme-shop.iam.gserviceaccount.com",
    )
}

fn aws(session: bool) -> String {
    let set = builtin();
    let samples = builtin_samples();
    let of = |id: &str| {
        let at = set.signatures.iter().position(|it| it.id == id).unwrap();
        let samples = samples.iter().find(|it| it.id == id).unwrap();
        sample(&set.signatures[at], samples).unwrap()
    };
    if session {
        [of("aws-temporary-access-key-id"), of("aws-secret-access-key"), of("aws-session-token")]
            .join("\n")
    } else {
        [of("aws-access-key-id"), of("aws-secret-access-key")].join("\n")
    }
}

/// Whether a request is the one that the provider expects.
fn fits(row: &Value, asked: &Asked, target: &str) -> bool {
    let pattern = row["path"].as_str().unwrap();
    let session = asked.header("x-amz-security-token").is_some();
    let other_aws = match row["id"].as_str().unwrap() {
        "aws-session-credentials" => !session,
        "aws-access-key" => session,
        _ => false,
    };
    let holds = matches(target, &pattern.split('*').collect::<Vec<_>>());
    asked.method == row["method"].as_str().unwrap() && holds && !other_aws
}

/// Whether a text is the pieces with anything between them.
fn matches(text: &str, pieces: &[&str]) -> bool {
    match pieces {
        [] => text.is_empty(),
        [only] => text == *only,
        [first, rest @ ..] => text.strip_prefix(first).is_some_and(|after| {
            (0..=after.len())
                .any(|skip| after.is_char_boundary(skip) && matches(&after[skip..], rest))
        }),
    }
}

/// The name of the provider that a row's signature belongs to.
fn provider(row: &Value) -> String {
    let id = row["signature"].as_str().unwrap();
    let set = builtin();
    let signature = set.signatures.iter().find(|it| it.id == id).unwrap_or_else(|| panic!("{id}"));
    signature.file.to_string()
}

#[test]
fn every_case_of_every_provider_is_told() {
    let rows = Arc::new(rows());
    assert_eq!(rows.len(), 33);
    let names: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| row["cases"].as_object().unwrap().keys().cloned().collect::<Vec<_>>())
        .collect();
    let (mut wrong, mut told) = (Vec::new(), 0);
    for case in names {
        let sandbox = Sandbox::new();
        let wanted: Vec<&Value> =
            rows.iter().filter(|row| !row["cases"][&case].is_null()).collect();
        let mut providers = BTreeSet::new();
        for row in &wanted {
            sandbox.write(format!("{}.txt", row["id"].as_str().unwrap()), text(row));
            providers.insert(provider(row));
        }
        let (known, name) = (Arc::clone(&rows), case.clone());
        let stub = Stub::start(move |asked| {
            // The first piece of the path names the provider.
            let (name_of, target) = asked.target[1..].split_once('/').unwrap();
            let target = format!("/{target}");
            let row = known.iter().find(|row| {
                !row["cases"][&name].is_null()
                    && provider(row) == name_of
                    && fits(row, asked, &target)
            });
            let Some(row) = row else { return Answer::json(418, r#"{"unexpected": true}"#) };
            let case = &row["cases"][&name];
            let headers = case["headers"].as_object().unwrap().iter();
            let headers =
                headers.map(|(a, b)| (a.clone(), b.as_str().unwrap().to_owned())).collect();
            let body = match &case["body"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
            Answer::Reply(status, headers, body.into_bytes())
        });
        let mut arguments: Vec<String> = [
            "scan",
            "-f",
            "jsonl",
            "--verify",
            "--verify-rate",
            "1000",
            "--min-confidence",
            "low",
            ".",
        ]
        .map(str::to_owned)
        .to_vec();
        for provider in &providers {
            arguments.push("--endpoint".to_owned());
            arguments.push(format!("{provider}={}/{provider}", stub.url()));
        }
        let outcome = sandbox.leakspan(&arguments);
        let findings = outcome.findings();
        for row in wanted {
            let id = row["id"].as_str().unwrap();
            let of_row = findings.iter().find(|it| {
                let path = it["path"].as_str().unwrap();
                path == format!("{id}.txt") && it["verdict"]["probe"].is_string()
            });
            let expected = &row["cases"][&case];
            let verdict = of_row.map_or(Value::Null, |it| it["verdict"].clone());
            let same = verdict["status"] == expected["expect"]
                && (expected["force"].is_null() || verdict["force"] == expected["force"]);
            told += 1;
            if !same {
                wrong.push(format!("{id} {case}: {verdict} is not {}", expected["expect"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {told}:\n{}", wrong.len(), wrong.join("\n"));
}
