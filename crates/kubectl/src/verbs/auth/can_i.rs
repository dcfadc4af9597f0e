//! `kubectl auth can-i` (kubectl: pkg/cmd/auth/cani.go).

use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::mapper::Mapping;
use crate::printers::tabwriter::TabWriter;
use crate::request::Call;
use crate::verbs::rbac::{Rule, compact};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) static COMMAND: Command = Command {
    name: "can-i",
    use_line: "can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    short: "Check whether an action is allowed",
    long: "Ask whether an action is allowed.\n\n VERB is what the API calls it: 'get', 'list', 'watch', 'delete', and so on. TYPE is a resource, also by its short name or with its group. NONRESOURCEURL begins with \"/\". NAME is the name of one object. With the global flag --as it is asked for somebody else.",
    example: "# May I create pods, in any namespace?
kubectl auth can-i create pods --all-namespaces

# May I list deployments here?
kubectl auth can-i list deployments.apps

# May the service account \"foo\" of the namespace \"dev\" list pods in the namespace \"prod\"?
kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod

# May I do everything here?
kubectl auth can-i '*' '*'

# May I read the job \"bar\", the logs of pods, a URL?
kubectl auth can-i get jobs.batch/bar -n foo
kubectl auth can-i get pods --subresource=log
kubectl auth can-i get /logs/

# All that I may do in the namespace \"foo\"
kubectl auth can-i --list --namespace=foo",
    flags: || {
        vec![
            Flag::bool("all-namespaces", "If true, check the specified action in all namespaces.").short('A'),
            Flag::bool("list", "If true, prints all allowed actions."),
            Flag::bool("no-headers", "If true, prints allowed actions without headers"),
            Flag::bool("quiet", "If true, suppress output and just return the exit code.").short('q'),
            Flag::string("subresource", "", "SubResource such as pod/log or deployment/scale"),
        ]
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

const VERBS: [&str; 16] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];
const URL_VERBS: [&str; 8] = ["get", "put", "post", "head", "options", "delete", "patch", "*"];

/// What the second argument means.
enum Target {
    Url(String),
    /// The type as the server knows it, or else the word for it; a name, or nothing.
    Resource {
        mapping: Option<Arc<Mapping>>,
        word: String,
        name: String,
    },
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    if flags.bool("list") {
        if !cx.args.is_empty() {
            return Err(Error::msg("list option must be specified with no arguments"));
        }
        let namespace = cx.namespace().await?.0;
        if flags.bool("quiet") || flags.bool("all-namespaces") || !flags.str("subresource").is_empty() {
            let text = "list option can't be specified with neither quiet, all-namespaces nor subresource options";
            return Err(Error::msg(text));
        }
        return list(cx, &namespace).await;
    }
    let [verb, what] = cx.args.as_slice() else {
        return Err(Error::msg(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    let target = target(cx, what).await?;
    let namespace = if flags.bool("all-namespaces") { String::new() } else { cx.namespace().await?.0 };
    validate(cx, verb, &target)?;
    let spec = match &target {
        Target::Url(path) => json!({"nonResourceAttributes": {"verb": verb, "path": path}}),
        Target::Resource { mapping, word, name } => {
            let (group, resource) = match mapping {
                Some(mapping) => (mapping.group.as_str(), mapping.resource.as_str()),
                None => ("", word.as_str()),
            };
            json!({"resourceAttributes": {"namespace": namespace, "verb": verb, "group": group, "resource": resource,
                   "subresource": flags.str("subresource"), "name": name}})
        }
    };
    let status = review(cx, "SelfSubjectAccessReview", spec).await?;
    let allowed = status["allowed"] == true;
    if !flags.bool("quiet") {
        let mut answer = String::from(if allowed { "yes" } else { "no" });
        for field in ["reason", "evaluationError"].iter().filter(|_| !allowed) {
            if let Some(text) = status[field].as_str().filter(|text| !text.is_empty()) {
                answer.push_str(&format!(" - {text}"));
            }
        }
        writeln!(cx.out, "{answer}")?;
    }
    if allowed { Ok(()) } else { Err(Error::Exit { code: 1, message: String::new() }) }
}

/// Warnings of this verb end with a newline of their own.
fn warn(cx: &Context, text: &str) -> Result<()> {
    cx.warn(&format!("{text}\n"))
}

async fn target(cx: &Context, what: &str) -> Result<Target> {
    if what.starts_with('/') {
        return Ok(Target::Url(what.to_string()));
    }
    let (word, name) = what.split_once('/').unwrap_or((what, ""));
    let (mut mapping, lower) = (None, word.to_lowercase());
    if word != "*" {
        mapping = cx.mapper().await?.resource(&lower).await.ok();
    }
    // Users and groups can be impersonated, and no client can discover them.
    if mapping.is_none() && !["*", "users", "groups"].contains(&lower.as_str()) {
        match lower.split_once('.') {
            None => warn(cx, &format!("the server doesn't have a resource type '{lower}'"))?,
            Some((resource, group)) => {
                warn(cx, &format!("the server doesn't have a resource type '{resource}' in group '{group}'"))?;
            }
        }
    }
    Ok(Target::Resource { mapping, word: word.into(), name: name.into() })
}

fn validate(cx: &Context, verb: &str, target: &Target) -> Result<()> {
    match target {
        Target::Url(_) => {
            if !cx.flags.str("subresource").is_empty() {
                return Err(Error::msg("--subresource can not be used with NonResourceURL"));
            }
            if !URL_VERBS.contains(&verb) {
                warn(cx, &format!("verb '{verb}' is not a known verb"))?;
            }
        }
        Target::Resource { mapping, .. } if !cx.flags.bool("all-namespaces") => {
            if let Some(mapping) = mapping.as_ref().filter(|mapping| !mapping.namespaced) {
                let (resource, group) = (&mapping.resource, &mapping.group);
                match group.as_str() {
                    "" => warn(cx, &format!("resource '{resource}' is not namespace scoped"))?,
                    group => warn(cx, &format!("resource '{resource}' is not namespace scoped in group '{group}'"))?,
                }
            }
            if !VERBS.contains(&verb) {
                warn(cx, &format!("verb '{verb}' is not a known verb"))?;
            }
        }
        Target::Resource { .. } => {}
    }
    if cx.flags.bool("no-headers") {
        return Err(Error::msg("--no-headers cannot be set without --list specified"));
    }
    Ok(())
}

/// Asks the server; the review's status.
async fn review(cx: &Context, kind: &str, spec: Value) -> Result<Value> {
    let body = json!({"kind": kind, "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": spec});
    let path = format!("/apis/authorization.k8s.io/v1/{}s", kind.to_lowercase());
    let mut answer = cx.requests().await?.json(Call::new(Method::POST, path).json(&body)).await?;
    Ok(answer["status"].take())
}

async fn list(cx: &Context, namespace: &str) -> Result<()> {
    let status = review(cx, "SelfSubjectRulesReview", json!({"namespace": namespace})).await?;
    if status["incomplete"] == true {
        let why = status["evaluationError"].as_str().unwrap_or_default();
        cx.warn(&format!("the list may be incomplete: {why}"))?;
    }
    let all = ["resourceRules", "nonResourceRules"].into_iter().flat_map(|list| status[list].as_array());
    let rules = all.flatten().flat_map(|rule| Rule::of(rule).break_down()).collect();
    let mut writer = TabWriter::get();
    if !cx.flags.bool("no-headers") {
        writer.write("Resources\tNon-Resource URLs\tResource Names\tVerbs\n");
    }
    for rule in compact(rules) {
        let show = |list: &[String]| format!("[{}]", list.join(" "));
        let (urls, names, verbs) = (show(&rule.urls), show(&rule.names), show(&rule.verbs));
        writer.write(&format!("{}\t{urls}\t{names}\t{verbs}\n", combined(&rule)));
    }
    write!(cx.out, "{}", writer.flush())?;
    Ok(())
}

/// `deployments.apps/scale` (`describe.CombineResourceGroup`).
fn combined(rule: &Rule) -> String {
    let Some(path) = rule.resources.first() else { return String::new() };
    let (resource, subresource) = match path.split_once('/') {
        Some((resource, subresource)) => (resource, format!("/{subresource}")),
        None => (path.as_str(), String::new()),
    };
    match rule.groups.first().filter(|group| !group.is_empty()) {
        Some(group) => format!("{resource}.{group}{subresource}"),
        None => format!("{resource}{subresource}"),
    }
}
