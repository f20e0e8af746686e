//! Finds and merges the configuration.
