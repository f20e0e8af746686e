//! `junit`: findings as failed tests, for CI systems that show test reports.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::format::{Format, Style};
use super::record::listed;
use super::shown::{Shown, problem_path};
use crate::model::Report;
use crate::text::printable;

/// One failed test a finding, one erroneous test a problem.
pub(super) struct Junit;

impl Format for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let cases = cases(report, style);
        let count =
            |outcome| cases.iter().filter(|case| case.outcome == outcome).count().to_string();
        let counts = [
            ("tests", cases.len().to_string()),
            ("failures", count("failure")),
            ("errors", count("error")),
            ("skipped", count("skipped")),
        ];
        let attributes = || counts.iter().map(|(name, value)| (*name, value.as_str()));
        let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let suites = xml.create_element("testsuites").with_attribute(("name", "leakspan"));
        suites.with_attributes(attributes()).write_inner_content(|xml| {
            let suite = xml.create_element("testsuite").with_attribute(("name", "leakspan"));
            suite
                .with_attributes(attributes())
                .write_inner_content(|xml| cases.iter().try_for_each(|case| case.write(xml)))?;
            Ok(())
        })?;
        writeln!(out)
    }
}

/// A test; its texts are printable.
struct Case {
    class: String,
    name: String,
    /// `failure`, `error`, `skipped`, or empty for one that passes.
    outcome: &'static str,
    kind: String,
    message: String,
    body: String,
}

impl Case {
    fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let case = xml
            .create_element("testcase")
            .with_attribute(("classname", self.class.as_str()))
            .with_attribute(("name", self.name.as_str()));
        if self.outcome.is_empty() {
            case.write_empty()?;
            return Ok(());
        }
        case.write_inner_content(|xml| {
            let mut element =
                xml.create_element(self.outcome).with_attribute(("message", self.message.as_str()));
            if self.outcome != "skipped" {
                element = element.with_attribute(("type", self.kind.as_str()));
            }
            element.write_text_content(BytesText::new(&self.body))?;
            Ok(())
        })?;
        Ok(())
    }
}

fn cases(report: &Report, style: Style) -> Vec<Case> {
    let mut cases: Vec<Case> =
        Shown::all(&report.findings, style).iter().map(|shown| finding_case(shown)).collect();
    cases.extend(Shown::all(&report.suppressed, style).iter().map(finding_case));
    cases.extend(listed(&report.problems, style).map(|problem| Case {
        class: printable(&problem_path(problem, report, style)),
        name: format!("could not be scanned: {}", problem.reason.name()),
        outcome: if problem.reason.incomplete() { "error" } else { "skipped" },
        kind: problem.reason.name().to_owned(),
        message: printable(&problem.detail),
        body: printable(&problem.detail),
    }));
    if cases.is_empty() {
        // Some servers take a report without a test for a broken one.
        let name = "no secrets found".to_owned();
        let (class, outcome) = ("leakspan".to_owned(), "");
        let nothing = String::new;
        cases.push(Case {
            class,
            name,
            outcome,
            kind: nothing(),
            message: nothing(),
            body: nothing(),
        });
    }
    cases
}

fn finding_case(shown: &Shown<'_>) -> Case {
    let finding = shown.finding;
    let mut body = format!(
        "{}{}: {} ({}), severity {}, confidence {}, {} ({} bytes)",
        shown.path,
        shown.position(),
        finding.title,
        finding.signature,
        finding.severity.name(),
        finding.confidence.name(),
        shown.secret,
        finding.secret.len()
    );
    if let Some(print) = finding.fingerprint {
        body.push_str(&format!(", fingerprint {print}"));
    }
    if let Some(revoke) = &finding.revoke {
        body.push_str(&format!(", revoke it at {revoke}"));
    }
    for sighting in shown.sightings() {
        let from = sighting.commit.as_ref().map_or("no commit", |commit| commit.id.as_str());
        let (path, line, column) = (sighting.path.display(), sighting.line, sighting.column);
        body.push_str(&format!("; seen at {path}:{line}:{column} in {from}"));
    }
    let suppressed = shown.suppressed_by();
    Case {
        class: printable(&shown.path),
        name: printable(&match shown.in_name() {
            true => format!("{} in its name", finding.signature),
            false => format!("{} at {}:{}", finding.signature, finding.line, finding.column),
        }),
        outcome: if suppressed.is_some() { "skipped" } else { "failure" },
        kind: printable(&finding.signature),
        message: printable(
            &suppressed.unwrap_or_else(|| format!("{}: {}", finding.title, shown.secret)),
        ),
        body: printable(&body),
    }
}
