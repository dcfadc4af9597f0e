//! `kubectl config view` (kubectl: pkg/cmd/config/view.go).

use super::file::Kubeconfig;
use super::types::Config;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use base64::Engine;
use serde::Serialize;
use std::path::Path;

pub(super) static COMMAND: Command = Command {
    name: "view",
    use_line: "view",
    bare_use_line: false,
    short: "Display merged kubeconfig settings or a specified kubeconfig file",
    long: "Show the kubeconfig files as kubectl merges them, or the one that --kubeconfig names.\n\n Extract single values with --output jsonpath={...}.",
    example: "# The merged settings
kubectl config view

# With certificate data and secrets
kubectl config view --raw

# Only what the current context uses
kubectl config view --minify",
    flags: || {
        let mut flags = common::output();
        if let Some(output) = flags.iter_mut().find(|flag| flag.name == "output") {
            output.default = "yaml".into();
        }
        flags.extend([
            Flag::bool("flatten", "Flatten the resulting kubeconfig file into self-contained output (useful for creating portable kubeconfig files)"),
            Flag::bool("merge", "Merge the full hierarchy of kubeconfig files").default("true"),
            Flag::bool("minify", "Remove all information not used by current-context from the output"),
            Flag::bool("raw", "Display raw byte data and sensitive data"),
        ]);
        flags
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    if !cx.args.is_empty() {
        return Err(cx.usage_error(format!("unexpected arguments: [{}]", cx.args.join(" "))));
    }
    let kubeconfig = Kubeconfig::load(cx).await?;
    let merge = if cx.flags.changed("merge") { cx.flags.bool("merge") } else { !kubeconfig.explicit };
    let mut printer = PrintFlags::of(cx, "").printer(cx).await?;
    if !merge && !kubeconfig.explicit {
        return Err(Error::msg("if merge==false a precise file must be specified"));
    }
    let mut config = if merge { kubeconfig.config } else { Kubeconfig::load_explicit(cx).await? };
    if cx.flags.bool("minify") {
        if !cx.flags.str("context").is_empty() {
            config.current_context = cx.flags.str("context").to_string();
        }
        minify(&mut config)?;
    }
    if cx.flags.bool("flatten") {
        flatten(cx, &mut config).await?;
    } else if !cx.flags.bool("raw") {
        redact(&mut config);
    }
    let text = match cx.flags.str("output").to_lowercase().as_str() {
        "json" => ordered_json(&config)?,
        _ => printer.print(config.external())?,
    };
    cx.out.write(text.as_bytes())?;
    Ok(())
}

/// JSON in the order of the fields' declaration, with Go's escapes.
fn ordered_json(config: &Config) -> Result<String> {
    let mut sorted = config.clone();
    sorted.sort();
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    sorted.serialize(&mut serializer).map_err(|error| Error::msg(error.to_string()))?;
    let mut text = String::from_utf8_lossy(&out).into_owned();
    for list in ["clusters", "users", "contexts"] {
        text = text.replace(&format!("    \"{list}\": [],\n"), &format!("    \"{list}\": null,\n"));
    }
    // These three stand only inside strings.
    Ok(text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026") + "\n")
}

fn minify(config: &mut Config) -> Result<()> {
    let name = config.current_context.clone();
    if name.is_empty() {
        return Err(Error::msg("current-context must exist in order to minify"));
    }
    let Some(current) = config.context(&name).map(|named| named.context.clone()) else {
        return Err(Error::msg(format!("cannot locate context {name}")));
    };
    if !current.cluster.is_empty() && !config.clusters.iter().any(|c| c.name == current.cluster) {
        return Err(Error::msg(format!("cannot locate cluster {}", current.cluster)));
    }
    if !current.user.is_empty() && !config.users.iter().any(|u| u.name == current.user) {
        return Err(Error::msg(format!("cannot locate user {}", current.user)));
    }
    config.contexts.retain(|c| c.name == name);
    config.clusters.retain(|c| c.name == current.cluster);
    config.users.retain(|u| u.name == current.user);
    Ok(())
}

/// Replaces secrets and data by words (`RedactSecrets`, `ShortenConfig`).
fn redact(config: &mut Config) {
    let replace = |field: &mut Option<String>, word: &str| {
        if field.as_ref().is_some_and(|text| !text.is_empty()) {
            *field = Some(word.to_string());
        }
    };
    for cluster in &mut config.clusters {
        replace(&mut cluster.cluster.certificate_authority_data, "DATA+OMITTED");
    }
    for named in &mut config.users {
        replace(&mut named.user.client_certificate_data, "DATA+OMITTED");
        replace(&mut named.user.client_key_data, "DATA+OMITTED");
        replace(&mut named.user.token, "REDACTED");
        replace(&mut named.user.password, "REDACTED");
    }
}

/// Puts the files' contents in the place of their paths.
async fn flatten(cx: &Context, config: &mut Config) -> Result<()> {
    let inline = async |path: &mut Option<String>, data: &mut Option<String>| -> Result<()> {
        let Some(file) = path.take().filter(|file| !file.is_empty()) else { return Ok(()) };
        let read = cx.env.files.read(Path::new(&file)).await;
        let bytes = read.map_err(|error| Error::msg(crate::resource::go_error("open", &file, &error)))?;
        *data = Some(base64::engine::general_purpose::STANDARD.encode(bytes));
        Ok(())
    };
    for named in &mut config.users {
        inline(&mut named.user.client_certificate, &mut named.user.client_certificate_data).await?;
        inline(&mut named.user.client_key, &mut named.user.client_key_data).await?;
    }
    for named in &mut config.clusters {
        inline(&mut named.cluster.certificate_authority, &mut named.cluster.certificate_authority_data).await?;
    }
    Ok(())
}
