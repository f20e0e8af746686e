//! Why an expression cannot be used.

use crate::foreign::go;
use crate::foreign::pattern::Pattern;

/// Why an expression cannot be used or did not end in a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It cannot be parsed.
    #[error("line {line}, column {column} of the expression: {what}")]
    Syntax {
        /// Line of the expression, from 1.
        line: usize,
        /// Column of the expression, in characters from 1.
        column: usize,
        /// What is expected.
        what: &'static str,
    },
    /// A function that is not known here.
    #[error("the function `{0}` is not known here")]
    Function(String),
    /// A variable that is not known here.
    #[error("the variable `{0}` is not known here")]
    Variable(String),
    /// A pattern that does not compile.
    #[error("the pattern {pattern:?}: {why}")]
    Pattern {
        /// As it is written.
        pattern: String,
        /// Why.
        why: String,
    },
    /// It met a value that it cannot work with.
    #[error("{0}")]
    Value(String),
}

impl Error {
    pub(super) fn new(source: &str, place: usize, what: &'static str) -> Self {
        let before = source.get(..place).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self::Syntax { line, column, what }
    }
}

/// A pattern of an expression.
pub(super) fn compiled(text: &str) -> Result<Pattern, Error> {
    let wrong = |why| Error::Pattern { pattern: text.to_owned(), why };
    let ours = go::translate(text).map_err(|error| wrong(error.to_string()))?;
    Pattern::new(&ours).map_err(wrong)
}
