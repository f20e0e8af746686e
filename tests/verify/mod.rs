//! Verification: against stubs of providers, hostile ones, and nobody at all.

mod asking;
mod hostile;
mod load;
mod providers;
mod reach;
