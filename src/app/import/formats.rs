//! What files of other scanners say. To add one: a row in [`FORMATS`] and the function that reads it.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::model::SecretBytes;

/// A file of another scanner.
pub(super) struct Format {
    /// Its names in the root of a repository; of files with rules the first that is there counts.
    pub(super) names: &'static [&'static str],
    /// Reads it; none for rules, which the signatures room reads.
    pub(super) read: Option<fn(&str) -> anyhow::Result<Said>>,
}

pub(super) const FORMATS: &[Format] = &[
    Format { names: &[".betterleaks.toml", ".gitleaks.toml"], read: None },
    Format { names: &[".betterleaksignore", ".gitleaksignore"], read: Some(fingerprints) },
    Format { names: &[".secrets.baseline"], read: Some(baseline) },
    Format { names: &[".secretsignore"], read: Some(paths_and_literals) },
    Format { names: &[".gitguardian.yaml", ".gitguardian.yml"], read: Some(gitguardian) },
    Format { names: &[".secretlintignore"], read: Some(paths) },
    Format {
        names: &[".secretlintrc", ".secretlintrc.json", ".secretlintrc.yml", ".secretlintrc.yaml"],
        read: Some(secretlint),
    },
    Format {
        names: &[".secretlintrc.js", ".secretlintrc.cjs", ".secretlintrc.mjs"],
        read: Some(program),
    },
];

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) secrets: Vec<Known>,
    /// Lines as in a gitignore.
    pub(super) paths: Vec<String>,
    /// What has no counterpart, a sentence each.
    pub(super) left: Vec<String>,
}

/// A secret that somebody has let pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The secret itself.
    Literal(SecretBytes),
    /// Its SHA-1, and the file that it stands in.
    Sha1(String, String),
    /// Where it stands, in the working tree or as a commit records it.
    Place { commit: Option<String>, path: String, line: u64 },
}

/// `file:rule:line` or `commit:file:rule:line`.
fn fingerprints(text: &str) -> anyhow::Result<Said> {
    let mut said = Said::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match place(line) {
            Some(place) => said.secrets.push(place),
            None => {
                bail!("line {}: `file:rule:line` or `commit:file:rule:line` is expected", at + 1)
            }
        }
    }
    Ok(said)
}

fn place(line: &str) -> Option<Known> {
    let (rest, number) = line.rsplit_once(':')?;
    let (rest, _rule) = rest.rsplit_once(':')?;
    let line = number.trim().parse().ok()?;
    let is_commit = |text: &str| text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_commit(commit) => (Some(commit.to_ascii_lowercase()), path),
        _ => (None, rest),
    };
    let path = path.trim_start_matches("./").to_owned();
    (!path.is_empty()).then_some(Known::Place { commit, path, line })
}

#[derive(Deserialize)]
struct Baseline {
    results: BTreeMap<String, Vec<Listed>>,
    #[serde(default)]
    filters_used: Vec<Value>,
}

#[derive(Deserialize)]
struct Listed {
    hashed_secret: String,
    is_secret: Option<bool>,
}

/// The baseline of detect-secrets.
fn baseline(text: &str) -> anyhow::Result<Said> {
    let baseline: Baseline = serde_json::from_str(text).map_err(|error| {
        anyhow::anyhow!("line {}: it is no baseline of detect-secrets", error.line())
    })?;
    let mut said = Said::default();
    for (path, listed) in baseline.results {
        for Listed { hashed_secret, is_secret } in listed {
            if is_secret == Some(true) {
                said.left
                    .push(format!("a secret in {path} that an audit has called real: it gates"));
            } else {
                said.secrets.push(Known::Sha1(hashed_secret.to_ascii_lowercase(), path.clone()));
            }
        }
    }
    let custom = baseline.filters_used.iter().filter_map(|filter| {
        let path = filter.get("path")?.as_str()?;
        let own = ["pattern", "min_level", "wordlist"].iter().any(|key| filter.get(key).is_some());
        own.then(|| format!("the filter {path}: its patterns drop nothing here"))
    });
    said.left.extend(custom);
    Ok(said)
}

fn paths(text: &str) -> anyhow::Result<Said> {
    let lines = text.lines().map(str::trim_end).filter(|it| !it.is_empty() && !it.starts_with('#'));
    Ok(Said { paths: lines.map(str::to_owned).collect(), ..Said::default() })
}

/// Paths, and below `[secrets]` the secrets themselves.
fn paths_and_literals(text: &str) -> anyhow::Result<Said> {
    let is_head = |line: &&str| line.trim() == "[secrets]";
    let above: Vec<&str> = text.lines().take_while(|line| !is_head(line)).collect();
    let mut said = paths(&above.join("\n"))?;
    let below = text.lines().skip_while(|line| !is_head(line)).skip(1).map(str::trim);
    let literals = below.filter(|it| !it.is_empty() && !it.starts_with('#'));
    said.secrets =
        literals.map(|it| Known::Literal(SecretBytes::new(it.as_bytes().to_vec()))).collect();
    Ok(said)
}

fn yaml(text: &str) -> anyhow::Result<Value> {
    // The parser's own message may quote the text, which may hold a secret.
    let parsed: Result<Value, _> = serde_saphyr::from_str(text);
    let wrong = |error: serde_saphyr::Error| {
        let line = error.location().map_or(1, |place| place.line());
        anyhow::anyhow!("line {line}: it is no YAML or JSON")
    };
    parsed.map_err(wrong)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    // A bare `on` or `1` is no string in YAML, and was meant as one.
    list.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
}

/// The settings of ggshield, version 2, and the lists of version 1.
fn gitguardian(text: &str) -> anyhow::Result<Said> {
    let settings = yaml(text)?;
    let secret = settings.get("secret").unwrap_or(&settings);
    let get = |names: &[&str]| names.iter().find_map(|name| secret.get(name));
    let mut said = Said {
        paths: texts(get(&["ignored_paths", "ignored-paths", "paths-ignore"])),
        ..Said::default()
    };
    let matches = get(&["ignored_matches", "ignored-matches", "matches-ignore"]);
    for known in matches.and_then(Value::as_array).into_iter().flatten() {
        let name = known.get("name").and_then(Value::as_str).unwrap_or("a match without a name");
        let value = known.get("match").or(Some(known)).and_then(Value::as_str);
        let value = value.with_context(|| format!("{name}: a match is a string"))?;
        if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
            said.left.push(format!("{name}: a hash that only its scanner can make"));
        } else {
            said.secrets.push(Known::Literal(SecretBytes::new(value.as_bytes().to_vec())));
        }
    }
    for detector in texts(get(&["ignored_detectors", "ignored-detectors", "banlisted-detectors"])) {
        said.left.push(format!("the detector {detector:?}: use --disable with one of ours"));
    }
    Ok(said)
}

/// The rules of secretlint: what they allow has no counterpart, and is listed.
fn secretlint(text: &str) -> anyhow::Result<Said> {
    let settings = yaml(text)?;
    let mut said = Said::default();
    for rule in settings.get("rules").and_then(Value::as_array).into_iter().flatten() {
        let id = rule.get("id").and_then(Value::as_str).unwrap_or("a rule without an id");
        if rule.get("disabled") == Some(&Value::Bool(true)) {
            said.left.push(format!("{id} is disabled: use --disable with one of ours"));
        }
        for allowed in texts(rule.get("allowMessageIds")) {
            said.left.push(format!("{id}: the message {allowed:?} is allowed"));
        }
        let options = rule.get("options").and_then(|options| options.get("allows"));
        // Not quoted: what is allowed may be a secret.
        let count = texts(options).len();
        if count > 0 {
            said.left
                .push(format!("{id}: {count} patterns that it allows; they drop nothing here"));
        }
    }
    Ok(said)
}

fn program(_: &str) -> anyhow::Result<Said> {
    let left = vec!["it is a program, and nothing runs it".to_owned()];
    Ok(Said { left, ..Said::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_name_a_place_and_sometimes_a_commit() {
        let commit = "0123456789abcdef".repeat(3)[..40].to_owned();
        let text = format!("# a comment\na/b.py:some-rule:12\n\n{commit}:c:d.py:rule:3\n");
        let said = fingerprints(&text).unwrap();
        let path = "a/b.py".to_owned();
        assert_eq!(said.secrets[0], Known::Place { commit: None, path, line: 12 });
        let path = "c:d.py".to_owned();
        assert_eq!(said.secrets[1], Known::Place { commit: Some(commit), path, line: 3 });
        assert!(fingerprints("a.py:12\n").unwrap_err().to_string().starts_with("line 1: "));
        assert!(fingerprints("\nnonsense\n").unwrap_err().to_string().starts_with("line 2: "));
    }

    #[test]
    fn a_baseline_gives_its_hashes_and_keeps_what_is_real() {
        let text = r#"{"version": "1.5.0", "results": {"a.py": [
            {"type": "x", "filename": "a.py", "hashed_secret": "ABC", "line_number": 1},
            {"type": "x", "filename": "a.py", "hashed_secret": "def", "is_secret": true}]},
            "filters_used": [{"path": "detect_secrets.filters.regex.x", "pattern": ["a"]}]}"#;
        let said = baseline(text).unwrap();
        assert_eq!(said.secrets, [Known::Sha1("abc".into(), "a.py".into())]);
        assert_eq!(said.left.len(), 2);
        assert!(baseline("{}").is_err());
    }

    #[test]
    fn settings_give_paths_literals_and_what_is_left() {
        let said = paths_and_literals("a/*\n# no\n[secrets]\nword\n").unwrap();
        assert_eq!(said.paths, ["a/*"]);
        assert_eq!(said.secrets, [Known::Literal(SecretBytes::new(b"word".to_vec()))]);
        let hash = "ab".repeat(32);
        let text = format!(
            "version: 2\nsecret:\n  ignored_paths: ['**/x']\n  ignored_detectors: [d]\n  ignored_matches:\n  \
             - name: one\n    match: word\n  - name: two\n    match: {hash}\n"
        );
        let said = gitguardian(&text).unwrap();
        assert_eq!((said.paths.len(), said.secrets.len(), said.left.len()), (1, 1, 2));
        assert!(gitguardian("a: [").is_err());
        let rules = r#"{"rules": [{"id": "r", "disabled": true, "allowMessageIds": ["M"], "options": {"allows": ["/a/"]}}]}"#;
        assert_eq!(secretlint(rules).unwrap().left.len(), 3);
    }
}
