//! Objects of any kind, field by field (kubectl: pkg/describe/describe.go `genericDescriber`).

use super::writer::Writer;
use super::{Describing, events};
use crate::error::Result;
use crate::text::display;
use serde_json::{Map, Value};

/// What the general part has shown already, and what nobody wants to see.
const SKIPPED: [&str; 5] =
    [".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"];

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, object: &Value) -> Result<()> {
    let events = events::of(d, object).await;
    w.name_and_namespace(object);
    w.labels_and_annotations(object);
    if let Some(fields) = object.as_object() {
        content(w, 0, fields, "");
    }
    events::describe(w, events);
    Ok(())
}

/// `printUnstructuredContent`.
fn content(w: &mut Writer, level: usize, fields: &Map<String, Value>, path: &str) {
    for (field, value) in fields {
        let path = format!("{path}.{field}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        let label = label(field);
        match value {
            Value::Object(fields) => {
                w.line(level, format_args!("{label}:"));
                content(w, level + 1, fields, &path);
            }
            Value::Array(items) => {
                w.line(level, format_args!("{label}:"));
                for item in items {
                    match item {
                        Value::Object(fields) => content(w, level + 1, fields, &path),
                        plain => w.line(level + 1, format_args!("{}", display(plain))),
                    }
                }
            }
            plain => w.line(level, format_args!("{label}:\t{}", display(plain))),
        }
    }
}

/// `apiVersion` as `API Version` (`smartLabelFor`).
fn label(field: &str) -> String {
    if field.chars().any(|c| !c.is_alphabetic() && c != '-') {
        return field.to_string();
    }
    let parts = words(field);
    let mut merged: Vec<String> = Vec::new();
    let mut rest = parts.iter().peekable();
    while let Some(part) = rest.next() {
        let mut part = part.clone();
        let upper = part.len() >= 2 && part.chars().all(|c| !c.is_alphabetic() || c.is_uppercase());
        if upper && let Some(next) = rest.next_if(|next| next.starts_with(char::is_uppercase)) {
            part.push_str(next);
        }
        merged.push(part);
    }
    let shown: Vec<String> = merged
        .into_iter()
        .map(|part| match part.to_uppercase() {
            upper if ["API", "URL", "UID", "GUID"].contains(&upper.as_str()) => upper,
            _ if part.to_lowercase() == part => capitalized(&part),
            _ => part,
        })
        .collect();
    shown.join(" ")
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `podIPs` as `pod`, `I`, `Ps`: runs of one class of characters; the last capital goes with the small letters behind it
/// (fatih/camelcase).
fn words(text: &str) -> Vec<String> {
    let class = |c: char| match c {
        c if c.is_lowercase() => 1,
        c if c.is_uppercase() => 2,
        c if c.is_numeric() => 3,
        _ => 4,
    };
    let mut runs: Vec<String> = Vec::new();
    let mut last = 0;
    for c in text.chars() {
        match runs.last_mut() {
            Some(run) if class(c) == last => run.push(c),
            _ => runs.push(c.to_string()),
        }
        last = class(c);
    }
    for index in 1..runs.len() {
        if runs[index - 1].starts_with(char::is_uppercase)
            && runs[index].starts_with(char::is_lowercase)
            && let Some(capital) = runs[index - 1].pop()
        {
            runs[index].insert(0, capital);
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_read_as_words() {
        let cases = [
            ("apiVersion", "API Version"),
            ("uid", "UID"),
            ("creationTimestamp", "Creation Timestamp"),
            ("key.with/dots", "key.with/dots"),
            ("foo-bar", "Foo - Bar"),
            ("kind", "Kind"),
        ];
        for (field, shown) in cases {
            assert_eq!(label(field), shown, "{field}");
        }
    }
}
