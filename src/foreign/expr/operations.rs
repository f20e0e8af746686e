//! What operators do with values.

use super::error::Error;
use super::value::Value;

/// The most bytes of a text that a run makes.
const LONGEST: usize = 1 << 20;

pub(super) fn wrong(what: &str) -> Error {
    Error::Value(what.to_owned())
}

fn expected(what: &str, value: &Value) -> Error {
    Error::Value(format!("{what} is expected, not {}", value.kind()))
}

pub(super) fn truth(value: Value) -> Result<bool, Error> {
    match value {
        Value::Bool(truth) => Ok(truth),
        other => Err(expected("a boolean", &other)),
    }
}

pub(super) fn number(value: &Value) -> Result<f64, Error> {
    match value {
        Value::Number(number) => Ok(*number),
        other => Err(expected("a number", other)),
    }
}

pub(super) fn text(value: Value) -> Result<String, Error> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(expected("a text", &other)),
    }
}

pub(super) fn list_of(value: Value) -> Result<Vec<Value>, Error> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(expected("a list", &other)),
    }
}

pub(super) fn compare(
    left: &Value,
    right: &Value,
    wanted: impl Fn(std::cmp::Ordering) -> bool,
) -> Result<Value, Error> {
    let order = match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => number(left)?.partial_cmp(&number(right)?),
    };
    Ok(Value::Bool(order.is_some_and(wanted)))
}

pub(super) fn holds(container: &Value, item: &Value) -> Result<Value, Error> {
    Ok(Value::Bool(match container {
        Value::List(list) => list.contains(item),
        Value::Map(map) => matches!(item, Value::Text(key) if map.contains_key(key)),
        Value::Null => false,
        other => return Err(expected("a list or a map", other)),
    }))
}

pub(super) fn add(left: Value, right: Value) -> Result<Value, Error> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) if left.len() + right.len() > LONGEST => {
            Err(wrong("the text becomes too long"))
        }
        (Value::Text(left), Value::Text(right)) => Ok(Value::Text(left + &right)),
        (Value::List(left), Value::List(right)) => Ok(Value::List([left, right].concat())),
        (left, right) => Ok(Value::Number(number(&left)? + number(&right)?)),
    }
}

pub(super) fn member(container: &Value, key: &Value) -> Result<Value, Error> {
    match (container, key) {
        (Value::Map(map), Value::Text(key)) => Ok(map.get(key).cloned().unwrap_or(Value::Null)),
        (Value::List(list), Value::Number(at)) => {
            let at = if *at < 0.0 { at + list.len() as f64 } else { *at };
            let found = (at >= 0.0).then(|| list.get(at as usize)).flatten();
            found.cloned().ok_or_else(|| wrong("the list is shorter"))
        }
        (Value::Text(text), Value::Number(at)) => {
            let length = text.chars().count() as f64;
            let at = if *at < 0.0 { at + length } else { *at };
            let found = (at >= 0.0).then(|| text.chars().nth(at as usize)).flatten();
            found.map(|c| Value::Text(c.into())).ok_or_else(|| wrong("the text is shorter"))
        }
        (container, _) => Err(expected("a map or a list", container)),
    }
}

pub(super) fn slice(value: Value, from: Option<f64>, to: Option<f64>) -> Result<Value, Error> {
    let cut = |length: usize| {
        let place = |at: f64| {
            let at = if at < 0.0 { at + length as f64 } else { at };
            at.clamp(0.0, length as f64) as usize
        };
        let (from, to) = (from.map_or(0, place), to.map_or(length, place));
        (from, to.saturating_sub(from))
    };
    match value {
        Value::Text(text) => {
            let (skip, take) = cut(text.chars().count());
            Ok(Value::Text(text.chars().skip(skip).take(take).collect()))
        }
        Value::List(list) => {
            let (skip, take) = cut(list.len());
            Ok(Value::List(list.into_iter().skip(skip).take(take).collect()))
        }
        other => Err(expected("a text or a list", &other)),
    }
}
