//! A `cel` block: an expression over `before`, `after`, `changes` and `events` that must be true after the step.
//!
//! `before` and `after` are maps from `Kind/name` to the object in the lesson's namespace (or in none); `changes` is the list of all changes,
//! in order: `{kind: "added" | "modified" | "deleted", object: {…}}`; `events` is the list of the Events among them.

use super::{Context, Verdict};
use crate::diff::{ChangeKind, History};
use crate::snapshot::{ObjectKey, Snapshot};
use ::cel::{Context as Scope, Program, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Judges an expression.
pub fn cel(expression: &str, history: &History, ctx: &Context) -> Verdict {
    let program = match Program::compile(expression) {
        Ok(program) => program,
        Err(error) => return Verdict::not_understood(format!("this is no CEL expression: {error}")),
    };
    let mut scope = Scope::default();
    scope.add_variable_from_value("before", objects(history.before(), ctx));
    scope.add_variable_from_value("after", objects(history.after(), ctx));
    let mine = |key: &ObjectKey| key.namespace.as_ref().is_none_or(|namespace| *namespace == ctx.namespace);
    let changes = history.events().iter().filter(|change| mine(&change.key));
    let all: Vec<Value> = changes.clone().map(|change| described(change.kind, &change.object)).collect();
    let events = changes.filter(|change| change.key.kind == "Event").map(|change| value(&change.object)).collect();
    scope.add_variable_from_value("changes", Value::List(Arc::new(all)));
    scope.add_variable_from_value("events", Value::List(Arc::new(events)));
    match program.execute(&scope) {
        Ok(Value::Bool(true)) => Verdict::proved("the expression is true", vec![]),
        Ok(Value::Bool(false)) => Verdict::refuted("the expression is false", vec![]),
        Ok(other) => Verdict::not_understood(format!("the expression must be true or false, it is {other:?}")),
        Err(error) => Verdict::refuted(format!("the expression has no value here: {error}"), vec![]),
    }
}

fn objects(snapshot: &Snapshot, ctx: &Context) -> Value {
    let mine = |key: &ObjectKey| key.namespace.as_ref().is_none_or(|namespace| *namespace == ctx.namespace);
    let objects = snapshot.iter().filter(|(key, _)| mine(key));
    map(objects.map(|(key, object)| (key.to_string(), value(object))))
}

fn described(kind: ChangeKind, object: &serde_json::Value) -> Value {
    let kind = match kind {
        ChangeKind::Added => "added",
        ChangeKind::Modified => "modified",
        ChangeKind::Deleted => "deleted",
    };
    map([("kind".to_string(), Value::String(Arc::new(kind.into()))), ("object".to_string(), value(object))])
}

fn map(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Map(entries.into_iter().collect::<HashMap<String, Value>>().into())
}

/// JSON to CEL. Whole numbers are Int: CEL does not compare an UInt with the Int that a literal is.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => match n.as_i64() {
            Some(n) => Value::Int(n),
            None => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::String(Arc::new(text.clone())),
        serde_json::Value::Array(list) => Value::List(Arc::new(list.iter().map(value).collect())),
        serde_json::Value::Object(fields) => map(fields.iter().map(|(name, field)| (name.clone(), value(field)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assertion::Outcome;
    use crate::diff::Change;
    use serde_json::json;

    fn outcome(expression: &str) -> Outcome {
        let service = |kind: &str| {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "demo", "namespace": "default",
                "resourceVersion": "2"}, "spec": {"type": kind, "ports": [{"port": 80}]}})
        };
        let before = Snapshot::from_objects([service("ClusterIP")]);
        let change = Change::new(jiff::Timestamp::UNIX_EPOCH, ChangeKind::Modified, service("NodePort"));
        let history = History::new(before, change.into_iter().collect());
        let context = Context { namespace: "default".into(), ..Context::default() };
        cel(expression, &history, &context).verdict
    }

    #[test]
    fn expressions_over_both_states_and_the_changes() {
        assert_eq!(outcome("before['Service/demo'].spec.type == 'ClusterIP'"), Outcome::Proved);
        assert_eq!(outcome("after['Service/demo'].spec.ports[0].port == 80"), Outcome::Proved);
        assert_eq!(outcome("changes.exists(c, c.kind == 'deleted')"), Outcome::Refuted);
        assert_eq!(outcome("size(changes) == 1 && size(events) == 0"), Outcome::Proved);
    }

    #[test]
    fn what_is_no_truth_is_not_understood_and_what_is_missing_is_refuted() {
        assert_eq!(outcome("1 + 1"), Outcome::NotUnderstood);
        assert_eq!(outcome("this is no expression"), Outcome::NotUnderstood);
        assert_eq!(outcome("after['Service/other'].spec.type == 'ClusterIP'"), Outcome::Refuted);
    }
}
