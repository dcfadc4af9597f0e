//! Clients from kubeconfig files, as clientcmd finds and merges them (client-go: tools/clientcmd).

use super::{ClientSource, Connection};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::flags::Values;
use crate::text::quote;
use kube::config::{
    AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext,
};
use std::path::PathBuf;

/// Reads `--kubeconfig`, `$KUBECONFIG` (a list) or `~/.kube/config`, and applies the flags.
#[derive(Debug, Clone, Copy, Default)]
pub struct KubeconfigClients;

/// The kubeconfig files that the flags and variables name, and whether `--kubeconfig` did.
pub fn paths(flags: &Values, env: &Environment) -> (Vec<PathBuf>, bool) {
    let explicit = flags.str("kubeconfig");
    if !explicit.is_empty() {
        return (vec![PathBuf::from(explicit)], true);
    }
    if let Some(list) = env.var("KUBECONFIG") {
        let mut found = Vec::new();
        for path in list.split(':').filter(|path| !path.is_empty()).map(PathBuf::from) {
            if !found.contains(&path) {
                found.push(path);
            }
        }
        return (found, false);
    }
    let home = env.var("HOME").map(PathBuf::from).unwrap_or_default();
    (vec![home.join(".kube/config")], false)
}

fn load(flags: &Values, env: &Environment) -> Result<Kubeconfig> {
    let (paths, explicit) = paths(flags, env);
    let mut merged = Kubeconfig::default();
    for path in paths {
        if !path.exists() {
            if explicit {
                return Err(Error::msg(format!("stat {}: no such file or directory", path.display())));
            }
            continue;
        }
        let read = |error| Error::msg(format!("error loading config file {}: {error}", quote(&path.to_string_lossy())));
        let next = Kubeconfig::read_from(&path).map_err(read)?;
        merged = merged.merge(next).map_err(|error| Error::msg(error.to_string()))?;
    }
    Ok(merged)
}

/// The context, cluster and user that count, with the flags written over them.
fn resolve(mut config: Kubeconfig, flags: &Values) -> Result<Kubeconfig> {
    let set = |name: &str| Some(flags.str(name)).filter(|text| !text.is_empty()).map(String::from);
    let wanted = set("context").or(config.current_context.take()).filter(|name| !name.is_empty());
    let mut context = Context::default();
    if let Some(name) = &wanted {
        let found = config.contexts.iter().find(|context| &context.name == name);
        match found.and_then(|found| found.context.clone()) {
            Some(found) => context = found,
            None => return Err(Error::Configuration(format!("context was not found for specified context: {name}"))),
        }
    }
    if let Some(name) = set("cluster") {
        if !config.clusters.iter().any(|cluster| cluster.name == name) {
            return Err(Error::msg(format!("no server found for cluster {}", quote(&name))));
        }
        context.cluster = name;
    }
    if let Some(name) = set("user") {
        if !config.auth_infos.iter().any(|user| user.name == name) {
            return Err(Error::msg(format!("auth info {} does not exist", quote(&name))));
        }
        context.user = Some(name);
    }
    let named = config.clusters.into_iter().find(|cluster| cluster.name == context.cluster);
    let mut cluster = named.and_then(|named| named.cluster).unwrap_or_default();
    let user_name = context.user.clone().unwrap_or_default();
    let user = config.auth_infos.into_iter().find(|user| user.name == user_name);
    let mut user = user.and_then(|named| named.auth_info).unwrap_or_default();
    apply_cluster(&mut cluster, flags);
    apply_user(&mut user, flags);
    let name = String::from("kubectl");
    context.cluster = name.clone();
    context.user = Some(name.clone());
    if let Some(namespace) = set("namespace") {
        context.namespace = Some(namespace);
    }
    Ok(Kubeconfig {
        clusters: vec![NamedCluster { name: name.clone(), cluster: Some(cluster), ..Default::default() }],
        auth_infos: vec![NamedAuthInfo { name: name.clone(), auth_info: Some(user), ..Default::default() }],
        contexts: vec![NamedContext { name: name.clone(), context: Some(context), ..Default::default() }],
        current_context: Some(name),
        ..Default::default()
    })
}

fn apply_cluster(cluster: &mut Cluster, flags: &Values) {
    let set = |name: &str| Some(flags.str(name)).filter(|text| !text.is_empty()).map(String::from);
    if let Some(server) = set("server") {
        let with_scheme = if server.contains("://") { server } else { format!("http://{server}") };
        cluster.server = Some(with_scheme);
    }
    if let Some(authority) = set("certificate-authority") {
        cluster.certificate_authority = Some(authority);
        cluster.certificate_authority_data = None;
    }
    if let Some(name) = set("tls-server-name") {
        cluster.tls_server_name = Some(name);
    }
    if flags.bool("insecure-skip-tls-verify") {
        cluster.insecure_skip_tls_verify = Some(true);
        cluster.certificate_authority = None;
        cluster.certificate_authority_data = None;
    }
    if let Some(proxy) = set("proxy-url") {
        cluster.proxy_url = Some(proxy);
    }
    if cluster.server.as_deref().unwrap_or_default().is_empty() {
        cluster.server = Some("http://localhost:8080".into());
    }
}

fn apply_user(user: &mut AuthInfo, flags: &Values) {
    let set = |name: &str| Some(flags.str(name)).filter(|text| !text.is_empty()).map(String::from);
    if let Some(token) = set("token") {
        user.token = Some(token.into());
        user.token_file = None;
    }
    if let Some(name) = set("username") {
        user.username = Some(name);
    }
    if let Some(password) = set("password") {
        user.password = Some(password.into());
    }
    if let Some(path) = set("client-certificate") {
        user.client_certificate = Some(path);
        user.client_certificate_data = None;
    }
    if let Some(path) = set("client-key") {
        user.client_key = Some(path);
        user.client_key_data = None;
    }
    if let Some(name) = set("as") {
        user.impersonate = Some(name);
    }
    if let Some(uid) = set("as-uid") {
        user.impersonate_uid = Some(uid);
    }
    if !flags.strings("as-group").is_empty() {
        user.impersonate_groups = Some(flags.strings("as-group").to_vec());
    }
    for extra in flags.strings("as-user-extra") {
        if let Some((key, value)) = extra.split_once('=') {
            let extras = user.impersonate_user_extra.get_or_insert_default();
            extras.entry(key.to_string()).or_default().push(value.to_string());
        }
    }
}

#[async_trait::async_trait]
impl ClientSource for KubeconfigClients {
    async fn connect(&self, flags: &Values, env: &Environment) -> Result<Connection> {
        let loaded = load(flags, env)?;
        let empty = loaded.clusters.is_empty() && loaded.contexts.is_empty() && flags.str("server").is_empty();
        let wants = |error: &dyn std::fmt::Display| Error::msg(error.to_string());
        let mut config = match empty.then(kube::Config::incluster_env) {
            Some(Ok(config)) => config,
            _ => {
                let resolved = resolve(loaded, flags)?;
                let options = KubeConfigOptions::default();
                kube::Config::from_custom_kubeconfig(resolved, &options).await.map_err(|error| wants(&error))?
            }
        };
        // Go has no time-out of its own on a connection that is up; a watch may be silent for minutes.
        config.read_timeout = None;
        config.write_timeout = None;
        let server = config.cluster_url.to_string();
        let namespace = match flags.str("namespace") {
            "" => config.default_namespace.clone(),
            given => given.to_string(),
        };
        let client = kube::Client::try_from(config).map_err(|error| wants(&error))?;
        Ok(Connection { client, namespace, server })
    }
}
