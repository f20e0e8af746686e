//! Files and folders.
//!
//! Folders are walked in parallel. What git tracks is always read, ignored or not; links are listed,
//! not followed; only regular files are opened, and none that lies outside of what the user named.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::open;
use super::open::Tree;
use super::read::Reader;
use super::root::{FileOptions, Root};
use super::source::{Error, Source};
use super::walk;
use crate::model::{Blob, BlobPath, Origin, OriginKind, Problem, Reason, Sink, Worker};

/// Above so many files named one by one, they are read in parallel.
const FEW: usize = 8;

/// Files and folders that the user names.
pub struct Files {
    targets: Vec<Target>,
    options: FileOptions,
}

struct Target {
    path: PathBuf,
    /// What names of blobs begin with; the whole name for a file.
    name: Vec<u8>,
    is_folder: bool,
}

impl Files {
    /// Looks that every target is there.
    ///
    /// # Errors
    /// A target that does not exist, cannot be looked at, or is neither file nor folder.
    pub fn open(targets: &[PathBuf], options: FileOptions) -> Result<Self, Error> {
        let several = targets.len() > 1;
        let targets =
            targets.iter().map(|path| Target::new(path, several)).collect::<Result<_, _>>()?;
        Ok(Self { targets, options })
    }

    fn visit_files(&self, files: &[&Target], sink: &dyn Sink) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut worker = sink.worker();
            let mut reader = Reader::new(&self.options.archives);
            while let Some(target) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                if worker.stopped() {
                    return;
                }
                target.visit(&mut reader, worker.as_mut());
            }
        };
        if files.len() <= FEW || self.options.jobs == 1 {
            return work();
        }
        std::thread::scope(|scope| {
            for _ in 0..self.options.jobs {
                scope.spawn(work);
            }
        });
    }

    fn visit_folder(&self, target: &Target, sink: &dyn Sink) {
        let opened = target
            .path
            .canonicalize()
            .map_err(|e| open::reason_of(&e))
            .and_then(|path| Tree::open(&path).map(|tree| (path, tree)).map_err(open::reason));
        match opened {
            Ok((path, tree)) => walk::visit(
                &Root {
                    path,
                    prefix: &target.name,
                    tree,
                    options: &self.options,
                    origin: Arc::new(Origin::of(OriginKind::File)),
                },
                sink,
            ),
            Err((reason, detail)) => {
                let path = BlobPath::new(target.path.as_os_str().as_bytes());
                sink.worker().problem(Problem::new(path, reason, detail));
            }
        }
    }
}

impl Source for Files {
    fn visit(&self, sink: &dyn Sink) -> Result<(), Error> {
        let files: Vec<&Target> = self.targets.iter().filter(|target| !target.is_folder).collect();
        if !files.is_empty() {
            self.visit_files(&files, sink);
        }
        for folder in self.targets.iter().filter(|target| target.is_folder) {
            self.visit_folder(folder, sink);
        }
        Ok(())
    }
}

impl Target {
    fn new(path: &Path, several: bool) -> Result<Self, Error> {
        let name = path.as_os_str().as_bytes();
        let about = path.metadata().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NoTarget(BlobPath::new(name).display()),
            _ => Error::Unreachable { target: BlobPath::new(name).display(), source: error },
        })?;
        if !about.is_dir() && !about.is_file() {
            return Err(Error::NotRegular(BlobPath::new(name).display()));
        }
        let is_folder = about.is_dir();
        let mut prefix = if is_folder && !several { Vec::new() } else { name.to_vec() };
        if is_folder && several && !prefix.ends_with(b"/") {
            prefix.push(b'/');
        }
        Ok(Self { path: path.to_path_buf(), name: prefix, is_folder })
    }

    /// Reads a file that the user named.
    fn visit(&self, reader: &mut Reader, worker: &mut dyn Worker) {
        let path = BlobPath::new(self.name.clone());
        let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty());
        if open::is_of_the_kernel(folder.unwrap_or(Path::new("."))) {
            worker.problem(Problem::new(path, Reason::SpecialFile, "a file of the kernel's own"));
            return;
        }
        let blob = Blob { path, origin: Arc::new(Origin::of(OriginKind::File)) };
        match open::open_named(&self.path) {
            Ok(file) => reader.read(file, &blob, worker),
            Err(error) => {
                let (reason, detail) = open::reason(error);
                worker.problem(Problem::new(blob.path, reason, detail));
            }
        }
    }
}

/// How many files there are below the targets, ignored ones included; stops when it is told to.
pub fn count(targets: &[PathBuf], stop: &dyn Fn() -> bool) -> u64 {
    let walk = |target: &PathBuf| {
        ignore::WalkBuilder::new(target).standard_filters(false).build().map_while(|entry| {
            (!stop()).then(|| entry.is_ok_and(|e| e.file_type().is_some_and(|kind| kind.is_file())))
        })
    };
    targets.iter().flat_map(walk).filter(|is_file| *is_file).count() as u64
}
