//! Verification: against stubs of providers, hostile ones, and nobody at all.

mod asking;
mod aws;
mod hostile;
mod load;
#[cfg(feature = "logins")]
mod logins;
mod providers;
mod reach;
