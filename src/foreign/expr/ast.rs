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
