//! One signature file: TOML in, checked [`Entry`]s out.
//!
//! Shared with the build script by `#[path]`, so that a file that loads at run time also builds and the
//! other way round.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::context;
use super::error::{Error, Fault, LONGEST_PATTERN};
use super::fixed;
use super::literals::{self, LiteralWindow};
use super::nearest::nearest;
use crate::model::{Confidence, Matcher, Pair, ProbeText, Rule, Severity, Signature};

/// Keys at the top of a file.
const FILE_KEYS: &[&str] = &["provider", "docs", "signature", "probe"];
/// Keys of a signature.
const SIGNATURE_KEYS: &[&str] = &[
    "id",
    "title",
    "severity",
    "confidence",
    "kind",
    "keywords",
    "pattern",
    "token",
    "matcher",
    "rule",
    "window",
    "context",
    "value",
    "min_entropy",
    "require_digit",
    "proofs",
    "pair",
    "known_sha256",
    "rank",
    "overlaps",
    "revoke",
    "docs",
    "probe",
    "accept",
    "reject",
];
/// Keys of a pair.
const PAIR_KEYS: &[&str] = &["with", "within", "required"];
/// Bytes around a keyword of a named matcher, where the signature does not say.
const DEFAULT_WINDOW: (u32, u32) = (256, 4096);
/// From so many bytes on a random value without a digit is rare: one in thirty of base62, and fewer the longer.
const LONG_VALUE: usize = 20;

/// A signature with what only its file knows.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The signature, checked.
    pub signature: Signature,
    /// The literals that lead to its candidates; none for a matcher that reads the whole text.
    pub windows: Vec<LiteralWindow>,
    /// Templates of text in which it must be found.
    pub accept: Vec<String>,
    /// Templates of text in which it must not be found.
    pub reject: Vec<String>,
    /// Signatures that are right to fire on its samples too, or it on theirs, each with the reason.
    pub overlaps: Vec<(String, String)>,
    /// The file that it stands in.
    pub path: PathBuf,
    /// Line of its id, from 1.
    pub line: usize,
    /// Line of its probe, from 1, where it has one.
    pub probe_line: Option<usize>,
}

impl Entry {
    /// An error about this signature.
    pub fn fault(&self, fault: Fault) -> Error {
        let (path, line) = (self.path.clone(), self.line);
        Error::Signature { path, line, id: self.signature.id.clone().into_owned(), fault }
    }
}

#[derive(Deserialize)]
struct RawFile {
    provider: String,
    docs: Option<String>,
    #[serde(default)]
    signature: Vec<Raw>,
    #[serde(default)]
    probe: Vec<toml::Table>,
}

#[derive(Deserialize)]
struct Raw {
    id: String,
    title: String,
    severity: Severity,
    confidence: Option<Confidence>,
    kind: String,
    #[serde(default)]
    keywords: Vec<String>,
    pattern: Option<String>,
    token: Option<String>,
    matcher: Option<String>,
    rule: Option<Rule>,
    window: Option<(u32, u32)>,
    #[serde(default)]
    context: Vec<String>,
    value: Option<String>,
    #[serde(default)]
    min_entropy: f32,
    #[serde(default)]
    require_digit: Option<bool>,
    #[serde(default)]
    proofs: Vec<String>,
    pair: Option<RawPair>,
    #[serde(default)]
    known_sha256: Vec<String>,
    #[serde(default)]
    rank: i32,
    #[serde(default)]
    overlaps: BTreeMap<String, String>,
    revoke: Option<String>,
    docs: Option<String>,
    probe: Option<String>,
    #[serde(default)]
    accept: Vec<String>,
    #[serde(default)]
    reject: Vec<String>,
}

#[derive(Deserialize)]
struct RawPair {
    with: String,
    within: u32,
    #[serde(default)]
    required: bool,
}

/// Parses the text of a file. `path` names it in errors; its stem names the provider on the command line.
///
/// # Errors
/// The first thing that is wrong, with file, line and id. A file without signatures is an error.
pub fn parse(path: &Path, text: &str) -> Result<Vec<Entry>, Error> {
    let at = Place { path, text };
    let table = DeTable::parse(text).map_err(|error| at.syntax(&error, &[]))?;
    let places = at.keys(table.get_ref())?;
    let raw: RawFile = toml::from_str(text).map_err(|error| at.syntax(&error, &places))?;
    if raw.signature.is_empty() {
        return Err(Error::Empty(path.to_owned()));
    }
    let stem =
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let probes = Probes::read(raw.probe, &at, table.get_ref())?;
    probes.check_uses(&raw.signature, &at)?;
    let header = Header { provider: raw.provider, docs: raw.docs, stem, probes };
    let lines = places.iter().map(|place| place.0);
    raw.signature.into_iter().zip(lines).map(|(raw, line)| header.entry(raw, path, line)).collect()
}

/// The probes of a file by id: their line, and their TOML, which is read when a run verifies.
struct Probes(BTreeMap<String, (usize, String)>);

impl Probes {
    fn read(tables: Vec<toml::Table>, at: &Place<'_>, file: &DeTable<'_>) -> Result<Self, Error> {
        let of_file = file.iter().find(|(key, _)| &**key.get_ref() == "probe");
        let lines = match of_file.map(|(_, value)| value.get_ref()) {
            Some(DeValue::Array(all)) => all.iter().map(|it| at.line(it.span().start)).collect(),
            _ => Vec::new(),
        };
        let mut probes = BTreeMap::new();
        for (table, line) in tables.into_iter().zip(lines) {
            let Some(id) = table.get("id").and_then(toml::Value::as_str).map(str::to_owned) else {
                return Err(at.probe(line, "", "`id` is missing"));
            };
            let text = table.to_string();
            if probes.insert(id.clone(), (line, text)).is_some() {
                return Err(at.probe(line, &id, "`id` is used twice in this file"));
            }
        }
        Ok(Self(probes))
    }

    /// A probe that no signature names would never run, and a name without a probe says nothing.
    fn check_uses(&self, signatures: &[Raw], at: &Place<'_>) -> Result<(), Error> {
        let named = |id: &str| signatures.iter().any(|it| it.probe.as_deref() == Some(id));
        match self.0.iter().find(|(id, _)| !named(id)) {
            Some((id, (line, _))) => Err(at.probe(*line, id, "`id` is named by no signature")),
            None => Ok(()),
        }
    }
}

/// Where things stand in a file.
struct Place<'f> {
    path: &'f Path,
    text: &'f str,
}

/// Line and id of each signature of a file.
type Ids = (usize, Option<String>);

impl Place<'_> {
    fn probe(&self, line: usize, id: &str, message: &str) -> Error {
        let (path, id, message) = (self.path.to_owned(), id.to_owned(), message.to_owned());
        Error::Probe { path, line, id, message }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    fn syntax(&self, error: &toml::de::Error, ids: &[Ids]) -> Error {
        let line = error.span().map_or(1, |span| self.line(span.start));
        let id =
            ids.iter().rev().find(|(first, _)| *first <= line + 1).and_then(|(_, id)| id.clone());
        let message = error.message().to_owned();
        Error::Syntax { path: self.path.to_owned(), line, id, message }
    }

    /// Refuses unknown keys; gives line and id of every signature.
    fn keys(&self, table: &DeTable<'_>) -> Result<Vec<Ids>, Error> {
        self.known(table, FILE_KEYS, &None)?;
        let mut ids = Vec::new();
        for (key, value) in table {
            let ("signature", DeValue::Array(signatures)) = (&**key.get_ref(), value.get_ref())
            else {
                continue;
            };
            for signature in signatures.iter() {
                let DeValue::Table(fields) = signature.get_ref() else { continue };
                let id = fields.iter().find(|(key, _)| &**key.get_ref() == "id");
                let line = id.map_or(signature.span().start, |(key, _)| key.span().start);
                let id = id.and_then(|(_, value)| value.get_ref().as_str()).map(str::to_owned);
                self.known(fields, SIGNATURE_KEYS, &id)?;
                for (_, value) in fields.iter().filter(|(key, _)| &**key.get_ref() == "pair") {
                    if let DeValue::Table(pair) = value.get_ref() {
                        self.known(pair, PAIR_KEYS, &id)?;
                    }
                }
                ids.push((self.line(line), id));
            }
        }
        Ok(ids)
    }

    fn known(
        &self,
        table: &DeTable<'_>,
        known: &'static [&'static str],
        id: &Option<String>,
    ) -> Result<(), Error> {
        for (key, _) in table {
            let word: &str = key.get_ref();
            if !known.contains(&word) {
                return Err(Error::UnknownKey {
                    path: self.path.to_owned(),
                    line: self.line(key.span().start),
                    id: id.clone(),
                    key: word.to_owned(),
                    nearest: nearest(word, known.iter().copied()).unwrap_or_default(),
                });
            }
        }
        Ok(())
    }
}

/// What the signatures of a file share.
struct Header {
    provider: String,
    docs: Option<String>,
    stem: String,
    probes: Probes,
}

impl Header {
    fn entry(&self, raw: Raw, path: &Path, line: usize) -> Result<Entry, Error> {
        let id = raw.id.clone();
        let fail = |fault| {
            let (path, id) = (path.to_owned(), id.clone());
            Error::Signature { path, line, id, fault }
        };
        check_words(&raw).map_err(fail)?;
        let matcher = matcher(&raw).map_err(fail)?;
        let known = raw.known_sha256.iter().map(|text| digest(text)).collect::<Result<Vec<_>, _>>();
        let keyworded = matches!(matcher, Matcher::Named(_)) && !raw.keywords.is_empty();
        let probe = raw.probe.as_ref().map(|id| match self.probes.0.get(id) {
            Some((line, text)) => {
                Ok((*line, ProbeText { id: id.clone().into(), toml: text.clone().into() }))
            }
            None => Err(fail(Fault::Probe(id.clone()))),
        });
        let (probe_line, probe) = probe.transpose()?.unzip();
        let require_digit = raw.require_digit.unwrap_or_else(|| is_long_value(&raw));
        let fixed = match &matcher {
            Matcher::Pattern(pattern) if pattern.len() <= LONGEST_PATTERN => {
                fixed::of_pattern(pattern)
            }
            _ => (0, 0),
        };
        let signature = Signature {
            id: raw.id.into(),
            provider: self.provider.clone().into(),
            file: self.stem.clone().into(),
            title: raw.title.into(),
            severity: raw.severity,
            confidence: raw.confidence.unwrap_or(Confidence::High),
            kind: raw.kind.into(),
            matcher,
            keywords: list(raw.keywords),
            window: keyworded.then_some(raw.window.unwrap_or(DEFAULT_WINDOW)),
            min_entropy: raw.min_entropy,
            fixed,
            require_digit,
            proofs: list(raw.proofs),
            pair: raw.pair.map(|pair| Pair {
                with: pair.with.into(),
                within: pair.within,
                required: pair.required,
            }),
            known: known.map_err(fail)?.into(),
            rank: raw.rank,
            revoke: raw.revoke.map(Cow::Owned),
            docs: raw.docs.or_else(|| self.docs.clone()).map(Cow::Owned),
            probe,
        };
        let windows = windows(&signature).map_err(fail)?;
        let (accept, reject) = (raw.accept, raw.reject);
        let overlaps = raw.overlaps.into_iter().collect();
        let path = path.to_owned();
        Ok(Entry { signature, windows, accept, reject, overlaps, path, line, probe_line })
    }
}

fn list(words: Vec<String>) -> Cow<'static, [Cow<'static, str>]> {
    words.into_iter().map(Cow::Owned).collect()
}

fn check_words(raw: &Raw) -> Result<(), Fault> {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if !raw.id.split('-').all(word) {
        return Err(Fault::BadId);
    }
    let unsaid = raw.overlaps.values().any(|why| why.trim().is_empty());
    let empty =
        [("title", raw.title.is_empty()), ("kind", raw.kind.is_empty()), ("overlaps", unsaid)];
    match empty.into_iter().find(|(_, empty)| *empty) {
        Some((name, _)) => Err(Fault::EmptyField(name)),
        None => Ok(()),
    }
}

fn matcher(raw: &Raw) -> Result<Matcher, Fault> {
    if let Some(rule) = &raw.rule {
        let given = [&raw.pattern, &raw.token, &raw.matcher, &raw.value];
        let alone = given.iter().all(|it| it.is_none()) && raw.context.is_empty();
        return if alone && raw.window.is_none() && raw.keywords.is_empty() {
            Ok(Matcher::Rule(Box::new(rule.clone())))
        } else {
            Err(Fault::OneMatcher)
        };
    }
    let given = (&raw.pattern, &raw.token, &raw.matcher, raw.context.as_slice(), &raw.value);
    let matcher = match given {
        (Some(pattern), None, None, [], None) => Matcher::Pattern(pattern.clone().into()),
        (None, Some(token), None, [], None) => Matcher::Pattern(context::token(token)?.into()),
        (None, None, Some(name), [], None) => Matcher::Named(name.clone().into()),
        (None, None, None, [_, ..], Some(value)) => {
            Matcher::Pattern(context::pattern(&raw.context, value).into())
        }
        _ => return Err(Fault::OneMatcher),
    };
    let anchored = matches!(matcher, Matcher::Named(_)) && !raw.keywords.is_empty();
    if raw.window.is_some() && !anchored {
        return Err(Fault::Window);
    }
    Ok(matcher)
}

/// Whether a signature is told by context and its value is so long that a random one without a digit is
/// rare, and most likely a name.
fn is_long_value(raw: &Raw) -> bool {
    let parsed = raw.value.as_deref().and_then(|value| literals::parse(value).ok());
    parsed.and_then(|hir| hir.properties().minimum_len()).is_some_and(|length| length >= LONG_VALUE)
}

/// The literals of a signature, and the checks that need the parsed pattern.
fn windows(signature: &Signature) -> Result<Vec<LiteralWindow>, Fault> {
    let keywords: Vec<&str> = signature.keywords.iter().map(|word| &**word).collect();
    let pattern = match &signature.matcher {
        Matcher::Pattern(pattern) => pattern,
        Matcher::Rule(_) => return Ok(Vec::new()),
        Matcher::Named(_) if keywords.is_empty() => return Ok(Vec::new()),
        Matcher::Named(_) => {
            let (before, after) = signature.window.unwrap_or(DEFAULT_WINDOW);
            return Ok(literals::of_keywords(&keywords, before, after)?);
        }
    };
    if pattern.len() > LONGEST_PATTERN {
        return Err(Fault::LongPattern(pattern.len()));
    }
    if literals::parse(pattern)?.properties().minimum_len() == Some(0) {
        return Err(Fault::MatchesNothing);
    }
    let windows = literals::of_pattern(pattern, signature.require_digit)?;
    let unproven = keywords.iter().find(|keyword| !proves(&windows, keyword, &keywords));
    match unproven {
        Some(keyword) => Err(Fault::Unproven((*keyword).to_owned())),
        None => Ok(windows),
    }
}

/// Whether a keyword is what a proven literal says, and whether the keywords leave no literal out.
fn proves(windows: &[LiteralWindow], keyword: &str, keywords: &[&str]) -> bool {
    let related = |window: &LiteralWindow, keyword: &str| {
        let literal = String::from_utf8_lossy(&window.bytes).into_owned();
        let keyword = keyword.to_ascii_lowercase();
        literal.contains(&keyword) || keyword.contains(&literal)
    };
    windows.iter().any(|window| related(window, keyword))
        && windows.iter().all(|window| keywords.iter().any(|keyword| related(window, keyword)))
}

fn digest(text: &str) -> Result<[u8; 32], Fault> {
    let wrong = || Fault::Digest(text.to_owned());
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}
