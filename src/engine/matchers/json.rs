//! Strings of a JSON object with the keys that lead to them; forgiving, bounded, without a tree.

use std::ops::Range;

/// The deepest nesting that is followed.
const DEEPEST: usize = 12;

/// Visits each string value of the object or array that opens at or behind `start` (blanks and one `:`
/// may stand before it), with the keys that lead to it; an array's place in the path is an empty range.
///
/// Ends where the object does, at `limit`, or at what is no JSON; returns that place. Comments of JSONC
/// are skipped. Linear.
pub(super) fn walk(
    bytes: &[u8],
    start: usize,
    limit: usize,
    mut visit: impl FnMut(&[Range<usize>], Range<usize>),
) -> usize {
    let limit = limit.min(bytes.len());
    let mut path: Vec<Range<usize>> = Vec::new();
    let mut arrays: Vec<bool> = Vec::new();
    let mut key: Option<Range<usize>> = None;
    let mut at = start;
    while at < limit {
        match bytes[at] {
            open @ (b'{' | b'[') => {
                if arrays.len() == DEEPEST {
                    return at;
                }
                // The outermost object has no key of its own.
                path.push(key.take().unwrap_or(at..at));
                arrays.push(open == b'[');
            }
            b'}' | b']' => {
                path.pop();
                arrays.pop();
                if arrays.is_empty() {
                    return at + 1;
                }
                key = None;
            }
            b'"' => {
                let Some(end) = string_end(&bytes[..limit], at + 1) else { return limit };
                let string = at + 1..end;
                at = end;
                let in_array = arrays.last().copied();
                match (in_array, key.take()) {
                    (None, _) => return at,
                    (Some(false), None) => key = Some(string),
                    (Some(true), _) => visit(&path[1..], string),
                    (Some(false), Some(name)) => {
                        path.push(name);
                        visit(&path[1..], string);
                        path.pop();
                    }
                }
            }
            b',' => key = None,
            b'/' if bytes[at..limit].starts_with(b"//") => {
                at += memchr::memchr(b'\n', &bytes[at..limit]).unwrap_or(limit - at);
            }
            _ if arrays.is_empty() && !matches!(bytes[at], b' ' | b'\t' | b'\r' | b'\n' | b':') => {
                return at;
            }
            _ => {}
        }
        at += 1;
    }
    limit
}

/// Where the string that begins at `at` ends: the place of its closing quote.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr3(b'"', b'\\', b'\n', bytes.get(at..)?)?;
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::walk;

    #[test]
    fn strings_come_with_the_keys_that_lead_to_them() {
        let text = br#": {"a": {"env": {"K": "v1"}, "args": ["x", 3, "y"]}, // note
            "b": {"n": null, "s": "v\"2"}} "out": "side""#;
        let mut seen = Vec::new();
        let end = walk(text, 0, text.len(), |path, value| {
            let keys: Vec<_> =
                path.iter().map(|key| String::from_utf8_lossy(&text[key.clone()])).collect();
            seen.push(format!("{}={}", keys.join("."), String::from_utf8_lossy(&text[value])));
        });
        assert_eq!(seen, ["a.env.K=v1", "a.args=x", "a.args=y", r#"b.s=v\"2"#]);
        assert!(text[end..].starts_with(b" \"out"));
    }
}
