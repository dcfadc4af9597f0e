//! Plain text: line by line, `...` standing for any number of lines.

use super::atoms::{Atom, atoms};
use super::bindings::TokenKind;
use super::model::Mismatch;
use super::unify::{Hint, Unifier};
use super::words;

/// What may be between two lines of the lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// Nothing, unless `...` says so.
    Elided,
    /// Anything: the lesson shows some of the lines.
    Anything,
}

/// Whether a line stands for lines that are left out.
pub(super) fn is_elision(line: &str) -> bool {
    matches!(line.trim(), "..." | "…" | "[...]" | "<...>" | "# ..." | "....") || {
        let line = line.trim();
        line.starts_with("[...") && line.ends_with(']')
            || line.starts_with("...") && line.ends_with("...") && line.len() > 6
    }
}

/// Compares the lines of two texts in order.
pub(super) fn compare(
    expected: &[(usize, &str)],
    observed: &[&str],
    gaps: Gaps,
    unifier: &mut Unifier<'_>,
) -> Result<(), Mismatch> {
    let (mut at, mut seen) = (0, 0);
    // The place behind the last elision: what it stands for may grow.
    let mut elision: Option<(usize, usize, usize)> =
        (gaps == Gaps::Anything).then_some((0, 0, unifier.bindings.mark()));
    let mut furthest: Option<(usize, usize, Option<String>)> = None;
    loop {
        if at == expected.len() && (seen == observed.len() || gaps == Gaps::Anything) {
            return Ok(());
        }
        if let Some((_, line)) = expected.get(at) {
            if is_elision(line) {
                at += 1;
                elision = Some((at, seen, unifier.bindings.mark()));
                if at == expected.len() {
                    return Ok(());
                }
                continue;
            }
            unifier.contradiction = None;
            if observed.get(seen).is_some_and(|text| unifier.text(line, text, hint(line, text))) {
                // A line that is printed again and again, told apart by its time only.
                seen += 1;
                while at > 0 && repeats(expected[at].1, expected.get(at + 1).map(|next| next.1)) {
                    at += 1;
                }
                while is_stamped(expected[at].1)
                    && observed.get(seen).is_some_and(|text| same_but_time(observed[seen - 1], text))
                {
                    seen += 1;
                }
                while repeats(expected[at].1, expected.get(at + 1).map(|next| next.1)) {
                    at += 1;
                }
                at += 1;
                if gaps == Gaps::Anything {
                    elision = Some((at, seen, unifier.bindings.mark()));
                }
                continue;
            }
        }
        if furthest.as_ref().is_none_or(|(known, ..)| at > *known) {
            furthest = Some((at, seen, unifier.contradiction.take()));
        }
        match &mut elision {
            Some((after, reached, mark)) if *reached < observed.len() => {
                *reached += 1;
                (at, seen) = (*after, *reached);
                let mark = *mark;
                unifier.bindings.roll_back(mark);
            }
            _ => break,
        }
    }
    let (at, seen, contradiction) = furthest.unwrap_or_default();
    Err(explain(expected, observed, at, seen, contradiction, gaps))
}

/// A line of `key: value`: the key says what the value is.
pub(super) fn hint(expected: &str, observed: &str) -> Hint {
    let key = |line: &str| line.split_once(':').map(|(key, _)| key.trim().trim_matches(['"', '-', ' ']).to_string());
    match (key(expected), key(observed)) {
        // Only whole values are free: a time in running text is known by its shape.
        (Some(a), Some(b)) if a == b && words::field(&a) == Hint::Free => Hint::Free,
        _ => Hint::None,
    }
}

fn is_stamped(line: &str) -> bool {
    atoms(line, true).iter().any(|atom| matches!(atom, Atom::Volatile(TokenKind::Timestamp, _)))
}

fn repeats(line: &str, next: Option<&str>) -> bool {
    next.is_some_and(|next| is_stamped(line) && same_but_time(line, next))
}

fn same_but_time(a: &str, b: &str) -> bool {
    let without = |line| {
        let kept = |atom: &Atom<'_>| !matches!(atom, Atom::Volatile(TokenKind::Timestamp, _));
        let atoms = atoms(line, false);
        let stamped = atoms.len();
        let rest: Vec<String> = atoms.into_iter().filter(kept).map(|atom| format!("{atom:?}")).collect();
        (stamped > rest.len(), rest)
    };
    without(a) == without(b)
}

fn explain(
    expected: &[(usize, &str)],
    observed: &[&str],
    at: usize,
    seen: usize,
    contradiction: Option<String>,
    gaps: Gaps,
) -> Mismatch {
    let seen_line = observed.get(seen).map_or("", |line| line.trim());
    let Some((line, text)) = expected.get(at) else {
        let count = observed.len() - seen;
        let lines = if count == 1 { "1 line more" } else { &format!("{count} lines more") };
        let why = format!("the cluster printed {lines}: `{seen_line}`");
        return Mismatch { line: 0, expected: String::new(), observed: observed[seen..].join("\n"), why };
    };
    let text = text.trim();
    let why = match contradiction {
        Some(why) => why,
        None if gaps == Gaps::Anything => format!("the cluster printed no line `{text}`"),
        None if seen_line.is_empty() && seen >= observed.len() => {
            format!("the lesson shows `{text}`, the cluster printed nothing more")
        }
        None => format!("the lesson shows `{text}`, the cluster printed `{seen_line}`"),
    };
    let observed = if gaps == Gaps::Anything { String::new() } else { seen_line.to_string() };
    Mismatch { line: *line, expected: text.to_string(), observed, why }
}
