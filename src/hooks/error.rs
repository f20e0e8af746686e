//! Why a hook cannot be installed or removed.

use std::io;
use std::path::{Path, PathBuf};

/// What keeps a hook from being changed. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or file cannot be read or written.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// `core.hooksPath` leads to something that holds no hooks.
    #[error("{} is no folder, so git runs no hooks here; change core.hooksPath", .0.display())]
    NoFolder(PathBuf),
    /// Two hooks that were moved aside.
    #[error(
        "{} is there already, from an earlier install; look at it and move it away, then try again",
        .0.display()
    )]
    InTheWay(PathBuf),
    /// Our hook, with changes that removing it would lose.
    #[error("{} was changed by hand; take out what is yours, then delete it", .0.display())]
    Changed(PathBuf),
    /// Another program rewrites the hook, so it has to call us.
    #[error("{by} runs the hooks here; add this to {}:\n{add}", file.display())]
    Managed {
        /// The program.
        by: &'static str,
        /// Its configuration.
        file: PathBuf,
        /// What to add to it.
        add: &'static str,
    },
}

/// Names what was tried and with what.
pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { what, path, source }
}
