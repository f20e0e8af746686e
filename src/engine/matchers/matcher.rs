//! What a hand-written matcher must be able to do.

use std::ops::Range;

use crate::engine::candidate::Text;
use crate::model::{Confidence, Facts};

/// How far from its anchor a matcher looks at most, in bytes, in either direction.
///
/// Windows of a large file overlap by at least twice this; then windows give what the whole gives.
pub const REACH: usize = 64 * 1024;

/// Finds candidates without a regex.
pub trait Matcher: Sync {
    /// The name in signature files.
    fn name(&self) -> &'static str;

    /// Whether what it says of an anchor depends on the anchor's line alone, with the line ends around it and
    /// 2 KiB to either side at most, and on the style that the path tells; and whether the anchor stands in
    /// the range of its hit. Then unchanged lines are not looked at again.
    fn on_line(&self) -> bool {
        false
    }

    /// Pushes a hit for each candidate whose anchor (operator, header, key word) begins in `window`.
    ///
    /// Where a signature names `keywords`, windows are merged stretches around them; else the one
    /// window is the whole text. May look at [`REACH`] bytes around an anchor. Linear in the window.
    /// One matcher may serve several signatures: it runs once, and each hit names its own.
    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>);
}

/// What a matcher found. Ranges count from the start of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Id of the signature; a hit of a signature that is not in the set is thrown away.
    pub signature: &'static str,
    /// The whole match.
    pub range: Range<usize>,
    /// The secret inside it.
    pub secret: Range<usize>,
    /// The value, where it differs from the bytes of `secret`.
    pub value: Option<Vec<u8>>,
    /// How sure the matcher is; `None` leaves it to the signature.
    pub confidence: Option<Confidence>,
    /// What the text around it says: host, user, database, server, …
    pub facts: Facts,
}

impl Hit {
    /// A hit whose value is the bytes of `secret`, with no facts.
    #[must_use]
    pub fn new(signature: &'static str, range: Range<usize>, secret: Range<usize>) -> Self {
        Self { signature, range, secret, value: None, confidence: None, facts: Facts::new() }
    }

    /// The same with one fact more; facts without text are left out.
    #[must_use]
    pub fn fact(mut self, name: &str, value: &[u8]) -> Self {
        if !value.is_empty() {
            self.facts.insert(name.to_owned(), String::from_utf8_lossy(value).into_owned().into());
        }
        self
    }
}
