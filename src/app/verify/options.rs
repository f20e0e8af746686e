//! What the user says about verification, and the way out that follows from it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::config::{Trust, regular_text};
use crate::net::{Client, ClientOptions, System};
use crate::verify;

/// How long a provider may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What the user says about verification.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// What the room is allowed.
    pub room: verify::Options,
    /// Print what would be sent, and send nothing.
    pub dry_run: bool,
    /// Whether answers of earlier runs are used and kept.
    pub cache: bool,
    /// Where requests are logged, instead of beside the cache.
    pub request_log: Option<PathBuf>,
    /// The way out, where the user has named one.
    pub proxy: Option<String>,
    /// Further authorities for TLS, PEM.
    pub authorities: Option<PathBuf>,
}

/// The client of a run.
pub(super) fn client(asked: &VerifyOptions) -> anyhow::Result<Client> {
    let authorities = asked.authorities.as_deref().map(|path| {
        let text = regular_text(path, Trust::Full);
        text.with_context(|| format!("cannot read the authorities {}", path.display()))
    });
    let options = ClientOptions {
        policy: Arc::new(asked.room.policy.clone()),
        lookup: Arc::new(System),
        proxy: asked.proxy.clone(),
        authorities: authorities.transpose()?.unwrap_or_default().into_bytes(),
        timeout: TIMEOUT,
    };
    Client::new(options).map_err(anyhow::Error::msg)
}
