//! `leakspan explain FILE:LINE`: why a line is flagged, or why not.

mod misses;
mod reasons;

use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};

use super::collect::{Collector, Gathered};
use super::options::{Options, Target};
use super::scan::{Rules, signature_set};
use super::stop::Stop;
use crate::engine::{self, NearMiss, SCORE_LEVELS, Scanner, Score, Scored};
use crate::model::{BlobPath, Confidence, Finding, OriginKind, Severity, Suppression};
use crate::sources::{FileOptions, Files, Source, left_out};
use crate::text::{Scrubber, mask, printable};

/// The fewest bytes of a secret that are taken out of what is told; facts may hold less of it.
const PIECE: usize = 16;

/// Near misses are looked for in files of at most so many bytes.
const LARGEST: u64 = 16 << 20;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
}

impl Place {
    /// Reads `FILE:LINE`; a column behind it (`FILE:LINE:COLUMN`) is passed over.
    ///
    /// # Errors
    /// Text without a line number.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let wrong = || format!("{text:?} is not FILE:LINE");
        let (rest, last) = text.rsplit_once(':').with_context(wrong)?;
        let last: u64 = last.parse().ok().with_context(wrong)?;
        let place = match rest.rsplit_once(':').map(|(file, line)| (file, line.parse())) {
            Some((file, Ok(line))) => Self { file: file.into(), line },
            _ => Self { file: rest.into(), line: last },
        };
        ensure!(place.line > 0, "lines count from 1");
        Ok(place)
    }
}

/// Scans the file and says in words what there is to that line.
///
/// # Errors
/// A file or a line that does not exist, and signatures that cannot be loaded.
pub fn explain(place: &Place, options: &Options) -> anyhow::Result<String> {
    let rules = Rules::open(options)?;
    let (set, _) = signature_set(options)?;
    let engine = engine::Options {
        explain: true,
        decode_depth: options.decode_depth,
        inline: options.suppress.inline,
        ..engine::Options::default()
    };
    let scanner = Scanner::new(Arc::new(set), engine);
    let stop = Stop::after(options.timeout);
    let gathered = look(&scanner, &place.file, options, &stop)?;
    let shown = printable(&place.file.display().to_string());
    ensure!(place.line <= lines(&place.file)?, "{shown} has no line {}", place.line);

    let mut told = String::new();
    let mut findings = gathered.findings;
    findings.retain(|finding| {
        let in_name = finding.origin.kind == OriginKind::Path;
        in_name || (finding.line..=finding.end_line).contains(&place.line)
    });
    rules.apply(&mut findings, options, &stop);
    for finding in &findings {
        tell(&mut told, finding, options);
        let same = |it: &&(BlobPath, Scored)| {
            it.0 == finding.path && it.1.span == finding.span && it.1.signature == finding.signature
        };
        if let Some((_, scored)) = gathered.scored.iter().find(same) {
            tell_score(&mut told, &scored.score);
        }
    }
    for (path, dropped) in gathered.dropped.iter().filter(|(_, d)| d.line == place.line) {
        let _ = writeln!(
            told,
            "no finding: {} matched in {} and was dropped: {}",
            dropped.signature,
            printable(&path.display()),
            dropped.reason
        );
        if let Some(meaning) = reasons::meaning(dropped.reason) {
            let _ = writeln!(told, "  that is: {meaning}");
        }
        let same = |it: &&(BlobPath, Scored)| {
            it.0 == *path && it.1.span == dropped.span && it.1.signature == dropped.signature
        };
        if let Some((_, scored)) = gathered.scored.iter().find(same) {
            tell_score(&mut told, &scored.score);
        }
    }
    for problem in &gathered.problems {
        let _ =
            writeln!(told, "problem: {}: {}", problem.reason.name(), printable(&problem.detail));
    }
    if told.is_empty() {
        let line = place.line;
        let _ = writeln!(told, "no finding: nothing on line {line} looks like any signature");
        for miss in near_misses(&scanner, place) {
            let _ = writeln!(told, "  {}", misses::told(&miss));
        }
    }
    let suppress = &options.suppress;
    if let Some(by) = left_out(&place.file, &suppress.ignores).filter(|_| suppress.ignore_files) {
        let _ = writeln!(told, "a scan of its folder leaves {shown} out: {by} names it");
    }
    // Facts, paths and reasons come from outside and may quote the secret.
    for finding in &findings {
        told = Scrubber::new(finding.secret.reveal()).clean(&told, PIECE);
    }
    Ok(told)
}

/// What almost made a candidate on the line, where the file is text as it stands.
fn near_misses(scanner: &Scanner, place: &Place) -> Vec<NearMiss> {
    let Ok(metadata) = std::fs::metadata(&place.file) else { return Vec::new() };
    let readable = metadata.is_file() && metadata.len() <= LARGEST;
    let Some(bytes) = readable.then(|| std::fs::read(&place.file).ok()).flatten() else {
        return Vec::new();
    };
    if memchr::memchr(0, &bytes).is_some() {
        return Vec::new();
    }
    let Some(line) = line_of(&bytes, place.line) else { return Vec::new() };
    let path = BlobPath::new(place.file.as_os_str().as_encoded_bytes());
    let text = engine::Text { bytes: &bytes, path: &path, decoded: false };
    scanner.thread().near_misses(&text, line)
}

/// Where a line stands, from 1, without its end.
fn line_of(bytes: &[u8], line: u64) -> Option<Range<usize>> {
    let mut start = 0;
    for _ in 1..line {
        start += memchr::memchr(b'\n', &bytes[start..])? + 1;
    }
    let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
    Some(start..end)
}

/// The score of a generic finding, and what moved it.
fn tell_score(told: &mut String, score: &Score) {
    let value = score.value;
    let grade = SCORE_LEVELS.iter().find(|(_, least)| value >= *least);
    let levels: Vec<String> = SCORE_LEVELS
        .iter()
        .map(|(level, least)| format!("{} from {least:.2}", level.name()))
        .collect();
    let grade = match grade {
        Some((level, _)) => format!("so confidence {}", level.name()),
        None => "so no finding".to_owned(),
    };
    let _ = writeln!(told, "  score {value:.2} of 1, {grade} ({})", levels.join(", "));
    for (side, reasons) in [("for it", &score.raised_by), ("against it", &score.lowered_by)] {
        if !reasons.is_empty() {
            let _ = writeln!(told, "  {side}: {}", reasons.join("; "));
        }
    }
}

fn look(
    scanner: &Scanner,
    file: &Path,
    options: &Options,
    stop: &Stop,
) -> anyhow::Result<Gathered> {
    let collector = Collector {
        scanner,
        stop,
        ignores: None,
        by_changes: false,
        min_severity: Severity::Low,
        min_confidence: Confidence::Low,
        watched: None,
        gathered: Mutex::default(),
    };
    let how = FileOptions {
        jobs: 1,
        archives: options.archives.clone(),
        ignore_files: false,
        ignores: Vec::new(),
    };
    ensure!(!file.is_dir(), "{} is a folder; name a file and a line", file.display());
    Files::open(&[file.to_path_buf()], how)?.visit(&collector)?;
    let mut gathered = collector.into_gathered();
    gathered.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(gathered)
}

fn lines(file: &Path) -> anyhow::Result<u64> {
    use std::io::Read;
    let mut reader = std::fs::File::open(file)?;
    let (mut buffer, mut count) = (vec![0; 64 * 1024], 1);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(count),
            n => count += memchr::memchr_iter(b'\n', &buffer[..n]).count() as u64,
        }
    }
}

fn tell(told: &mut String, finding: &Finding, options: &Options) {
    let (severity, confidence) = (finding.severity.name(), finding.confidence.name());
    let place = match finding.origin.kind {
        OriginKind::Path => "in its name".to_owned(),
        _ => format!("line {} column {}", finding.line, finding.column),
    };
    let _ = writeln!(
        told,
        "{}: {} ({}), severity {severity}, confidence {confidence}, secret {}, {place}",
        finding.signature,
        printable(&finding.title),
        printable(&finding.provider),
        mask(finding.secret.reveal()),
    );
    if finding.signatures.len() > 1 {
        let _ = writeln!(told, "  claimed by: {}", finding.signatures.join(", "));
    }
    if !finding.decoded.is_empty() {
        let _ = writeln!(told, "  read through: {}", finding.decoded.join(", "));
    }
    for (name, value) in &finding.facts {
        let _ = writeln!(told, "  {name}: {}", printable(&value.to_string()));
    }
    if finding.severity < options.min_severity {
        let _ = writeln!(told, "  left out: --min-severity is {}", options.min_severity.name());
    }
    if finding.confidence < options.min_confidence {
        let _ = writeln!(told, "  left out: --min-confidence is {}", options.min_confidence.name());
    }
    let suppressed = match &finding.suppression {
        Some(Suppression::Inline(marker)) => Some(format!("the comment {marker}")),
        Some(Suppression::File { owner, reason, until }) => {
            Some(format!("{owner} until {until}: {reason}"))
        }
        Some(Suppression::Baseline) => Some("the baseline".to_owned()),
        Some(Suppression::Earlier) | None => None,
    };
    if let Some(by) = suppressed {
        let _ = writeln!(told, "  suppressed by {}", printable(&by));
    }
    if let Some(date) = &finding.expired {
        let _ = writeln!(told, "  its suppression ran out on {}", printable(date));
    }
    if let Some(print) = finding.fingerprint {
        let _ = writeln!(told, "  fingerprint {print}");
    }
    if !options.gate.counts(finding) {
        let _ = writeln!(told, "  reported, and below --fail-on");
    }
}

/// The target that belongs to a place.
#[must_use]
pub fn target(place: &Place) -> Target {
    Target::Paths(vec![place.file.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_with_or_without_a_column() {
        let place = |text: &str| Place::parse(text).ok().map(|p| (p.file, p.line));
        assert_eq!(place("a.rs:3"), Some(("a.rs".into(), 3)));
        assert_eq!(place("a.rs:3:14"), Some(("a.rs".into(), 3)));
        assert_eq!(place("odd:name.rs:3"), Some(("odd:name.rs".into(), 3)));
        assert_eq!(place("a.rs"), None);
        assert_eq!(place("a.rs:0"), None);
    }
}
