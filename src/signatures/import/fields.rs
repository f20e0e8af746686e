//! The keys of a TOML table, each read as what it must be, with file, line and key in every error.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::signatures::error::Error;
use crate::signatures::nearest::nearest;

/// A value and the line of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// The file that is being read.
#[derive(Clone, Copy)]
pub(super) struct Source<'f> {
    pub(super) path: &'f Path,
    pub(super) text: &'f str,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }
}

/// Where a thing stands, for errors and notes about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) path: PathBuf,
    /// The rule, where it is in one.
    pub(super) rule: Option<String>,
}

impl At {
    pub(super) fn wrong(&self, line: usize, key: &str, message: impl Into<String>) -> Error {
        let (path, rule) = (self.path.clone(), self.rule.clone());
        Error::Import { path, line, rule, key: key.to_owned(), message: message.into() }
    }
}

/// A table.
#[derive(Clone)]
pub(super) struct Fields<'f> {
    pub(super) source: Source<'f>,
    table: &'f DeTable<'f>,
    pub(super) at: At,
    /// Where the table begins.
    pub(super) line: usize,
}

type Entry<'f> = (&'f Spanned<std::borrow::Cow<'f, str>>, &'f Spanned<DeValue<'f>>);

impl<'f> Fields<'f> {
    pub(super) fn top(source: Source<'f>, table: &'f DeTable<'f>) -> Self {
        let at = At { path: source.path.to_owned(), rule: None };
        Self { source, table, at, line: 1 }
    }

    /// All keys, as they are written.
    pub(super) fn keys(&self) -> Vec<&'f str> {
        self.table.iter().map(|(key, _)| &**key.get_ref()).collect()
    }

    /// Keys are taken in either case, as the scanners do.
    fn entry(&self, key: &str) -> Option<Entry<'f>> {
        self.table.iter().find(|(known, _)| known.get_ref().eq_ignore_ascii_case(key))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// The line of a key, or of the table without it.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.entry(key).map_or(self.line, |(key, _)| self.source.line(key.span().start))
    }

    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) -> Error {
        self.at.wrong(self.line_of(key), key, message)
    }

    /// Refuses keys that are not among these.
    pub(super) fn known(&self, known: &[&'static str]) -> Result<(), Error> {
        for key in self.keys() {
            if !known.iter().any(|it| it.eq_ignore_ascii_case(key)) {
                let nearest = nearest(key, known.iter().copied()).unwrap_or_default();
                return Err(
                    self.wrong(key, format!("this key is not known, the nearest is `{nearest}`"))
                );
            }
        }
        Ok(())
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl Fn(&'f DeValue<'f>) -> Option<T>,
    ) -> Result<Option<Spot<T>>, Error> {
        let Some((name, value)) = self.entry(key) else { return Ok(None) };
        let line = self.source.line(name.span().start);
        match read(value.get_ref()) {
            Some(value) => Ok(Some(Spot { value, line })),
            None => {
                Err(self
                    .wrong(key, format!("{expected} is expected, not {}", kind(value.get_ref()))))
            }
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<Spot<String>>, Error> {
        self.read(key, "a string", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn truth(&self, key: &str) -> Result<Option<Spot<bool>>, Error> {
        self.read(key, "true or false", |value| match value {
            DeValue::Boolean(truth) => Some(*truth),
            _ => None,
        })
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<Spot<f64>>, Error> {
        self.read(key, "a number", |value| match value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        })
    }

    /// A whole number, from a least one.
    pub(super) fn whole(&self, key: &str, least: i64) -> Result<Option<Spot<i64>>, Error> {
        let number = self.read(key, "a whole number", |value| match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        })?;
        match number {
            Some(number) if number.value < least => {
                Err(self.wrong(key, format!("a number from {least} is expected")))
            }
            number => Ok(number),
        }
    }

    pub(super) fn texts(&self, key: &str) -> Result<Vec<Spot<String>>, Error> {
        let Some((_, value)) = self.entry(key) else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value.get_ref() else {
            let kind = kind(value.get_ref());
            return Err(self.wrong(key, format!("a list of strings is expected, not {kind}")));
        };
        let read = |item: &'f Spanned<DeValue<'f>>| {
            let line = self.source.line(item.span().start);
            let text = item.get_ref().as_str();
            let value = text.map(str::to_owned).ok_or_else(|| {
                let kind = kind(item.get_ref());
                self.at.wrong(line, key, format!("a list of strings is expected; {kind} is in it"))
            })?;
            Ok(Spot { value, line })
        };
        items.iter().map(read).collect()
    }

    /// A list of tables; with `one` a single table too.
    pub(super) fn tables(&self, key: &str, one: bool) -> Result<Vec<Fields<'f>>, Error> {
        let Some((_, value)) = self.entry(key) else { return Ok(Vec::new()) };
        let wrong = |value: &DeValue<'_>| {
            let expected = if one { "a table" } else { "a list of tables" };
            self.wrong(key, format!("{expected} is expected, not {}", kind(value)))
        };
        let table = |value: &'f Spanned<DeValue<'f>>| match value.get_ref() {
            DeValue::Table(table) => {
                let line = self.source.line(value.span().start);
                Ok(Fields { table, line, ..self.clone() })
            }
            other => Err(wrong(other)),
        };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().map(table).collect(),
            DeValue::Table(_) if one => Ok(vec![table(value)?]),
            other => Err(wrong(other)),
        }
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
