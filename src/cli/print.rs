//! Standard output, for commands that answer in text.

use std::io::Write;

use crate::app::gate::Exit;

/// Writes a text to standard output.
pub(super) fn print(text: &[u8]) -> Exit {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => Exit::Clean,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::BrokenPipe,
        Err(_) => Exit::Failed,
    }
}
