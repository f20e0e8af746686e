//! Functions of the language itself. To add one: a name in [`OWN`] and an arm in [`call`].

use super::error::Error;
use super::operations::{list_of, number, text, truth};
use super::value::Value;

/// Functions that a scanner answers for, because they need its measures.
const OF_HOST: &[&str] = &["entropy", "failsTokenEfficiency", "setConfidence", "tokenRatio"];
/// Functions over closures.
const CLOSURES: &[&str] = &["all", "any", "count", "filter", "find", "map", "none", "one"];
/// Functions whose further arguments are patterns.
const PATTERNS: &[&str] = &["findMatch", "matches", "matchesAny"];
/// Functions of the language.
const OWN: &[&str] = &[
    "abs",
    "base64.decode",
    "base64.encode",
    "ceil",
    "contains",
    "containsAny",
    "endsWith",
    "first",
    "float",
    "floor",
    "fromBase64",
    "hasPrefix",
    "hasSuffix",
    "hex.encode",
    "indexOf",
    "int",
    "intersects",
    "join",
    "json.string",
    "last",
    "lastIndexOf",
    "len",
    "lower",
    "lowerAscii",
    "max",
    "min",
    "replace",
    "round",
    "size",
    "split",
    "startsWith",
    "string",
    "strings.splitTrim",
    "toBase64",
    "toLower",
    "toUpper",
    "trim",
    "trimPrefix",
    "trimSuffix",
    "upper",
];

/// Whether there is such a function.
pub(super) fn known(name: &str) -> bool {
    [OF_HOST, CLOSURES, PATTERNS, OWN].iter().any(|names| names.contains(&name))
}

/// Whether all but its first argument are patterns.
pub(super) fn takes_patterns(name: &str) -> bool {
    PATTERNS.contains(&name)
}

/// Whether its second argument is a closure.
pub(super) fn takes_closure(name: &str) -> bool {
    CLOSURES.contains(&name)
}

/// The answer of a function of the language.
pub(super) fn call(name: &str, values: &[Value]) -> Result<Value, Error> {
    let given = |at: usize| {
        values
            .get(at)
            .cloned()
            .ok_or_else(|| Error::Value(format!("`{name}` takes more arguments")))
    };
    let string = |at: usize| given(at).and_then(text);
    let figure = |at: usize| given(at).and_then(|value| number(&value));
    Ok(match name {
        "len" | "size" => Value::Number(match given(0)? {
            Value::Text(text) => text.chars().count() as f64,
            Value::Map(map) => map.len() as f64,
            other => list_of(other)?.len() as f64,
        }),
        "lower" | "toLower" | "lowerAscii" => Value::Text(string(0)?.to_lowercase()),
        "upper" | "toUpper" => Value::Text(string(0)?.to_uppercase()),
        "trim" => match values.get(1) {
            Some(Value::Text(cut)) => {
                Value::from(string(0)?.trim_matches(|c: char| cut.contains(c)))
            }
            _ => Value::from(string(0)?.trim()),
        },
        "trimPrefix" => {
            let (whole, cut) = (string(0)?, string(1)?);
            Value::from(whole.strip_prefix(cut.as_str()).unwrap_or(&whole))
        }
        "trimSuffix" => {
            let (whole, cut) = (string(0)?, string(1)?);
            Value::from(whole.strip_suffix(cut.as_str()).unwrap_or(&whole))
        }
        "hasPrefix" | "startsWith" => Value::Bool(string(0)?.starts_with(&string(1)?)),
        "hasSuffix" | "endsWith" => Value::Bool(string(0)?.ends_with(&string(1)?)),
        "contains" => match given(0)? {
            Value::List(list) => Value::Bool(list.contains(&given(1)?)),
            other => Value::Bool(text(other)?.contains(&string(1)?)),
        },
        "containsAny" => Value::Bool(contains_any(&string(0)?, given(1)?)?),
        "intersects" => {
            let (left, right) = (list_of(given(0)?)?, list_of(given(1)?)?);
            Value::Bool(left.iter().any(|item| right.contains(item)))
        }
        "split" | "strings.splitTrim" => {
            let (whole, separator) = (string(0)?, string(1)?);
            let trims = name == "strings.splitTrim";
            let parts =
                whole.split(separator.as_str()).map(|it| if trims { it.trim() } else { it });
            Value::List(parts.filter(|it| !trims || !it.is_empty()).map(Value::from).collect())
        }
        "join" => {
            let parts = list_of(given(0)?)?.into_iter().map(text).collect::<Result<Vec<_>, _>>()?;
            Value::Text(parts.join(&string(1).unwrap_or_default()))
        }
        "replace" => {
            let (whole, from, to) = (string(0)?, string(1)?, string(2)?);
            if from.is_empty() || to.len() > whole.len() + 256 {
                return Err(Error::Value("`replace` would make too long a text".to_owned()));
            }
            Value::Text(whole.replace(&from, &to))
        }
        "indexOf" => place(string(0)?.find(&string(1)?)),
        "lastIndexOf" => place(string(0)?.rfind(&string(1)?)),
        "first" => list_of(given(0)?)?.into_iter().next().unwrap_or(Value::Null),
        "last" => list_of(given(0)?)?.into_iter().next_back().unwrap_or(Value::Null),
        "string" => Value::Text(match given(0)? {
            Value::Text(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            other => return Err(Error::Value(format!("`string` takes no {}", other.kind()))),
        }),
        "int" | "float" => {
            let read = match given(0)? {
                Value::Text(text) => text.trim().parse().ok(),
                other => Some(number(&other)?),
            };
            let read: f64 = read.ok_or_else(|| Error::Value("the text is no number".to_owned()))?;
            Value::Number(if name == "int" { read.trunc() } else { read })
        }
        "abs" => Value::Number(figure(0)?.abs()),
        "ceil" => Value::Number(figure(0)?.ceil()),
        "floor" => Value::Number(figure(0)?.floor()),
        "round" => Value::Number(figure(0)?.round()),
        "max" | "min" => {
            let figures = match values {
                [Value::List(list)] => list.as_slice(),
                all => all,
            };
            let figures = figures.iter().map(number).collect::<Result<Vec<_>, _>>()?;
            let best = if name == "max" { f64::max } else { f64::min };
            Value::Number(figures.into_iter().reduce(best).unwrap_or(0.0))
        }
        "base64.encode" | "toBase64" => {
            use base64::Engine as _;
            Value::Text(base64::engine::general_purpose::STANDARD.encode(string(0)?))
        }
        "base64.decode" | "fromBase64" => {
            use base64::Engine as _;
            let read = base64::engine::general_purpose::STANDARD.decode(string(0)?.trim());
            Value::bytes(&read.map_err(|_| Error::Value("the text is no base64".to_owned()))?)
        }
        "hex.encode" => Value::Text(string(0)?.bytes().map(|b| format!("{b:02x}")).collect()),
        "json.string" => Value::Text(serde_json::Value::from(string(0)?).to_string()),
        "any" => Value::Bool(truths(given(0)?)?.contains(&true)),
        "all" => Value::Bool(!truths(given(0)?)?.contains(&false)),
        "none" => Value::Bool(!truths(given(0)?)?.contains(&true)),
        "count" => Value::Number(truths(given(0)?)?.into_iter().filter(|it| *it).count() as f64),
        _ => return Err(Error::Function(name.to_owned())),
    })
}

/// Terms count in either case. One of the two scanners folds the subject alone, so that a term with an upper
/// case letter is never found there: a filter that never fires is no one's intention.
fn contains_any(subject: &str, terms: Value) -> Result<bool, Error> {
    let subject = subject.to_lowercase();
    let terms = list_of(terms)?.into_iter().map(text).collect::<Result<Vec<_>, _>>()?;
    Ok(terms.iter().any(|term| subject.contains(&term.to_lowercase())))
}

fn place(found: Option<usize>) -> Value {
    Value::Number(found.map_or(-1.0, |at| at as f64))
}

fn truths(value: Value) -> Result<Vec<bool>, Error> {
    list_of(value)?.into_iter().map(truth).collect()
}
