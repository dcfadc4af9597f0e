//! What `--for` can say, and how an object is seen to meet it (kubectl: pkg/cmd/wait/condition.go, json.go).

use super::{Patience, timed_out};
use crate::command::Context;
use crate::error::{ApiError, Error, Result};
use crate::resource::{Helper, Info, Until};
use crate::text::{display, quote};
use apimachinery::jsonpath::{JsonPath, relaxed};
use serde_json::Value;

/// One `--for`.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Create,
    Delete,
    /// A condition of `status.conditions` has a status.
    Status {
        kind: String,
        status: String,
    },
    /// A path finds a value, or this value.
    Path {
        path: Box<JsonPath>,
        value: Option<String>,
    },
}

impl PartialEq for Condition {
    /// Of one sort; what is looked for is [`Condition::Create`] or [`Condition::Delete`].
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Condition {
    pub(super) fn parse(word: &str) -> Result<Condition> {
        match word.to_lowercase().as_str() {
            "delete" => return Ok(Condition::Delete),
            "create" => return Ok(Condition::Create),
            _ => {}
        }
        if let Some(condition) = word.strip_prefix("condition=") {
            let (kind, status) = condition.split_once('=').unwrap_or((condition, "true"));
            return Ok(Condition::Status { kind: kind.into(), status: status.into() });
        }
        match word.strip_prefix("jsonpath=") {
            Some(input) => Self::path(input),
            None => Err(Error::msg(format!("unrecognized condition: {}", quote(word)))),
        }
    }

    fn path(input: &str) -> Result<Condition> {
        let parts = split(input);
        let (expression, value) = match &parts[..] {
            [expression] => (expression, None),
            [expression, value] => (expression, Some(value.trim_matches(['\'', '"']).to_string())),
            _ => {
                return Err(Error::msg(
                    "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
                ));
            }
        };
        let expression = relaxed(expression).map_err(|error| Error::msg(error.to_string()))?;
        if value.as_ref().is_some_and(String::is_empty) {
            return Err(Error::msg(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
            ));
        }
        if expression.is_empty() {
            return Err(Error::msg("jsonpath expression cannot be empty"));
        }
        let path = JsonPath::parse(&expression).map_err(|error| Error::msg(error.to_string()))?;
        Ok(Condition::Path { path: Box::new(path.allow_missing_keys(true)), value })
    }

    fn is_met(&self, object: &Value) -> Result<bool> {
        match self {
            Condition::Create | Condition::Delete => Ok(false),
            Condition::Status { kind, status } => Ok(has_status(object, kind, status)),
            Condition::Path { path, value } => {
                let found = path.find(object).map_err(|error| Error::msg(error.to_string()))?;
                let Some([first, others @ ..]) = found.first().map(Vec::as_slice) else { return Ok(false) };
                if found.len() > 1 {
                    return Err(Error::msg("given jsonpath expression matches more than one list"));
                }
                if !others.is_empty() {
                    return Err(Error::msg("given jsonpath expression matches more than one value"));
                }
                let Some(value) = value else { return Ok(true) };
                if first.is_object() || first.is_array() {
                    return Err(Error::msg("jsonpath leads to a nested object or list which is not supported"));
                }
                Ok(display(first).trim() == value.trim())
            }
        }
    }
}

fn has_status(object: &Value, kind: &str, wanted: &str) -> bool {
    let same =
        |value: &Value, text: &str| value.as_str().is_some_and(|value| value.to_lowercase() == text.to_lowercase());
    let conditions = object["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(condition) = conditions.iter().find(|c| same(&c["type"], kind) && c["status"].is_string()) else {
        return false;
    };
    let observed = condition["observedGeneration"].as_i64().or_else(|| object["status"]["observedGeneration"].as_i64());
    if let (Some(observed), Some(generation)) = (observed, object["metadata"]["generation"].as_i64())
        && observed < generation
    {
        return false;
    }
    same(&condition["status"], wanted)
}

/// At every single `=`; `==` stands for itself (`splitJSONPathInput`).
fn split(input: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut chars = input.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '=' if chars.next_if_eq(&'=').is_some() => part.push_str("=="),
            '=' => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    parts
}

/// Waits until the object meets the condition; its state then is in `info`.
pub(super) async fn until_met(cx: &Context, condition: &Condition, info: &mut Info, patience: Patience) -> Result<()> {
    let requests = cx.requests().await?;
    if matches!(patience, Patience::None) {
        info.object = Helper::new(&requests, &info.mapping).get(&info.namespace, &info.name).await?;
        return match condition.is_met(&info.object)? {
            true => Ok(()),
            false => Err(Error::msg(format!("condition not met for {}", info.object_name()))),
        };
    }
    let watch = async {
        let mut until = Until::start(&requests, &info.mapping, &info.namespace, &info.name).await?;
        if until.object().is_none() {
            let what = format!("{} {} not found", info.mapping.qualified(), quote(&info.name));
            return Err(Error::Api(Box::new(ApiError::new(404, "NotFound", what))));
        }
        loop {
            let event = until.next().await?;
            if event.kind != "DELETED" && condition.is_met(&event.object)? {
                return Ok(event.object);
            }
        }
    };
    info.object = patience.limit(timed_out(info), watch).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn met(word: &str, object: Value) -> Result<bool, String> {
        Condition::parse(word).and_then(|c| c.is_met(&object)).map_err(|error| error.to_string())
    }

    #[test]
    fn conditions() {
        let ready = json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True"}]}});
        assert_eq!(met("condition=ready", ready.clone()), Ok(true));
        assert_eq!(met("condition=Ready=false", ready.clone()), Ok(false));
        let stale = json!({"metadata": {"generation": 3}, "status": ready["status"]});
        assert_eq!(met("condition=Ready", stale), Ok(false), "the controller has not seen the change yet");
    }

    #[test]
    fn paths() {
        let pod = json!({"status": {"phase": "Running", "n": 3, "list": [1, 2]}});
        assert_eq!(met("jsonpath={.status.phase}=Running", pod.clone()), Ok(true));
        assert_eq!(met("jsonpath=.status.n=4", pod.clone()), Ok(false));
        assert_eq!(met("jsonpath={.status.nope}", pod.clone()), Ok(false));
        let nested = "jsonpath leads to a nested object or list which is not supported";
        assert_eq!(met("jsonpath={.status.list}=1", pod), Err(nested.into()));
        assert_eq!(split("a==b=c"), ["a==b", "c"]);
    }
}
