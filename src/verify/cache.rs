//! What providers said in earlier runs, so that the same question is not asked again within a day.
//!
//! A file of JSON Lines: the keyed name of a question, and its verdict. It holds no secret and no hash that
//! could be tried without the key.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::plan::Key;
use crate::model::{Status, Verdict};

/// Seconds that a clear answer is good for.
const GOOD_FOR: i64 = 24 * 3600;
/// Seconds after which an answer is forgotten: until then it tells what has changed.
const KEPT_FOR: i64 = 90 * 24 * 3600;

/// Verdicts by the name of their question.
#[derive(Clone, Debug, Default)]
pub struct Cache(BTreeMap<Key, Stored>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    /// Seconds since 1970.
    at: i64,
    verdict: Verdict,
}

#[derive(Serialize, Deserialize)]
struct Line {
    question: String,
    #[serde(flatten)]
    stored: Stored,
}

impl Cache {
    /// Reads the text of a file. Lines that are not ours are left out: a cache that is lost costs requests,
    /// nothing else.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let line = |line: &str| {
            let line: Line = serde_json::from_str(line).ok()?;
            Some((unhex(&line.question)?, line.stored))
        };
        Self(text.lines().filter_map(line).collect())
    }

    /// The text of the file, without what is older than ninety days.
    #[must_use]
    pub fn write(&self, now: i64) -> String {
        let mut text = String::new();
        for (key, stored) in self.0.iter().filter(|(_, it)| now - it.at < KEPT_FOR) {
            let question = key.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            let line = Line { question, stored: stored.clone() };
            text.push_str(&serde_json::to_string(&line).unwrap_or_default());
            text.push('\n');
        }
        text
    }

    /// The answer to a question that was given within the last day.
    #[must_use]
    pub fn fresh(&self, key: &Key, now: i64) -> Option<&Verdict> {
        self.0.get(key).filter(|it| (0..GOOD_FOR).contains(&(now - it.at))).map(|it| &it.verdict)
    }

    /// The last answer to a question, however old.
    #[must_use]
    pub fn last(&self, key: &Key) -> Option<&Verdict> {
        self.0.get(key).map(|it| &it.verdict)
    }

    /// Keeps an answer that is clear.
    pub fn keep(&mut self, key: Key, verdict: &Verdict, now: i64) {
        if matches!(verdict.status, Status::Live | Status::LiveLimited | Status::Revoked) {
            self.0.insert(key, Stored { at: now, verdict: verdict.clone() });
        }
    }
}

fn unhex(text: &str) -> Option<Key> {
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::{Cache, GOOD_FOR, KEPT_FOR};
    use crate::model::{Status, Verdict};

    #[test]
    fn clear_answers_are_kept_for_a_day_and_remembered_longer() {
        let mut cache = Cache::default();
        let (live, unknown) = (Verdict::of(Status::Live, None), Verdict::of(Status::Unknown, None));
        cache.keep([1; 32], &live, 1_000);
        cache.keep([2; 32], &unknown, 1_000);
        let read = Cache::read(&(cache.write(1_000) + "rubbish\n{}\n"));
        assert_eq!(read.fresh(&[1; 32], 1_000 + GOOD_FOR - 1), Some(&live));
        assert_eq!(read.fresh(&[1; 32], 1_000 + GOOD_FOR), None);
        assert_eq!(read.fresh(&[1; 32], 999), None, "a clock that goes back");
        assert_eq!(read.last(&[1; 32]), Some(&live));
        assert_eq!(read.last(&[2; 32]), None);
        assert_eq!(cache.write(1_000 + KEPT_FOR), "");
    }
}
