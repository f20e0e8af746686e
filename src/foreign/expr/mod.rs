//! Expr, as far as filters of rules use it: source in, [`Program`] out, [`Value`] when it is run.
//!
//! Written from a description of the language: `let`, ternary, `?.`, `??`, `in`, `contains`, `matches`,
//! slices, lists and maps, closures, pipes; a few forms of CEL (`a.exists(x, …)`, `a.contains(b)`).
//! Programs have no loops of their own and a bound on steps, so each ends.

mod ast;
mod error;
mod functions;
mod lexer;
mod operations;
mod parser;
mod program;
mod run;
mod value;

pub use error::Error;
pub use program::Program;
pub use run::Host;
pub use value::Value;

#[cfg(test)]
mod tests;
