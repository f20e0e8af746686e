//! Many findings of many providers, and a run that is cut short.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use leakspan::app::signatures::sample;
use leakspan::probes::{self, Class, Way};
use leakspan::signatures::samples::Samples;
use leakspan::signatures::{builtin, builtin_samples};

use crate::support::stub::{Answer, Stub};
use crate::support::{Sandbox, token};

/// Providers with a probe that needs nothing but the secret, and a signature that is told by itself.
fn providers(count: usize) -> Vec<(String, Samples)> {
    let set = builtin();
    let samples = builtin_samples();
    let mut found: BTreeMap<String, Samples> = BTreeMap::new();
    for (signature, samples) in set.signatures.iter().zip(samples) {
        let Some(text) = &signature.probe else { continue };
        let probe = probes::parse(&text.toml.parse().unwrap(), &signature.file).unwrap();
        let plain = probe.class == Class::Read
            && matches!(&probe.way, Way::Http(steps) if steps.len() == 1)
            && probe.parts.len() == 1
            && !probe.hosts.scanned
            && probe.pick == probes::Pick::AllMustDeny
            && probe.hosts.named.len() == 1;
        if plain && sample(signature, &samples).is_some_and(|text| text.len() < 400) {
            found.entry(signature.file.to_string()).or_insert(samples);
        }
    }
    found.into_iter().take(count).collect()
}

#[test]
fn thousands_of_findings_keep_the_pace_of_each_provider() {
    let (each, rate) = (125, 50.0);
    let providers = providers(40);
    assert_eq!(providers.len(), 40);
    let times: Arc<Mutex<BTreeMap<String, Vec<Instant>>>> = Arc::default();
    let kept = Arc::clone(&times);
    let stub = Stub::start(move |asked| {
        let provider = asked.target[1..].split('/').next().unwrap().to_owned();
        kept.lock().unwrap().entry(provider).or_default().push(Instant::now());
        // Nobody knows: the series of refusals must not end it early.
        Answer::json(400, "{}")
    });
    let sandbox = Sandbox::new();
    // Under a public salt each of thousands of names would cost milliseconds.
    sandbox.write("key", "a key that only this test has");
    let mut arguments: Vec<String> = [
        "scan",
        "-f",
        "jsonl",
        "--min-confidence",
        "low",
        "--fingerprint-key",
        "key",
        "--verify",
        "--no-verify-cache",
        "--verify-rate",
        "50",
        ".",
    ]
    .map(str::to_owned)
    .to_vec();
    for (provider, samples) in &providers {
        let text: String = (0..each)
            .map(|seed| {
                let template = &samples.accept[0];
                leakspan::signatures::samples::render(template, seed + 1).unwrap() + "\n\n"
            })
            .collect();
        sandbox.write(format!("{provider}.txt"), text);
        arguments.push("--endpoint".to_owned());
        arguments.push(format!("{provider}={}/{provider}", stub.url()));
    }
    let started = Instant::now();
    let outcome = sandbox.leakspan(&arguments);
    let took = started.elapsed();
    let asked = outcome.findings().iter().filter(|it| it["verdict"]["status"] == "unknown").count();
    let times = times.lock().unwrap();
    let sent: usize = times.values().map(Vec::len).sum();
    // Some samples lack their checksum here: the others are thousands all the same.
    assert!(asked > 3_000 && sent > 3_000, "{asked} findings, {sent} requests");
    for (provider, times) in times.iter() {
        // In any second: the burst and what the rate allows, and a few for the clock of a busy machine.
        for (at, first) in times.iter().enumerate() {
            let within =
                times[at..].iter().take_while(|it| **it - *first < Duration::from_secs(1)).count();
            assert!(within as f64 <= rate * 1.5 + 3.0, "{provider}: {within} in a second");
        }
    }
    // The slowest provider takes as long as its pace wants; the others go on beside it.
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn what_was_learnt_before_ctrl_c_is_reported() {
    let stub = Stub::start(|asked| {
        if (0..3).any(|seed| asked.text().contains(&token(seed))) {
            return Answer::json(200, r#"{"login": "octocat"}"#);
        }
        Answer::Silence(Duration::from_secs(30))
    });
    let sandbox = Sandbox::new();
    let lines: String = (0..10).map(|seed| format!("T{seed}={}\n", token(seed))).collect();
    sandbox.write("a.env", lines);
    let endpoint = format!("github={}", stub.url());
    let mut command: Command = sandbox.command([
        "scan",
        "-f",
        "jsonl",
        "--verify",
        "--verify-rate",
        "1000",
        "--endpoint",
        &endpoint,
        "a.env",
    ]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while stub.asked().len() < 4 {
        assert!(Instant::now() < until, "the fourth question was never asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut kill = sandbox.clean("kill");
    assert!(kill.args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let stopped = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(stopped.elapsed() < Duration::from_secs(5));
    assert_eq!(output.status.code(), Some(130));
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told.matches(r#""status":"live""#).count(), 3, "{told}");
    assert_eq!(told.matches(r#""reason":"interrupted""#).count(), 7, "{told}");
    // The next run need not ask again for what is known.
    let answers = sandbox.outside().join("home/.local/state/leakspan/answers.jsonl");
    assert_eq!(std::fs::read_to_string(answers).unwrap().lines().count(), 3);
}
