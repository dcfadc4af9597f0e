//! `kubectl api-resources` and `kubectl api-versions` (kubectl: pkg/cmd/apiresources).

use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::mapper::Mapping;
use crate::printers::tabwriter::TabWriter;
use crate::printers::{kyaml, typed, yaml};
use crate::text::quote;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) static COMMAND: Command = Command {
    name: "api-resources",
    use_line: "api-resources",
    bare_use_line: false,
    short: "Print the supported API resources on the server",
    long: "Print the supported API resources on the server.",
    example: "# All types that the server knows
kubectl api-resources

# With verbs and categories
kubectl api-resources -o wide

# Only types that live in namespaces
kubectl api-resources --namespaced=true

# Only the types of one group
kubectl api-resources --api-group=apps",
    flags: || {
        vec![
            Flag::string("api-group", "", "Limit to resources in the specified API group."),
            Flag::bool("cached", "Use the cached list of resources if available."),
            Flag::string_slice("categories", "Limit to resources that belong to the specified categories."),
            Flag::bool("namespaced", "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.").default("true"),
            Flag::bool("no-headers", "When using the default or custom-column output format, don't print headers (default print headers)."),
            Flag::string("output", "", "Output format. One of: (json, yaml, kyaml, name, wide).").short('o'),
            Flag::bool("show-managed-fields", "If true, keep the managedFields when printing objects in JSON or YAML format."),
            Flag::string("sort-by", "", "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'."),
            Flag::string_slice("verbs", "Limit to resources that support the specified verbs."),
        ]
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    if !cx.args.is_empty() {
        return Err(cx.usage_error(format!("unexpected arguments: [{}]", cx.args.join(" "))));
    }
    let output = flags.str("output");
    match output {
        "" | "name" | "wide" | "json" | "yaml" | "kyaml" => {}
        other => {
            let allowed = "json,kyaml,name,wide,yaml";
            return Err(Error::msg(format!(
                "unable to match a printer suitable for the output format {}, allowed formats are: {allowed}",
                quote(other)
            )));
        }
    }
    let sort_by = flags.str("sort-by");
    if !["", "name", "kind"].contains(&sort_by) {
        return Err(Error::msg("--sort-by accepts only name or kind"));
    }
    let all = cx.mapper().await?.discover().await?;
    let has = |have: &[String], want: &[String]| want.iter().all(|word| have.contains(word));
    let mut shown: Vec<&Arc<Mapping>> = Vec::new();
    for mapping in all {
        // Of a type that stands in several versions only the preferred one, which comes first.
        let known = shown.iter().any(|seen| seen.group == mapping.group && seen.resource == mapping.resource);
        let fits = !mapping.verbs.is_empty()
            && (!flags.changed("api-group") || mapping.group == flags.str("api-group"))
            && (!flags.changed("namespaced") || mapping.namespaced == flags.bool("namespaced"))
            && has(&mapping.verbs, flags.strings("verbs"))
            && has(&mapping.categories, flags.strings("categories"));
        if !known && fits {
            shown.push(mapping);
        }
    }
    let key = |mapping: &Mapping| match sort_by {
        "name" => mapping.resource.clone(),
        "kind" => mapping.kind.clone(),
        _ => mapping.group.clone(),
    };
    shown.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.resource.cmp(&b.resource)));
    if output == "name" {
        for mapping in shown {
            writeln!(cx.out, "{}", mapping.qualified())?;
        }
        return Ok(());
    }
    if ["json", "yaml", "kyaml"].contains(&output) {
        write!(cx.out, "{}", printed(&shown, output))?;
        return Ok(());
    }
    let wide = output == "wide";
    let mut writer = TabWriter::get();
    if !flags.bool("no-headers") {
        writer.write("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND");
        writer.write(if wide { "\tVERBS\tCATEGORIES\n" } else { "\n" });
    }
    for m in shown {
        let (short, version) = (m.short_names.join(","), m.api_version());
        writer.write(&format!("{}\t{short}\t{version}\t{}\t{}", m.resource, m.namespaced, m.kind));
        if wide {
            writer.write(&format!("\t{}\t{}", m.verbs.join(","), m.categories.join(",")));
        }
        writer.write("\n");
    }
    cx.out.write(writer.flush().as_bytes())?;
    Ok(())
}

/// An `APIResourceList` of all types, which Go's struct has in this order.
fn printed(shown: &[&Arc<Mapping>], output: &str) -> String {
    let resource = |m: &&Arc<Mapping>| {
        let mut resource = json!({"name": m.resource, "singularName": m.singular, "namespaced": m.namespaced,
                                  "version": m.version, "kind": m.kind, "verbs": m.verbs});
        let lists = [("shortNames", &m.short_names), ("categories", &m.categories)];
        for (field, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            resource[field] = json!(list);
        }
        if !m.group.is_empty() {
            resource["group"] = json!(m.group);
        }
        resource
    };
    let resources: Vec<Value> = shown.iter().map(resource).collect();
    let resources = if resources.is_empty() { Value::Null } else { Value::Array(resources) };
    let list = json!({"apiVersion": "v1", "kind": "APIResourceList", "groupVersion": "", "resources": resources});
    match output {
        "json" => typed::pretty(&list),
        "kyaml" => kyaml::to_string(&list),
        _ => yaml::to_string(&list),
    }
}

pub(super) static VERSIONS: Command = Command {
    name: "api-versions",
    use_line: "api-versions",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    long: "Print the supported API versions on the server, in the form of \"group/version\".",
    example: "# Print the supported API versions\nkubectl api-versions",
    run: Some(|cx| Box::pin(versions(cx))),
    ..Command::NEW
};

async fn versions(cx: &Context) -> Result<()> {
    if !cx.args.is_empty() {
        return Err(cx.usage_error(format!("unexpected arguments: [{}]", cx.args.join(" "))));
    }
    let mapper = cx.mapper().await?;
    let discovered = mapper.discover().await.map_err(|error| match error {
        Error::Output(error) => Error::Output(error),
        other => Error::msg(format!("couldn't get available api versions from server: {other}")),
    })?;
    let mut versions: Vec<String> = discovered.iter().map(|mapping| mapping.api_version()).collect();
    versions.sort();
    versions.dedup();
    for version in versions {
        writeln!(cx.out, "{version}")?;
    }
    Ok(())
}
