//! What may follow on a command line (kubectl: pkg/util/completion/completion.go; spf13/cobra: completions.go).

use crate::cobra;
use crate::command::{Command, Context};
use crate::environment::Environment;
use crate::error::Result;
use crate::flags::{self, Flag};
use crate::io::Io;
use crate::request::Call;

/// Nothing but the answers.
const NO_FILES: u8 = 4;
/// The answers are endings of files.
const ENDINGS: u8 = 8;
/// Files, as the shell completes them.
const DEFAULT: u8 = 0;

/// Verbs whose first argument is a type, and which types those are; empty for all.
const TYPES: &[(&str, &[&str])] = &[
    ("kubectl annotate", &[]),
    ("kubectl autoscale", &["deployment", "replicaset", "replicationcontroller", "statefulset"]),
    ("kubectl delete", &[]),
    ("kubectl describe", &[]),
    ("kubectl edit", &[]),
    ("kubectl explain", &[]),
    ("kubectl expose", &["deployment", "pod", "replicaset", "replicationcontroller", "service"]),
    ("kubectl get", &[]),
    ("kubectl label", &[]),
    ("kubectl patch", &[]),
    ("kubectl rollout history", &["deployment", "daemonset", "statefulset"]),
    ("kubectl rollout pause", &["deployment"]),
    ("kubectl rollout restart", &["deployment", "daemonset", "statefulset"]),
    ("kubectl rollout resume", &["deployment"]),
    ("kubectl rollout status", &["deployment", "daemonset", "statefulset"]),
    ("kubectl rollout undo", &["deployment", "daemonset", "statefulset"]),
    ("kubectl scale", &["deployment", "replicaset", "replicationcontroller", "statefulset"]),
    ("kubectl taint", &["node"]),
    ("kubectl wait", &[]),
];

/// Verbs whose arguments are names of objects of one type.
const NAMES: &[(&str, &str)] = &[
    ("kubectl attach", "pods"),
    ("kubectl certificate approve", "certificatesigningrequests"),
    ("kubectl certificate deny", "certificatesigningrequests"),
    ("kubectl cordon", "nodes"),
    ("kubectl cp", "pods"),
    ("kubectl debug", "pods"),
    ("kubectl drain", "nodes"),
    ("kubectl exec", "pods"),
    ("kubectl logs", "pods"),
    ("kubectl port-forward", "pods"),
    ("kubectl top node", "nodes"),
    ("kubectl top pod", "pods"),
    ("kubectl uncordon", "nodes"),
];

/// Answers, each with a description that may be empty, and what a shell is to do with them.
type Candidates = (Vec<(String, String)>, u8);

/// `kubectl __complete WORD…`: the last word is the one that is being typed.
pub(crate) async fn complete(
    root: &'static Command,
    words: &[String],
    describe: bool,
    env: &Environment,
    io: Io,
) -> Result<()> {
    let Some((typed, words)) = words.split_last() else { return Ok(()) };
    let (stdout, stderr) = (io.stdout.clone(), io.stderr.clone());
    let (answers, directive) = match cobra::locate(root, words) {
        Some(located) => {
            // What cannot be parsed yet (a flag without its value) does not keep the rest from being understood.
            let flags = cobra::all_flags(located.command);
            let end = located.rest.len() - usize::from(awaiting(&flags, &located.rest).is_some());
            let parsed = flags::parse(&flags, &located.rest[..end], true).unwrap_or_default();
            let parsed = if parsed.values.has("namespace") {
                parsed
            } else {
                flags::parse(&flags, &[], true).unwrap_or_default()
            };
            let cx = Context::new(env.clone(), io, located.command, located.path, parsed);
            // An unreachable server has no names to offer.
            candidates(&cx, &flags, awaiting(&flags, &located.rest), typed).await.unwrap_or((Vec::new(), NO_FILES))
        }
        None => (Vec::new(), DEFAULT),
    };
    for (answer, description) in
        answers.iter().filter(|(answer, _)| directive == ENDINGS || answer.starts_with(typed.as_str()))
    {
        match describe && !description.is_empty() {
            true => writeln!(stdout, "{answer}\t{description}")?,
            false => writeln!(stdout, "{answer}")?,
        }
    }
    writeln!(stdout, ":{directive}")?;
    let name = match directive {
        NO_FILES => "ShellCompDirectiveNoFileComp",
        ENDINGS => "ShellCompDirectiveFilterFileExt",
        _ => "ShellCompDirectiveDefault",
    };
    writeln!(stderr, "Completion ended with directive: {name}")?;
    Ok(())
}

/// The flag whose value comes next.
fn awaiting<'a>(flags: &'a [Flag], rest: &[String]) -> Option<&'a Flag> {
    let last = rest.last().filter(|last| last.starts_with('-') && !last.contains('='))?;
    let long = last.strip_prefix("--");
    let letter = last.chars().nth(1).filter(|_| long.is_none() && last.len() == 2);
    let flag = flags.iter().find(|flag| long == Some(flag.name) || letter.is_some() && flag.short == letter)?;
    flag.no_opt.is_none().then_some(flag)
}

fn plain(words: impl IntoIterator<Item = impl Into<String>>) -> Candidates {
    (words.into_iter().map(|word| (word.into(), String::new())).collect(), NO_FILES)
}

async fn candidates(cx: &Context, flags: &[Flag], awaiting: Option<&Flag>, typed: &str) -> Result<Candidates> {
    if let Some(flag) = awaiting {
        return value(cx, flag.name).await;
    }
    if typed.starts_with('-') {
        let visible = flags.iter().filter(|flag| !flag.hidden);
        let mut answers: Vec<(String, String)> =
            visible.map(|flag| (format!("--{}", flag.name), flag.usage.replace('\n', " "))).collect();
        answers.sort();
        return Ok((answers, NO_FILES));
    }
    if !cx.command.subcommands.is_empty() {
        let visible = cx.command.subcommands.iter().filter(|command| !command.hidden && cx.args.is_empty());
        return Ok((visible.map(|command| (command.name.into(), command.short.into())).collect(), NO_FILES));
    }
    let path = cx.path.as_str();
    if let Some((_, types)) = TYPES.iter().find(|(verb, _)| *verb == path) {
        return match (typed.split_once('/'), cx.args.first()) {
            (Some((kind, _)), _) => {
                let prefixed = names(cx, kind).await?.into_iter().map(|name| format!("{kind}/{name}"));
                Ok(plain(prefixed))
            }
            (None, None) if types.is_empty() => self::types(cx).await,
            (None, None) => Ok(plain(types.iter().copied())),
            (None, Some(kind)) => Ok(plain(names(cx, kind).await?)),
        };
    }
    if let Some((_, kind)) = NAMES.iter().find(|(verb, _)| *verb == path) {
        return Ok(plain(names(cx, kind).await?));
    }
    match path {
        "kubectl completion" => Ok(plain(["bash", "fish", "powershell", "zsh"])),
        "kubectl config use-context" | "kubectl config delete-context" | "kubectl config rename-context" => {
            value(cx, "context").await
        }
        "kubectl config delete-cluster" => value(cx, "cluster").await,
        "kubectl config delete-user" => value(cx, "user").await,
        _ => Ok((Vec::new(), NO_FILES)),
    }
}

/// What a flag may be.
async fn value(cx: &Context, flag: &str) -> Result<Candidates> {
    match flag {
        "namespace" => Ok(plain(names(cx, "namespaces").await?)),
        "context" | "cluster" | "user" => Ok(plain(crate::verbs::config::names(cx, flag).await?)),
        "filename" => Ok((["json", "yaml", "yml"].map(|ending| (ending.into(), String::new())).into(), ENDINGS)),
        "output" => Ok(plain(crate::printers::FORMATS)),
        "dry-run" => Ok(plain(["client", "none", "server"])),
        _ => Ok((Vec::new(), DEFAULT)),
    }
}

/// All types that can be read.
async fn types(cx: &Context) -> Result<Candidates> {
    let all = cx.mapper().await?.discover().await?;
    let readable = all.iter().filter(|mapping| mapping.verbs.iter().any(|verb| verb == "get"));
    let mut words: Vec<String> = readable.map(|mapping| mapping.qualified()).collect();
    words.sort();
    words.dedup();
    Ok(plain(words))
}

/// The names of a type's objects, in the namespace that the flags name.
async fn names(cx: &Context, kind: &str) -> Result<Vec<String>> {
    let mapping = cx.mapper().await?.resource(kind).await?;
    let (namespace, _) = cx.namespace().await?;
    let list = cx.requests().await?.json(Call::get(mapping.path(&namespace, "", ""))).await?;
    let name = |item: &serde_json::Value| item["metadata"]["name"].as_str().map(String::from);
    let mut names: Vec<String> = list["items"].as_array().into_iter().flatten().filter_map(name).collect();
    names.retain(|name| !cx.args.contains(name));
    Ok(names)
}
