//! `kubectl create ingress` (kubectl: pkg/cmd/create/create_ingress.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use regex::Regex;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

pub(super) static COMMAND: Command = Command {
    name: "ingress",
    use_line: "ingress NAME --rule=host/path=service:port[,tls[=secret]] ",
    aliases: &["ing"],
    short: "Create an ingress with the specified name",
    long: "Create an ingress with the specified name.",
    example: "# Requests for foo.com/bar go to svc1:8080, with a TLS secret
kubectl create ingress simple --rule=\"foo.com/bar=svc1:8080,tls=my-cert\"

# All paths below one, of an ingress class
kubectl create ingress catch-all --class=otheringress --rule=\"/path*=svc:port\"

# With annotations
kubectl create ingress annotated --class=default --rule=\"foo.com/bar=svc:port\" --annotation ingress.annotation1=foo

# With a default backend
kubectl create ingress ingdefault --class=default --default-backend=defaultsvc:http --rule=\"foo.com/*=svc:8080\"",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string("class", "", "Ingress Class to be used"),
            Flag::string_array("rule", "Rule in format host/path=service:port[,tls=secretname]. Paths containing the leading character '*' are considered pathType=Prefix. tls argument is optional."),
            Flag::string("default-backend", "", "Default service for backend, in format of svcname:port"),
            Flag::string_array("annotation", "Annotation to insert in the ingress object, in the format annotation=value"),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

static RULE: LazyLock<Regex> = LazyLock::new(|| {
    let rule = r"^[\w*\-.]*/.*=[\w\-]+:[\w\-]+(,tls=?([\w\-]+)?)?";
    #[expect(clippy::unwrap_used, reason = "the pattern is constant, and a test compiles it")]
    Regex::new(rule).unwrap()
});

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let flags = &cx.flags;
    let (rules, default) = (flags.strings("rule"), flags.str("default-backend"));
    if default.is_empty() && rules.is_empty() {
        return Err(Error::msg(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
        ));
    }
    if let Some(rule) = rules.iter().find(|rule| !RULE.is_match(rule)) {
        return Err(Error::msg(format!(
            "rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
        )));
    }
    let mut annotations = Map::new();
    for annotation in flags.strings("annotation") {
        let invalid = || Error::msg(format!("annotation {annotation} is invalid and should be in format key=[value]"));
        let (key, value) = annotation.split_once('=').ok_or_else(invalid)?;
        annotations.insert(key.to_string(), json!(value));
    }
    if !default.is_empty() && default.split(':').count() != 2 {
        return Err(Error::msg("default-backend should be in format servicename:serviceport"));
    }
    let mut spec = json!({});
    if !flags.str("class").is_empty() {
        spec["ingressClassName"] = json!(flags.str("class"));
    }
    if !default.is_empty() {
        spec["defaultBackend"] = backend(default);
    }
    for (field, list) in [("tls", tls(rules)), ("rules", hosts(rules))] {
        if !list.is_empty() {
            spec[field] = Value::Array(list);
        }
    }
    let mut metadata = json!({"name": name});
    if !annotations.is_empty() {
        metadata["annotations"] = Value::Object(annotations);
    }
    let ingress = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": spec,
        "status": {"loadBalancer": {}},
    });
    generated::create(cx, "failed to create ingress:", ingress).await
}

/// `SERVICE:PORT`; the port may be a name.
fn backend(text: &str) -> Value {
    let (service, port) = text.split_once(':').unwrap_or((text, ""));
    let port = port.split(':').next().unwrap_or_default();
    let port = port.parse::<i32>().map_or_else(|_| json!({"name": port}), |number| json!({"number": number}));
    json!({"service": {"name": service, "port": port}})
}

/// The TLS entries: hosts by secret, each host once.
fn tls(rules: &[String]) -> Vec<Value> {
    let (mut entries, mut seen): (Vec<Value>, Vec<&str>) = (Vec::new(), Vec::new());
    for rule in rules {
        let [_, tls] = rule.split(',').collect::<Vec<_>>()[..] else { continue };
        let host = rule.split('/').next().unwrap_or_default();
        let secret = tls.split('=').nth(1).unwrap_or_default();
        if seen.contains(&host) {
            continue;
        }
        seen.push(host);
        let same = |entry: &&mut Value| entry["secretName"].as_str().unwrap_or_default() == secret;
        if let Some(entry) = entries.iter_mut().find(same) {
            match entry["hosts"].as_array_mut() {
                Some(hosts) => hosts.push(json!(host)),
                None => entry["hosts"] = json!([host]),
            }
            continue;
        }
        let mut entry = json!({});
        if !host.is_empty() {
            entry["hosts"] = json!([host]);
        }
        if !secret.is_empty() {
            entry["secretName"] = json!(secret);
        }
        if entry != json!({}) {
            entries.push(entry);
        }
    }
    entries
}

/// The rules: paths by host.
fn hosts(rules: &[String]) -> Vec<Value> {
    let mut entries: Vec<Value> = Vec::new();
    for rule in rules {
        let rule = rule.split(',').next().unwrap_or_default();
        let (host, rest) = rule.split_once('/').unwrap_or((rule, ""));
        let mut parts = rest.split('=');
        let (path, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let path = format!("/{path}");
        let (path, kind) = match path.strip_suffix('*') {
            Some(path) => (path, "Prefix"),
            None => (path.as_str(), "Exact"),
        };
        let path = json!({"path": path, "pathType": kind, "backend": backend(service)});
        let same = |entry: &&mut Value| entry["host"].as_str().unwrap_or_default() == host;
        if let Some(paths) = entries.iter_mut().find(same).and_then(|entry| entry["http"]["paths"].as_array_mut()) {
            paths.push(path);
            continue;
        }
        let mut entry = json!({"http": {"paths": [path]}});
        if !host.is_empty() {
            entry["host"] = json!(host);
        }
        entries.push(entry);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        assert!(RULE.is_match("foo.com/bar=svc:80,tls=cert") && RULE.is_match("/*=svc:http"));
        assert!(!RULE.is_match("foo.com=svc:80") && !RULE.is_match("foo.com/bar=svc"));
        let rules = ["foo.com/a*=x:80,tls=cert".to_string(), "foo.com/b=y:http".to_string()];
        assert_eq!(tls(&rules), [json!({"hosts": ["foo.com"], "secretName": "cert"})]);
        let hosts = hosts(&rules);
        assert_eq!(hosts.len(), 1);
        assert_eq!(hosts[0]["http"]["paths"][0]["pathType"], "Prefix");
        assert_eq!(hosts[0]["http"]["paths"][1]["backend"]["service"]["port"], json!({"name": "http"}));
    }
}
