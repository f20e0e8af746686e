//! Reports to where they belong: whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};

use super::gate::Exit;
use super::names;
use crate::model::Report;
use crate::report::{Format, Style};
use crate::text::printable;

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

/// A report in one format.
#[derive(Clone)]
pub struct Output {
    /// How.
    pub format: &'static dyn Format,
    /// Where.
    pub destination: Destination,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {:?}", self.format.name(), self.destination)
    }
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Whoever read standard output has gone.
    #[error("nobody reads the output any more")]
    BrokenPipe,
    /// Something else.
    #[error("cannot write the report to {to}")]
    Write {
        /// Where.
        to: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Writes a report to its destination.
///
/// # Errors
/// What the destination says; a file is then as it was before.
pub fn write(output: &Output, report: &Report, style: Style) -> Result<(), Error> {
    let written = match &output.destination {
        Destination::Stdout => to_stdout(output.format, report, style),
        Destination::File(path) => {
            let style = Style { color: false, ..style };
            to_file(path, |out| output.format.write(report, style, out))
        }
    };
    written.map_err(|source| match source.kind() {
        io::ErrorKind::BrokenPipe => Error::BrokenPipe,
        _ => Error::Write { to: output.destination.name(), source },
    })
}

impl Destination {
    fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// Writes all reports. One that cannot be written is told on standard error, so that no finding is lost,
/// and ends in exit code 5.
#[must_use]
pub fn write_all(outputs: &[Output], report: &Report, style: Style, exit: Exit) -> Exit {
    let mut worst = exit;
    for output in outputs {
        match write(output, report, style) {
            Ok(()) => {}
            Err(Error::BrokenPipe) if worst == Exit::Failed => {}
            Err(Error::BrokenPipe) => worst = Exit::BrokenPipe,
            Err(error) => {
                worst = Exit::Failed;
                lament(output, error, report, style);
            }
        }
    }
    worst
}

/// Standard error is the last way out: when it fails too, the exit code is all that is left.
fn lament(output: &Output, error: Error, report: &Report, style: Style) {
    let mut out = io::stderr().lock();
    let text = printable(&names::masked(&format!("{:#}", anyhow::Error::new(error))));
    drop(writeln!(out, "leakspan: {text}; this is what it would have said:"));
    drop(output.format.write(report, Style { color: false, ..style }, &mut out));
}

fn to_stdout(format: &dyn Format, report: &Report, style: Style) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    format.write(report, style, &mut out)?;
    out.flush()
}

/// Writes a file whole or not at all: beside its place under another name, then moved.
///
/// Mode 0600. A link at its place is refused; a pipe or device is written to as it is.
///
/// # Errors
/// What the file system says.
pub fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    replace(path, Mode::RUSR | Mode::WUSR, write)
}

/// Writes a file that is committed and read by others, whole or not at all; mode 0644 less the umask.
///
/// # Errors
/// What the file system says.
pub fn to_shared_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
    replace(path, mode, |out| out.write_all(content))
}

fn replace(
    path: &Path,
    mode: Mode,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(plain) = not_a_file(path)? {
        let mut out = BufWriter::new(plain);
        write(&mut out)?;
        return out.flush();
    }
    let name = path.file_name().ok_or_else(|| io::Error::other("names no file"))?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.part", std::process::id()));
    let beside = folder.join(beside);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(&beside, flags, mode)?);
    let done = fill(&file, write).and_then(|()| std::fs::rename(&beside, path));
    if done.is_err() {
        // The half-written file is of no use; that it cannot be removed changes nothing.
        drop(std::fs::remove_file(&beside));
    } else if let Ok(folder) = File::open(folder) {
        // A file system that cannot sync a folder has moved the file all the same.
        drop(folder.sync_all());
    }
    done
}

fn fill(file: &File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, file);
    write(&mut out)?;
    out.flush()?;
    drop(out);
    file.sync_all()
}

/// What stands at the path, opened, where it is a pipe or a device.
fn not_a_file(path: &Path) -> io::Result<Option<File>> {
    use rustix::fs::FileType;
    // These name an open file of ours, through links that the system makes.
    if ["/dev/stdout", "/dev/stderr"].iter().any(|ours| path == Path::new(ours))
        || path.starts_with("/dev/fd")
        || path.starts_with("/proc/self/fd")
    {
        return Ok(Some(File::options().append(true).open(path)?));
    }
    let about = match rustix::fs::statat(rustix::fs::CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(about) => about,
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match FileType::from_raw_mode(about.st_mode) {
        FileType::RegularFile => Ok(None),
        FileType::Symlink => {
            Err(io::Error::other("a symbolic link stands there; name the file that it leads to"))
        }
        FileType::Directory => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        _ => Ok(Some(File::options().write(true).open(path)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_replaced_whole_with_mode_0600() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        std::fs::write(&path, "old").unwrap();
        to_file(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_report_that_fails_half_way_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        std::fs::write(&path, "old").unwrap();
        let failed = to_file(&path, |out| {
            out.write_all(&[b'x'; 100_000])?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_link_is_refused_and_what_it_leads_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, link) = (folder.path().join("victim"), folder.path().join("link"));
        std::fs::write(&victim, "mine").unwrap();
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        assert!(to_file(&link, |out| out.write_all(b"new")).is_err());
        assert_eq!(std::fs::read(&victim).unwrap(), b"mine");
    }
}
