//! Paths into JSON: `$.a.b[0].c`, `$.a[*].b`, `$['odd key']`.

use serde_json::Value;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    At(usize),
    Every,
}

/// A path, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonPath(Vec<Step>);

impl JsonPath {
    /// Reads a path; `None` for what is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-@:".contains(&b);
                let key = after.get(..end)?;
                if key.is_empty() || !key.bytes().all(plain) {
                    return None;
                }
                steps.push(Step::Key(key.to_owned()));
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix("['") {
                let (key, after) = after.split_once("']")?;
                steps.push(Step::Key(key.to_owned()));
                rest = after;
            } else {
                let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
                let step = if inner == "*" { Step::Every } else { Step::At(inner.parse().ok()?) };
                steps.push(step);
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// All values at the path; `[*]` fans out over lists and objects.
    pub(super) fn values<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        let mut values = vec![root];
        for step in &self.0 {
            values = values
                .into_iter()
                .flat_map(|value| match (step, value) {
                    (Step::Key(key), Value::Object(map)) => map.get(key).into_iter().collect(),
                    (Step::At(at), Value::Array(list)) => list.get(*at).into_iter().collect(),
                    (Step::Every, Value::Array(list)) => list.iter().collect(),
                    (Step::Every, Value::Object(map)) => map.values().collect(),
                    _ => Vec::new(),
                })
                .collect();
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::JsonPath;
    use serde_json::json;

    #[test]
    fn paths_lead_to_all_their_values() {
        let root = json!({"a": {"b": [{"c": 1}, {"c": 2}]}, "odd.key": 3});
        let values = |path: &str| -> Vec<String> {
            let path = JsonPath::parse(path).unwrap();
            path.values(&root).into_iter().map(ToString::to_string).collect()
        };
        assert_eq!(values("$.a.b[1].c"), ["2"]);
        assert_eq!(values("$.a.b[*].c"), ["1", "2"]);
        assert_eq!(values("$['odd.key']"), ["3"]);
        assert!(values("$.a.x").is_empty());
        assert!(values("$.a.b[9]").is_empty());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["a.b", "$a", "$..a", "$.a[", "$.a[x]", "$['a", "$.a>3"] {
            assert_eq!(JsonPath::parse(text), None, "{text}");
        }
    }
}
