//! `kubectl config set-credentials` (kubectl: pkg/cmd/config/set_credentials.go).

use super::file::{Kubeconfig, certificate, stat};
use super::types::{AuthProvider, Exec, NamedUser, User};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::text::quote;
use crate::verbs::pairs;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    name: "set-credentials",
    use_line: "set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]",
    short: "Set a user entry in kubeconfig",
    long: "Create a user in kubeconfig, or change the given fields of one that exists.\n\n   Client-certificate flags:\n   --client-certificate=certfile --client-key=keyfile\n   \n   Bearer token flags:\n   --token=bearer_token\n   \n   Basic auth flags:\n   --username=basic_user --password=basic_password\n   \n A token and a password exclude each other.",
    example: "# Only the key of the user cluster-admin\nkubectl config set-credentials cluster-admin --client-key=~/.kube/admin.key\n\n# Put the certificate into the file itself\nkubectl config set-credentials cluster-admin --client-certificate=~/.kube/admin.crt --embed-certs=true\n\n# A program that prints credentials, its arguments, its variables\nkubectl config set-credentials cluster-admin --exec-command=/path/to/the/executable --exec-api-version=client.authentication.k8s.io/v1beta1\nkubectl config set-credentials cluster-admin --exec-arg=arg1 --exec-arg=arg2\nkubectl config set-credentials cluster-admin --exec-env=key1=val1 --exec-env=var-to-remove-",
    flags,
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    vec![
        Flag::string("client-certificate", "", "Path to client-certificate file for the user entry in kubeconfig"),
        Flag::string("client-key", "", "Path to client-key file for the user entry in kubeconfig"),
        Flag::string("token", "", "token for the user entry in kubeconfig"),
        Flag::string("username", "", "username for the user entry in kubeconfig"),
        Flag::string("password", "", "password for the user entry in kubeconfig"),
        Flag::string("auth-provider", "", "Auth provider for the user entry in kubeconfig"),
        Flag::string_slice("auth-provider-arg", "'key=value' arguments for the auth provider"),
        Flag::string("exec-command", "", "Command for the exec credential plugin for the user entry in kubeconfig"),
        Flag::string(
            "exec-api-version",
            "",
            "API version of the exec credential plugin for the user entry in kubeconfig",
        ),
        Flag::string(
            "exec-interactive-mode",
            "",
            "InteractiveMode of the exec credentials plugin for the user entry in kubeconfig",
        ),
        Flag::bool(
            "exec-provide-cluster-info",
            "ProvideClusterInfo of the exec credentials plugin for the user entry in kubeconfig",
        ),
        Flag::string_slice(
            "exec-arg",
            "New arguments for the exec credential plugin command for the user entry in kubeconfig",
        ),
        Flag::string_array("exec-env", "'key=value' environment values for the exec credential plugin"),
        Flag::bool("embed-certs", "Embed client cert/key for the user entry in kubeconfig"),
    ]
}

/// `KEY=VALUE` and `KEY-`.
type Pairs = (BTreeMap<String, String>, Vec<String>);

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let (name, provider, env) = match complete(cx) {
        Ok(completed) => completed,
        Err(error) => {
            write!(cx.out, "{}", crate::help::help(cx.command, &cx.path))?;
            return Err(error);
        }
    };
    if name.is_empty() {
        return Err(Error::msg("you must specify a non-empty user name"));
    }
    let basic = !flags.str("username").is_empty() || !flags.str("password").is_empty();
    if !flags.str("token").is_empty() && basic {
        return Err(Error::msg(
            "you cannot specify more than one authentication method at the same time: --token, --username/--password",
        ));
    }
    if flags.bool("embed-certs") {
        let files = ["client-certificate", "client-key"].map(|flag| (flag, flags.str(flag)));
        if files.iter().all(|(_, path)| path.is_empty()) {
            return Err(Error::msg("you must specify a --client-certificate or --client-key to embed"));
        }
        for (flag, path) in files.iter().filter(|(_, path)| !path.is_empty()) {
            stat(cx, flag, path).await?;
        }
    }
    let mode = flags.str("exec-interactive-mode");
    if flags.changed("exec-interactive-mode") && !["IfAvailable", "Always", "Never"].contains(&mode) {
        return Err(Error::msg("invalid interactive mode type, can be only IfAvailable, Never, Always"));
    }
    let kubeconfig = Kubeconfig::load(cx).await?;
    let mut wanted = kubeconfig.config.clone();
    if !wanted.users.iter().any(|entry| entry.name == name) {
        wanted.users.push(NamedUser { name: name.clone(), ..NamedUser::default() });
    }
    for entry in wanted.users.iter_mut().filter(|entry| entry.name == name) {
        change(cx, &mut entry.user).await;
        change_provider(cx, &mut entry.user, &provider);
        change_exec(cx, &mut entry.user, &env);
    }
    kubeconfig.modify(cx, wanted, true).await?;
    writeln!(cx.out, "User {} set.", quote(&name))?;
    Ok(())
}

fn complete(cx: &Context) -> Result<(String, Pairs, Pairs)> {
    let [name] = cx.args.as_slice() else {
        return Err(Error::msg(format!("unexpected args: [{}]", cx.args.join(" "))));
    };
    let provider = pairs::parse(cx.flags.strings("auth-provider-arg"), "auth-provider-arg", true)?;
    let env = pairs::parse(cx.flags.strings("exec-env"), "exec-env", true)?;
    Ok((name.clone(), provider, env))
}

async fn change(cx: &Context, user: &mut User) {
    let flags = &cx.flags;
    if flags.changed("client-certificate") {
        let (path, data) = (&mut user.client_certificate, &mut user.client_certificate_data);
        certificate(cx, "client-certificate", path, data).await;
    }
    if flags.changed("client-key") {
        certificate(cx, "client-key", &mut user.client_key, &mut user.client_key_data).await;
    }
    let given = |flag: &str| Some(flags.str(flag).to_string()).filter(|text| !text.is_empty());
    if flags.changed("token") {
        user.token = given("token");
    }
    if flags.changed("username") {
        user.username = given("username");
    }
    if flags.changed("password") {
        user.password = given("password");
    }
    // One way to prove who one is takes the place of another.
    if given("token").is_some() {
        user.username = None;
        user.password = None;
    } else if given("username").is_some() || given("password").is_some() {
        user.token = None;
    }
}

fn change_provider(cx: &Context, user: &mut User, (set, remove): &Pairs) {
    let name = cx.flags.str("auth-provider");
    if cx.flags.changed("auth-provider") && user.auth_provider.as_ref().is_none_or(|old| old.name != name) {
        user.auth_provider = Some(AuthProvider { name: name.into(), config: None });
    }
    let Some(provider) = &mut user.auth_provider else { return };
    let mut config = provider.config.take().unwrap_or_default();
    config.retain(|key, _| !remove.contains(key));
    config.extend(set.clone());
    provider.config = (!config.is_empty()).then_some(config);
}

fn change_exec(cx: &Context, user: &mut User, (set, remove): &Pairs) {
    let flags = &cx.flags;
    if flags.changed("exec-command") {
        let exec = user.exec.get_or_insert_with(Exec::default);
        exec.command = flags.str("exec-command").into();
        exec.args = Value::Null;
    }
    let Some(exec) = &mut user.exec else { return };
    if flags.changed("exec-api-version") {
        exec.api_version = flags.str("exec-api-version").into();
    }
    if !flags.strings("exec-arg").is_empty() {
        exec.args = json!(flags.strings("exec-arg"));
    }
    if flags.changed("exec-interactive-mode") {
        exec.interactive_mode = flags.str("exec-interactive-mode").into();
    }
    if flags.changed("exec-provide-cluster-info") {
        exec.provide_cluster_info = flags.bool("exec-provide-cluster-info");
    }
    if set.is_empty() && remove.is_empty() {
        return;
    }
    let mut env = exec.env.as_array().cloned().unwrap_or_default();
    env.retain(|variable| !remove.iter().any(|name| variable["name"] == name.as_str()));
    for (name, value) in set {
        match env.iter_mut().find(|variable| variable["name"] == name.as_str()) {
            Some(variable) => variable["value"] = json!(value),
            None => env.push(json!({"name": name, "value": value})),
        }
    }
    exec.env = if env.is_empty() { Value::Null } else { Value::Array(env) };
}
