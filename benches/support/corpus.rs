//! What the benches of the engine scan, and the sets of signatures that they scan with.

#![allow(dead_code, reason = "each bench uses its own part of it")]

use std::path::Path;
use std::sync::Arc;

use leakspan::model::{Matcher, Signature, SignatureSet};
use leakspan::signatures::{self, literals, tables};

/// Numbers from a seed (Knuth's MMIX generator), so that every run measures the same.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    /// The next number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Source files: those below the folder that `LEAKSPAN_CORPUS` names, or this repository's own,
/// repeated to 8 MiB.
pub(crate) fn sources() -> Vec<Vec<u8>> {
    let root = std::env::var_os("LEAKSPAN_CORPUS");
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("src").into());
    let mut files = Vec::new();
    walk(Path::new(&root), &mut files);
    let once: usize = files.iter().map(Vec::len).sum();
    let times = (8 << 20) / once.max(1) + 1;
    files.iter().cycle().take(files.len() * times).cloned().collect()
}

fn walk(folder: &Path, files: &mut Vec<Vec<u8>>) {
    let entries = std::fs::read_dir(folder).expect("the corpus is readable");
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            walk(&path, files);
        } else if let Ok(text) = std::fs::read(&path) {
            files.push(text);
        }
    }
}

/// The built-in signatures, and generated ones until there are `count`: half of them a prefix before a
/// random tail, half of them a word, an operator and a value.
pub(crate) fn signatures(count: usize) -> Arc<SignatureSet> {
    let base = signatures::builtin();
    let model = base.signatures.iter().find(|one| matches!(one.matcher, Matcher::Pattern(_)));
    let model = model.expect("there are patterns").clone();
    let mut parts: Vec<_> = base.signatures.iter().map(|one| (one.clone(), own(one))).collect();
    let mut noise = Noise(count as u64);
    while parts.len() < count {
        let word: String =
            (0..4 + noise.below(4)).map(|_| char::from(b'a' + noise.below(26) as u8)).collect();
        let tails = ["[0-9a-f]{32}", "[0-9A-Za-z]{40}", "[0-9A-Za-z_-]{43}", "[A-Z2-7]{32}"];
        let tail = tails[noise.below(4) as usize];
        let pattern = if noise.below(2) == 0 {
            format!(r"\b(?<secret>{word}_{tail})\b")
        } else {
            format!(
                r#"(?i){word}[a-z0-9_ .-]{{0,20}}["' ]{{0,3}}[:=]["' ]{{0,3}}(?-i:(?<secret>{tail}))\b"#
            )
        };
        let Ok(windows) = literals::of_pattern(&pattern, false) else { continue };
        let mut signature = model.clone();
        signature.id = format!("zz-generated-{word}-{}", parts.len()).into();
        signature.matcher = Matcher::Pattern(pattern.into());
        signature.pair = None;
        parts.push((signature, windows));
    }
    parts.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    set(parts)
}

/// The hand-written matchers of generic secrets.
const GENERIC: [&str; 7] = [
    "assignment",
    "basic-login",
    "call-login",
    "command-line",
    "named-value",
    "url-login",
    "weak-password",
];

/// The built-in signatures without those of generic secrets: what these cost.
pub(crate) fn without_generic() -> Arc<SignatureSet> {
    let base = signatures::builtin();
    let generic =
        |matcher: &Matcher| matches!(matcher, Matcher::Named(name) if GENERIC.contains(&&**name));
    let kept = base.signatures.iter().filter(|one| !generic(&one.matcher));
    set(kept.map(|one| (one.clone(), own(one))).collect())
}

fn set(parts: Vec<(Signature, Vec<literals::LiteralWindow>)>) -> Arc<SignatureSet> {
    let windows: Vec<_> = (0..).zip(parts.iter().map(|part| part.1.clone())).collect();
    let tables = tables::build(&windows).expect("there is room");
    let signatures: Vec<_> = parts.into_iter().map(|part| part.0).collect();
    Arc::new(SignatureSet { signatures: signatures.into(), tables })
}

/// The literals of a built-in signature.
fn own(signature: &Signature) -> Vec<literals::LiteralWindow> {
    let keywords: Vec<&str> = signature.keywords.iter().map(|word| &**word).collect();
    match (&signature.matcher, signature.window) {
        (Matcher::Pattern(pattern), _) => {
            literals::of_pattern(pattern, signature.require_digit).expect("it was built in")
        }
        (Matcher::Named(_), Some((before, after))) => {
            literals::of_keywords(&keywords, before, after).expect("it was built in")
        }
        (Matcher::Named(_), None) | (Matcher::Rule(_), _) => Vec::new(),
    }
}
