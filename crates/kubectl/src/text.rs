//! Small pieces of Go's text formatting.

/// Go's `%q`: a double-quoted Go string literal.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Go's `%v` of a decoded JSON value (`<nil>`, `map[a:1]`, `[x y]`).
pub fn display(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "<nil>".into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => self::number(number),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(display).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(k, v)| format!("{k}:{}", display(v))).collect();
            format!("map[{}]", pairs.join(" "))
        }
    }
}

/// Go's `%v` of a JSON number (`int64` or `float64`, the latter as `%v` has it: shortest, exponent from 1e21).
pub fn number(number: &serde_json::Number) -> String {
    if number.is_f64() {
        // A float that is_f64 always has an f64.
        return float(number.as_f64().unwrap_or_default(), 21);
    }
    number.to_string()
}

/// Go's `strconv.FormatFloat(x, 'g', -1, 64)` with the exponent threshold `high` that its callers use (21 for `%v` and JSON).
pub fn float(x: f64, high: i32) -> String {
    if x == 0.0 {
        return if x.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    let scientific = format!("{x:e}");
    // `{:e}` always has an exponent.
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if exponent < -4 || exponent >= high {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{x}")
}
