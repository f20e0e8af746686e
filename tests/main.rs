//! All integration tests, in one binary: linking is dearer than running.

mod architecture;
mod archives;
mod ci;
mod cli;
mod engine;
mod fail_closed;
mod files;
mod fuzz;
mod hooks;
mod hostile;
mod matchers;
mod planted;
mod range;
mod signatures;
mod staged;
mod support;
mod suppressions;
