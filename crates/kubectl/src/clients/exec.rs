//! Credential plugins: programs that print a token or a certificate (client-go: plugin/pkg/client/auth/exec/exec.go).

use crate::environment::Environment;
use crate::error::{ConnectionError, Error, Result};
use crate::flags::Values;
use crate::preferences::{Preference, load, location};
use crate::text::quote;
use base64::Engine;
use kube::config::{AuthInfo, Cluster, ExecConfig, ExecInteractiveMode};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const HELP: &str = "\n\nIt looks like you are trying to use a client-go credential plugin that is not installed.\n\nTo learn more about this feature, consult the documentation available at:\n      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";

/// Runs the user's plugin, where there is nothing else to prove who the user is, and puts its answer in its place.
pub(super) async fn apply(user: &mut AuthInfo, cluster: &Cluster, flags: &Values, env: &Environment) -> Result<()> {
    let Some(exec) = user.exec.take() else { return Ok(()) };
    let certificate = user.client_certificate.is_some() || user.client_certificate_data.is_some();
    if user.token.is_some() || user.username.is_some() || certificate {
        return Ok(());
    }
    let status = match run(&exec, cluster, flags, env).await {
        Ok(status) => status,
        Err(cause) => {
            let host = String::new();
            let text = format!("getting credentials: {cause}");
            return Err(Error::Connection(Box::new(ConnectionError {
                host,
                refused: false,
                request: String::new(),
                text,
            })));
        }
    };
    let text = |field: &str| status[field].as_str().filter(|text| !text.is_empty()).map(String::from);
    user.token = text("token").map(Into::into);
    let encode = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    user.client_certificate_data = text("clientCertificateData").map(encode);
    user.client_key_data = text("clientKeyData").map(|text| encode(text).into());
    Ok(())
}

/// The plugin's `status`.
async fn run(exec: &ExecConfig, cluster: &Cluster, flags: &Values, env: &Environment) -> Result<Value, String> {
    let api_version = exec.api_version.clone().unwrap_or_default();
    let name = exec.command.clone().unwrap_or_default();
    let interactive =
        interactive(exec, flags).map_err(|why| format!("exec plugin cannot support interactive mode: {why}"))?;
    let mut info = json!({"kind": "ExecCredential", "apiVersion": api_version, "spec": {"interactive": interactive}});
    if exec.provide_cluster_info {
        info["spec"]["cluster"] = json!({
            "server": cluster.server,
            "tls-server-name": cluster.tls_server_name,
            "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
            "certificate-authority-data": cluster.certificate_authority_data,
        });
    }
    let found = look_up(&name, env).await;
    allowed(&name, found.as_deref(), flags, env).await?;
    let mut command = tokio::process::Command::new(found.as_deref().unwrap_or(Path::new(&name)));
    command.args(exec.args.iter().flatten()).envs(env.vars.iter()).env("KUBERNETES_EXEC_INFO", info.to_string());
    for variable in exec.env.iter().flatten() {
        if let (Some(key), Some(value)) = (variable.get("name"), variable.get("value")) {
            command.env(key, value);
        }
    }
    let stdin = if interactive { Stdio::inherit() } else { Stdio::null() };
    let output = command.stdin(stdin).stderr(Stdio::inherit()).output().await;
    let output = output.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("exec: executable {name} not found{HELP}"),
        _ => format!("exec: {error}"),
    })?;
    if !output.status.success() {
        let code = output.status.code().unwrap_or(-1);
        return Err(format!("exec: executable {name} failed with exit code {code}"));
    }
    decode(&output.stdout, &api_version)
}

fn decode(stdout: &[u8], wanted: &str) -> Result<Value, String> {
    let mut answer: Value = serde_json::from_slice(stdout).map_err(|_| {
        let first = String::from_utf8_lossy(stdout).trim_start().chars().next();
        let cause = match first {
            Some(first) => format!("invalid character '{first}' looking for beginning of value"),
            None => "unexpected end of JSON input".into(),
        };
        format!("decoding stdout: couldn't get version/kind; json parse error: {cause}")
    })?;
    let version = answer["apiVersion"].as_str().unwrap_or_default();
    if version != wanted {
        let text = "exec plugin is configured to use API version";
        return Err(format!("{text} {wanted}, plugin returned version {version}"));
    }
    let status = answer["status"].take();
    if !status.is_object() {
        return Err("exec plugin didn't return a status field".into());
    }
    let has = |field: &str| status[field].as_str().is_some_and(|text| !text.is_empty());
    let (certificate, key) = (has("clientCertificateData"), has("clientKeyData"));
    if !has("token") && !certificate && !key {
        return Err("exec plugin didn't return a token or cert/key pair".into());
    }
    if certificate != key {
        return Err("exec plugin returned only certificate or key, not both".into());
    }
    Ok(status)
}

/// Whether the plugin may talk to the user.
fn interactive(exec: &ExecConfig, flags: &Values) -> Result<bool, String> {
    let terminal = std::io::stdin().is_terminal();
    let used = flags.reads_stdin();
    match exec.interactive_mode {
        Some(ExecInteractiveMode::Never) => Ok(false),
        Some(ExecInteractiveMode::Always) if !terminal => Err("standard input is not a terminal".into()),
        Some(ExecInteractiveMode::Always) if used => {
            Err("standard input is unavailable: used by stdin resource manifest reader".into())
        }
        Some(ExecInteractiveMode::Always) => Ok(true),
        _ => Ok(terminal && !used),
    }
}

/// The program's path (`exec.LookPath`).
async fn look_up(name: &str, env: &Environment) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(env.files.absolute(Path::new(name)));
    }
    for directory in env.var("PATH").unwrap_or_default().split(':').filter(|path| !path.is_empty()) {
        let path = Path::new(directory).join(name);
        if env.files.executable(&path).await.unwrap_or(false) {
            return Some(path);
        }
    }
    None
}

/// What the user's preferences say of credential plugins (`updateCommandAndCheckAllowlistLocked`).
async fn allowed(name: &str, found: Option<&Path>, flags: &Values, env: &Environment) -> Result<(), String> {
    let Some(preference) = preference(flags, env).await else { return Ok(()) };
    if preference.credential_plugin_policy == "DenyAll" {
        return Err(format!("plugin {} not allowed: policy set to \"DenyAll\"", quote(name)));
    }
    if preference.credential_plugin_policy != "Allowlist" {
        return Ok(());
    }
    let path = found.map_or_else(|| name.to_string(), |path| path.to_string_lossy().into_owned());
    for entry in preference.credential_plugin_allowlist.iter().flatten() {
        let same = |other: &Path| Some(other) == found;
        if entry.command == name
            || entry.command == path
            || look_up(&entry.command, env).await.as_deref().is_some_and(same)
        {
            return Ok(());
        }
    }
    if found.is_none() {
        let cause = format!("exec: {}: executable file not found in $PATH", quote(name));
        let path = quote(&path);
        return Err(format!("plugin path {path} cannot be resolved for credential plugin allowlist check: {cause}"));
    }
    Err(format!("plugin path {} is not permitted by the credential plugin allowlist", quote(&path)))
}

/// The preferences; what is wrong with them was told before the command began.
async fn preference(flags: &Values, env: &Environment) -> Option<Preference> {
    if env.var("KUBECTL_KUBERC") == Some("false") {
        return None;
    }
    let (path, _) = location(flags.str("kuberc"), env).ok()??;
    load(&path, env).await.ok()??.preference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_looked_at() {
        let version = "client.authentication.k8s.io/v1";
        let error = |text: &str| decode(text.as_bytes(), version).err().unwrap_or_default();
        assert!(error("abc").ends_with("json parse error: invalid character 'a' looking for beginning of value"));
        let other = r#"{"apiVersion": "client.authentication.k8s.io/v1beta1"}"#;
        assert!(error(other).ends_with("plugin returned version client.authentication.k8s.io/v1beta1"));
        let answer = |status: &str| format!(r#"{{"apiVersion": "{version}", "status": {status}}}"#);
        assert_eq!(error(&answer("{}")), "exec plugin didn't return a token or cert/key pair");
        assert_eq!(decode(answer(r#"{"token": "x"}"#).as_bytes(), version).unwrap()["token"], "x");
    }
}
