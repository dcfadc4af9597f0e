//! The functions of templates (Go: text/template/funcs.go; cli-runtime: printers/template.go).

use super::printf::printf;
use super::value::Val;
use crate::text::quote;
use base64::Engine;
use serde_json::Value;
use std::cmp::Ordering;

const NAMES: [&str; 21] = [
    "and",
    "base64decode",
    "call",
    "eq",
    "exists",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
];

pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Calls a function other than `and` and `or`, which the executor evaluates itself.
pub(super) fn call<'a>(name: &str, args: &[Val<'a>]) -> Result<Val<'a>, String> {
    let count = |wanted: usize| match args.len() == wanted {
        true => Ok(()),
        false => Err(format!("wrong number of args for {name}: want {wanted} got {}", args.len())),
    };
    let least = |wanted: usize| match args.len() >= wanted {
        true => Ok(()),
        false => Err(format!("wrong number of args for {name}: want at least {wanted} got {}", args.len())),
    };
    let failed = |error: String| format!("error calling {name}: {error}");
    Ok(match name {
        "not" => {
            count(1)?;
            Val::Bool(!args[0].truth())
        }
        "len" => {
            count(1)?;
            Val::Int(length(&args[0]).map_err(failed)?)
        }
        "index" => {
            least(1)?;
            index(args).map_err(failed)?
        }
        "slice" => {
            least(1)?;
            slice(args).map_err(failed)?
        }
        "exists" => {
            least(1)?;
            Val::Bool(index(args).is_ok_and(|found| !matches!(found, Val::None)))
        }
        "print" => Val::Text(sprint(args)),
        "println" => Val::Text(args.iter().map(Val::display).collect::<Vec<_>>().join(" ") + "\n"),
        "printf" => {
            least(1)?;
            Val::Text(printf(args)?)
        }
        "html" => Val::Text(html(&sprint(args))),
        "js" => Val::Text(js(&sprint(args))),
        "urlquery" => Val::Text(url::form_urlencoded::byte_serialize(sprint(args).as_bytes()).collect()),
        "base64decode" => {
            count(1)?;
            let Val::Text(text) = &args[0] else {
                return Err(format!("wrong type for value; expected string; got {}", args[0].type_name()));
            };
            let decoded = base64::engine::general_purpose::STANDARD.decode(text);
            let bytes = decoded.map_err(|error| failed(format!("base64 decode failed: {error}")))?;
            Val::Text(String::from_utf8_lossy(&bytes).into_owned())
        }
        "eq" => {
            least(1)?;
            let mut equal = false;
            for other in args
                .get(1..)
                .filter(|rest| !rest.is_empty())
                .ok_or_else(|| failed("missing argument for comparison".into()))?
            {
                equal |= equals(&args[0], other).map_err(failed)?;
            }
            Val::Bool(equal)
        }
        "ne" => {
            count(2)?;
            Val::Bool(!equals(&args[0], &args[1]).map_err(failed)?)
        }
        "lt" | "le" | "gt" | "ge" => {
            count(2)?;
            let order = compare(&args[0], &args[1]).map_err(failed)?;
            Val::Bool(match name {
                "lt" => order == Ordering::Less,
                "le" => order != Ordering::Greater,
                "gt" => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })
        }
        other => return Err(format!("{} is not a function that templates over objects can use", quote(other))),
    })
}

/// `fmt.Sprint`: spaces only between two operands that are no strings.
fn sprint(args: &[Val<'_>]) -> String {
    let mut out = String::new();
    for (at, arg) in args.iter().enumerate() {
        let texts =
            matches!(arg, Val::Text(_)) || at.checked_sub(1).is_some_and(|before| matches!(args[before], Val::Text(_)));
        if at > 0 && !texts {
            out.push(' ');
        }
        out.push_str(&arg.display());
    }
    out
}

fn length(value: &Val<'_>) -> Result<i64, String> {
    let length = match value {
        Val::Json(Value::Array(items)) => items.len(),
        Val::Json(Value::Object(map)) => map.len(),
        Val::Text(text) => text.len(),
        Val::None => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        other => return Err(format!("len of type {}", other.type_name())),
    };
    Ok(i64::try_from(length).unwrap_or(i64::MAX))
}

fn position(arg: &Val<'_>, length: usize) -> Result<usize, String> {
    match arg {
        Val::Int(n) => match usize::try_from(*n) {
            Ok(at) if at < length => Ok(at),
            _ => Err(format!("index out of range: {n}")),
        },
        Val::None => Err("cannot index slice/array with nil".into()),
        other => Err(format!("cannot index slice/array with type {}", other.type_name())),
    }
}

fn index<'a>(args: &[Val<'a>]) -> Result<Val<'a>, String> {
    let mut current = args[0].clone();
    if matches!(current, Val::None) {
        return Err("index of untyped nil".into());
    }
    for arg in &args[1..] {
        current = match &current {
            Val::Json(Value::Array(items)) => Val::of(&items[position(arg, items.len())?]),
            Val::Json(Value::Object(map)) => match arg {
                Val::Text(key) => map.get(key).map_or(Val::None, Val::of),
                Val::None => return Err("value is nil; should be of type string".into()),
                other => return Err(format!("value has type {}; should be string", other.type_name())),
            },
            Val::Text(text) => Val::Int(i64::from(text.as_bytes()[position(arg, text.len())?])),
            Val::None => return Err("index of nil pointer".into()),
            other => return Err(format!("can't index item of type {}", other.type_name())),
        };
    }
    Ok(current)
}

fn slice<'a>(args: &[Val<'a>]) -> Result<Val<'a>, String> {
    let Val::Text(text) = &args[0] else {
        return Err(format!("can't slice item of type {}", args[0].type_name()));
    };
    let bound = |arg: Option<&Val<'_>>, otherwise: usize| match arg {
        None => Ok(otherwise),
        Some(arg) => position(arg, text.len() + 1),
    };
    let (from, to) = (bound(args.get(1), 0)?, bound(args.get(2), text.len())?);
    match text.get(from..to) {
        Some(part) => Ok(Val::Text(part.to_string())),
        None => Err(format!("invalid slice index: {from} > {to}")),
    }
}

fn equals(a: &Val<'_>, b: &Val<'_>) -> Result<bool, String> {
    match (a, b) {
        (Val::Int(x), Val::Int(y)) => Ok(x == y),
        (Val::Float(x), Val::Float(y)) => Ok(x == y),
        (Val::Text(x), Val::Text(y)) => Ok(x == y),
        (Val::Bool(x), Val::Bool(y)) => Ok(x == y),
        (Val::None, Val::None) => Ok(true),
        (Val::None, _) | (_, Val::None) => Ok(false),
        (Val::Json(_), Val::Json(_)) => Err(format!("non-comparable type {}: {}", b.display(), b.type_name())),
        _ => Err(incompatible(a, b)),
    }
}

fn compare(a: &Val<'_>, b: &Val<'_>) -> Result<Ordering, String> {
    match (a, b) {
        (Val::Int(x), Val::Int(y)) => Ok(x.cmp(y)),
        (Val::Float(x), Val::Float(y)) => x.partial_cmp(y).ok_or_else(|| incompatible(a, b)),
        (Val::Text(x), Val::Text(y)) => Ok(x.cmp(y)),
        (Val::Bool(_) | Val::Json(_) | Val::None, _) => Err("invalid type for comparison".into()),
        _ => Err(incompatible(a, b)),
    }
}

fn incompatible(a: &Val<'_>, b: &Val<'_>) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())
}

fn html(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

fn js(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
