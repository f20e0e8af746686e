//! What git tells its hooks through the environment.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variables that point git at other places. They are honoured only where git itself called us
/// (staged scans and hooks), and only if they stay in the repository.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `GIT_DIR`.
    pub git_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: `git commit -a` and `git commit -- path` commit another index than the usual.
    pub index_file: Option<PathBuf>,
    /// `GIT_OBJECT_DIRECTORY`, or `GIT_QUARANTINE_PATH`: where the objects of a push wait.
    pub objects: Option<PathBuf>,
}

/// Variables that would send git to another repository, another store or another configuration.
const REDIRECTING: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

impl Environment {
    /// Picks what git sets for its hooks out of the variables of a process. Empty values count as unset.
    #[must_use]
    pub fn of_hook(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut found = Self::default();
        let mut quarantine = None;
        for (name, value) in variables {
            let value = Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty());
            match name.to_str() {
                Some("GIT_DIR") => found.git_dir = value,
                Some("GIT_WORK_TREE") => found.work_tree = value,
                Some("GIT_INDEX_FILE") => found.index_file = value,
                Some("GIT_OBJECT_DIRECTORY") => found.objects = value,
                Some("GIT_QUARANTINE_PATH") => quarantine = value,
                _ => {}
            }
        }
        found.objects = quarantine.or(found.objects);
        found
    }

    /// The sentence for a run that ignores such variables; `None` where none is set.
    #[must_use]
    pub fn ignored(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Option<String> {
        let mut names: Vec<_> = variables
            .into_iter()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| REDIRECTING.contains(&name.as_str()))
            .collect();
        names.sort();
        (!names.is_empty()).then(|| {
            format!(
                "{} ignored: only staged scans and hooks follow git's variables",
                names.join(", ")
            )
        })
    }
}
