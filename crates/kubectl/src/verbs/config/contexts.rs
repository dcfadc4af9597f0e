//! `kubectl config current-context | use-context | get-contexts | set-context | rename-context | delete-context`
//! (kubectl: pkg/cmd/config).

use super::file::Kubeconfig;
use super::types::NamedContext;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::printers::tabwriter::TabWriter;
use crate::text::quote;

pub(super) static CURRENT: Command = Command {
    name: "current-context",
    use_line: "current-context",
    bare_use_line: false,
    short: "Display the current-context",
    long: "Display the current-context.",
    example: "# Display the current-context\nkubectl config current-context",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(current(cx))),
    ..Command::NEW
};

async fn current(cx: &Context) -> Result<()> {
    let name = Kubeconfig::load(cx).await?.config.current_context;
    if name.is_empty() {
        return Err(Error::msg("current-context is not set"));
    }
    writeln!(cx.out, "{name}")?;
    Ok(())
}

pub(super) static USE: Command = Command {
    name: "use-context",
    aliases: &["use"],
    use_line: "use-context CONTEXT_NAME",
    short: "Set the current-context in a kubeconfig file",
    long: "Set the current-context in a kubeconfig file.",
    example: "# Use the context for the minikube cluster\nkubectl config use-context minikube",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(use_context(cx))),
    ..Command::NEW
};

async fn use_context(cx: &Context) -> Result<()> {
    let [name] = cx.args.as_slice() else { return Err(unexpected_args(cx)?) };
    let kubeconfig = Kubeconfig::load(cx).await?;
    if name.is_empty() {
        return Err(Error::msg("empty context names are not allowed"));
    }
    if kubeconfig.config.context(name).is_none() {
        return Err(Error::msg(format!("no context exists with the name: {}", quote(name))));
    }
    let mut wanted = kubeconfig.config.clone();
    wanted.current_context.clone_from(name);
    kubeconfig.modify(cx, wanted, true).await?;
    writeln!(cx.out, "Switched to context {}.", quote(name))?;
    Ok(())
}

/// `helpErrorf`: the help on stdout, then the error.
pub(super) fn unexpected_args(cx: &Context) -> Result<Error> {
    write!(cx.out, "{}", crate::help::help(cx.command, &cx.path))?;
    Ok(Error::msg(format!("Unexpected args: [{}]", cx.args.join(" "))))
}

pub(super) static GET: Command = Command {
    name: "get-contexts",
    use_line: "get-contexts [(-o|--output=)name)]",
    short: "Describe one or many contexts",
    long: "Display one or many contexts from the kubeconfig file.",
    example: "# List all the contexts in your kubeconfig file\nkubectl config get-contexts\n\n# Describe one context\nkubectl config get-contexts my-context",
    flags: || {
        vec![
            Flag::bool(
                "no-headers",
                "When using the default or custom-column output format, don't print headers (default print headers).",
            ),
            Flag::string("output", "", "Output format. One of: (name).").short('o'),
        ]
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(get_contexts(cx))),
    ..Command::NEW
};

async fn get_contexts(cx: &Context) -> Result<()> {
    let output = cx.flags.str("output");
    if !["", "name"].contains(&output) {
        return Err(Error::msg(format!(
            "--output {output} is not available in kubectl config get-contexts; resetting to default output format"
        )));
    }
    let config = Kubeconfig::load(cx).await?.config;
    let (mut shown, mut errors): (Vec<&NamedContext>, Vec<Error>) = (Vec::new(), Vec::new());
    if cx.args.is_empty() {
        shown.extend(&config.contexts);
    }
    for name in &cx.args {
        match config.context(name) {
            Some(context) => shown.push(context),
            None => errors.push(Error::msg(format!("context {name} not found"))),
        }
    }
    shown.sort_by(|a, b| a.name.cmp(&b.name));
    let mut writer = TabWriter::get();
    if output.is_empty() && !cx.flags.bool("no-headers") {
        writer.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    for NamedContext { name, context, .. } in shown {
        if output == "name" {
            writer.write(&format!("{name}\n"));
            continue;
        }
        let mark = if *name == config.current_context { "*" } else { " " };
        let namespace = context.namespace.as_deref().unwrap_or_default();
        writer.write(&format!("{mark}\t{name}\t{}\t{}\t{namespace}\n", context.cluster, context.user));
    }
    cx.out.write(writer.flush().as_bytes())?;
    Error::aggregate(errors)
}

pub(super) static SET: Command = Command {
    name: "set-context",
    use_line: "set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
    short: "Set a context entry in kubeconfig",
    long: "Create a context in kubeconfig, or change the given fields of one that exists.",
    example: "# Use another namespace from now on\nkubectl config set-context --current --namespace=dev\n\n# Change the user of a context\nkubectl config set-context gce --user=cluster-admin",
    flags: || {
        vec![
            Flag::string("cluster", "", "cluster for the context entry in kubeconfig"),
            Flag::bool("current", "Modify the current context"),
            Flag::string("namespace", "", "namespace for the context entry in kubeconfig").short('n'),
            Flag::string("user", "", "user for the context entry in kubeconfig"),
        ]
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(set_context(cx))),
    ..Command::NEW
};

async fn set_context(cx: &Context) -> Result<()> {
    let current = cx.flags.bool("current");
    if cx.args.len() > 1 {
        return Err(unexpected_args(cx)?);
    }
    let given = cx.args.first().map(String::as_str).unwrap_or_default();
    if given.is_empty() && !current {
        return Err(Error::msg("you must specify a non-empty context name or --current"));
    }
    if !given.is_empty() && current {
        return Err(Error::msg("you cannot specify both a context name and --current"));
    }
    let kubeconfig = Kubeconfig::load(cx).await?;
    let name = if current { kubeconfig.config.current_context.clone() } else { given.to_string() };
    if name.is_empty() {
        return Err(Error::msg("no current context is set"));
    }
    let mut wanted = kubeconfig.config.clone();
    let exists = wanted.context(&name).is_some();
    if !exists {
        wanted.contexts.push(NamedContext { name: name.clone(), ..NamedContext::default() });
    }
    for entry in wanted.contexts.iter_mut().filter(|entry| entry.name == name) {
        if cx.flags.changed("cluster") {
            entry.context.cluster = cx.flags.str("cluster").to_string();
        }
        if cx.flags.changed("user") {
            entry.context.user = cx.flags.str("user").to_string();
        }
        if cx.flags.changed("namespace") {
            entry.context.namespace = Some(cx.flags.str("namespace").to_string()).filter(|text| !text.is_empty());
        }
    }
    kubeconfig.modify(cx, wanted, true).await?;
    writeln!(cx.out, "Context {} {}.", quote(&name), if exists { "modified" } else { "created" })?;
    Ok(())
}

pub(super) static RENAME: Command = Command {
    name: "rename-context",
    use_line: "rename-context CONTEXT_NAME NEW_NAME",
    short: "Rename a context from the kubeconfig file",
    long: "Rename a context in the kubeconfig file. If it is the current one, it stays so under its new name.",
    example: "# Rename the context 'old-name' to 'new-name' in your kubeconfig file\nkubectl config rename-context old-name new-name",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(rename(cx))),
    ..Command::NEW
};

async fn rename(cx: &Context) -> Result<()> {
    let [old, new] = cx.args.as_slice() else { return Err(unexpected_args(cx)?) };
    if new.is_empty() {
        return Err(Error::msg("You must specify a new non-empty context name"));
    }
    let kubeconfig = Kubeconfig::load(cx).await?;
    let file = kubeconfig.default_path(cx).await;
    let file = file.display();
    let mut wanted = kubeconfig.config.clone();
    if wanted.context(old).is_none() {
        return Err(Error::msg(format!("cannot rename the context {}, it's not in {file}", quote(old))));
    }
    if wanted.context(new).is_some() {
        let (old, new) = (quote(old), quote(new));
        return Err(Error::msg(format!("cannot rename the context {old}, the context {new} already exists in {file}")));
    }
    for entry in wanted.contexts.iter_mut().filter(|entry| entry.name == *old) {
        entry.name.clone_from(new);
    }
    if wanted.current_context == *old {
        wanted.current_context.clone_from(new);
    }
    kubeconfig.modify(cx, wanted, true).await?;
    writeln!(cx.out, "Context {} renamed to {}.", quote(old), quote(new))?;
    Ok(())
}
