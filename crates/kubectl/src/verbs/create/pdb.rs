//! `kubectl create poddisruptionbudget` (kubectl: pkg/cmd/create/create_pdb.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::text::quote;
use apimachinery::selector::{LabelSelector, Operator};
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "poddisruptionbudget",
    use_line: "poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    aliases: &["pdb"],
    short: "Create a pod disruption budget with the specified name",
    long: "Create a pod disruption budget with the specified name, selector, and desired minimum available pods.",
    example: "# One of the pods with app=rails stays at any time
kubectl create poddisruptionbudget my-pdb --selector=app=rails --min-available=1

# Half of them
kubectl create pdb my-pdb --selector=app=nginx --min-available=50%",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string(
                "min-available",
                "",
                "The minimum number or percentage of available pods this budget requires.",
            ),
            Flag::string(
                "max-unavailable",
                "",
                "The maximum number or percentage of unavailable pods this budget requires.",
            ),
            Flag::string(
                "selector",
                "",
                "A label selector to use for this budget. Only equality-based selector requirements are supported.",
            ),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let text = |flag: &str| cx.flags.str(flag);
    let (selector, min, max) = (text("selector"), text("min-available"), text("max-unavailable"));
    let refuse = |text: &str| Err(Error::msg(text));
    if selector.is_empty() {
        return refuse("a selector must be specified");
    }
    if min.is_empty() && max.is_empty() {
        return refuse("one of min-available or max-unavailable must be specified");
    }
    if !min.is_empty() && !max.is_empty() {
        return refuse("min-available and max-unavailable cannot be both specified");
    }
    let mut spec = json!({"selector": label_selector(selector)?});
    for (flag, field, value) in [("min-available", "minAvailable", min), ("max-unavailable", "maxUnavailable", max)] {
        if value.is_empty() {
            continue;
        }
        let digits = value.strip_suffix('%').unwrap_or(value);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse(&format!("invalid format specified for {flag}"));
        }
        spec[field] = value.parse::<i32>().map_or_else(|_| json!(value), |number| json!(number));
    }
    let budget = json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": spec,
        "status": {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0},
    });
    generated::create(cx, "failed to create poddisruptionbudgets:", budget).await
}

/// A selector's text as a `metav1.LabelSelector` (`ParseToLabelSelector`).
pub(crate) fn label_selector(text: &str) -> Result<Value> {
    let parsed = LabelSelector::parse(text)
        .map_err(|error| Error::msg(format!("couldn't parse the selector string {}: {error}", quote(text))))?;
    let (mut labels, mut expressions) = (Map::new(), Vec::new());
    for requirement in parsed.requirements() {
        let operator = match requirement.operator {
            Operator::Equals | Operator::DoubleEquals => {
                let value = requirement.values.first().cloned().unwrap_or_default();
                labels.insert(requirement.key.to_string(), Value::String(value));
                continue;
            }
            Operator::NotIn => "NotIn",
            Operator::In => "In",
            Operator::Exists => "Exists",
            Operator::DoesNotExist => "DoesNotExist",
            other => {
                let sign = match other {
                    Operator::GreaterThan => "gt",
                    Operator::LessThan => "lt",
                    _ => "!=",
                };
                return Err(Error::msg(format!("{} is not a valid label selector operator", quote(sign))));
            }
        };
        let mut expression = json!({"key": requirement.key, "operator": operator});
        if !requirement.values.is_empty() {
            expression["values"] = json!(requirement.values);
        }
        expressions.push(expression);
    }
    let mut selector = json!({});
    if !labels.is_empty() {
        selector["matchLabels"] = Value::Object(labels);
    }
    if !expressions.is_empty() {
        selector["matchExpressions"] = Value::Array(expressions);
    }
    Ok(selector)
}
