//! What a template consists of.

/// One step of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Text, or a quoted string in an action.
    Text(String),
    /// An action: steps one after the other.
    List(Vec<Node>),
    /// `.name`.
    Field(String),
    /// `range` or `end`; anything else is an error when it is evaluated.
    Identifier(String),
    /// `[start:end:step]`, or `[index]`.
    Array(Slice),
    /// `[?(left operator right)]`, or `[?(left)]`.
    Filter { left: Vec<Node>, right: Vec<Node>, operator: String },
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `.*`.
    Wildcard,
    /// `..`.
    Recursive,
    /// `[a,b]`.
    Union(Vec<Vec<Node>>),
}

/// The bounds of a slice, where they were given.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Slice {
    pub start: Option<i64>,
    pub end: End,
    pub step: Option<i64>,
}

/// Where a slice ends.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum End {
    /// At the end of the list: `[1:]`.
    #[default]
    OfList,
    /// Before an index: `[1:3]`.
    At(i64),
    /// After the one item that was asked for: `[1]`.
    AfterStart,
}
