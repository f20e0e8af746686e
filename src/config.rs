//! Finds, reads and merges the configuration.
//!
//! A file inside of the target is written by whoever wrote the target: it may leave out paths and
//! suppress findings, which every summary counts, and nothing else unless the user says that it is
//! trusted.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::{Confidence, Reason, Severity};

/// The name of the file inside of a target.
pub const FILE: &str = ".leakspan.toml";

/// No configuration is longer.
const MAX_LENGTH: u64 = 1 << 20;

/// Keys that a file inside of the target may hold.
const HARMLESS: &[&str] = &["baseline", "ignore", "suppressions"];

/// All keys.
pub const KEYS: &[&str] = &[
    "allow_incomplete",
    "archives",
    "baseline",
    "decode",
    "disable",
    "enable",
    "exit_code",
    "fail_on",
    "fingerprint_key_file",
    "format",
    "ignore",
    "jobs",
    "min_confidence",
    "min_severity",
    "signatures",
    "suppressions",
    "timeout",
    "verify",
];

/// What a file says. Paths are as they stand there until [`read`] has joined them to its folder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Reasons for which a run may be incomplete.
    pub allow_incomplete: Option<Vec<Reason>>,
    /// Whether archives are opened.
    pub archives: Option<bool>,
    /// A file of known fingerprints.
    pub baseline: Option<PathBuf>,
    /// Whether encodings are undone.
    pub decode: Option<bool>,
    /// Signatures that are not used.
    pub disable: Option<Vec<String>>,
    /// The only signatures that are used.
    pub enable: Option<Vec<String>>,
    /// The code for findings.
    pub exit_code: Option<u8>,
    /// Which findings gate.
    pub fail_on: Option<String>,
    /// Where the key of fingerprints stands.
    pub fingerprint_key_file: Option<PathBuf>,
    /// Format of the report.
    pub format: Option<String>,
    /// Gitignore lines, counted from the target.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Threads.
    pub jobs: Option<u16>,
    /// Findings below are left out.
    pub min_confidence: Option<Confidence>,
    /// Findings below are left out.
    pub min_severity: Option<Severity>,
    /// Further signatures.
    pub signatures: Option<Vec<PathBuf>>,
    /// A file of suppressions.
    pub suppressions: Option<PathBuf>,
    /// When to give up, as on the command line.
    pub timeout: Option<String>,
    /// How providers are asked, when they are.
    pub verify: Option<VerifyConfig>,
}

/// The table `[verify]`: each key is the option of its name. It never turns verification on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyConfig {
    /// Probes that are off by default.
    pub allow_probes: Option<Vec<String>>,
    /// Further authorities for TLS, PEM.
    pub authorities: Option<PathBuf>,
    /// Where the requests of a provider go.
    pub endpoints: Option<std::collections::BTreeMap<String, String>>,
    /// Hosts and networks that may be asked.
    pub hosts: Option<Vec<String>>,
    /// Most requests.
    pub max_requests: Option<u64>,
    /// The only providers that are asked.
    pub providers: Option<Vec<String>>,
    /// The way out.
    pub proxy: Option<String>,
    /// Requests a second and host.
    pub rate: Option<f64>,
    /// Where requests are logged.
    pub request_log: Option<PathBuf>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML, or a value is of the wrong kind.
    #[error("{path}: {why}")]
    Parse {
        /// Which file.
        path: String,
        /// What is wrong, without a line of the file.
        why: String,
    },
    /// A key that does not exist.
    #[error("{path}: there is no key {}; did you mean `{nearest}`?", shown_key(key))]
    UnknownKey {
        /// Which file.
        path: String,
        /// As it stands there.
        key: String,
        /// The nearest one that exists.
        nearest: String,
    },
    /// A path that leads out of where the file lies.
    #[error(
        "{path} lies in what is scanned and its `{key}` leads out of {folder}: name a file below \
         it, or pass --trust-repo-config"
    )]
    Outside {
        /// Which file.
        path: String,
        /// The key.
        key: &'static str,
        /// Where it lies.
        folder: String,
    },
    /// A key that a file inside of the target must not hold.
    #[error(
        "{path} lies in what is scanned and sets `{key}`; only {} are taken from there: remove it, \
         or pass --trust-repo-config",
        HARMLESS.join(", ")
    )]
    Untrusted {
        /// Which file.
        path: String,
        /// The key.
        key: String,
    },
}

/// A key as it stands there; what looks like none may be anything, and is not quoted.
fn shown_key(key: &str) -> String {
    let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-');
    if plain { format!("`{key}`") } else { "like one in it".to_owned() }
}

/// Whether a file inside of the target is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user's own file.
    Full,
    /// A file that the author of the target wrote.
    Harmless,
}

/// The folders in which a target's files are looked for: from the target upwards to the root of its
/// repository; outside of a repository the target's folder alone.
#[must_use]
pub fn upwards(target: &Path) -> Vec<PathBuf> {
    let Ok(target) = target.canonicalize() else { return Vec::new() };
    let folder =
        if target.is_dir() { target.as_path() } else { target.parent().unwrap_or(&target) };
    let mut folders: Vec<PathBuf> = Vec::new();
    for above in folder.ancestors() {
        folders.push(above.to_path_buf());
        if above.join(".git").symlink_metadata().is_ok() {
            return folders;
        }
    }
    folders.truncate(1);
    folders
}

/// The first of the folders that holds a file of that name.
#[must_use]
pub fn find(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path| path.symlink_metadata().is_ok())
}

/// The user's own file, where there is one: `$XDG_CONFIG_HOME/leakspan/config.toml`, else below
/// `~/.config`.
#[must_use]
pub fn of_user() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".config")))?;
    let path = base.join("leakspan/config.toml");
    path.is_file().then_some(path)
}

/// Reads a file.
///
/// # Errors
/// A file that is not there, no TOML, with an unknown key, or with a key that its trust forbids.
pub fn read(path: &Path, trust: Trust) -> Result<Config, Error> {
    let shown = || path.display().to_string();
    let text = regular_text(path, trust).map_err(|source| Error::Read { path: shown(), source })?;
    // The parser's own message quotes the line, and a line may hold anything.
    let parse = |error: toml::de::Error| {
        let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
        Error::Parse { path: shown(), why: format!("line {line}: {}", unquoted(error.message())) }
    };
    let table: toml::Table = toml::from_str(&text).map_err(parse)?;
    for key in table.keys() {
        if !KEYS.contains(&key.as_str()) {
            let nearest = crate::signatures::nearest(key, KEYS.iter().copied());
            let nearest = nearest.unwrap_or_default().to_owned();
            return Err(Error::UnknownKey { path: shown(), key: key.clone(), nearest });
        }
        if trust == Trust::Harmless && !HARMLESS.contains(&key.as_str()) {
            return Err(Error::Untrusted { path: shown(), key: key.clone() });
        }
    }
    let mut config: Config = toml::from_str(&text).map_err(parse)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    config.join_paths(folder);
    if trust == Trust::Harmless
        && let Some(key) = config.leads_out_of(folder)
    {
        return Err(Error::Outside { path: shown(), key, folder: folder.display().to_string() });
    }
    Ok(config)
}

/// What a TOML parser says, without the values of the file that it quotes: they may be anything.
#[must_use]
pub fn unquoted(message: &str) -> String {
    // «invalid type: string "value", expected u16», «unknown variant `value`, expected `low` or …».
    let start = message.find(['"', '`']).filter(|_| {
        ["invalid ", "unknown variant "].iter().any(|quotes| message.starts_with(quotes))
    });
    let end = message.rfind(", expected ");
    match (start, end) {
        (Some(start), Some(end)) if start < end => {
            format!("{}…{}", &message[..start], &message[end..])
        }
        (Some(start), None) => format!("{}…", &message[..start]),
        _ => message.to_owned(),
    }
}

/// The text of a regular file of sane length. Inside of a target no link is followed: it could lead to
/// any file of the user's.
///
/// # Errors
/// What the system says, and files that are no regular ones or too long.
pub fn regular_text(path: &Path, trust: Trust) -> std::io::Result<String> {
    use rustix::fs::{Mode, OFlags};
    let follow = if trust == Trust::Full { OFlags::empty() } else { OFlags::NOFOLLOW };
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | follow;
    let file = std::fs::File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let about = file.metadata()?;
    if !about.is_file() || about.len() > MAX_LENGTH {
        return Err(std::io::Error::other("is no regular file of at most 1 MiB"));
    }
    let mut text = String::new();
    file.take(MAX_LENGTH).read_to_string(&mut text)?;
    Ok(text)
}

impl Config {
    fn join_paths(&mut self, folder: &Path) {
        if let Some(verify) = &mut self.verify {
            for path in [&mut verify.authorities, &mut verify.request_log].into_iter().flatten() {
                *path = folder.join(&*path);
            }
        }
        let own = [&mut self.baseline, &mut self.fingerprint_key_file, &mut self.suppressions];
        let listed = self.signatures.iter_mut().flatten();
        for path in own.into_iter().flatten().chain(listed) {
            *path = folder.join(&*path);
        }
    }

    /// The key of a path that does not end below the folder, links followed: its first lines would be
    /// told where they are wrong, and are none of the author's business.
    fn leads_out_of(&self, folder: &Path) -> Option<&'static str> {
        let folder = folder.canonicalize().ok()?;
        let named = [("baseline", &self.baseline), ("suppressions", &self.suppressions)];
        let outside = |path: &Option<PathBuf>| {
            // A file that is not there is an error of its own.
            let end = path.as_ref().and_then(|path| path.canonicalize().ok());
            end.is_some_and(|end| !end.starts_with(&folder))
        };
        named.into_iter().find(|(_, path)| outside(path)).map(|(key, _)| key)
    }

    /// This configuration, and where it is silent the other one. What is left out adds up.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        Self {
            allow_incomplete: self.allow_incomplete.or(other.allow_incomplete),
            archives: self.archives.or(other.archives),
            baseline: self.baseline.or(other.baseline),
            decode: self.decode.or(other.decode),
            disable: self.disable.or(other.disable),
            enable: self.enable.or(other.enable),
            exit_code: self.exit_code.or(other.exit_code),
            fail_on: self.fail_on.or(other.fail_on),
            fingerprint_key_file: self.fingerprint_key_file.or(other.fingerprint_key_file),
            format: self.format.or(other.format),
            ignore: [self.ignore, other.ignore].concat(),
            jobs: self.jobs.or(other.jobs),
            min_confidence: self.min_confidence.or(other.min_confidence),
            min_severity: self.min_severity.or(other.min_severity),
            signatures: self.signatures.or(other.signatures),
            suppressions: self.suppressions.or(other.suppressions),
            timeout: self.timeout.or(other.timeout),
            verify: self.verify.or(other.verify),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str, trust: Trust) -> Result<Config, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, text).unwrap();
        read(&path, trust)
    }

    #[test]
    fn every_key_is_read_and_no_other() {
        let text: String = KEYS
            .iter()
            .map(|key| match *key {
                "archives" | "decode" => format!("{key} = true\n"),
                "exit_code" | "jobs" => format!("{key} = 4\n"),
                "allow_incomplete" => format!("{key} = ['timeout']\n"),
                "disable" | "enable" | "ignore" | "signatures" => format!("{key} = ['x']\n"),
                "verify" => "verify = { hosts = ['x'] }\n".to_owned(),
                "min_confidence" | "min_severity" => format!("{key} = 'high'\n"),
                _ => format!("{key} = 'x'\n"),
            })
            .collect();
        let config = read_text(&text, Trust::Full).unwrap();
        assert!(config.baseline.unwrap().ends_with("x"));
        assert_eq!(config.min_severity, Some(Severity::High));
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let error = read_text("ingore = []", Trust::Full).unwrap_err();
        assert!(error.to_string().ends_with("there is no key `ingore`; did you mean `ignore`?"));
    }

    #[test]
    fn a_file_in_the_target_leaves_out_and_suppresses_and_that_is_all() {
        assert!(read_text("ignore = ['x']\nsuppressions = 'y'\n", Trust::Harmless).is_ok());
        for key in KEYS.iter().filter(|key| !HARMLESS.contains(key)) {
            let error = read_text(&format!("{key} = []\n"), Trust::Harmless).unwrap_err();
            assert!(matches!(error, Error::Untrusted { .. }), "{key}: {error}");
        }
    }

    #[test]
    fn a_message_quotes_no_line_of_the_file() {
        let error = read_text("\njobs = 'hunter2'\n", Trust::Full).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert!(!format!("{error:?}").contains("jobs = "), "{error:?}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("victim"), "secret words\n").unwrap();
        let link = folder.path().join(FILE);
        std::os::unix::fs::symlink(folder.path().join("victim"), &link).unwrap();
        assert!(matches!(read(&link, Trust::Harmless), Err(Error::Read { .. })));
    }
}
