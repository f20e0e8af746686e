//! Installs, removes and checks git hooks.
