//! What admission adds to a new pod: the plugins ServiceAccount, Priority and DefaultTolerationSeconds.

use apimachinery::{gvk::GroupResource, status::Status};
use serde_json::{Value, json};

use super::{
    Context,
    fields::{default, items, items_mut, push, text},
};

/// Where the token of a pod's service account is mounted.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Admits a new pod.
pub(super) fn admit(context: &Context<'_>, pod: &mut Value) -> Result<(), Status> {
    admit_service_account(context, pod)?;
    admit_priority(context, pod)?;
    add_tolerations(&mut pod["spec"]);
    Ok(())
}

fn forbidden(pod: &Value, why: &str) -> Status {
    Status::forbidden(&GroupResource::new("", "pods"), text(&pod["metadata"]["name"]), why)
}

/// kubernetes: plugin/pkg/admission/serviceaccount/admission.go
fn admit_service_account(context: &Context<'_>, pod: &mut Value) -> Result<(), Status> {
    default(&mut pod["spec"], "serviceAccountName", "default");
    pod["spec"]["serviceAccount"] = pod["spec"]["serviceAccountName"].clone();
    let namespace = text(&pod["metadata"]["namespace"]);
    let name = text(&pod["spec"]["serviceAccountName"]);
    let Some(account) = context.tables.get("serviceaccounts", namespace, name) else {
        let why = format!("error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found");
        return Err(forbidden(pod, &why));
    };
    if pod["spec"]["imagePullSecrets"].is_null() && !account["imagePullSecrets"].is_null() {
        pod["spec"]["imagePullSecrets"] = account["imagePullSecrets"].clone();
    }
    let asked = |object: &Value| object["automountServiceAccountToken"].as_bool();
    if asked(&pod["spec"]).or_else(|| asked(account)).unwrap_or(true) {
        mount_token(context, &mut pod["spec"]);
    }
    Ok(())
}

fn mount_token(context: &Context<'_>, spec: &mut Value) {
    let existing =
        items(spec, "volumes").map(|volume| text(&volume["name"])).find(|n| n.starts_with("kube-api-access-"));
    let existing = existing.map(str::to_owned);
    let name = existing.clone().unwrap_or_else(|| format!("kube-api-access-{}", context.entropy.suffix(5)));
    let mut needed = false;
    for list in ["initContainers", "containers"] {
        for container in items_mut(spec, list) {
            if items(container, "volumeMounts").all(|mount| mount["mountPath"] != TOKEN_PATH) {
                let mount = json!({"name": name, "readOnly": true, "mountPath": TOKEN_PATH});
                push(container, "volumeMounts", mount);
                needed = true;
            }
        }
    }
    if needed && existing.is_none() {
        let sources = json!([
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [
                {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
            ]}},
        ]);
        push(spec, "volumes", json!({"name": name, "projected": {"sources": sources, "defaultMode": 420}}));
    }
}

/// kubernetes: plugin/pkg/admission/priority/admission.go
fn admit_priority(context: &Context<'_>, pod: &mut Value) -> Result<(), Status> {
    let class = text(&pod["spec"]["priorityClassName"]).to_owned();
    let (value, policy) = match class.as_str() {
        "" => (json!(0), json!("PreemptLowerPriority")),
        "system-cluster-critical" => (json!(2_000_000_000), json!("PreemptLowerPriority")),
        "system-node-critical" => (json!(2_000_001_000), json!("PreemptLowerPriority")),
        name => {
            let Some(found) = context.tables.get("priorityclasses.scheduling.k8s.io", "", name) else {
                return Err(forbidden(pod, &format!("no PriorityClass with name {name} was found")));
            };
            (found["value"].clone(), found["preemptionPolicy"].clone())
        }
    };
    if pod["spec"]["priority"].as_i64().is_some_and(|given| Some(given) != value.as_i64()) {
        let given = &pod["spec"]["priority"];
        let why = format!(
            "the integer value of priority ({given}) must not be provided in pod spec; \
             priority admission controller computed {value} from the given PriorityClass name"
        );
        return Err(forbidden(pod, &why));
    }
    pod["spec"]["priority"] = value;
    default(&mut pod["spec"], "preemptionPolicy", policy);
    Ok(())
}

/// kubernetes: plugin/pkg/admission/defaulttolerationseconds/admission.go
fn add_tolerations(spec: &mut Value) {
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = items(spec, "tolerations").any(|toleration| {
            let (own, effect) = (text(&toleration["key"]), text(&toleration["effect"]));
            (own == key || own.is_empty()) && (effect == "NoExecute" || effect.is_empty())
        });
        if !tolerated {
            let toleration = json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
            push(spec, "tolerations", toleration);
        }
    }
}
