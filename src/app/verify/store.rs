//! What verification keeps between runs: the key that names questions, the answers, the log of requests.
//!
//! All of it lies in `$XDG_STATE_HOME/leakspan` (else `~/.local/state/leakspan`), for the user alone, and
//! holds no secret.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use zeroize::Zeroizing;

use super::options::VerifyOptions;
use crate::app::output;
use crate::config::{Trust, regular_text};
use crate::model::{BlobPath, Problem, Reason};
use crate::verify::{Cache, Entry, Journal};

const KEY: &str = "questions.key";
const ANSWERS: &str = "answers.jsonl";
const REQUESTS: &str = "requests.jsonl";

/// What is open during a run.
pub(super) struct Store {
    key: Zeroizing<Vec<u8>>,
    cache: Cache,
    /// Where the answers are written back, if they are kept.
    answers: Option<PathBuf>,
    log: Log,
}

/// The log of requests.
struct Log {
    file: Option<(PathBuf, File)>,
    failed: Option<io::Error>,
}

impl Journal for Log {
    fn note(&mut self, entry: Entry) {
        let Some((_, file)) = &mut self.file else { return };
        let line = serde_json::to_string(&entry).unwrap_or_default() + "\n";
        if let Err(error) = file.write_all(line.as_bytes()) {
            self.failed.get_or_insert(error);
        }
    }
}

impl Store {
    /// Opens what earlier runs have left. Without a home nothing is kept.
    pub(super) fn open(asked: &VerifyOptions) -> anyhow::Result<Self> {
        let folder = folder();
        if let Some(folder) = &folder {
            let mut made = DirBuilder::new();
            made.recursive(true).mode(0o700);
            made.create(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let kept = folder.as_deref().filter(|_| asked.cache);
        let key = match kept {
            Some(folder) => key(&folder.join(KEY))?,
            None => random()?,
        };
        let answers = kept.map(|folder| folder.join(ANSWERS));
        let cache = match answers.as_deref().map(|path| regular_text(path, Trust::Full)) {
            Some(Ok(text)) => Cache::read(&text),
            // A cache that is not there, or that cannot be read, costs requests and nothing else.
            _ => Cache::default(),
        };
        let log = asked.request_log.clone().or_else(|| folder.map(|it| it.join(REQUESTS)));
        let open = |path: PathBuf| {
            let mut options = OpenOptions::new();
            options.append(true).create(true).mode(0o600);
            let file = options.open(&path);
            let file = file
                .with_context(|| format!("cannot open the log of requests {}", path.display()))?;
            anyhow::Ok((path, file))
        };
        // A request that cannot be logged is not sent: the log is what the user can show the owner.
        let log = Log { file: log.map(open).transpose()?, failed: None };
        Ok(Self { key, cache, answers, log })
    }

    /// What names questions.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// What a run reads and writes.
    pub(super) fn parts(&mut self) -> (&mut Cache, &mut dyn Journal) {
        (&mut self.cache, &mut self.log)
    }

    /// Writes the answers back; what could not be written is a problem.
    pub(super) fn close(self, now: i64) -> Vec<Problem> {
        let mut problems = Vec::new();
        let told = |path: &Path, error: &io::Error, what: &str| {
            let path = BlobPath::new(path.as_os_str().as_encoded_bytes());
            Problem::new(
                path,
                Reason::IoError,
                format!("{what}: {}", crate::model::words_of(error)),
            )
        };
        if let Some(path) = &self.answers {
            let text = self.cache.write(now);
            let written = output::to_file(path, |out| out.write_all(text.as_bytes()));
            problems
                .extend(written.err().map(|error| told(path, &error, "the answers were not kept")));
        }
        if let (Some((path, _)), Some(error)) = (&self.log.file, &self.log.failed) {
            problems.push(told(path, error, "the log of requests is not complete"));
        }
        problems
    }
}

fn folder() -> Option<PathBuf> {
    let set =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base =
        set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    base.is_absolute().then(|| base.join("leakspan"))
}

fn random() -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; 32]);
    getrandom::fill(&mut key).context("the system gives no random numbers")?;
    Ok(key)
}

/// The key of a file, made on first use. Two processes that make it at once agree on the first one.
fn key(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let shown = path.display();
    for _ in 0..2 {
        match std::fs::read(path) {
            Ok(key) if key.len() >= 32 => return Ok(Zeroizing::new(key)),
            Ok(_) => anyhow::bail!("{shown} is no key of ours: remove it, and a new one is made"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read the key {shown}"));
            }
        }
        let key = random()?;
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        output::to_file(&beside, |out| out.write_all(&key))
            .with_context(|| format!("cannot write the key {shown}"))?;
        // A link fails where the file is there by now; then that one is read.
        let linked = std::fs::hard_link(&beside, path);
        drop(std::fs::remove_file(&beside));
        match linked {
            Ok(()) => return Ok(key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot write the key {shown}"));
            }
        }
    }
    anyhow::bail!("the key {shown} comes and goes")
}
