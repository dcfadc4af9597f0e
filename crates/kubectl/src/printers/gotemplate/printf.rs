//! `printf` over template values (Go: fmt/print.go), for the verbs that JSON values have.

use super::value::Val;
use crate::text::quote;

/// Formats; the first argument is the format.
pub(super) fn printf(args: &[Val<'_>]) -> Result<String, String> {
    let Some(Val::Text(format)) = args.first() else {
        let got = args.first().map_or("nothing", Val::type_name);
        return Err(format!("wrong type for value; expected string; got {got}"));
    };
    let (mut out, mut used, mut rest) = (String::new(), 1, format.as_str());
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let flags = rest.len() - rest.trim_start_matches(['-', '+', '#', '0', ' ']).len();
        let (flags, tail) = rest.split_at(flags);
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (width, tail) = tail.split_at(digits(tail));
        let (precision, tail) = match tail.strip_prefix('.') {
            Some(tail) => (Some(tail[..digits(tail)].parse().unwrap_or(0)), &tail[digits(tail)..]),
            None => (None, tail),
        };
        let Some(verb) = tail.chars().next() else {
            out.push_str("%!(NOVERB)");
            rest = "";
            continue;
        };
        rest = &tail[verb.len_utf8()..];
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(arg) = args.get(used) else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        used += 1;
        let text = one(verb, flags, precision, arg);
        let width = width.parse().unwrap_or(0);
        let missing = usize::saturating_sub(width, text.chars().count());
        let numeric = matches!(arg, Val::Int(_) | Val::Float(_));
        match () {
            () if flags.contains('-') => out.push_str(&(text + &" ".repeat(missing))),
            () if flags.contains('0') && numeric => {
                let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
                out.push_str(&format!("{sign}{}{digits}", "0".repeat(missing)));
            }
            () => out.push_str(&(" ".repeat(missing) + &text)),
        }
    }
    out.push_str(rest);
    if used < args.len() {
        let extra: Vec<String> =
            args[used..].iter().map(|arg| format!("{}={}", arg.type_name(), arg.display())).collect();
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    Ok(out)
}

fn one(verb: char, flags: &str, precision: Option<usize>, arg: &Val<'_>) -> String {
    let plus = |text: String| if flags.contains('+') && !text.starts_with('-') { format!("+{text}") } else { text };
    match (verb, arg) {
        ('v', Val::Text(text)) if flags.contains('#') => quote(text),
        ('v', _) => arg.display(),
        ('T', _) => arg.type_name().into(),
        ('s', Val::Text(text)) => match precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.clone(),
        },
        ('q', Val::Text(text)) => quote(text),
        ('x', Val::Text(text)) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ('X', Val::Text(text)) => text.bytes().map(|byte| format!("{byte:02X}")).collect(),
        ('t', Val::Bool(flag)) => flag.to_string(),
        ('d', Val::Int(n)) => plus(n.to_string()),
        ('x', Val::Int(n)) => format!("{n:x}"),
        ('X', Val::Int(n)) => format!("{n:X}"),
        ('o', Val::Int(n)) => format!("{n:o}"),
        ('b', Val::Int(n)) => format!("{n:b}"),
        ('c', Val::Int(n)) => u32::try_from(*n).ok().and_then(char::from_u32).unwrap_or('\u{fffd}').to_string(),
        ('f' | 'F', Val::Float(x)) => plus(format!("{x:.*}", precision.unwrap_or(6))),
        ('e', Val::Float(x)) => {
            let text = format!("{x:.*e}", precision.unwrap_or(6));
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            plus(format!("{mantissa}e{sign}{digits:0>2}"))
        }
        ('g', Val::Float(x)) => plus(apimachinery::go::float(*x)),
        ('s', Val::Json(_)) => arg.display(),
        (verb, Val::None) => format!("%!{verb}(<nil>)"),
        (verb, arg) => format!("%!{verb}({}={})", arg.type_name(), arg.display()),
    }
}
