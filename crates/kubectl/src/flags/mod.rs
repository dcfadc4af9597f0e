//! Flags as spf13/pflag has them, as data: a verb lists its [`Flag`]s, [`parse`](parse::parse) reads a command line
//! against them with pflag's rules and error texts, and the verb asks the [`Values`] for what it wants.

pub mod common;
mod csv;
pub mod global;
mod parse;
mod values;

pub(crate) use parse::missing_required;
pub use parse::{Parsed, parse, parse_with};
pub use values::Values;

use std::borrow::Cow;

/// What a flag's value is; decides how it is parsed, how its default is shown in the help, and how its errors read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false` as `strconv.ParseBool` reads them; needs no argument.
    Bool,
    /// Any text.
    String,
    /// Repeatable; every value is a comma separated (CSV) list.
    StringSlice,
    /// Repeatable; every value is taken whole.
    StringArray,
    /// Comma separated `key=value` pairs, repeatable.
    StringToString,
    /// `strconv.ParseInt(value, 0, 64)` as pflag's `int`.
    Int,
    /// As `Int`, of 32 bits.
    Int32,
    /// As `Int`, of 64 bits.
    Int64,
    /// A floating point number of 32 bits.
    Float32,
    /// A Go duration such as `1m30s`.
    Duration,
}

/// One flag: pflag's `Flag`.
#[derive(Debug, Clone)]
pub struct Flag {
    /// The long name, without dashes.
    pub name: &'static str,
    /// The letter of `-x`, if any.
    pub short: Option<char>,
    /// What the value is.
    pub kind: Kind,
    /// The value when the flag is not given, as it would be typed (`""` for empty lists).
    pub default: Cow<'static, str>,
    /// pflag's `NoOptDefVal`: the value of a bare `--flag`.
    pub no_opt: Option<&'static str>,
    /// The help's sentence.
    pub usage: Cow<'static, str>,
    /// Left out of the help.
    pub hidden: bool,
    /// Says what to use instead; printed as a warning when the flag is used.
    pub deprecated: Option<&'static str>,
    /// cobra's `MarkFlagRequired`.
    pub required: bool,
}

impl Flag {
    fn new(
        name: &'static str,
        kind: Kind,
        default: impl Into<Cow<'static, str>>,
        usage: impl Into<Cow<'static, str>>,
    ) -> Self {
        Flag {
            name,
            short: None,
            kind,
            default: default.into(),
            no_opt: (kind == Kind::Bool).then_some("true"),
            usage: usage.into(),
            hidden: false,
            deprecated: None,
            required: false,
        }
    }
    /// A boolean flag that is `false` when absent.
    pub fn bool(name: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, Kind::Bool, "false", usage)
    }
    /// A text flag.
    pub fn string(
        name: &'static str,
        default: impl Into<Cow<'static, str>>,
        usage: impl Into<Cow<'static, str>>,
    ) -> Self {
        Flag::new(name, Kind::String, default, usage)
    }
    /// A repeatable flag whose values are split at commas.
    pub fn string_slice(name: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, Kind::StringSlice, "", usage)
    }
    /// A repeatable flag whose values are taken whole.
    pub fn string_array(name: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, Kind::StringArray, "", usage)
    }
    /// An `int` flag.
    pub fn int(name: &'static str, default: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, Kind::Int, default, usage)
    }
    /// An `int32` flag.
    pub fn int32(name: &'static str, default: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, Kind::Int32, default, usage)
    }
    /// An `int64` flag.
    pub fn int64(name: &'static str, default: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, Kind::Int64, default, usage)
    }
    /// A `duration` flag; the default in the form of `time.Duration.String()` (`0s`, `1m0s`).
    pub fn duration(name: &'static str, default: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, Kind::Duration, default, usage)
    }
    /// A flag of any kind, for the rarer ones.
    pub fn of_kind(kind: Kind, name: &'static str, default: &'static str, usage: impl Into<Cow<'static, str>>) -> Self {
        Flag::new(name, kind, default, usage)
    }
    /// Adds the letter of `-x`.
    pub fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }
    /// Replaces the default (a boolean that is `true` when absent).
    pub fn default(mut self, default: &'static str) -> Self {
        self.default = Cow::Borrowed(default);
        self
    }
    /// Lets `--flag` stand without a value.
    pub fn no_opt(mut self, value: &'static str) -> Self {
        self.no_opt = Some(value);
        self
    }
    /// Leaves the flag out of the help.
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
    /// Warns when the flag is used.
    pub fn deprecated(mut self, instead: &'static str) -> Self {
        self.deprecated = Some(instead);
        self.hidden = true;
        self
    }
    /// Makes a command line without the flag an error.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The default as the help shows it (pflag's `DefValue`).
    pub fn shown_default(&self) -> String {
        match self.kind {
            // klog's own flag type, which is not quoted.
            Kind::String if self.name == "vmodule" => String::new(),
            Kind::String => format!("'{}'", self.default),
            Kind::StringSlice | Kind::StringArray | Kind::StringToString => format!("[{}]", self.default),
            _ => self.default.to_string(),
        }
    }
}
