//! Opens files of a tree so that nothing outside of it is ever read.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::model::Reason;

/// A file that may turn out to be anything: never blocks, never follows a link, has no controlling
/// terminal, is not inherited.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

const FOLDER: OFlags =
    OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A tree, held by a handle: renaming or replacing its root changes nothing.
pub(super) struct Tree {
    root: OwnedFd,
}

impl Tree {
    /// Holds the folder that the user named; a link there is followed, since the user named it.
    pub(super) fn open(root: &Path) -> Result<Self, Errno> {
        let flags = FOLDER.difference(OFlags::NOFOLLOW);
        Ok(Self { root: rustix::fs::open(root, flags, Mode::empty())? })
    }

    /// A folder below the root; `name` is relative, empty for the root itself.
    ///
    /// A link anywhere on the way is refused, so a folder that was swapped for a link after it was
    /// listed leads nowhere.
    fn folder(&self, name: &[u8]) -> Result<OwnedFd, Errno> {
        if name.is_empty() {
            return rustix::io::fcntl_dupfd_cloexec(&self.root, 0);
        }
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::ResolveFlags;
            let stay = ResolveFlags::BENEATH
                .union(ResolveFlags::NO_SYMLINKS)
                .union(ResolveFlags::NO_MAGICLINKS);
            match rustix::fs::openat2(&self.root, name, FOLDER, Mode::empty(), stay) {
                // An old kernel, or a container that forbids the call.
                Err(Errno::NOSYS | Errno::PERM) => {}
                answer => return answer,
            }
        }
        self.folder_by_steps(name)
    }

    fn folder_by_steps(&self, name: &[u8]) -> Result<OwnedFd, Errno> {
        let mut folder = rustix::io::fcntl_dupfd_cloexec(&self.root, 0)?;
        for step in name.split(|byte| *byte == b'/').filter(|step| !step.is_empty()) {
            if step == b".." {
                return Err(Errno::XDEV);
            }
            folder = rustix::fs::openat(&folder, step, FOLDER, Mode::empty())?;
        }
        Ok(folder)
    }
}

/// The last folder that a thread read from: files of one folder come together, and each of them is
/// then one step away. One handle a thread, however deep the tree.
#[derive(Default)]
pub(super) struct Near {
    folder: Option<(OsString, OwnedFd)>,
}

impl Near {
    /// Opens a file; `folder` is relative to the tree's root.
    pub(super) fn open(&mut self, tree: &Tree, folder: &[u8], name: &[u8]) -> Result<File, Errno> {
        let at_hand = matches!(&self.folder, Some((held, _)) if held.as_bytes() == folder);
        if !at_hand {
            self.folder = Some((OsStr::from_bytes(folder).to_os_string(), tree.folder(folder)?));
        }
        let (_, handle) = self.folder.as_ref().ok_or(Errno::NOENT)?;
        rustix::fs::openat(handle, name, FILE, Mode::empty()).map(File::from)
    }
}

/// Opens what the user named: links are followed, nothing blocks.
pub(super) fn open_named(path: &Path) -> Result<File, Errno> {
    rustix::fs::open(path, FILE.difference(OFlags::NOFOLLOW), Mode::empty()).map(File::from)
}

/// Whether a folder belongs to a file system of the kernel's own, such as `/proc`.
#[cfg(target_os = "linux")]
pub(super) fn is_of_the_kernel(folder: &Path) -> bool {
    const KERNELS: [u64; 8] = [
        0x9fa0,      // proc
        0x6265_6572, // sysfs
        0x6462_6720, // debugfs
        0x7472_6163, // tracefs
        0x0027_e0eb, // cgroup
        0x6367_7270, // cgroup2
        0x7363_6673, // securityfs
        0x1cd1,      // devpts
    ];
    rustix::fs::statfs(folder).is_ok_and(|about| KERNELS.contains(&(about.f_type as u64)))
}

/// Whether a folder belongs to a file system of the kernel's own: only Linux has such.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_of_the_kernel(_: &Path) -> bool {
    false
}

/// The reason that an error of the system stands for, and what to say.
pub(super) fn reason(error: Errno) -> (Reason, String) {
    match error {
        Errno::NOENT | Errno::STALE => (Reason::Vanished, "was gone when it was opened".into()),
        Errno::ACCESS | Errno::PERM => (Reason::Unreadable, "permission denied".into()),
        Errno::LOOP | Errno::NOTDIR | Errno::XDEV => (
            Reason::ChangedDuringScan,
            "was replaced by a link or a file of another kind after it was listed".into(),
        ),
        Errno::NXIO | Errno::NODEV => (Reason::SpecialFile, "a socket or device".into()),
        other => (Reason::IoError, std::io::Error::from(other).to_string()),
    }
}

/// As [`reason`], for an error of the standard library.
pub(super) fn reason_of(error: &std::io::Error) -> (Reason, String) {
    match error.raw_os_error() {
        Some(code) => reason(Errno::from_raw_os_error(code)),
        None => (Reason::IoError, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_folder_swapped_for_a_link_is_refused_on_both_ways() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let outside = folder.path().join("outside");
        std::fs::create_dir_all(root.join("real")).unwrap();
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("file"), "outside").unwrap();
        std::fs::write(root.join("real/file"), "inside").unwrap();
        std::os::unix::fs::symlink(&outside, root.join("swapped")).unwrap();
        std::os::unix::fs::symlink(outside.join("file"), root.join("real/link")).unwrap();
        let tree = Tree::open(&root).unwrap();

        let mut text = String::new();
        let mut near = Near::default();
        near.open(&tree, b"real", b"file").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "inside");
        assert!(near.open(&tree, b"swapped", b"file").is_err());
        assert!(near.open(&tree, b"real", b"link").is_err());
        assert!(tree.folder_by_steps(b"swapped").is_err());
        assert!(tree.folder_by_steps(b"../outside").is_err());
        assert!(tree.folder_by_steps(b"real").is_ok());
    }
}
