//! Runs a parsed expression.

use std::collections::BTreeMap;

use super::ast::{Node, Operator};
use super::error::{Error, compiled};
use super::functions;
use super::operations::{add, compare, holds, list_of, member, number, slice, text, truth, wrong};
use super::value::Value;
use crate::foreign::pattern::Pattern;

/// The most nodes that one run visits.
const MOST_STEPS: usize = 1_000_000;

/// Who answers for the names of an expression.
pub trait Host {
    /// The value of a variable; `None` for one that it does not have.
    fn variable(&mut self, name: &str) -> Option<Value>;

    /// The answer of a scanner's own function; `None` for one that it does not have.
    ///
    /// # Errors
    /// Arguments that it cannot work with.
    fn call(&mut self, name: &str, arguments: &[Value]) -> Option<Result<Value, Error>>;
}

/// A run.
pub(super) struct Run<'r> {
    host: &'r mut dyn Host,
    patterns: &'r BTreeMap<String, Pattern>,
    names: Vec<(String, Value)>,
    elements: Vec<Value>,
    steps: usize,
}

impl<'r> Run<'r> {
    pub(super) fn new(host: &'r mut dyn Host, patterns: &'r BTreeMap<String, Pattern>) -> Self {
        Self { host, patterns, names: Vec::new(), elements: Vec::new(), steps: 0 }
    }

    pub(super) fn value(&mut self, node: &Node) -> Result<Value, Error> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(wrong("the expression takes too many steps"));
        }
        match node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Element => Ok(self.elements.last().cloned().unwrap_or(Value::Null)),
            Node::Name(name) => self.name(name),
            Node::List(items) => {
                Ok(Value::List(items.iter().map(|it| self.value(it)).collect::<Result<_, _>>()?))
            }
            Node::Map(entries) => {
                let entry =
                    |(key, value): &(Node, Node)| Ok((text(self.value(key)?)?, self.value(value)?));
                Ok(Value::Map(entries.iter().map(entry).collect::<Result<_, Error>>()?))
            }
            Node::Not(inner) => Ok(Value::Bool(!truth(self.value(inner)?)?)),
            Node::Minus(inner) => Ok(Value::Number(-number(&self.value(inner)?)?)),
            Node::Binary(operator, left, right) => self.binary(*operator, left, right),
            Node::Choice(condition, then, otherwise) => {
                let chosen = if truth(self.value(condition)?)? { then } else { otherwise };
                self.value(chosen)
            }
            Node::Member(container, key, optional) => {
                let container = self.value(container)?;
                if container == Value::Null && *optional {
                    return Ok(Value::Null);
                }
                let key = self.value(key)?;
                member(&container, &key)
            }
            Node::Slice(value, from, to) => {
                let value = self.value(value)?;
                let mut end = |node: &Option<Box<Node>>| match node {
                    Some(node) => self.value(node).and_then(|it| number(&it)).map(Some),
                    None => Ok(None),
                };
                let (from, to) = (end(from)?, end(to)?);
                slice(value, from, to)
            }
            Node::Let(name, value, body) => {
                let value = self.value(value)?;
                self.names.push((name.clone(), value));
                let result = self.value(body);
                self.names.pop();
                result
            }
            Node::Closure(..) => Err(wrong("a closure stands where a value is expected")),
            Node::Call(name, arguments) => self.call(name, arguments),
        }
    }

    fn name(&mut self, name: &str) -> Result<Value, Error> {
        if let Some((_, value)) = self.names.iter().rev().find(|(known, _)| known == name) {
            return Ok(value.clone());
        }
        self.host.variable(name).ok_or_else(|| Error::Variable(name.to_owned()))
    }

    fn binary(&mut self, operator: Operator, left: &Node, right: &Node) -> Result<Value, Error> {
        let left = self.value(left)?;
        // The right side is looked at only where it decides.
        match operator {
            Operator::Or => return Ok(Value::Bool(truth(left)? || truth(self.value(right)?)?)),
            Operator::And => return Ok(Value::Bool(truth(left)? && truth(self.value(right)?)?)),
            Operator::Coalesce if left == Value::Null => return self.value(right),
            Operator::Coalesce => return Ok(left),
            _ => {}
        }
        let right = self.value(right)?;
        match operator {
            Operator::Equal => Ok(Value::Bool(left == right)),
            Operator::Unequal => Ok(Value::Bool(left != right)),
            Operator::Less => compare(&left, &right, |order| order.is_lt()),
            Operator::LessOrEqual => compare(&left, &right, |order| order.is_le()),
            Operator::Greater => compare(&left, &right, |order| order.is_gt()),
            Operator::GreaterOrEqual => compare(&left, &right, |order| order.is_ge()),
            Operator::In => holds(&right, &left),
            Operator::Contains => Ok(Value::Bool(text(left)?.contains(&text(right)?))),
            Operator::StartsWith => Ok(Value::Bool(text(left)?.starts_with(&text(right)?))),
            Operator::EndsWith => Ok(Value::Bool(text(left)?.ends_with(&text(right)?))),
            Operator::Matches => {
                let (left, right) = (text(left)?, text(right)?);
                Ok(Value::Bool(self.pattern(&right)?.is_match(left.as_bytes())))
            }
            Operator::Add => add(left, right),
            Operator::Range => {
                let (from, to) = (number(&left)? as i64, number(&right)? as i64);
                if to.saturating_sub(from) > 10_000 {
                    return Err(wrong("the range is too long"));
                }
                Ok(Value::List((from..=to).map(|n| Value::Number(n as f64)).collect()))
            }
            _ => {
                let (left, right) = (number(&left)?, number(&right)?);
                Ok(Value::Number(match operator {
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide => left / right,
                    Operator::Remainder => left % right,
                    _ => left.powf(right),
                }))
            }
        }
    }

    fn call(&mut self, name: &str, arguments: &[Node]) -> Result<Value, Error> {
        if let [list, Node::Closure(variable, body)] = arguments {
            let list = list_of(self.value(list)?)?;
            return self.closure(name, list, variable.as_deref(), body);
        }
        let values: Vec<Value> =
            arguments.iter().map(|node| self.value(node)).collect::<Result<_, _>>()?;
        if functions::takes_patterns(name) {
            return self.patterned(name, &values);
        }
        if let Some(answer) = self.host.call(name, &values) {
            return answer;
        }
        functions::call(name, &values)
    }

    fn closure(
        &mut self,
        function: &str,
        list: Vec<Value>,
        variable: Option<&str>,
        body: &Node,
    ) -> Result<Value, Error> {
        let mut answers = Vec::with_capacity(list.len());
        for item in &list {
            match variable {
                Some(name) => self.names.push((name.to_owned(), item.clone())),
                None => self.elements.push(item.clone()),
            }
            let answer = self.value(body);
            match variable {
                Some(_) => drop(self.names.pop()),
                None => drop(self.elements.pop()),
            }
            answers.push(answer?);
        }
        if function == "map" {
            return Ok(Value::List(answers));
        }
        let truths: Vec<bool> = answers.into_iter().map(truth).collect::<Result<_, _>>()?;
        let count = truths.iter().filter(|it| **it).count();
        let mut chosen = list.into_iter().zip(&truths).filter(|(_, it)| **it).map(|(item, _)| item);
        Ok(match function {
            "any" => Value::Bool(count > 0),
            "all" => Value::Bool(count == truths.len()),
            "none" => Value::Bool(count == 0),
            "one" => Value::Bool(count == 1),
            "count" => Value::Number(count as f64),
            "filter" => Value::List(chosen.collect()),
            "find" => chosen.next().unwrap_or(Value::Null),
            _ => return Err(Error::Value(format!("`{function}` takes no closure"))),
        })
    }

    fn pattern(&mut self, text: &str) -> Result<Pattern, Error> {
        match self.patterns.get(text) {
            Some(pattern) => Ok(pattern.clone()),
            None => compiled(text),
        }
    }

    /// `matchesAny`, `findMatch`, `matches`: a subject, and a pattern or a list of them.
    fn patterned(&mut self, name: &str, values: &[Value]) -> Result<Value, Error> {
        let [subject, patterns] = values else {
            return Err(Error::Value(format!("`{name}` takes a text and patterns")));
        };
        let subject = text(subject.clone())?;
        let patterns = match patterns {
            Value::List(list) => list.clone(),
            one => vec![one.clone()],
        };
        for pattern in patterns {
            let pattern = self.pattern(&text(pattern)?)?;
            if let Some(found) = pattern.find_from(subject.as_bytes(), 0) {
                let found = Value::bytes(&subject.as_bytes()[found]);
                return Ok(if name == "findMatch" { found } else { Value::Bool(true) });
            }
        }
        Ok(if name == "findMatch" { Value::Text(String::new()) } else { Value::Bool(false) })
    }
}
