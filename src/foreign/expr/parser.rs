//! From tokens to the parsed form: precedence climbing.

use super::ast::{Node, Operator};
use super::error::Error;
use super::functions;
use super::lexer::Token;
use super::value::Value;

/// How deep expressions nest.
const DEEPEST: usize = 100;
/// How many operators and members an expression has: a chain of them is as deep as it is long, and the stack
/// of a thread is not.
const MOST_LINKS: usize = 400;

/// Infix operators: how they are written, how tightly they bind.
const OPERATORS: &[(&str, u8, Operator)] = &[
    ("||", 1, Operator::Or),
    ("or", 1, Operator::Or),
    ("&&", 2, Operator::And),
    ("and", 2, Operator::And),
    ("==", 3, Operator::Equal),
    ("!=", 3, Operator::Unequal),
    ("<", 3, Operator::Less),
    ("<=", 3, Operator::LessOrEqual),
    (">", 3, Operator::Greater),
    (">=", 3, Operator::GreaterOrEqual),
    ("in", 3, Operator::In),
    ("contains", 3, Operator::Contains),
    ("matches", 3, Operator::Matches),
    ("startsWith", 3, Operator::StartsWith),
    ("endsWith", 3, Operator::EndsWith),
    ("..", 4, Operator::Range),
    ("+", 5, Operator::Add),
    ("-", 5, Operator::Subtract),
    ("*", 6, Operator::Multiply),
    ("/", 6, Operator::Divide),
    ("%", 6, Operator::Remainder),
    ("**", 7, Operator::Power),
    ("^", 7, Operator::Power),
    ("??", 8, Operator::Coalesce),
];

/// Names that open a namespace of functions.
const NAMESPACES: &[&str] = &[
    "analysis", "aws", "azure", "base64", "crypto", "env", "filter", "gcp", "hex", "http", "json",
    "revoke", "strings", "time", "validate",
];

pub(super) struct Parser<'s> {
    source: &'s str,
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    links: usize,
}

impl<'s> Parser<'s> {
    pub(super) fn new(source: &'s str, tokens: Vec<(usize, Token)>) -> Self {
        Self { source, tokens, at: 0, depth: 0, links: 0 }
    }

    /// The whole source.
    pub(super) fn program(mut self) -> Result<Node, Error> {
        let node = self.expression()?;
        match self.tokens.get(self.at) {
            None => Ok(node),
            Some(_) => Err(self.wrong("an operator or the end is expected")),
        }
    }

    fn wrong(&self, what: &'static str) -> Error {
        let place = self.tokens.get(self.at).map_or(self.source.len(), |token| token.0);
        Error::new(self.source, place, what)
    }

    fn sees(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at), Some((_, Token::Sign(seen))) if *seen == sign)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let seen = self.sees(sign);
        self.at += usize::from(seen);
        seen
    }

    fn expect(&mut self, sign: &str, what: &'static str) -> Result<(), Error> {
        if self.takes(sign) { Ok(()) } else { Err(self.wrong(what)) }
    }

    /// One more operator or member.
    fn link(&mut self) -> Result<(), Error> {
        self.links += 1;
        if self.links > MOST_LINKS { Err(self.wrong("the expression is too long")) } else { Ok(()) }
    }

    fn word(&mut self) -> Option<String> {
        let Some((_, Token::Word(word))) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(word.clone())
    }

    fn sees_word(&self, wanted: &str) -> bool {
        matches!(self.tokens.get(self.at), Some((_, Token::Word(word))) if word == wanted)
    }

    fn expression(&mut self) -> Result<Node, Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("the expression is nested too deep"));
        }
        let node = self.declared();
        self.depth -= 1;
        node
    }

    fn declared(&mut self) -> Result<Node, Error> {
        if self.sees_word("let") {
            self.at += 1;
            let name = self.word().ok_or_else(|| self.wrong("a name is expected behind `let`"))?;
            self.expect("=", "`=` is expected")?;
            let value = self.expression()?;
            self.expect(";", "`;` is expected behind what `let` names")?;
            let body = self.expression()?;
            return Ok(Node::Let(name, Box::new(value), Box::new(body)));
        }
        let node = self.binary(0)?;
        if !self.takes("?") {
            return Ok(node);
        }
        let then = self.expression()?;
        self.expect(":", "`:` is expected")?;
        let otherwise = self.expression()?;
        Ok(Node::Choice(Box::new(node), Box::new(then), Box::new(otherwise)))
    }

    fn operator(&self) -> Option<(u8, Operator, bool)> {
        let (_, token) = self.tokens.get(self.at)?;
        let (word, negated) = match token {
            Token::Sign(sign) => (*sign, false),
            Token::Word(word) if word == "not" => match self.tokens.get(self.at + 1) {
                Some((_, Token::Word(next))) => (next.as_str(), true),
                _ => return None,
            },
            Token::Word(word) => (word.as_str(), false),
            _ => return None,
        };
        let found = OPERATORS.iter().find(|(written, ..)| *written == word);
        found.map(|(_, binds, operator)| (*binds, *operator, negated))
    }

    fn binary(&mut self, least: u8) -> Result<Node, Error> {
        let mut left = self.unary()?;
        loop {
            // A pipe binds least, and what stands behind it is asked of its result.
            if least == 0 && self.takes("|") {
                left = self.piped(left)?;
                continue;
            }
            let operator = self.operator().filter(|it| it.0 >= least.max(1));
            let Some((binds, operator, negated)) = operator else { return Ok(left) };
            self.link()?;
            self.at += 1 + usize::from(negated);
            let right = self.binary(binds + u8::from(operator != Operator::Power))?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
            if negated {
                left = Node::Not(Box::new(left));
            }
        }
    }

    /// `value | function(…)`: the value is the first argument.
    fn piped(&mut self, value: Node) -> Result<Node, Error> {
        self.link()?;
        let name = self.word().ok_or_else(|| self.wrong("a function is expected behind `|`"))?;
        self.expect("(", "`(` is expected")?;
        let mut arguments = vec![value];
        if functions::takes_closure(&name) && !self.sees(")") {
            arguments.push(self.closure()?);
        }
        arguments.extend(self.arguments("")?);
        Ok(Node::Call(name, arguments))
    }

    fn unary(&mut self) -> Result<Node, Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("the expression is nested too deep"));
        }
        let node = if self.takes("!") {
            Node::Not(Box::new(self.unary()?))
        } else if self.sees_word("not") {
            self.at += 1;
            // `not a == b` denies the comparison.
            Node::Not(Box::new(self.binary(3)?))
        } else if self.takes("-") {
            Node::Minus(Box::new(self.unary()?))
        } else if self.takes("+") {
            self.unary()?
        } else {
            self.postfix()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn postfix(&mut self) -> Result<Node, Error> {
        let mut node = self.primary()?;
        loop {
            if self.sees("?.") || self.sees(".") || self.sees("[") {
                self.link()?;
            }
            let optional = self.sees("?.");
            if optional || self.sees(".") {
                self.at += 1;
                if optional && self.takes("[") {
                    let key = self.expression()?;
                    self.expect("]", "`]` is expected")?;
                    node = Node::Member(Box::new(node), Box::new(key), true);
                    continue;
                }
                let name =
                    self.word().ok_or_else(|| self.wrong("a name is expected behind `.`"))?;
                node = if self.takes("(") {
                    self.method(node, name)?
                } else {
                    let key = Node::Literal(Value::Text(name));
                    Node::Member(Box::new(node), Box::new(key), optional)
                };
            } else if self.takes("[") {
                node = self.index(node)?;
            } else {
                return Ok(node);
            }
        }
    }

    /// `namespace.function(…)`, or a value that a function is asked of, as CEL writes it.
    fn method(&mut self, node: Node, name: String) -> Result<Node, Error> {
        match &node {
            Node::Name(space) if NAMESPACES.contains(&space.as_str()) => {
                let name = if space == "filter" { name } else { format!("{space}.{name}") };
                let arguments = self.arguments(&name)?;
                Ok(Node::Call(name, arguments))
            }
            _ if ["exists", "exists_one", "all", "filter", "map"].contains(&name.as_str()) => {
                let name = match name.as_str() {
                    "exists" => "any".to_owned(),
                    "exists_one" => "one".to_owned(),
                    _ => name,
                };
                let variable = self.word().ok_or_else(|| self.wrong("a name is expected"))?;
                self.expect(",", "`,` is expected")?;
                let body = self.expression()?;
                self.expect(")", "`)` is expected")?;
                Ok(Node::Call(name, vec![node, Node::Closure(Some(variable), Box::new(body))]))
            }
            _ => {
                let mut arguments = vec![node];
                arguments.extend(self.arguments("")?);
                Ok(Node::Call(name, arguments))
            }
        }
    }

    fn index(&mut self, node: Node) -> Result<Node, Error> {
        let from = if self.sees(":") { None } else { Some(Box::new(self.binary(0)?)) };
        if !self.takes(":") {
            self.expect("]", "`]` is expected")?;
            let key = from.ok_or_else(|| self.wrong("a key is expected"))?;
            return Ok(Node::Member(Box::new(node), key, false));
        }
        let to = if self.sees("]") { None } else { Some(Box::new(self.binary(0)?)) };
        self.expect("]", "`]` is expected")?;
        Ok(Node::Slice(Box::new(node), from, to))
    }

    /// Up to the closing bracket; the opening one is taken already. A function over a list takes a
    /// closure as its last argument, with braces or without.
    fn arguments(&mut self, function: &str) -> Result<Vec<Node>, Error> {
        let mut arguments = Vec::new();
        while !self.takes(")") {
            let closure = functions::takes_closure(function) && arguments.len() == 1;
            arguments.push(if closure { self.closure()? } else { self.expression()? });
            if !self.sees(")") {
                self.expect(",", "`,` or `)` is expected")?;
            }
        }
        Ok(arguments)
    }

    fn closure(&mut self) -> Result<Node, Error> {
        let braces = self.takes("{");
        let body = self.expression()?;
        if braces {
            self.expect("}", "`}` is expected")?;
        }
        Ok(Node::Closure(None, Box::new(body)))
    }

    fn primary(&mut self) -> Result<Node, Error> {
        let Some((_, token)) = self.tokens.get(self.at).cloned() else {
            return Err(self.wrong("a value is expected"));
        };
        match token {
            Token::Number(number) => {
                self.at += 1;
                Ok(Node::Literal(Value::Number(number)))
            }
            Token::Text(text) => {
                self.at += 1;
                Ok(Node::Literal(Value::Text(text)))
            }
            Token::Word(word) => {
                self.at += 1;
                match word.as_str() {
                    "true" => return Ok(Node::Literal(Value::Bool(true))),
                    "false" => return Ok(Node::Literal(Value::Bool(false))),
                    "nil" | "null" => return Ok(Node::Literal(Value::Null)),
                    _ => {}
                }
                if self.takes("(") {
                    let arguments = self.arguments(&word)?;
                    return Ok(Node::Call(word, arguments));
                }
                Ok(Node::Name(word))
            }
            Token::Sign("#") => {
                self.at += 1;
                Ok(Node::Element)
            }
            // `.name` inside of a closure is a member of the element.
            Token::Sign(".") => Ok(Node::Element),
            Token::Sign("(") => {
                self.at += 1;
                let node = self.expression()?;
                self.expect(")", "`)` is expected")?;
                Ok(node)
            }
            Token::Sign("[") => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.takes("]") {
                    items.push(self.expression()?);
                    if !self.sees("]") {
                        self.expect(",", "`,` or `]` is expected")?;
                    }
                }
                Ok(Node::List(items))
            }
            Token::Sign("{") => {
                self.at += 1;
                self.map()
            }
            Token::Sign(_) => Err(self.wrong("a value is expected")),
        }
    }

    fn map(&mut self) -> Result<Node, Error> {
        let mut entries = Vec::new();
        while !self.takes("}") {
            let key = match self.word() {
                Some(word) => Node::Literal(Value::Text(word)),
                None => self.primary()?,
            };
            self.expect(":", "`:` is expected")?;
            entries.push((key, self.expression()?));
            if !self.sees("}") {
                self.expect(",", "`,` or `}` is expected")?;
            }
        }
        Ok(Node::Map(entries))
    }
}
