//! The parsed form of an expression.

use super::value::Value;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Literal(Value),
    /// A variable.
    Name(String),
    /// The element that a closure is asked about.
    Element,
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Minus(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    /// Condition, then, else.
    Choice(Box<Node>, Box<Node>, Box<Node>),
    /// Container, key; whether nothing is asked of a container that is nil.
    Member(Box<Node>, Box<Node>, bool),
    /// Text or list, from, to.
    Slice(Box<Node>, Option<Box<Node>>, Option<Box<Node>>),
    /// Function, arguments.
    Call(String, Vec<Node>),
    /// Name, value, what is in its sight.
    Let(String, Box<Node>, Box<Node>),
    /// A function of one argument: its name (none: `#`), its body.
    Closure(Option<String>, Box<Node>),
}

impl Node {
    /// The nodes right below.
    pub(super) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Literal(_) | Self::Name(_) | Self::Element => Vec::new(),
            Self::List(items) | Self::Call(_, items) => items.iter().collect(),
            Self::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            Self::Not(inner) | Self::Minus(inner) | Self::Closure(_, inner) => vec![&**inner],
            Self::Binary(_, left, right)
            | Self::Member(left, right, _)
            | Self::Let(_, left, right) => vec![&**left, &**right],
            Self::Choice(condition, then, otherwise) => vec![&**condition, &**then, &**otherwise],
            Self::Slice(value, from, to) => [Some(value), from.as_ref(), to.as_ref()]
                .into_iter()
                .flatten()
                .map(|it| &**it)
                .collect(),
        }
    }
}

/// Between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Coalesce,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Contains,
    Matches,
    StartsWith,
    EndsWith,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Range,
}
