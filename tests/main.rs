//! All integration tests, in one binary: linking is dearer than running.

mod architecture;
mod archives;
mod fuzz;
mod hooks;
mod range;
mod signatures;
mod staged;
mod support;
