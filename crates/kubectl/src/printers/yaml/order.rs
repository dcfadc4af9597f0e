//! The order of keys (go.yaml.in/yaml/v2: sorter.go): digits before letters, numbers inside keys by value.

use std::cmp::Ordering;

/// Compares two keys.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(i) = a.iter().zip(&b).position(|(x, y)| x != y) else {
        return a.len().cmp(&b.len());
    };
    match (a[i].is_alphabetic(), b[i].is_alphabetic()) {
        (true, true) => return a[i].cmp(&b[i]),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let digits = |c: &&char| c.is_numeric();
    let mut start: i64 = 0;
    if a[i] == '0' || b[i] == '0' {
        let before = a[..i].iter().rev().take_while(digits);
        start = i64::from(before.into_iter().any(|c| *c != '0'));
    }
    let number = |chars: &[char]| {
        let run: Vec<&char> = chars[i..].iter().take_while(digits).collect();
        let value = run.iter().fold(start, |n, c| n.wrapping_mul(10).wrapping_add(i64::from(u32::from(**c)) - 48));
        (value, run.len())
    };
    let ((an, alen), (bn, blen)) = (number(&a), number(&b));
    an.cmp(&bn).then(alen.cmp(&blen)).then(a[i].cmp(&b[i]))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn natural() {
        let mut keys = vec!["b", "a10", "a2", "A", "1", "a", "a-b", "a.b", "a01"];
        keys.sort_by(|a, b| compare(a, b));
        assert_eq!(keys, ["1", "A", "a", "a-b", "a.b", "a01", "a2", "a10", "b"]);
    }
}
