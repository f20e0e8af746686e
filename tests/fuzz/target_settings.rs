//! Configuration, suppressions and baselines: any text is read or refused, and refusals are safe to print.

use leakspan::app::baselines::Baseline;
use leakspan::app::explain;
use leakspan::app::suppressions::Suppressions;
use leakspan::config::{self, Trust};

use super::input::Input;

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let kind = input.below(4);
    let bytes = input.rest();
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).expect("a file can be written");
    let refusal = match kind {
        0 => config::read(&path, Trust::Full).err().map(|error| error.to_string()),
        1 => Suppressions::read(&path).err().map(|error| format!("{error:#}")),
        2 => Baseline::read(&path).err().map(|error| format!("{error:#}")),
        _ => explain::Place::parse(&String::from_utf8_lossy(bytes))
            .err()
            .map(|error| format!("{error:#}")),
    };
    if let Some(refusal) = refusal {
        assert!(!refusal.is_empty());
    }
    // A file of the repository itself may never do what only the user may.
    if kind == 0
        && let Ok(config) = config::read(&path, Trust::Harmless)
    {
        assert!(config.disable.is_none() && config.signatures.is_none());
    }
}
