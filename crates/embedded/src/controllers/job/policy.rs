//! When a Job fails or succeeds before its time: job/pod_failure_policy.go and job/success_policy.go.

use serde_json::Value;

use super::indexes::Indexes;
use crate::controllers::object::{at, items, name, namespace, text};

/// What a Job's podFailurePolicy says to a failed pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It counts as any failure does.
    Count,
    /// It does not count.
    Ignore,
    /// The Job fails, with this message.
    FailJob(String),
    /// The pod's index fails.
    FailIndex,
}

/// `matchPodFailurePolicy`.
pub fn judge(job: &Value, pod: &Value) -> Verdict {
    for (index, rule) in items(job, "spec.podFailurePolicy.rules").iter().enumerate() {
        let subject = if rule["onExitCodes"].is_object() {
            exited(pod, &rule["onExitCodes"]).map(|status| {
                let code = at(status, "state.terminated.exitCode");
                let container = text(status, "name");
                let (place, pod_name) = (namespace(pod), name(pod));
                format!("Container {container} for pod {place}/{pod_name} failed with exit code {code}")
            })
        } else {
            met_condition(pod, items(rule, "onPodConditions")).map(|condition| {
                format!("Pod {}/{} has condition {}", namespace(pod), name(pod), text(condition, "type"))
            })
        };
        let Some(subject) = subject else {
            continue;
        };
        return match text(rule, "action") {
            "Ignore" => Verdict::Ignore,
            "FailIndex" => Verdict::FailIndex,
            "FailJob" => Verdict::FailJob(format!("{subject} matching FailJob rule at index {index}")),
            _ => Verdict::Count,
        };
    }
    Verdict::Count
}

fn exited<'a>(pod: &'a Value, requirement: &Value) -> Option<&'a Value> {
    let values = items(requirement, "values");
    let wanted = text(requirement, "containerName");
    let statuses = items(pod, "status.containerStatuses").iter().chain(items(pod, "status.initContainerStatuses"));
    statuses.into_iter().find(|status| {
        let code = at(status, "state.terminated.exitCode");
        let named = wanted.is_empty() || wanted == text(status, "name");
        let listed = match text(requirement, "operator") {
            "In" => values.contains(code),
            "NotIn" => !values.contains(code),
            _ => false,
        };
        named && code.as_i64().is_some_and(|code| code != 0) && listed
    })
}

fn met_condition<'a>(pod: &'a Value, patterns: &[Value]) -> Option<&'a Value> {
    items(pod, "status.conditions").iter().find(|condition| {
        patterns.iter().any(|pattern| pattern["type"] == condition["type"] && pattern["status"] == condition["status"])
    })
}

/// The message of a success before all completions are reached: `matchSuccessPolicy`.
pub fn success(job: &Value, completions: i64, succeeded: &Indexes) -> Option<String> {
    if succeeded.is_empty() {
        return None;
    }
    let met = |rule: &Value| {
        let enough = rule["succeededCount"].as_i64();
        match rule["succeededIndexes"].as_str() {
            Some(required) => {
                let required = Indexes::parse(required, completions);
                let common = required.common(succeeded);
                !required.is_empty() && (common == required.len() || enough.is_some_and(|enough| common >= enough))
            }
            None => enough.is_some_and(|enough| succeeded.len() >= enough),
        }
    };
    let index = items(job, "spec.successPolicy.rules").iter().position(met)?;
    Some(format!("Matched rules at index {index}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_on_exit_codes_fails_the_job() {
        let job = json!({"spec": {"podFailurePolicy": {"rules": [
            {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}},
        ]}}});
        let pod = |code: i64| {
            json!({"metadata": {"name": "p", "namespace": "x"},
                "status": {"containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": code}}}]}})
        };
        assert_eq!(
            judge(&job, &pod(42)),
            Verdict::FailJob(
                "Container c for pod x/p failed with exit code 42 matching FailJob rule at index 1".to_owned()
            )
        );
        assert_eq!(judge(&job, &pod(1)), Verdict::Count);
        let disrupted = json!({"status": {"conditions": [{"type": "DisruptionTarget", "status": "True"}]}});
        assert_eq!(judge(&job, &disrupted), Verdict::Ignore);
    }

    #[test]
    fn some_successes_are_enough() {
        let job = json!({"spec": {"successPolicy": {"rules": [{"succeededIndexes": "0,2-3", "succeededCount": 2}]}}});
        assert_eq!(success(&job, 5, &[0].into_iter().collect()), None);
        assert_eq!(success(&job, 5, &[0, 3].into_iter().collect()).as_deref(), Some("Matched rules at index 0"));
    }
}
