//! `kubectl set env` (kubectl: pkg/cmd/set/set_env.go, pkg/cmd/set/env/env_parse.go).

use super::references::{Store, describe};
use super::{Outcome, Update, find_any, flags, selected_containers, validate_local, validate_selector};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::Info;
use crate::text::quote;
use apimachinery::names::is_env_var_name;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::io::AsyncReadExt;

pub(super) static COMMAND: Command = Command {
    name: "env",
    use_line: "env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    short: "Update environment variables on a pod template",
    long: "Set, remove or list the environment variables of containers in pods and pod templates.\n\n KEY=VALUE sets a variable, KEY- removes it, --from takes the keys of a config map or a secret as references. With \"-e -\" variables are read from standard input.\n\n Possible resources include (case insensitive):\n\n  pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)",
    example: "# One more variable for a deployment
kubectl set env deployment/registry STORAGE_DIR=/local

# What there is
kubectl set env deployment/registry --list

# All keys of a secret, and all of a config map with a prefix
kubectl set env --from=secret/mysecret deployment/myapp
kubectl set env --from=configmap/myconfigmap --prefix=MYSQL_ deployment/myapp

# Away with a variable, in one container of every deployment
kubectl set env deployments --all --containers=\"c1\" ENV-

# The shell's own variables
env | grep RAILS_ | kubectl set env -e - deployment/registry",
    flags: || {
        let mut flags = flags();
        flags.extend(common::filename("the resource to update the env"));
        flags.extend([
            common::selector(),
            Flag::bool("all", "If true, select all resources in the namespace of the specified resource types"),
            Flag::string("containers", "*", "The names of containers in the selected pod templates to change - may use wildcards").short('c'),
            Flag::string_array("env", "Specify a key-value pair for an environment variable to set into each container.").short('e'),
            Flag::string("from", "", "The name of a resource from which to inject environment variables"),
            Flag::string_slice("keys", "Comma-separated list of keys to import from specified resource"),
            Flag::bool("list", "If true, display the environment and any changes in the standard format. this flag will removed when we have kubectl view env."),
            Flag::bool("local", "If true, set env will NOT contact api-server but run locally."),
            Flag::bool("overwrite", "If true, allow environment to be overwritten, otherwise reject updates that overwrite existing environment.").default("true"),
            Flag::string("prefix", "", "Prefix to append to variable names"),
            Flag::bool("resolve", "If true, show secret or configmap references when listing variables"),
        ]);
        flags
    },
    class: |parsed| match parsed.values.bool("list") {
        true => Class::READS,
        false => Class::changes_unless_dry_run(parsed),
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// What is to become of the variables.
#[derive(Default)]
struct Changes {
    /// `EnvVar`s to set, in order.
    set: Vec<Value>,
    remove: Vec<String>,
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    validate_selector(cx)?;
    let (resources, words) = split(&cx.args)?;
    DryRun::of(cx)?;
    PrintFlags::of(cx, "").printer(cx).await?;
    validate_local(cx)?;
    let refuse = |text: &str| Err(Error::msg(text));
    if flags.strings("filename").is_empty() && resources.is_empty() {
        return refuse("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    if flags.bool("list") && !flags.str("output").is_empty() {
        return refuse("--list and --output may not be specified together");
    }
    if !flags.strings("keys").is_empty() && flags.str("from").is_empty() {
        return refuse("when specifying --keys, a configmap or secret must be provided with --from");
    }
    let specs: Vec<&str> = flags.strings("env").iter().chain(&words).map(String::as_str).collect();
    let mut changes = parse(cx, &specs).await?;
    if specs.contains(&"-") && flags.strings("filename").iter().any(|name| name == "-") {
        return refuse("standard input cannot be used for multiple arguments");
    }
    if !flags.str("from").is_empty() {
        let from = if flags.bool("local") { Vec::new() } else { vec![flags.str("from").to_string()] };
        for source in find_any(cx, &from, flags.str("selector")).await? {
            import(cx, &source, &mut changes.set)?;
        }
    }
    for variable in &mut changes.set {
        let name = format!("{}{}", flags.str("prefix"), variable["name"].as_str().unwrap_or_default());
        variable["name"] = json!(name);
    }
    let targets = if flags.bool("local") { Vec::new() } else { resources };
    let infos = find_any(cx, &targets, flags.str("selector")).await?;
    let mut outcomes = Vec::new();
    for info in infos {
        let outcome = set(cx, &info, &changes).await?;
        outcomes.push((info, outcome));
    }
    if flags.bool("list") {
        return Ok(());
    }
    let update =
        Update { done: "env updated", failed: "failed to patch env update to pod template:", even_unchanged: false };
    update.run(cx, outcomes, Vec::new()).await
}

/// Resources in front, variables behind (`SplitEnvironmentFromResources`).
fn split(args: &[String]) -> Result<(Vec<String>, Vec<String>)> {
    let is_variable = |arg: &String| arg.char_indices().any(|(at, c)| c == '=' && at > 0) || arg.ends_with('-');
    let first = args.iter().position(is_variable).unwrap_or(args.len());
    let (resources, variables) = args.split_at(first);
    if !variables.iter().all(is_variable) {
        let all = args.join(" ");
        return Err(Error::msg(format!("all resources must be specified before environment changes: {all}")));
    }
    Ok((resources.to_vec(), variables.to_vec()))
}

/// `KEY=VALUE`, `KEY-`, or `-` for standard input (`ParseEnv`).
async fn parse(cx: &Context, specs: &[&str]) -> Result<Changes> {
    let mut changes = Changes::default();
    let mut named = Vec::new();
    for spec in specs {
        if *spec == "-" {
            let mut text = String::new();
            cx.take_stdin().read_to_string(&mut text).await.map_err(|error| Error::msg(error.to_string()))?;
            for line in text.lines() {
                let line = line.split_once('#').map_or(line, |(line, _)| line);
                changes.set.extend(line.split_once('=').map(|(name, value)| variable(name, value)));
            }
        } else if let Some((name, value)) = spec.split_once('=') {
            let faults = is_env_var_name(name);
            if !faults.is_empty() {
                return Err(Error::msg(format!("{} is not a valid key name: {}", quote(name), faults.join(";"))));
            }
            named.push(name);
            changes.set.push(variable(name, value));
        } else if let Some(name) = spec.strip_suffix('-') {
            changes.remove.push(name.to_string());
        } else {
            return Err(Error::msg(format!("unknown environment variable: {spec}")));
        }
    }
    if changes.remove.iter().any(|name| named.contains(&name.as_str())) {
        return Err(Error::msg("can not both modify and remove the same environment variable in the same command"));
    }
    Ok(changes)
}

fn variable(name: &str, value: &str) -> Value {
    match value {
        "" => json!({"name": name}),
        value => json!({"name": name, "value": value}),
    }
}

/// References to the keys of a config map or a secret.
fn import(cx: &Context, source: &Info, set: &mut Vec<Value>) -> Result<()> {
    let field = match (source.mapping.group.as_str(), source.mapping.kind.as_str()) {
        ("", "Secret") => "secretKeyRef",
        ("", "ConfigMap") => "configMapKeyRef",
        _ => return Err(Error::msg("unsupported resource specified in --from")),
    };
    let wanted = cx.flags.strings("keys");
    for key in source.object["data"].as_object().into_iter().flat_map(|data| data.keys()) {
        if !wanted.is_empty() && !wanted.contains(key) {
            continue;
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_uppercase() } else { '_' };
        let name: String = key.chars().map(plain).collect();
        if name != *key {
            cx.warn(&format!("key {key} transferred to {name}"))?;
        }
        set.push(json!({"name": name, "valueFrom": {field: {"name": source.name, "key": key}}}));
    }
    Ok(())
}

/// Changes the variables of an object's containers, and lists them if asked to.
async fn set(cx: &Context, info: &Info, changes: &Changes) -> Result<Outcome> {
    let pattern = cx.flags.str("containers");
    let mut object = info.object.clone();
    let containers = match selected_containers(info, &mut object, pattern) {
        Ok(containers) => containers,
        Err(why) => return Ok(Err(why)),
    };
    if containers.is_empty() {
        let (kind, name) = (&info.mapping.kind, &info.name);
        cx.warn(&format!("{kind}/{name} does not have any containers matching {}", quote(pattern)))?;
    }
    let mut store = Store::default();
    let mut unresolved = false;
    for container in containers {
        let existing = container["env"].as_array().cloned().unwrap_or_default();
        if !cx.flags.bool("overwrite")
            && let Some(why) = overwritten(&existing, &changes.set)
        {
            return Ok(Err(why));
        }
        container["env"] = Value::Array(updated(&existing, changes));
        if cx.flags.bool("list") {
            unresolved |= !list(cx, info, container, &mut store).await?;
        }
        if container["env"].as_array().is_some_and(Vec::is_empty)
            && let Some(container) = container.as_object_mut()
        {
            container.remove("env");
        }
    }
    if unresolved {
        return Ok(Err("failed to retrieve valueFrom references".into()));
    }
    Ok(Ok(Some(object)))
}

fn find_variable<'a>(variables: &'a [Value], name: &Value) -> Option<&'a Value> {
    variables.iter().find(|variable| variable["name"] == *name)
}

/// Which variable would be overwritten (`validateNoOverwrites`).
fn overwritten(existing: &[Value], set: &[Value]) -> Option<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    set.iter().find_map(|variable| {
        let current = find_variable(existing, &variable["name"])?;
        let (was, is) = (text(&current["value"]), text(&variable["value"]));
        let name = text(&current["name"]);
        (was != is).then(|| format!("'{name}' already has a value ({was}), and --overwrite is false"))
    })
}

/// The variables after the changes, in their old order (`updateEnv`).
fn updated(existing: &[Value], changes: &Changes) -> Vec<Value> {
    let mut covered: Vec<Value> = changes.remove.iter().map(|name| json!(name)).collect();
    let mut out = Vec::new();
    for variable in existing.iter().chain(&changes.set) {
        let name = &variable["name"];
        if covered.contains(name) {
            continue;
        }
        match find_variable(&changes.set, name) {
            Some(newer) => {
                covered.push(name.clone());
                out.push(newer.clone());
            }
            None => out.push(variable.clone()),
        }
    }
    out
}

/// Prints a container's variables; false if a reference could not be followed.
async fn list(cx: &Context, info: &Info, container: &Value, store: &mut Store) -> Result<bool> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    writeln!(cx.out, "# {} {}, container {}", info.mapping.kind, info.name, text(&container["name"]))?;
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for variable in container["env"].as_array().into_iter().flatten() {
        let (name, from) = (text(&variable["name"]), &variable["valueFrom"]);
        if !from.is_object() {
            writeln!(cx.out, "{name}={}", text(&variable["value"]))?;
            continue;
        }
        if cx.flags.bool("resolve") {
            match store.value(cx, from, &info.object, container).await {
                Ok(value) => {
                    writeln!(cx.out, "{name}={value}")?;
                    continue;
                }
                Err(error) => failures.entry(error.to_string()).or_default().push(name.clone()),
            }
        }
        writeln!(cx.out, "# {name} from {}", describe(from))?;
    }
    let mut lines: Vec<String> = Vec::new();
    for (error, names) in &mut failures {
        names.sort();
        lines.push(format!("error retrieving reference for {}: {error}", names.join(", ")));
    }
    lines.sort();
    for line in &lines {
        writeln!(cx.err, "{line}")?;
    }
    Ok(lines.is_empty())
}
