//! Files in which a generic name promises nothing: lock files and source maps.

use super::filter::{Filter, is_generic};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops candidates of generic signatures in lock files and source maps; a provider's token stays.
pub(super) struct ListedPath;

const NAMES: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "cargo.lock",
    "poetry.lock",
    "pipfile.lock",
    "uv.lock",
    "pdm.lock",
    "gemfile.lock",
    "composer.lock",
    "go.sum",
    "flake.lock",
    "packages.lock.json",
    "podfile.lock",
    "mix.lock",
    "pubspec.lock",
    "bun.lock",
    "deno.lock",
];

impl Filter for ListedPath {
    fn reason(&self) -> &'static str {
        "allow-listed-path"
    }

    fn drops(&self, _: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        if !is_generic(signature) {
            return false;
        }
        let path = text.path.as_bytes();
        let name = path
            .rsplit(|byte| matches!(byte, b'/' | b'!'))
            .next()
            .unwrap_or(path)
            .to_ascii_lowercase();
        NAMES.iter().any(|listed| name == listed.as_bytes()) || name.ends_with(b".map")
    }
}
