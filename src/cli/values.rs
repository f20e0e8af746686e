//! Values of arguments that clap does not know.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;

use crate::app::output::{Destination, Output};
use crate::hooks::Hook;
use crate::report::{self, Format};

/// A time: a number of seconds, or a number with `ms`, `s`, `m` or `h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("a time is a number with ms, s, m or h behind it".into()),
    };
    let number: f64 = number.parse().map_err(|_| "a time begins with a number".to_owned())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| "is too long".into())
}

/// A switch that a variable sets.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("a switch is 1, true, yes or on, or 0, false, no or off".into()),
    }
}

/// `FORMAT=FILE`.
pub(super) fn report(text: &OsStr) -> anyhow::Result<Output> {
    let bytes = text.as_bytes();
    let shown = || text.display().to_string();
    let at = memchr::memchr(b'=', bytes)
        .with_context(|| format!("--report takes FORMAT=FILE, not {:?}", shown()))?;
    let (name, file) = (&bytes[..at], &bytes[at + 1..]);
    anyhow::ensure!(!file.is_empty(), "--report {:?} names no file", shown());
    let format = format(&String::from_utf8_lossy(name))?;
    Ok(Output { format, destination: destination(OsStr::from_bytes(file).to_os_string()) })
}

/// A format, by its name.
pub(super) fn format(name: &str) -> anyhow::Result<&'static dyn Format> {
    report::named(name).with_context(|| {
        let known: Vec<_> = report::FORMATS.iter().map(|format| format.name()).collect();
        format!("there is no such format; the formats are {}", known.join(", "))
    })
}

/// A file, or `-` for standard output.
pub(super) fn destination(file: OsString) -> Destination {
    if file == "-" { Destination::Stdout } else { Destination::File(PathBuf::from(file)) }
}

/// The hook of a name that was checked.
pub(super) fn hook(name: &str) -> Hook {
    Hook::ALL.into_iter().find(|hook| hook.name() == name).unwrap_or(Hook::PreCommit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_seconds_need_none() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert!(duration("soon").is_err());
        assert!(duration("5 parsecs").is_err());
        assert!(duration("-1s").is_err());
    }
}
