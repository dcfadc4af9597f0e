//! Text to quantities (upstream's `ParseQuantity` and `suffix.go`).

use super::{Format, NANOS, Quantity, QuantityError};

/// A text taken apart: `-01.50Ki` has the digits `1` and `50`.
struct Parts<'a> {
    negative: bool,
    /// The digits before the dot, without zeros in front; `0` if there are none.
    whole: &'a str,
    /// The digits after the dot.
    fraction: &'a str,
    suffix: &'a str,
}

pub(super) fn parse(text: &str) -> Result<Quantity, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Format);
    }
    let parts = split(text)?;
    let (format, exponent) = interpret(parts.suffix).ok_or(QuantityError::Suffix)?;
    let (nanos, format) = match format {
        Format::BinarySI => binary(&parts, exponent),
        _ => (decimal(&parts, exponent)?, format),
    };
    let written = is_taken_for_canonical(&parts, format, exponent).then(|| text.to_string());
    Ok(Quantity { nanos: if parts.negative { -nanos } else { nanos }, format, written })
}

fn split(text: &str) -> Result<Parts<'_>, QuantityError> {
    let (negative, rest) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let digits_end = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    let rest = rest.trim_start_matches('0');
    let (whole, rest) = rest.split_at(digits_end(rest));
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(after) => after.split_at(digits_end(after)),
        None => ("", rest),
    };
    let tail = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let tail = tail.strip_prefix(['-', '+']).unwrap_or(tail);
    if digits_end(tail) != tail.len() {
        return Err(QuantityError::Format);
    }
    Ok(Parts { negative, whole: if whole.is_empty() { "0" } else { whole }, fraction, suffix })
}

/// The notation and the exponent, of ten or of two, that a suffix stands for.
fn interpret(suffix: &str) -> Option<(Format, i32)> {
    use Format::{BinarySI, DecimalExponent, DecimalSI};
    Some(match suffix {
        "n" => (DecimalSI, -9),
        "u" => (DecimalSI, -6),
        "m" => (DecimalSI, -3),
        "" => (DecimalSI, 0),
        "k" => (DecimalSI, 3),
        "M" => (DecimalSI, 6),
        "G" => (DecimalSI, 9),
        "T" => (DecimalSI, 12),
        "P" => (DecimalSI, 15),
        "E" => (DecimalSI, 18),
        "Ki" => (BinarySI, 10),
        "Mi" => (BinarySI, 20),
        "Gi" => (BinarySI, 30),
        "Ti" => (BinarySI, 40),
        "Pi" => (BinarySI, 50),
        "Ei" => (BinarySI, 60),
        _ => (DecimalExponent, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    })
}

/// The amount without its sign, rounded up to the billionth.
fn decimal(parts: &Parts<'_>, exponent: i32) -> Result<i128, QuantityError> {
    let digits = format!("{}{}", parts.whole, parts.fraction);
    if digits.bytes().all(|d| d == b'0') {
        return Ok(0);
    }
    // How many of the digits, zeros added, are billionths and more.
    let point = parts.whole.len() as i64 + i64::from(exponent) + 9;
    if point > 60 + parts.fraction.len() as i64 {
        return Err(QuantityError::Numeric);
    }
    let point = usize::try_from(point).unwrap_or(0);
    let kept = digits.len().min(point);
    let number = format!("{}{}", &digits[..kept], "0".repeat(point - kept));
    let dropped = digits[kept..].bytes().any(|d| d != b'0');
    let number = number.trim_start_matches('0');
    let nanos: i128 = if number.is_empty() { 0 } else { number.parse().map_err(|_| QuantityError::Numeric)? };
    // Half of what fits, so that a sum fits, too.
    if nanos > i128::MAX / 2 { Err(QuantityError::Numeric) } else { Ok(nanos + i128::from(dropped)) }
}

/// The amount without its sign, rounded up to the billionth and at most what fits 64 bits, and its notation.
fn binary(parts: &Parts<'_>, exponent: i32) -> (i128, Format) {
    let max = i128::from(i64::MAX) * NANOS;
    let Ok(mut whole) = parts.whole.parse::<i128>() else {
        return (max, Format::BinarySI);
    };
    let mut fraction: Vec<u8> = parts.fraction.bytes().map(|d| d - b'0').collect();
    for _ in 0..exponent {
        let mut carry = 0;
        for digit in fraction.iter_mut().rev() {
            let doubled = *digit * 2 + carry;
            (*digit, carry) = (doubled % 10, doubled / 10);
        }
        whole = whole.saturating_mul(2).saturating_add(i128::from(carry));
    }
    let mut nanos = whole.saturating_mul(NANOS);
    let digits = fraction.iter().chain(std::iter::repeat(&0)).take(9);
    nanos = nanos.saturating_add(digits.fold(0, |n, digit| n * 10 + i128::from(*digit)));
    if fraction.iter().skip(9).any(|digit| *digit != 0) {
        nanos = nanos.saturating_add(1);
    }
    // Less than one of anything is printed in thousandths.
    let format = if nanos > 0 && nanos < NANOS { Format::DecimalSI } else { Format::BinarySI };
    (nanos.min(max), format)
}

/// Whether upstream keeps the text as the canonical one, without looking further.
fn is_taken_for_canonical(parts: &Parts<'_>, format: Format, exponent: i32) -> bool {
    let digits = parts.whole.len() + parts.fraction.len();
    let shifted = format!("{}{}", parts.whole, parts.fraction);
    let Ok(value) = shifted.parse::<i64>() else {
        return false;
    };
    match format {
        Format::BinarySI => {
            let room = 15 - digits as i32 - exponent * 3 / 10 - 1;
            let fits = value.checked_mul(1 << exponent).is_some();
            parts.fraction.is_empty() && room >= 0 && fits && value & 7 != 0
        }
        _ => {
            let scale = exponent - parts.fraction.len() as i32;
            digits <= 18 && scale >= -9 && scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0')
        }
    }
}
