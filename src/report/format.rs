//! What a format must be able to do.

use std::io::{self, Write};

use crate::model::Report;

/// How a report is to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether colours may be used (human only).
    pub color: bool,
    /// Whether secrets are shown in full.
    pub show_secrets: bool,
    /// 0 shows what gates; 1 lists harmless problems and suppressed findings as well.
    pub verbose: u8,
}

/// Writes a report.
pub trait Format: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// Writes the whole report. Same report, same bytes.
    ///
    /// # Errors
    /// What the writer says.
    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()>;
}
