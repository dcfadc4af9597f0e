//! The fields of the built-in kinds: `data/schema.txt`, made by `scripts/schema`.

use std::{collections::BTreeMap, sync::LazyLock};

/// A type of a field.
#[derive(Debug)]
pub(super) enum Type {
    String,
    Integer { go: &'static str, min: i64, max: i64 },
    Bool,
    Float,
    Bytes,
    Time,
    Text { go: &'static str },
    IntOrString,
    Quantity,
    Any,
    Pointer(Box<Type>),
    List(Box<Type>),
    Map(Box<Type>),
    Struct(&'static str),
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) omit_empty: bool,
    pub(super) omit_zero: bool,
    /// Number in protobuf; 0 where it has none.
    pub(super) number: u32,
    pub(super) kind: Type,
}

impl Field {
    /// Whether the field is a message in protobuf only: in JSON its fields stand in place.
    pub(super) fn is_inline(&self) -> bool {
        self.name == "^"
    }
}

pub(super) static SCHEMA: LazyLock<BTreeMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut words = line.split(' ');
        let name = words.next()?;
        Some((name, words.filter_map(parse_field).collect()))
    };
    include_str!("../../../data/schema.txt").lines().filter_map(line).collect()
});

fn parse_field(text: &'static str) -> Option<Field> {
    let (name, kind) = text.split_once(':')?;
    let (name, number) = name.split_once('=').unwrap_or((name, "0"));
    let bare = name.trim_end_matches(['?', '!']);
    let flags = &name[bare.len()..];
    Some(Field {
        name: bare,
        omit_empty: flags.contains('?'),
        omit_zero: flags.contains('!'),
        number: number.parse().ok()?,
        kind: parse_type(kind),
    })
}

fn parse_type(text: &'static str) -> Type {
    if let Some(rest) = text.strip_prefix('*') {
        return Type::Pointer(Box::new(parse_type(rest)));
    }
    if let Some(rest) = text.strip_prefix("[]") {
        return Type::List(Box::new(parse_type(rest)));
    }
    if let Some(rest) = text.strip_prefix("{}") {
        return Type::Map(Box::new(parse_type(rest)));
    }
    match text {
        "s" => Type::String,
        "i" | "i64" => Type::Integer { go: "int64", min: i64::MIN, max: i64::MAX },
        "i32" => Type::Integer { go: "int32", min: i32::MIN.into(), max: i32::MAX.into() },
        "b" => Type::Bool,
        "f64" => Type::Float,
        "B" => Type::Bytes,
        "T" => Type::Time,
        "M" => Type::Text { go: "v1.MicroTime" },
        "D" => Type::Text { go: "v1.Duration" },
        "Q" => Type::Quantity,
        "I" => Type::IntOrString,
        "R" => Type::Any,
        name => Type::Struct(name),
    }
}

/// A struct's name without its package, as Go's errors have it.
pub(super) fn short(name: &'static str) -> &'static str {
    name.rsplit('.').next().unwrap_or(name)
}
