//! Which style a string needs (go.yaml.in/yaml/v2: encode.go `stringv`, resolve.go, emitterc.go `analyze_scalar`).

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// `|` and lines.
    Literal,
}

/// What a text allows.
pub(super) struct Analysis {
    pub multiline: bool,
    plain_allowed: bool,
    single_quoted_allowed: bool,
    block_allowed: bool,
}

impl Analysis {
    pub(super) fn of(text: &str) -> Self {
        if text.is_empty() {
            return Analysis {
                multiline: false,
                plain_allowed: true,
                single_quoted_allowed: true,
                block_allowed: false,
            };
        }
        let chars: Vec<char> = text.chars().collect();
        let blank = |c: Option<&char>| c.is_none_or(|c| matches!(c, ' ' | '\t'));
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut line_breaks, mut special, mut break_space, mut space_break) = (false, false, false, false);
        let (mut previous_space, mut previous_break, mut preceded_by_whitespace) = (false, false, true);
        for (i, &c) in chars.iter().enumerate() {
            let followed_by_whitespace = blank(chars.get(i + 1));
            indicators |= match c {
                '#' => i == 0 || preceded_by_whitespace,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => i == 0,
                ':' => followed_by_whitespace,
                '?' | '-' => i == 0 && followed_by_whitespace,
                _ => false,
            };
            special |= !is_printable(c);
            if c == ' ' {
                break_space |= previous_break;
                (previous_space, previous_break) = (true, false);
            } else if is_break(c) {
                line_breaks = true;
                space_break |= previous_space;
                (previous_space, previous_break) = (false, true);
            } else {
                (previous_space, previous_break) = (false, false);
            }
            preceded_by_whitespace = matches!(c, ' ' | '\t' | '\0') || is_break(c);
        }
        let (first, last) = (chars[0], chars[chars.len() - 1]);
        let edges = first == ' ' || is_break(first) || last == ' ' || is_break(last);
        Analysis {
            multiline: line_breaks,
            plain_allowed: !(edges || break_space || space_break || special || line_breaks || indicators),
            single_quoted_allowed: !(break_space || space_break || special),
            block_allowed: !(last == ' ' || space_break || special),
        }
    }
}

/// The style of a string; keys that stand before a `:` cannot span lines.
pub(super) fn style(text: &str, simple_key: bool) -> Style {
    let analysis = Analysis::of(text);
    let wanted = if text.contains('\n') {
        Style::Literal
    } else if resolves_to_string(text) {
        Style::Plain
    } else {
        Style::DoubleQuoted
    };
    if simple_key && analysis.multiline {
        return Style::DoubleQuoted;
    }
    match wanted {
        Style::Literal if analysis.block_allowed && !simple_key => Style::Literal,
        Style::Literal | Style::DoubleQuoted => Style::DoubleQuoted,
        _ if analysis.plain_allowed => Style::Plain,
        _ if analysis.single_quoted_allowed => Style::SingleQuoted,
        _ => Style::DoubleQuoted,
    }
}

/// Whether the text, unquoted, is read as a string.
fn resolves_to_string(text: &str) -> bool {
    const WORDS: [&str; 35] = [
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no", "No", "NO", "false",
        "False", "FALSE", "off", "Off", "OFF", "", "~", "null", "Null", "NULL", ".nan", ".NaN", ".NAN", ".inf", ".Inf",
        ".INF", "<<", "",
    ];
    const SIGNED: [&str; 6] = ["+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"];
    if SIGNED.contains(&text) || (WORDS.contains(&text) && text != "<<") {
        return false;
    }
    match text.as_bytes().first() {
        Some(b'.') => !is_go_float(text),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let plain = text.replace('_', "");
            !(is_timestamp(text) || is_integer(&plain) || is_style_float(&plain) || is_base60(text))
        }
        _ => true,
    }
}

/// `strconv.ParseFloat` of a text that starts with a dot.
fn is_go_float(text: &str) -> bool {
    is_style_float(text)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`.
fn is_style_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if whole == 0 && length == 0 {
            return false;
        }
        rest = &fraction[length..];
    } else if whole == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        None => rest.is_empty(),
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
    }
}

/// `strconv.ParseInt(text, 0, 64)` or `ParseUint` succeeds.
fn is_integer(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let lower = body.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || digits.starts_with(['-', '+']) {
        return false;
    }
    let Ok(magnitude) = u64::from_str_radix(digits, radix) else { return false };
    match text.as_bytes().first() {
        Some(b'-') => magnitude <= 1 << 63,
        Some(b'+') => magnitude < 1 << 63,
        _ => true,
    }
}

/// A date, or a date and a time, that goyaml reads as a timestamp.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 6 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let at = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, time) = text.split_at(at);
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let small = |text: &str, max: u32| {
        (1..=2).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit())
            && text.parse().is_ok_and(|n: u32| n <= max)
    };
    let number = |text: &str| text.parse::<i16>().unwrap_or_default();
    let (Ok(month8), Ok(day8)) = (i8::try_from(number(month)), i8::try_from(number(day))) else { return false };
    if !small(month, 12) || !small(day, 31) || jiff::civil::Date::new(number(year), month8, day8).is_err() {
        return false;
    }
    if time.is_empty() {
        return true;
    }
    let zoned = !time.starts_with(' ');
    let (clock, zone) = match time[1..].find(['Z', '+', '-']) {
        Some(at) => time[1..].split_at(at),
        None => (&time[1..], ""),
    };
    let zone_ok = match zone.as_bytes() {
        [] => !zoned,
        [b'Z'] => zoned,
        [_, h1, h2, b':', m1, m2] => zoned && [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    let fields: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = fields[..] else { return false };
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let fraction_ok = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    zone_ok && small(hour, 23) && small(minute, 59) && small(second, 59) && fraction_ok
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`: a YAML 1.1 base 60 number, such as `12:30`.
fn is_base60(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let text = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_') => whole,
        Some(_) => return false,
        None => text,
    };
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let first_ok =
        first.starts_with(|c: char| c.is_ascii_digit()) && first.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let sixty = |part: &str| match part.as_bytes() {
        [d] => d.is_ascii_digit(),
        [t, d] => (b'0'..=b'5').contains(t) && d.is_ascii_digit(),
        _ => false,
    };
    let rest: Vec<&str> = parts.collect();
    first_ok && !rest.is_empty() && rest.into_iter().all(sixty)
}

/// libyaml's `is_break`.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// libyaml's `is_printable`: nothing above the basic plane is.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// The escape of a character in double quotes, if it needs one.
pub(super) fn escape(c: char) -> Option<String> {
    if is_printable(c) && !is_break(c) && c != '"' && c != '\\' {
        return None;
    }
    let letter = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other => {
            let code = u32::from(other);
            return Some(match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            });
        }
    };
    Some(format!("\\{letter}"))
}
