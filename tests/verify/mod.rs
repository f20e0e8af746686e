//! Verification: against stubs of providers, hostile ones, and nobody at all.

mod asking;
mod hostile;
#[cfg(feature = "logins")]
mod load;
mod logins;
mod providers;
mod reach;
