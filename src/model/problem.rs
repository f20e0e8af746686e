//! What was not looked at, and why. A scan returns findings and problems, never findings alone.

use std::io;

use serde::{Deserialize, Serialize};

use super::BlobPath;

/// Why something was not looked at. A closed list: users name these in `--allow-incomplete`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each name says it; the README's table explains them")]
pub enum Reason {
    Unreadable,
    Vanished,
    ChangedDuringScan,
    IoError,
    Corrupt,
    ObjectMissing,
    ExternalObjectStore,
    UnsupportedRepository,
    TooLarge,
    ArchiveLimit,
    ArchiveCorrupt,
    DecodeLimit,
    FindingLimit,
    Timeout,
    SignatureTimeout,
    WorkerError,
    ListingIncomplete,
    AuthFailed,
    NoPermission,
    RateLimitedOut,
    DiskBudget,
    Quarantined,
    Unverified,
    BinaryWithoutText,
    SpecialFile,
    SymlinkOutside,
    EncryptedArchive,
    LfsPointer,
    Submodule,
    EmptyRepository,
    ExcludedByUser,
}

impl Reason {
    /// Every reason, in the order of the interface.
    pub const ALL: [Self; 31] = [
        Self::Unreadable,
        Self::Vanished,
        Self::ChangedDuringScan,
        Self::IoError,
        Self::Corrupt,
        Self::ObjectMissing,
        Self::ExternalObjectStore,
        Self::UnsupportedRepository,
        Self::TooLarge,
        Self::ArchiveLimit,
        Self::ArchiveCorrupt,
        Self::DecodeLimit,
        Self::FindingLimit,
        Self::Timeout,
        Self::SignatureTimeout,
        Self::WorkerError,
        Self::ListingIncomplete,
        Self::AuthFailed,
        Self::NoPermission,
        Self::RateLimitedOut,
        Self::DiskBudget,
        Self::Quarantined,
        Self::Unverified,
        Self::BinaryWithoutText,
        Self::SpecialFile,
        Self::SymlinkOutside,
        Self::EncryptedArchive,
        Self::LfsPointer,
        Self::Submodule,
        Self::EmptyRepository,
        Self::ExcludedByUser,
    ];

    /// Whether a run with such a problem is incomplete (exit 3 unless the user accepts it).
    #[must_use]
    pub fn incomplete(self) -> bool {
        !matches!(
            self,
            Self::BinaryWithoutText
                | Self::SpecialFile
                | Self::SymlinkOutside
                | Self::EncryptedArchive
                | Self::LfsPointer
                | Self::Submodule
                | Self::EmptyRepository
                | Self::ExcludedByUser
        )
    }

    /// The name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished",
            Self::ChangedDuringScan => "changed-during-scan",
            Self::IoError => "io-error",
            Self::Corrupt => "corrupt",
            Self::ObjectMissing => "object-missing",
            Self::ExternalObjectStore => "external-object-store",
            Self::UnsupportedRepository => "unsupported-repository",
            Self::TooLarge => "too-large",
            Self::ArchiveLimit => "archive-limit",
            Self::ArchiveCorrupt => "archive-corrupt",
            Self::DecodeLimit => "decode-limit",
            Self::FindingLimit => "finding-limit",
            Self::Timeout => "timeout",
            Self::SignatureTimeout => "signature-timeout",
            Self::WorkerError => "worker-error",
            Self::ListingIncomplete => "listing-incomplete",
            Self::AuthFailed => "auth-failed",
            Self::NoPermission => "no-permission",
            Self::RateLimitedOut => "rate-limited-out",
            Self::DiskBudget => "disk-budget",
            Self::Quarantined => "quarantined",
            Self::Unverified => "unverified",
            Self::BinaryWithoutText => "binary-without-text",
            Self::SpecialFile => "special-file",
            Self::SymlinkOutside => "symlink-outside",
            Self::EncryptedArchive => "encrypted-archive",
            Self::LfsPointer => "lfs-pointer",
            Self::Submodule => "submodule",
            Self::EmptyRepository => "empty-repository",
            Self::ExcludedByUser => "excluded-by-user",
        }
    }
}

/// What the system says of an error. The text of any other reader's could quote what it reads.
#[must_use]
pub fn words_of(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.kind().to_string(), |_| error.to_string())
}

/// One thing that was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// What it is about.
    pub path: BlobPath,
    /// Why, from the closed list.
    pub reason: Reason,
    /// What happened and what to do, in words; holds no content of the file.
    pub detail: String,
}

impl Problem {
    /// Names a problem.
    #[must_use]
    pub fn new(path: BlobPath, reason: Reason, detail: impl Into<String>) -> Self {
        Self { path, reason, detail: detail.into() }
    }

    /// An error while content was read, in the same words whoever meets it.
    #[must_use]
    pub fn reading_failed(path: BlobPath, error: &io::Error) -> Self {
        Self::new(path, Reason::IoError, format!("reading failed: {}", words_of(error)))
    }
}
