//! The debugging profiles: what each grants a container and changes in its pod (kubectl: pkg/cmd/debug/profiles.go).

use crate::error::{Error, Result};
use crate::flags::Values;
use serde_json::{Value, json};

/// `--profile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// As kubectl 1.23 did; deprecated.
    Legacy,
    /// Good defaults.
    General,
    /// Nothing that the baseline Pod Security Standard forbids.
    Baseline,
    /// Nothing that the restricted one forbids.
    Restricted,
    /// For network debugging.
    Netadmin,
    /// Everything.
    Sysadmin,
}

/// How a target is debugged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A container in the pod itself.
    Ephemeral,
    /// A copy of the pod.
    Copy,
    /// A pod on a node.
    Node,
}

impl Profile {
    /// By its name.
    pub(super) fn named(name: &str) -> Result<Profile> {
        Ok(match name {
            "legacy" => Profile::Legacy,
            "general" => Profile::General,
            "baseline" => Profile::Baseline,
            "restricted" => Profile::Restricted,
            "netadmin" => Profile::Netadmin,
            "sysadmin" => Profile::Sysadmin,
            other => return Err(Error::msg(format!("unknown profile: {other}"))),
        })
    }

    /// Changes the pod and its container of this name; `flags` has what a copy keeps.
    pub(super) fn apply(self, pod: &mut Value, container: &str, style: Style, flags: &Values) {
        self.grant(pod, container, style);
        match style {
            Style::Node => {
                let has_namespaces = !matches!(self, Profile::Baseline | Profile::Restricted);
                if has_namespaces {
                    for namespace in ["hostNetwork", "hostPID", "hostIPC"] {
                        pod["spec"][namespace] = json!(true);
                    }
                }
                if matches!(self, Profile::Legacy | Profile::General | Profile::Sysadmin) {
                    mount_root(pod, container);
                }
            }
            Style::Copy if self == Profile::Legacy => remove(&mut pod["metadata"], "labels"),
            Style::Copy => {
                strip(pod, flags);
                if pod["spec"]["shareProcessNamespace"].is_null() {
                    pod["spec"]["shareProcessNamespace"] = json!(true);
                }
            }
            Style::Ephemeral => {}
        }
    }

    /// The container's security context.
    fn grant(self, pod: &mut Value, container: &str, style: Style) {
        let Some(container) = find(pod, container) else { return };
        match self {
            Profile::Legacy => {}
            Profile::General if style == Style::Node => remove(container, "securityContext"),
            Profile::General => add_capabilities(container, &["SYS_PTRACE"]),
            Profile::Baseline => remove(container, "securityContext"),
            Profile::Restricted => {
                container["securityContext"] = json!({
                    "runAsNonRoot": true,
                    "capabilities": {"drop": ["ALL"]},
                    "allowPrivilegeEscalation": false,
                    "seccompProfile": {"type": "RuntimeDefault"},
                });
            }
            Profile::Netadmin => add_capabilities(container, &["NET_ADMIN", "NET_RAW"]),
            Profile::Sysadmin => container["securityContext"]["privileged"] = json!(true),
        }
    }
}

/// A pod's container of any sort.
pub(super) fn find<'p>(pod: &'p mut Value, name: &str) -> Option<&'p mut Value> {
    let lists = pod["spec"].as_object_mut()?.iter_mut();
    let lists =
        lists.filter(|(list, _)| ["containers", "initContainers", "ephemeralContainers"].contains(&list.as_str()));
    lists.filter_map(|(_, list)| list.as_array_mut()).flatten().find(|container| container["name"] == name)
}

fn remove(object: &mut Value, field: &str) {
    if let Some(fields) = object.as_object_mut() {
        fields.remove(field);
    }
}

fn add_capabilities(container: &mut Value, capabilities: &[&str]) {
    let added = &mut container["securityContext"]["capabilities"]["add"];
    let mut all = added.as_array().cloned().unwrap_or_default();
    all.extend(capabilities.iter().map(|capability| json!(capability)));
    *added = Value::Array(all);
}

/// The node's file system at `/host`.
fn mount_root(pod: &mut Value, container: &str) {
    const VOLUME: &str = "host-root";
    let push = |list: &mut Value, item: Value| match list.as_array_mut() {
        Some(items) => items.push(item),
        None => *list = json!([item]),
    };
    push(&mut pod["spec"]["volumes"], json!({"name": VOLUME, "hostPath": {"path": "/"}}));
    if let Some(container) = find(pod, container) {
        push(&mut container["volumeMounts"], json!({"name": VOLUME, "mountPath": "/host"}));
    }
}

/// What a copy does not keep unless it is told to.
fn strip(pod: &mut Value, flags: &Values) {
    for (flag, field) in [("keep-labels", "labels"), ("keep-annotations", "annotations")] {
        if !flags.bool(flag) {
            remove(&mut pod["metadata"], field);
        }
    }
    let probes =
        [("keep-liveness", "livenessProbe"), ("keep-readiness", "readinessProbe"), ("keep-startup", "startupProbe")];
    for container in pod["spec"]["containers"].as_array_mut().into_iter().flatten() {
        for (flag, probe) in probes {
            if !flags.bool(flag) {
                remove(container, probe);
            }
        }
    }
    if !flags.bool("keep-init-containers") {
        remove(&mut pod["spec"], "initContainers");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_grant_what_they_say() {
        let granted = |profile: Profile, style| {
            let context = json!({"capabilities": {"drop": ["X"]}});
            let mut pod = json!({"spec": {"ephemeralContainers": [{"name": "d", "securityContext": context}]}});
            profile.grant(&mut pod, "d", style);
            pod["spec"]["ephemeralContainers"][0]["securityContext"].take()
        };
        let general = granted(Profile::General, Style::Ephemeral);
        assert_eq!(general, json!({"capabilities": {"add": ["SYS_PTRACE"], "drop": ["X"]}}));
        assert_eq!(granted(Profile::General, Style::Node), Value::Null);
        assert_eq!(granted(Profile::Baseline, Style::Ephemeral), Value::Null);
        let restricted = granted(Profile::Restricted, Style::Ephemeral);
        assert_eq!(restricted["capabilities"], json!({"drop": ["ALL"]}));
    }

    #[test]
    fn a_node_is_mounted_where_the_profile_may() {
        let node = |profile: Profile| {
            let mut pod = json!({"spec": {"containers": [{"name": "d"}]}});
            profile.apply(&mut pod, "d", Style::Node, &Values::default());
            (pod["spec"]["hostPID"] == true, pod["spec"]["containers"][0]["volumeMounts"].is_array())
        };
        assert_eq!(node(Profile::General), (true, true));
        assert_eq!(node(Profile::Netadmin), (true, false));
        assert_eq!(node(Profile::Baseline), (false, false));
    }
}
