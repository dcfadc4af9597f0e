//! Clients from kubeconfig files, as clientcmd finds and merges them (client-go: tools/clientcmd).

use super::{ClientSource, Connection, exec, validate};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::flags::Values;
use crate::resource::{go_error, parse_yaml};
use crate::text::quote;
use base64::Engine;
use kube::config::{
    AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext,
};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

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

async fn load(flags: &Values, env: &Environment) -> Result<Kubeconfig> {
    let (paths, explicit) = paths(flags, env);
    let mut merged = Kubeconfig::default();
    for path in paths {
        if let Some(next) = read(&path, explicit, env).await? {
            merged = merged.merge(next).map_err(|error| Error::msg(error.to_string()))?;
        }
    }
    Ok(merged)
}

/// One file, the paths in it relative to nothing; `None` if there is none.
async fn read(path: &Path, explicit: bool, env: &Environment) -> Result<Option<Kubeconfig>> {
    let shown = path.to_string_lossy();
    let wrong = |cause: String| Error::msg(format!("error loading config file {}: {cause}", quote(&shown)));
    let bytes = match env.files.read(path).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound && explicit => {
            return Err(Error::msg(go_error("stat", &shown, &error)));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::IsADirectory => {
            return Err(wrong(go_error("read", &shown, &error)));
        }
        Err(error) => return Err(wrong(go_error("open", &shown, &error))),
    };
    let text = String::from_utf8_lossy(&bytes);
    if text.trim().is_empty() {
        return Ok(Some(Kubeconfig::default()));
    }
    // Only the first document counts.
    let first = text.split("\n---").find(|part| !part.trim().is_empty()).unwrap_or_default();
    let value = parse_yaml(first).map_err(|error| wrong(format!("yaml: {error}")))?;
    let field = |name: &str, otherwise: &'static str| match value[name].as_str() {
        Some(text) if !text.is_empty() => text.to_string(),
        _ => otherwise.to_string(),
    };
    let (kind, version) = (field("kind", "Config"), field("apiVersion", "v1"));
    if (kind.as_str(), version.as_str()) != ("Config", "v1") {
        let (kind, version) = (quote(&kind), quote(&version));
        let scheme = "scheme \"pkg/runtime/scheme.go:111\"";
        return Err(wrong(format!("no kind {kind} is registered for version {version} in {scheme}")));
    }
    let mut config: Kubeconfig = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
    let directory = env.files.absolute(path).parent().map(Path::to_path_buf).unwrap_or_default();
    let absolute = |file: &mut Option<String>| {
        if let Some(file) = file.as_mut().filter(|file| !file.is_empty()) {
            *file = directory.join(&*file).to_string_lossy().into_owned();
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        absolute(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        absolute(&mut user.client_certificate);
        absolute(&mut user.client_key);
        absolute(&mut user.token_file);
    }
    Ok(Some(config))
}

/// The context, cluster and user that count, with the flags written over them.
async fn resolve(mut config: Kubeconfig, flags: &Values, env: &Environment) -> Result<Kubeconfig> {
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
    let cluster_name = context.cluster.clone();
    validate::check((&cluster_name, &cluster), (&user_name, &user), env).await?;
    inline(&mut cluster, &mut user, env).await;
    exec::apply(&mut user, &cluster, flags, env).await?;
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

/// Puts the contents of files in the place of their paths, which only the caller's file system knows.
async fn inline(cluster: &mut Cluster, user: &mut AuthInfo, env: &Environment) {
    let read = async |path: &mut Option<String>| {
        let file = path.take().filter(|file| !file.is_empty())?;
        let bytes = env.files.read(Path::new(&file)).await.ok()?;
        Some(base64::engine::general_purpose::STANDARD.encode(bytes))
    };
    // What cannot be read was refused before.
    if let Some(data) = read(&mut cluster.certificate_authority).await {
        cluster.certificate_authority_data = Some(data);
    }
    if let Some(data) = read(&mut user.client_certificate).await {
        user.client_certificate_data = Some(data);
    }
    if let Some(data) = read(&mut user.client_key).await {
        user.client_key_data = Some(data.into());
    }
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
    // Who proves it by the command line needs no plugin for it.
    if set("token").is_some() || set("username").is_some() || set("client-certificate").is_some() {
        user.exec = None;
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
        let loaded = load(flags, env).await?;
        let empty = loaded.clusters.is_empty() && loaded.contexts.is_empty() && flags.str("server").is_empty();
        let wants = |error: &dyn std::fmt::Display| Error::msg(error.to_string());
        let mut config = match empty.then(kube::Config::incluster_env) {
            Some(Ok(config)) => config,
            _ => {
                let resolved = resolve(loaded, flags, env).await?;
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
