//! Quantities as values of fields: `0.5` and `500m` are the same amount of CPU.
//! Upstream: apimachinery `pkg/api/resource/quantity.go`.

/// A quantity in thousandths of a unit of its own (`500m` is 500, `1Ki` is 1024000); `None` where it is none.
pub fn quantity(text: &str) -> Option<i128> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-' || c == '+')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || whole.len() > 18 || fraction.len() > 9 {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale: i128 = match suffix {
        "m" => 1,
        "" => 1_000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "T" => 1_000_000_000_000_000,
        "P" => 1_000_000_000_000_000_000,
        "Ki" => 1_000 << 10,
        "Mi" => 1_000 << 20,
        "Gi" => 1_000 << 30,
        "Ti" => 1_000 << 40,
        "Pi" => 1_000 << 50,
        _ => return None,
    };
    Some(sign * digits * scale / 10i128.pow(u32::try_from(fraction.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::quantity;

    #[test]
    fn the_same_amount_in_other_words() {
        assert_eq!(quantity("0.5"), quantity("500m"));
        assert_eq!(quantity("1Gi"), quantity("1024Mi"));
        assert_ne!(quantity("1G"), quantity("1Gi"));
        assert_eq!(quantity("nginx"), None);
        assert_eq!(quantity("1.16.1"), None);
        assert_eq!(quantity(""), None);
    }
}
