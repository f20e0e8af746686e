//! Reads repositories as data: nothing that a repository configures is run, nothing is fetched.
