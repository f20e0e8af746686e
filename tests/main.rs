//! All integration tests, in one binary: linking is dearer than running.

#![allow(clippy::unwrap_used, reason = "a test that cannot set the stage fails")]
#![allow(unreachable_pub, reason = "support is shared by all modules of this one binary")]
#![allow(clippy::single_range_in_vec_init, reason = "one hidden range is one range")]

mod architecture;
mod archives;
mod ci;
mod cli;
mod docs;
mod engine;
mod explain;
mod fail_closed;
mod files;
mod forms;
mod fuzz;
mod history;
mod hooks;
mod hostile;
mod importer;
mod keys;
mod matchers;
mod names;
mod planted;
mod pushes;
mod range;
mod signatures;
mod staged;
mod support;
mod suppressions;
mod verify;
