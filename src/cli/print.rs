//! Standard output, for commands that answer in text.

use std::io::Write;

use crate::app::gate::Exit;
use crate::text::printable;

/// Writes lines to standard error; nothing of them reaches a terminal raw.
pub(super) fn eprint(text: &str) {
    let mut err = std::io::stderr().lock();
    for line in text.lines() {
        drop(writeln!(err, "{}", printable(line)));
    }
}

/// Writes a text to standard output.
pub(super) fn print(text: &[u8]) -> Exit {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => Exit::Clean,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::BrokenPipe,
        Err(_) => Exit::Failed,
    }
}
