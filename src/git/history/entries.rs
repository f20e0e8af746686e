//! The entries of a tree, without a copy of anything.

/// One entry.
pub(super) struct Entry<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a [u8],
    pub(super) id: &'a [u8],
}

/// What it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tree,
    /// A file or a link.
    Blob,
    /// A commit of another repository.
    Submodule,
}

/// Reads the entries of a tree; ends in an error where it is malformed.
pub(super) struct Entries<'a> {
    rest: &'a [u8],
    width: usize,
}

/// A tree that cannot be parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'a> Entries<'a> {
    /// `width` is the length of an id.
    pub(super) fn new(tree: &'a [u8], width: usize) -> Self {
        Self { rest: tree, width }
    }

    /// How many bytes are not read yet.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    fn entry(&mut self) -> Option<Entry<'a>> {
        // Modes have five or six digits; git has written one with a leading zero.
        let space = self.rest.iter().take(8).position(|byte| *byte == b' ')?;
        let (mode, rest) = (&self.rest[..space], &self.rest[space + 1..]);
        let kind = match mode {
            b"40000" | b"040000" => Kind::Tree,
            b"160000" => Kind::Submodule,
            [first, ..] if first.is_ascii_digit() && mode.len() >= 5 => Kind::Blob,
            _ => return None,
        };
        let end = memchr::memchr(0, rest).filter(|end| *end > 0)?;
        let id = rest.get(end + 1..end + 1 + self.width)?;
        self.rest = &rest[end + 1 + self.width..];
        Some(Entry { kind, name: &rest[..end], id })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_none() {
            self.rest = &[];
        }
        Some(entry.ok_or(Malformed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_until_one_is_malformed() {
        let mut tree = Vec::new();
        for (mode, name) in [("100644", "a b"), ("40000", "c"), ("160000", "d"), ("120000", "e")] {
            tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            tree.extend_from_slice(&[7; 20]);
        }
        let kinds: Vec<_> = Entries::new(&tree, 20).map(|entry| entry.unwrap().kind).collect();
        assert_eq!(kinds, [Kind::Blob, Kind::Tree, Kind::Submodule, Kind::Blob]);
        for cut in 1..tree.len() {
            let read = Entries::new(&tree[..cut], 20).collect::<Vec<_>>();
            let whole = read.iter().filter(|entry| entry.is_ok()).count();
            assert!(read.len() - whole <= 1 && whole < 4, "{cut}");
        }
        assert!(Entries::new(b"x\0", 20).next().is_some_and(|entry| entry.is_err()));
    }
}
