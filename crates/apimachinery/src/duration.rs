//! Durations as kubectl prints ages and as Go parses and prints them.
//!
//! Upstream: `k8s.io/apimachinery/pkg/util/duration/duration.go`, Go's `time/format.go` and `time/time.go`.

use jiff::SignedDuration;

use crate::go;

/// An age for people, with two to three significant figures: `5s`, `2m30s`, `3h`, `5d12h`, `2y36d`.
///
/// Up to one second in the future counts as now (`0s`); more is `<invalid>`.
pub fn human_duration(d: SignedDuration) -> String {
    let seconds = d.as_secs();
    if seconds < -1 {
        return "<invalid>".to_string();
    }
    if seconds < 0 {
        return "0s".to_string();
    }
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let days = hours / 24;
    if seconds < 120 {
        format!("{seconds}s")
    } else if minutes < 10 {
        two_units(minutes, "m", seconds % 60, "s")
    } else if minutes < 180 {
        format!("{minutes}m")
    } else if hours < 8 {
        two_units(hours, "h", minutes % 60, "m")
    } else if hours < 48 {
        format!("{hours}h")
    } else if hours < 24 * 8 {
        two_units(days, "d", hours % 24, "h")
    } else if days < 365 * 2 {
        format!("{days}d")
    } else if days < 365 * 8 {
        two_units(days / 365, "y", days % 365, "d")
    } else {
        format!("{}y", days / 365)
    }
}

/// An age in one unit only: `5s`, `3m`, `2h`, `9d`, `1y`.
pub fn short_human_duration(d: SignedDuration) -> String {
    let seconds = d.as_secs();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    if seconds < -1 {
        "<invalid>".to_string()
    } else if seconds < 0 {
        "0s".to_string()
    } else if seconds < 60 {
        format!("{seconds}s")
    } else if minutes < 60 {
        format!("{minutes}m")
    } else if hours < 24 {
        format!("{hours}h")
    } else if hours < 24 * 365 {
        format!("{}d", hours / 24)
    } else {
        format!("{}y", hours / 24 / 365)
    }
}

fn two_units(big: i64, big_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 { format!("{big}{big_unit}") } else { format!("{big}{big_unit}{small}{small_unit}") }
}

/// Why a Go duration could not be parsed; the text is Go's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not a duration at all, or one that overflows 64 bits of nanoseconds.
    #[error("time: invalid duration {0}")]
    Invalid(String),
    /// A number without a unit after it.
    #[error("time: missing unit in duration {0}")]
    MissingUnit(String),
    /// A unit that Go does not know.
    #[error("time: unknown unit {unit} in duration {duration}")]
    UnknownUnit {
        /// The unit, quoted.
        unit: String,
        /// The whole input, quoted.
        duration: String,
    },
}

/// Parses what Go's `time.ParseDuration` accepts: `30s`, `1m30s`, `-1.5h`, `100ms`, `0`.
pub fn parse_go(text: &str) -> Result<SignedDuration, DurationError> {
    let invalid = || DurationError::Invalid(go::quote(text));
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(f) => split_digits(f),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        if unit.is_empty() {
            return Err(DurationError::MissingUnit(go::quote(text)));
        }
        let unit_nanos = unit_nanos(unit)
            .ok_or_else(|| DurationError::UnknownUnit { unit: go::quote(unit), duration: go::quote(text) })?;
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        nanos = whole.checked_mul(unit_nanos).and_then(|n| n.checked_add(nanos)).ok_or_else(invalid)?;
        // Eighteen digits are more than a nanosecond of the largest unit can tell.
        let fraction = &fraction[..fraction.len().min(18)];
        if let Ok(f) = fraction.parse::<i128>() {
            nanos += f * unit_nanos / 10_i128.pow(fraction.len() as u32);
        }
        if nanos > i128::from(i64::MAX) + i128::from(negative) {
            return Err(invalid());
        }
        rest = next;
    }
    Ok(SignedDuration::from_nanos_i128(if negative { -nanos } else { nanos }))
}

fn split_digits(s: &str) -> (&str, &str) {
    s.split_at(s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len()))
}

fn unit_nanos(unit: &str) -> Option<i128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// Prints a duration as Go's `Duration.String` does: `1m30s`, `1h0m0s`, `1.5s`, `20ms`, `0s`.
pub fn format_go(d: SignedDuration) -> String {
    let nanos = d.as_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let n = nanos.unsigned_abs();
    let text = match n {
        0 => "0s".to_string(),
        1..1_000 => format!("{n}ns"),
        1_000..1_000_000 => format!("{}µs", decimal(n, 3)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(n, 6)),
        _ => {
            let minutes = n / 60_000_000_000;
            let seconds = decimal(n % 60_000_000_000, 9);
            match minutes {
                0 => format!("{seconds}s"),
                1..60 => format!("{minutes}m{seconds}s"),
                _ => format!("{}h{}m{seconds}s", minutes / 60, minutes % 60),
            }
        }
    };
    format!("{sign}{text}")
}

/// `n` divided by ten to the `places`, without trailing zeros.
fn decimal(n: u128, places: u32) -> String {
    let unit = 10_u128.pow(places);
    let fraction = format!("{:0width$}", n % unit, width = places as usize);
    let fraction = fraction.trim_end_matches('0');
    let whole = n / unit;
    if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(s: i64) -> SignedDuration {
        SignedDuration::from_secs(s)
    }

    #[test]
    fn ages_have_two_to_three_figures() {
        let (m, h, d, y) = (60, 3600, 86400, 86400 * 365);
        for (seconds, text) in [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (70, "70s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (9 * m + 59, "9m59s"),
            (10 * m + 3, "10m"),
            (179 * m, "179m"),
            (3 * h, "3h"),
            (3 * h + 4 * m, "3h4m"),
            (8 * h + 30 * m, "8h"),
            (47 * h, "47h"),
            (48 * h, "2d"),
            (7 * d + 23 * h, "7d23h"),
            (8 * d + 23 * h, "8d"),
            (2 * y - h, "729d"),
            (2 * y, "2y"),
            (2 * y + 36 * d, "2y36d"),
            (8 * y + 300 * d, "8y"),
        ] {
            assert_eq!(human_duration(secs(seconds)), text, "{seconds} s");
        }
    }

    #[test]
    fn short_ages_have_one_unit() {
        for (seconds, text) in
            [(59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86400, "1d"), (86400 * 365, "1y")]
        {
            assert_eq!(short_human_duration(secs(seconds)), text);
        }
    }

    #[test]
    fn go_durations_parse_and_print() {
        for (text, printed) in [
            ("0", "0s"),
            ("30s", "30s"),
            ("90s", "1m30s"),
            ("1h", "1h0m0s"),
            ("1.5s", "1.5s"),
            (".5m", "30s"),
            ("100ms", "100ms"),
            ("1us", "1µs"),
            ("1500ns", "1.5µs"),
            ("-1m30.5s", "-1m30.5s"),
            ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
        ] {
            assert_eq!(parse_go(text).map(format_go), Ok(printed.to_string()), "{text}");
        }
    }

    #[test]
    fn go_duration_errors_are_gos() {
        for (text, message) in [
            ("", r#"time: invalid duration """#),
            ("3", r#"time: missing unit in duration "3""#),
            ("3000", r#"time: missing unit in duration "3000""#),
            ("5x", r#"time: unknown unit "x" in duration "5x""#),
            ("abc", r#"time: invalid duration "abc""#),
            ("9999999h", r#"time: invalid duration "9999999h""#),
        ] {
            assert_eq!(parse_go(text).expect_err("is no duration").to_string(), message);
        }
    }
}
