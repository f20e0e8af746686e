//! A finding as a report may show it: masked, and scrubbed of its secret wherever else that stands.

use crate::model::{
    BlobPath, Commit, Facts, Finding, History, OriginKind, Problem, Report, Sighting, Suppression,
};
use crate::text::{Piece, Scrubber, mask, mask_pieces};

use super::format::Style;

/// The fewest bytes of a secret that are taken out of a path, a name or a line.
const PIECE: usize = 8;
/// The same for decoded facts: an account id may well be a part of the credential that names it.
const FACT_PIECE: usize = 16;

/// A finding, with every text from outside in the form that may be shown. The texts are not yet safe
/// for a terminal: each format escapes in its own way.
pub(super) struct Shown<'a> {
    /// The finding; for what it says of itself, not for its bytes.
    pub(super) finding: &'a Finding,
    /// Its path.
    pub(super) path: String,
    /// Its path as a relative reference, RFC 3986.
    pub(super) uri: String,
    /// The masked secret.
    pub(super) secret: String,
    /// What was decoded from it.
    pub(super) facts: Facts,
    /// The commit that it comes from.
    pub(super) commit: Option<Commit>,
    /// What history says of it.
    pub(super) history: Option<History>,
    /// What keeps it from the gate.
    pub(super) suppression: Option<Suppression>,
    /// Its source line in pieces.
    pub(super) line: Vec<Piece>,
}

impl<'a> Shown<'a> {
    /// The findings of a report, and what suppression keeps from the gate.
    pub(super) fn all(findings: &'a [Finding], style: Style) -> Vec<Self> {
        let mut all = Vec::with_capacity(findings.len());
        // Findings stand in the order of their paths: one path, one look at its secrets.
        for group in findings.chunk_by(|one, other| one.path == other.path) {
            let path = shown_path(group, style);
            let plain = group[0].path.display();
            let uri =
                if path == plain { uri(group[0].path.as_bytes()) } else { uri(path.as_bytes()) };
            all.extend(group.iter().map(|finding| Self::new(finding, &path, &uri, style)));
        }
        all
    }

    fn new(finding: &'a Finding, path: &str, uri: &str, style: Style) -> Self {
        let bytes = finding.secret.reveal();
        let line = finding.excerpt.line.reveal();
        let mut shown = Self {
            finding,
            path: path.to_owned(),
            uri: uri.to_owned(),
            secret: mask(bytes),
            facts: finding.facts.clone(),
            commit: finding.origin.commit.clone(),
            history: finding.history.as_deref().cloned(),
            suppression: finding.suppression.clone(),
            line: mask_pieces(line, &finding.excerpt.hidden),
        };
        if style.show_secrets {
            shown.secret = String::from_utf8_lossy(bytes).into_owned();
            for piece in &mut shown.line {
                if let Some(hides) = &piece.hides {
                    piece.text = String::from_utf8_lossy(&line[hides.clone()]).into_owned();
                }
            }
        } else {
            shown.scrub(&Scrubber::new(bytes));
        }
        shown
    }

    fn scrub(&mut self, scrubber: &Scrubber) {
        for piece in self.line.iter_mut().filter(|piece| piece.hides.is_none()) {
            piece.text = scrubber.clean(&piece.text, PIECE);
        }
        let told = self.history.iter_mut().flat_map(History::commits_mut);
        for commit in self.commit.iter_mut().chain(told) {
            commit.author = scrubber.clean(&commit.author, PIECE);
            commit.email = scrubber.clean(&commit.email, PIECE);
        }
        if let Some(history) = &mut self.history {
            history.committer = scrubber.clean(&history.committer, PIECE);
            history.committer_email = scrubber.clean(&history.committer_email, PIECE);
            for path in history.paths_mut() {
                *path = BlobPath::new(scrubber.clean(&path.display(), PIECE));
            }
        }
        if let Some(Suppression::File { owner, reason, .. }) = &mut self.suppression {
            *owner = scrubber.clean(owner, PIECE);
            *reason = scrubber.clean(reason, PIECE);
        }
        for value in self.facts.values_mut() {
            scrub_value(value, scrubber);
        }
    }

    /// Columns of start and end in UTF-16 code units, as SARIF and editors count; `None` where the
    /// line was cut or decoded, or ends before the secret does.
    pub(super) fn utf16_columns(&self) -> Option<(u64, u64)> {
        let excerpt = &self.finding.excerpt;
        let start = usize::try_from(self.finding.column).ok()?.checked_sub(1)?;
        let end = usize::try_from(self.finding.end_column).ok()?.checked_sub(1)?;
        let decoded = self.finding.decoded.first().is_some_and(|first| first == "utf16");
        if excerpt.cut.0 || decoded || self.finding.line != self.finding.end_line {
            return None;
        }
        let line = excerpt.line.reveal();
        let units = |bytes: &[u8]| String::from_utf8_lossy(bytes).encode_utf16().count() as u64;
        Some((units(line.get(..start)?) + 1, units(line.get(..end)?) + 1))
    }

    /// Its places, where all are to be told.
    pub(super) fn sightings(&self) -> &[Sighting] {
        self.history.as_ref().and_then(|history| history.sightings.as_deref()).unwrap_or_default()
    }

    /// Whether it stands in the name of a file or folder, and not in its content.
    pub(super) fn in_name(&self) -> bool {
        self.finding.origin.kind == OriginKind::Path
    }

    /// `:line:column`, or that it is the name.
    pub(super) fn position(&self) -> String {
        match self.in_name() {
            true => " (its name)".to_owned(),
            false => format!(":{}:{}", self.finding.line, self.finding.column),
        }
    }

    /// What keeps it from the gate, in words.
    pub(super) fn suppressed_by(&self) -> Option<String> {
        self.suppression.as_ref().map(|suppression| match suppression {
            Suppression::Inline(marker) => format!("by a comment, {marker}"),
            Suppression::File { owner, reason, until } => {
                format!("by {owner} until {until}: {reason}")
            }
            Suppression::Baseline => "by the baseline".to_owned(),
            Suppression::Earlier => "it stood there before this change".to_owned(),
        })
    }
}

/// The path of findings in one file, without any of their secrets.
fn shown_path(group: &[Finding], style: Style) -> String {
    let mut path = group[0].path.display();
    if !style.show_secrets {
        for finding in group {
            path = Scrubber::new(finding.secret.reveal()).clean(&path, PIECE);
        }
    }
    path
}

/// A problem's path and detail; a path that also has findings is shown as theirs is.
pub(super) fn problem_path(problem: &Problem, report: &Report, style: Style) -> String {
    let same = |findings: &[Finding]| {
        let start = findings.partition_point(|finding| finding.path < problem.path);
        let length = findings[start..].partition_point(|finding| finding.path == problem.path);
        findings[start..start + length].to_vec()
    };
    let group = [same(&report.findings), same(&report.suppressed)].concat();
    if group.is_empty() { problem.path.display() } else { shown_path(&group, style) }
}

fn scrub_value(value: &mut serde_json::Value, scrubber: &Scrubber) {
    match value {
        serde_json::Value::String(text) => *text = scrubber.clean(text, FACT_PIECE),
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|item| scrub_value(item, scrubber));
        }
        serde_json::Value::Object(fields) => {
            fields.values_mut().for_each(|field| scrub_value(field, scrubber));
        }
        _ => {}
    }
}

/// A path as a relative reference: no scheme, no host, no climbing.
///
/// Everything that is not plainly harmless is percent-encoded, dots that would climb too.
pub(super) fn uri(path: &[u8]) -> String {
    let segment = |segment: &[u8]| -> String {
        if segment == b"." || segment == b".." {
            return "%2E".repeat(segment.len());
        }
        segment
            .iter()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(*byte).to_string(),
                b'-' | b'.' | b'_' | b'~' | b'!' | b',' | b'=' | b'@' | b'+' => {
                    char::from(*byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let segments: Vec<_> =
        path.split(|byte| *byte == b'/').filter(|s| !s.is_empty()).map(segment).collect();
    segments.join("/")
}
