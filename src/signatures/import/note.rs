//! What is told of a rule file beside errors.

use std::path::PathBuf;

/// What of a file is not carried over, or not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The rule, where it is about one.
    pub rule: Option<String>,
    /// The key.
    pub key: &'static str,
    /// What is left out, and what comes of it.
    pub what: String,
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rule = self.rule.as_ref().map(|id| format!("rule `{id}`: ")).unwrap_or_default();
        write!(f, "{}:{}: {rule}`{}`: {}", self.path.display(), self.line, self.key, self.what)
    }
}
