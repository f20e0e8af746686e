//! `json`: the whole report as one object; and the JSON writing that the other formats share.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::format::{Format, Style};
use super::record::{FindingRecord, ProblemRecord, SCHEMA, SummaryRecord};
use super::shown::Shown;
use crate::model::Report;
use crate::text::is_plain;

/// One object with everything.
pub(super) struct Json;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    findings: Vec<FindingRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<Vec<FindingRecord<'a>>>,
    problems: Vec<ProblemRecord<'a>>,
    summary: SummaryRecord<'a>,
}

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let (findings, suppressed) =
            (Shown::all(&report.findings, style), Shown::all(&report.suppressed, style));
        let document = Document {
            schema: SCHEMA,
            findings: findings.iter().map(|shown| FindingRecord::new("finding", shown)).collect(),
            suppressed: (style.verbose > 0).then(|| {
                suppressed.iter().map(|shown| FindingRecord::new("suppressed", shown)).collect()
            }),
            problems: ProblemRecord::all(report, style),
            summary: SummaryRecord::new(report),
        };
        write_json(&document, Layout::Pretty, out)
    }
}

/// Whether JSON is spread over lines.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    Line,
    Pretty,
}

/// Writes a value as JSON, then a line feed.
///
/// Characters that a terminal or a CI runner acts on stand as `\u` escapes: readers of JSON see the
/// same value, whoever prints the report sees plain text.
pub(super) fn write_json(
    value: &impl Serialize,
    layout: Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    match layout {
        Layout::Line => {
            let mut serializer = Serializer::with_formatter(&mut *out, Plain(Compact));
            value.serialize(&mut serializer)?;
        }
        Layout::Pretty => {
            let mut serializer =
                Serializer::with_formatter(&mut *out, Plain(PrettyFormatter::new()));
            value.serialize(&mut serializer)?;
        }
    }
    out.write_all(b"\n")
}

use serde_json::ser::CompactFormatter as Compact;

/// A layout whose strings hold only characters that can be shown as they are.
struct Plain<F>(F);

/// Hands every structural call on to the layout inside.
macro_rules! as_inside {
    ($($name:ident($($arg:ident: $kind:ty),*);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $arg: $kind)*) -> io::Result<()> {
            self.0.$name(out $(, $arg)*)
        })*
    };
}

impl<F: Formatter> Formatter for Plain<F> {
    as_inside! {
        begin_array(); end_array(); begin_array_value(first: bool); end_array_value();
        begin_object(); end_object(); begin_object_key(first: bool); end_object_key();
        begin_object_value(); end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut done = 0;
        let mut before = None;
        for (at, c) in fragment.char_indices() {
            // `##` begins a command of several runners wherever it stands in a line.
            if !is_plain(c) || (c == '#' && before == Some('#')) {
                out.write_all(&fragment.as_bytes()[done..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                done = at + c.len_utf8();
            }
            before = Some(c);
        }
        out.write_all(&fragment.as_bytes()[done..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Layout, write_json};

    proptest! {
        #[test]
        fn any_text_comes_back_from_plain_json(text in "(?s)(#|\\u{202e}|\\u{e0041}|\\u{9b}|.){0,20}") {
            for layout in [Layout::Line, Layout::Pretty] {
                let mut out = Vec::new();
                write_json(&[&text], layout, &mut out).unwrap();
                let json = String::from_utf8(out).unwrap();
                prop_assert!(!json.contains("##") && !json.contains('\u{202e}'), "{}", json);
                prop_assert!(!json.trim_end().contains(|c: char| c.is_control() && c != '\n'));
                let back: Vec<String> = serde_json::from_str(&json).unwrap();
                prop_assert_eq!(&back[0], &text);
            }
        }
    }
}
