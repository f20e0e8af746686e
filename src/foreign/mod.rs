//! The languages that other scanners' rule files are written in: Go's regular expressions ([`go`],
//! [`pattern`]) and Expr ([`expr`]), and a rule in them, compiled ([`rule`]).
//!
//! The signatures room checks with them what it imports, the engine runs it. Nothing here reads a file.

pub mod expr;
pub mod go;
pub mod pattern;
pub mod rule;
