//! Revisions: from what a person types to a commit.

use gix::ObjectId;
use gix::objs::{CommitRef, Kind, TagRef};

use super::error::{Error, refuse};
use super::objects::{Objects, Unread};
use super::refs::Refs;
use super::repository::Repository;
use crate::model::Reason;

/// How many tags may point to one another.
const MAX_TAGS: usize = 10;

impl Repository {
    /// The commit that a revision names: a reference by its full or short name, an id or the beginning
    /// of one, `@`, each with any number of `~N`, `^N`, `^{commit}` and `^{}` behind it.
    ///
    /// # Errors
    /// [`Error::Revision`] for what does not exist; [`Error::Refused`] for an object that a shallow clone
    /// lacks, with `mend`, the line that fetches it.
    pub(super) fn commit(&self, spec: &str, mend: &str) -> Result<ObjectId, Error> {
        let end = spec.find(['~', '^']).unwrap_or(spec.len());
        let (base, mut steps) = spec.split_at(end);
        let wrong = |why: String| Error::Revision { spec: spec.to_owned(), why };
        if base.contains("@{") || base.starts_with(':') || base.is_empty() {
            let why = "only references, ids, ~N and ^N are understood; give the id that \
                       `git rev-parse` prints for it";
            return Err(wrong(why.to_owned()));
        }
        let objects = self.objects();
        let named = self.base(&objects, base, mend)?;
        let named = named.ok_or_else(|| wrong("it does not exist".to_owned()))?;
        let mut id = self.peel(&objects, named, base, mend)?;
        while !steps.is_empty() {
            let (kind, rest) = steps.split_at(1);
            if let Some(after) = rest.strip_prefix("{commit}").or_else(|| rest.strip_prefix("{}")) {
                if kind == "~" {
                    return Err(wrong("`~{` means nothing".to_owned()));
                }
                steps = after;
                continue;
            }
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let number = match &rest[..digits] {
                "" => 1,
                text => text
                    .parse::<usize>()
                    .map_err(|_| wrong("the number is too large".to_owned()))?,
            };
            steps = &rest[digits..];
            if !steps.is_empty() && !steps.starts_with(['~', '^']) {
                return Err(wrong(format!("`{steps}` is not understood")));
            }
            let ancestors = if kind == "~" { vec![1; number] } else { vec![number] };
            for nth in ancestors.into_iter().filter(|nth| *nth > 0) {
                let parents = self.parents(&objects, &id, mend)?;
                let parent = parents.get(nth - 1).copied();
                id = parent.ok_or_else(|| wrong(format!("commit {id} has no parent {nth}")))?;
            }
        }
        // A parent that a shallow clone cuts off is named, but not there.
        self.peel(&objects, id, spec, mend)
    }

    fn base(&self, objects: &Objects, name: &str, mend: &str) -> Result<Option<ObjectId>, Error> {
        let name = if name == "@" { "HEAD" } else { name };
        let length = self.layout.format.hash.len_in_hex();
        if name.len() == length
            && let Ok(id) = ObjectId::from_hex(name.as_bytes())
        {
            return match objects.has(&id) {
                true => Ok(Some(id)),
                false if self.shallow().is_empty() => Ok(None),
                false => Err(self.cut(&id, mend)),
            };
        }
        let refs = Refs::new(&self.layout);
        let pseudo =
            !name.contains('/') && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let places = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        let full = name.starts_with("refs/") || pseudo;
        let mut candidates: Vec<String> = full.then(|| name.to_owned()).into_iter().collect();
        candidates.extend(places.iter().map(|place| format!("{place}{name}")));
        candidates.push(format!("refs/remotes/{name}/HEAD"));
        for candidate in candidates.iter().filter(|name| is_ref_name(name)) {
            if let Some(id) = refs.resolve(candidate)? {
                return Ok(Some(id));
            }
        }
        Ok(objects.by_prefix(name))
    }

    /// Follows tags to the commit that they name.
    fn peel(
        &self,
        objects: &Objects,
        id: ObjectId,
        spec: &str,
        mend: &str,
    ) -> Result<ObjectId, Error> {
        let mut id = id;
        let mut buffer = Vec::new();
        for _ in 0..MAX_TAGS {
            if objects.is_kind(&id, Kind::Tag) {
                objects.read(&id, Kind::Tag, &mut buffer).map_err(|unread| self.unread(unread))?;
                let tag = TagRef::from_bytes(&buffer, self.layout.format.hash);
                let tag = tag.map_err(|_| {
                    refuse(&self.layout.root, Reason::Corrupt, format!("tag {id} cannot be parsed"))
                })?;
                id = tag.target();
                continue;
            }
            return match objects.read(&id, Kind::Commit, &mut buffer) {
                Ok(()) => Ok(id),
                Err(Unread { reason: Reason::ObjectMissing, .. }) if !self.shallow().is_empty() => {
                    Err(self.cut(&id, mend))
                }
                Err(_) if objects.has(&id) && !objects.is_kind(&id, Kind::Commit) => {
                    Err(Error::Revision {
                        spec: spec.to_owned(),
                        why: "it is no commit".to_owned(),
                    })
                }
                Err(unread) => Err(self.unread(unread)),
            };
        }
        Err(refuse(&self.layout.root, Reason::Corrupt, format!("tag {id} leads nowhere")))
    }

    fn parents(
        &self,
        objects: &Objects,
        id: &ObjectId,
        mend: &str,
    ) -> Result<Vec<ObjectId>, Error> {
        let mut buffer = Vec::new();
        objects.read(id, Kind::Commit, &mut buffer).map_err(|unread| match unread.reason {
            Reason::ObjectMissing if !self.shallow().is_empty() => self.cut(id, mend),
            _ => self.unread(unread),
        })?;
        let commit = CommitRef::from_bytes(&buffer, self.layout.format.hash);
        let parents = commit.map(|commit| commit.parents().collect());
        parents.map_err(|_| {
            refuse(&self.layout.root, Reason::Corrupt, format!("commit {id} cannot be parsed"))
        })
    }

    /// The commits whose parents a shallow clone has cut off.
    pub(super) fn shallow(&self) -> Vec<ObjectId> {
        let text = std::fs::read(self.layout.common_dir.join("shallow")).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter_map(|line| ObjectId::from_hex(line.trim_ascii()).ok()).collect()
    }

    /// The problem of a shallow clone without its base.
    pub(super) fn cut(&self, id: &ObjectId, mend: &str) -> Error {
        let words = format!("the clone is shallow and lacks commit {id}; fetch it with: {mend}");
        refuse(&self.layout.root, Reason::ObjectMissing, words)
    }
}

/// Whether a name may be looked up as a file: what leads out of the repository may not.
fn is_ref_name(name: &str) -> bool {
    gix::validate::reference::name(name.into()).is_ok()
}
