//! Asks providers whether what was found still works, on the user's word alone.

mod ask;
mod options;
mod reread;
mod revoke;
mod store;

pub use ask::{dry_run, verify};
pub use options::VerifyOptions;
pub use reread::reread;
pub use revoke::{RevokeOptions, revoke};
