//! YAML and JSON: the lesson shows a part, the cluster prints the whole.

use super::unify::Unifier;
use super::words;
use serde_json::Value;

/// Parses YAML or JSON, and what pages make of them: lines `...` left out, a JSON object without its braces.
pub(super) fn read(text: &str) -> Option<Vec<Value>> {
    let is_elision = |line: &str| matches!(line.trim(), "..." | "…" | "# ..." | "[...]" | "....");
    let kept: Vec<&str> = text.lines().filter(|line| !is_elision(line)).collect();
    let text = dedent(&kept);
    let text = text.trim_end().trim_end_matches(',');
    if text.trim().is_empty() {
        return None;
    }
    if text.trim_start().starts_with('"') && text.contains("\":") {
        return serde_json::from_str(&format!("{{{text}}}")).ok().map(|value| vec![value]);
    }
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).ok().map(|value| vec![value]);
    }
    let documents: Vec<&str> = text.split("\n---").map(|document| document.trim_start_matches("---")).collect();
    let mut values = Vec::new();
    for document in documents {
        let value: Value = serde_yaml::from_str(document).ok()?;
        if !value.is_null() {
            values.push(value);
        }
    }
    let structured = values.iter().all(|value| matches!(value, Value::Object(_) | Value::Array(_)));
    (!values.is_empty() && structured).then_some(values)
}

/// The lines without the indentation that all of them have.
fn dedent(lines: &[&str]) -> String {
    let indentation = |line: &&&str| line.len() - line.trim_start_matches(' ').len();
    let common = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indentation(&line)).min().unwrap_or(0);
    lines.iter().map(|line| format!("{}\n", line.get(common..).unwrap_or_default())).collect()
}

/// How deep two values are compared; what is deeper came from no cluster.
const DEEPEST: usize = 64;

/// Where a fragment does not fit, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// `.spec.type`.
    pub(super) path: String,
    pub(super) expected: String,
    pub(super) observed: String,
    pub(super) contradiction: Option<String>,
}

/// Whether each of `expected` is a part of one of `observed`, in order; binds what is volatile.
pub(super) fn compare(expected: &[Value], observed: &[Value], unifier: &mut Unifier<'_>) -> Result<(), Misfit> {
    let mut from = 0;
    for document in expected {
        let mut misfit = None;
        let found = (from..observed.len()).find(|&at| {
            let mark = unifier.bindings.mark();
            match anywhere(document, &observed[at], unifier, 0) {
                Ok(()) => true,
                Err(found) => {
                    unifier.bindings.roll_back(mark);
                    misfit.get_or_insert(found);
                    false
                }
            }
        });
        match found {
            Some(at) => from = at + 1,
            None => {
                return Err(misfit.unwrap_or_else(|| Misfit {
                    path: String::new(),
                    expected: brief(document),
                    observed: String::new(),
                    contradiction: None,
                }));
            }
        }
    }
    Ok(())
}

/// Whether `expected` is a part of `observed`, or of something in it: a page may show only what is below `resources:`.
fn anywhere(expected: &Value, observed: &Value, unifier: &mut Unifier<'_>, depth: usize) -> Result<(), Misfit> {
    let mark = unifier.bindings.mark();
    let first = match part("", expected, observed, unifier, depth) {
        Ok(()) => return Ok(()),
        Err(misfit) => misfit,
    };
    unifier.bindings.roll_back(mark);
    // A whole object is not looked for inside of others.
    let whole = expected.get("apiVersion").is_some() && expected.get("kind").is_some();
    let inside: Vec<&Value> = match observed {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    let mut best = first;
    for value in inside.into_iter().filter(|value| value.is_object() || value.is_array()).filter(|_| depth < DEEPEST) {
        let is_item = value.get("kind").is_some();
        if whole && !is_item && !value.is_array() {
            continue;
        }
        match anywhere(expected, value, unifier, depth + 1) {
            Ok(()) => return Ok(()),
            Err(misfit) if misfit.path.len() > best.path.len() => best = misfit,
            Err(_) => {}
        }
        unifier.bindings.roll_back(mark);
    }
    Err(best)
}

fn part(path: &str, expected: &Value, observed: &Value, unifier: &mut Unifier<'_>, depth: usize) -> Result<(), Misfit> {
    let refuse = |unifier: &mut Unifier<'_>| {
        let contradiction = unifier.contradiction.take();
        Err(Misfit { path: path.to_string(), expected: brief(expected), observed: brief(observed), contradiction })
    };
    if depth > DEEPEST {
        return if expected == observed { Ok(()) } else { refuse(unifier) };
    }
    match (expected, observed) {
        (Value::Object(wanted), Value::Object(seen)) => {
            for (key, value) in wanted {
                if words::is_ignored_field(key) {
                    continue;
                }
                let path = format!("{path}.{key}");
                match seen.get(key) {
                    Some(observed) => part(&path, value, observed, unifier, depth + 1)?,
                    None => {
                        return Err(Misfit {
                            path,
                            expected: brief(value),
                            observed: String::new(),
                            contradiction: None,
                        });
                    }
                }
            }
            Ok(())
        }
        (Value::Array(wanted), Value::Array(seen)) => items(path, wanted, seen, unifier, depth),
        // An empty value (`resources:`) stands for what is below it.
        (Value::Null, _) => Ok(()),
        (Value::String(text), _) if text == "..." => Ok(()),
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => refuse(unifier),
        _ => {
            let key = path.rsplit('.').next().unwrap_or_default();
            let key = key.split('[').next().unwrap_or_default();
            unifier.contradiction = None;
            if scalars(expected, observed, key, unifier) { Ok(()) } else { refuse(unifier) }
        }
    }
}

fn scalars(expected: &Value, observed: &Value, key: &str, unifier: &mut Unifier<'_>) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    // A number is no string: `port: 80` and `port: "80"` differ. Old pages leave the quotes of times and versions out.
    let hint = words::field(key);
    let volatile = hint != super::unify::Hint::None;
    if expected.is_string() != observed.is_string() && !volatile && !expected.is_string() {
        return false;
    }
    let (expected, observed) = (text(expected), text(observed));
    if expected.contains('\n') || observed.contains('\n') {
        let (wanted, seen): (Vec<&str>, Vec<&str>) =
            (expected.trim_end().lines().collect(), observed.trim_end().lines().collect());
        return wanted.len() == seen.len()
            && expected.ends_with('\n') == observed.ends_with('\n')
            && wanted.iter().zip(seen).all(|(a, b)| unifier.text(a, b, hint));
    }
    unifier.text(&expected, &observed, hint)
}

/// Each expected item is a part of an observed one; none is used twice. In order first, then in any.
fn items(
    path: &str,
    expected: &[Value],
    observed: &[Value],
    unifier: &mut Unifier<'_>,
    depth: usize,
) -> Result<(), Misfit> {
    let mut taken = vec![false; observed.len()];
    let scalar = expected.iter().all(|item| !item.is_object() && !item.is_array());
    if scalar && expected.len() != observed.len() {
        let misfit = Misfit {
            path: path.to_string(),
            expected: brief(&expected.into()),
            observed: brief(&observed.into()),
            contradiction: None,
        };
        return Err(misfit);
    }
    for (at, item) in expected.iter().enumerate() {
        let mut misfit: Option<Misfit> = None;
        let candidates =
            if scalar { vec![at] } else { (at..observed.len()).chain(0..at.min(observed.len())).collect() };
        let found = candidates.into_iter().find(|&candidate| {
            if taken[candidate] {
                return false;
            }
            let mark = unifier.bindings.mark();
            match part(&format!("{path}[{at}]"), item, &observed[candidate], unifier, depth + 1) {
                Ok(()) => true,
                Err(found) => {
                    unifier.bindings.roll_back(mark);
                    let deeper = misfit.as_ref().is_none_or(|known| found.path.len() > known.path.len());
                    if deeper {
                        misfit = Some(found);
                    }
                    false
                }
            }
        });
        match found {
            Some(candidate) => taken[candidate] = true,
            None => {
                let nothing = || Misfit {
                    path: format!("{path}[{at}]"),
                    expected: brief(item),
                    observed: String::new(),
                    contradiction: None,
                };
                return Err(misfit.unwrap_or_else(nothing));
            }
        }
    }
    Ok(())
}

/// A value on one short line.
fn brief(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
