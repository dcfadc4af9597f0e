//! What must be right of a cluster and a user before a request is sent (client-go: tools/clientcmd/validation.go).

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::resource::go_error;
use crate::text::quote;
use kube::config::{AuthInfo, Cluster};
use std::path::Path;

/// The faults of both: one as itself, several after `Error in configuration: `.
pub(super) async fn check(
    (cluster_name, cluster): (&str, &Cluster),
    (user_name, user): (&str, &AuthInfo),
    env: &Environment,
) -> Result<()> {
    let mut faults = user_faults(user_name, user, env).await;
    faults.extend(cluster_faults(cluster_name, cluster, env).await);
    match faults.len() {
        0 => Ok(()),
        1 => Err(Error::msg(faults.remove(0))),
        _ => {
            let lines: String = faults.iter().map(|fault| format!("\n* {fault}")).collect();
            Err(Error::Configuration(lines))
        }
    }
}

fn set(field: &Option<String>) -> Option<&str> {
    field.as_deref().filter(|text| !text.is_empty())
}

async fn unreadable(path: &str, env: &Environment) -> Option<String> {
    let read = env.files.read(Path::new(path)).await;
    read.err().map(|error| go_error("open", path, &error))
}

async fn user_faults(name: &str, user: &AuthInfo, env: &Environment) -> Vec<String> {
    let (mut faults, mut methods) = (Vec::new(), Vec::new());
    if user.token.is_some() {
        methods.push("token");
    }
    if set(&user.username).is_some() || user.password.is_some() {
        methods.push("basicAuth");
    }
    let certificate = set(&user.client_certificate);
    if certificate.is_some() || set(&user.client_certificate_data).is_some() {
        if set(&user.client_key).is_none() && user.client_key_data.is_none() {
            faults.push(format!(
                "client-key-data or client-key must be specified for {name} to use the clientCert authentication method."
            ));
        }
        for (what, path) in [("client-cert", certificate), ("client-key", set(&user.client_key))] {
            if let Some(path) = path
                && let Some(cause) = unreadable(path, env).await
            {
                faults.push(format!("unable to read {what} {path} for {name} due to {cause}"));
            }
        }
    }
    if let Some(exec) = &user.exec {
        let mut missing = |field: &str| {
            faults.push(format!("{field} must be specified for {name} to use exec authentication plugin"));
        };
        if exec.command.as_deref().unwrap_or_default().is_empty() {
            missing("command");
        }
        match exec.api_version.as_deref().unwrap_or_default() {
            "" => missing("apiVersion"),
            "client.authentication.k8s.io/v1" if exec.interactive_mode.is_none() => missing("interactiveMode"),
            _ => {}
        }
    }
    if methods.len() > 1 {
        let methods = methods.join(" ");
        let text =
            format!("more than one authentication method found for {name}; found [{methods}], only one is allowed");
        faults.push(text);
    }
    let others = user.impersonate_uid.is_some()
        || user.impersonate_groups.as_ref().is_some_and(|groups| !groups.is_empty())
        || user.impersonate_user_extra.as_ref().is_some_and(|extra| !extra.is_empty());
    if others && set(&user.impersonate).is_none() {
        faults.push(format!("requesting uid, groups or user-extra for {name} without impersonating a user"));
    }
    faults
}

async fn cluster_faults(name: &str, cluster: &Cluster, env: &Environment) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(proxy) = set(&cluster.proxy_url) {
        let scheme = proxy.split_once("://").map_or("", |(scheme, _)| scheme);
        if !["http", "https", "socks5"].contains(&scheme) {
            let (proxy, name, scheme) = (quote(proxy), quote(name), quote(scheme));
            let must = "must be http, https, or socks5";
            faults.push(format!("invalid 'proxy-url' {proxy} for cluster {name}: unsupported scheme {scheme}, {must}"));
        }
    }
    if let Some(path) = set(&cluster.certificate_authority)
        && let Some(cause) = unreadable(path, env).await
    {
        faults.push(format!("unable to read certificate-authority {path} for {name} due to {cause}"));
    }
    faults
}
