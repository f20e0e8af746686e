//! What the user allows.

use std::collections::BTreeMap;

use crate::net::{Endpoint, Policy};

/// Requests a second and provider, unless the user says otherwise.
pub const RATE: f64 = 1.0;

/// What the user allows.
#[derive(Clone, Debug)]
pub struct Options {
    /// If any: credentials of these providers alone (stems of signature files).
    pub providers: Vec<String>,
    /// Probes that are off by default and that the user has asked for by name.
    pub allowed: Vec<String>,
    /// By the stem of the provider's signature file.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Which hosts and networks beside the providers' own may be asked.
    pub policy: Policy,
    /// Most requests of the run.
    pub max_requests: Option<u64>,
    /// Requests a second and host.
    pub rate: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            allowed: Vec::new(),
            endpoints: BTreeMap::new(),
            policy: Policy::default(),
            max_requests: None,
            rate: RATE,
        }
    }
}
