//! Go's `time.Duration`: parsing (`time.ParseDuration`) and printing (`Duration.String`).

use std::time::Duration;

/// Nanoseconds of a Go duration text; the error reads as Go's.
pub fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: f64 = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = &rest[..digits];
        if number.is_empty() || number == "." {
            return Err(invalid());
        }
        let value: f64 = number.parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = &rest[..letters];
        rest = &rest[letters..];
        let scale: f64 = match unit {
            "" => return Err(format!("time: missing unit in duration {}", quote(text))),
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return Err(format!("time: unknown unit {} in duration {}", quote(unit), quote(text))),
        };
        total += value * scale;
    }
    if total > i64::MAX as f64 {
        return Err(invalid());
    }
    let nanos = total.round() as i64;
    Ok(if negative { -nanos } else { nanos })
}

/// `time.Duration.String()`: `1h0m0s`, `1.5s`, `10ms`, `0s`.
pub fn format(nanos: i64) -> String {
    if nanos == 0 {
        return "0s".into();
    }
    let sign = if nanos < 0 { "-" } else { "" };
    let n = nanos.unsigned_abs();
    let fraction = |value: u64, unit: u64, suffix: &str| {
        let (whole, part) = (value / unit, value % unit);
        if part == 0 {
            return format!("{whole}{suffix}");
        }
        let width = unit.to_string().len() - 1;
        let digits = format!("{part:0width$}");
        format!("{whole}.{}{suffix}", digits.trim_end_matches('0'))
    };
    let text = match n {
        n if n < 1_000 => format!("{n}ns"),
        n if n < 1_000_000 => fraction(n, 1_000, "µs"),
        n if n < 1_000_000_000 => fraction(n, 1_000_000, "ms"),
        n => {
            let seconds = n / 1_000_000_000;
            let (h, m) = (seconds / 3600, seconds / 60 % 60);
            let rest = fraction(n % 60_000_000_000, 1_000_000_000, "s");
            match (h, m) {
                (0, 0) => rest,
                (0, m) => format!("{m}m{rest}"),
                (h, m) => format!("{h}h{m}m{rest}"),
            }
        }
    };
    format!("{sign}{text}")
}

/// The duration as std has it; a negative one becomes `None`.
pub fn to_std(nanos: i64) -> Option<Duration> {
    u64::try_from(nanos).ok().map(Duration::from_nanos)
}

fn quote(text: &str) -> String {
    crate::text::quote(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints_as_go() {
        for text in ["0s", "1h0m0s", "1m30s", "1.5s", "10ms", "1µs", "-2s"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        assert_eq!(parse("5").unwrap_err(), "time: missing unit in duration \"5\"");
        assert_eq!(parse("x").unwrap_err(), "time: invalid duration \"x\"");
        assert_eq!(parse("5d").unwrap_err(), "time: unknown unit \"d\" in duration \"5d\"");
    }
}
