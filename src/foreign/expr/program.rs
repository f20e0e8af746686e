//! A parsed and checked expression.

use std::collections::BTreeMap;

use super::ast::{Node, Operator};
use super::error::{Error, compiled};
use super::functions;
use super::lexer::tokens;
use super::parser::Parser;
use super::run::{Host, Run};
use super::value::Value;
use crate::foreign::pattern::Pattern;

/// An expression whose names are all known and whose patterns are compiled.
#[derive(Clone, Debug)]
pub struct Program {
    node: Node,
    patterns: BTreeMap<String, Pattern>,
}

impl Program {
    /// Parses and checks. `variables` are the names that a host answers for.
    ///
    /// # Errors
    /// What cannot be parsed, names that are not known, and patterns that do not compile.
    pub fn new(source: &str, variables: &[&str]) -> Result<Self, Error> {
        let node = Parser::new(source, tokens(source)?).program()?;
        let mut program = Self { node: Node::Literal(Value::Null), patterns: BTreeMap::new() };
        program.check(&node, &mut variables.iter().map(|name| (*name).to_owned()).collect())?;
        program.node = node;
        Ok(program)
    }

    /// Runs it.
    ///
    /// # Errors
    /// A value of a kind that an operator or function cannot work with; too many steps.
    pub fn run(&self, host: &mut dyn Host) -> Result<Value, Error> {
        Run::new(host, &self.patterns).value(&self.node)
    }

    /// The keys that are asked of a variable by their names, `variable["key"]`, sorted, each once.
    #[must_use]
    pub fn keys_of(&self, variable: &str) -> Vec<String> {
        let mut keys = Vec::new();
        let mut nodes = vec![&self.node];
        while let Some(node) = nodes.pop() {
            if let Node::Member(container, key, _) = node
                && let (Node::Name(name), Node::Literal(Value::Text(key))) = (&**container, &**key)
                && name == variable
            {
                keys.push(key.clone());
            }
            nodes.extend(node.children());
        }
        keys.sort();
        keys.dedup();
        keys
    }

    fn check(&mut self, node: &Node, seen: &mut Vec<String>) -> Result<(), Error> {
        match node {
            Node::Literal(_) | Node::Element => Ok(()),
            Node::Name(name) if seen.contains(name) => Ok(()),
            Node::Name(name) => Err(Error::Variable(name.clone())),
            Node::List(items) => items.iter().try_for_each(|item| self.check(item, seen)),
            Node::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                self.check(key, seen)?;
                self.check(value, seen)
            }),
            Node::Not(inner) | Node::Minus(inner) => self.check(inner, seen),
            Node::Binary(operator, left, right) => {
                if *operator == Operator::Matches {
                    self.compile(right)?;
                }
                self.check(left, seen)?;
                self.check(right, seen)
            }
            Node::Member(left, right, _) => {
                self.check(left, seen)?;
                self.check(right, seen)
            }
            Node::Choice(condition, then, otherwise) => {
                [condition, then, otherwise].into_iter().try_for_each(|node| self.check(node, seen))
            }
            Node::Slice(value, from, to) => {
                self.check(value, seen)?;
                [from, to].into_iter().flatten().try_for_each(|node| self.check(node, seen))
            }
            Node::Call(name, arguments) => {
                if !functions::known(name) {
                    return Err(Error::Function(name.clone()));
                }
                if functions::takes_patterns(name) {
                    arguments.iter().skip(1).try_for_each(|argument| self.compile(argument))?;
                }
                arguments.iter().try_for_each(|argument| self.check(argument, seen))
            }
            Node::Let(name, value, body) => {
                self.check(value, seen)?;
                self.scoped(Some(name), body, seen)
            }
            Node::Closure(name, body) => self.scoped(name.as_ref(), body, seen),
        }
    }

    fn scoped(
        &mut self,
        name: Option<&String>,
        body: &Node,
        seen: &mut Vec<String>,
    ) -> Result<(), Error> {
        let before = seen.len();
        seen.extend(name.cloned());
        let checked = self.check(body, seen);
        seen.truncate(before);
        checked
    }

    /// Compiles the patterns that stand there as literals; others are compiled when they are met.
    fn compile(&mut self, node: &Node) -> Result<(), Error> {
        match node {
            Node::Literal(Value::Text(text)) => {
                let compiled = compiled(text)?;
                self.patterns.insert(text.clone(), compiled);
                Ok(())
            }
            Node::List(items) => items.iter().try_for_each(|item| self.compile(item)),
            _ => Ok(()),
        }
    }
}
