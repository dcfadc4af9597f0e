//! `kubectl top pod` (kubectl: pkg/cmd/top/top_pod.go).

use super::usage::{Usage, measured, row};
use super::{check_sort_by, metrics_api, name, protocol_buffers};
use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::tabwriter::TabWriter;
use crate::request::Call;
use apimachinery::meta;
use apimachinery::selector::{FieldSelector, LabelSelector};
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) static COMMAND: Command = Command {
    name: "pod",
    aliases: &["pods", "po"],
    use_line: "pod [NAME | -l label]",
    short: "Display resource (CPU/memory) usage of pods",
    long: "Display what pods use of CPU and memory.\n\n It takes some minutes until there are metrics of a new pod.",
    example: "# The pods of the namespace
kubectl top pod

# The pods of another namespace
kubectl top pod --namespace=NAMESPACE

# A pod by its containers
kubectl top pod POD_NAME --containers

# The pods with a label
kubectl top pod -l app=web",
    flags: || {
        vec![
            common::selector(),
            Flag::string("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
            Flag::string("sort-by", "", "If non-empty, sort pods list using specified field. The field can be either 'cpu' or 'memory'."),
            Flag::bool("containers", "If present, print usage of containers within a pod."),
            Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short('A'),
            Flag::bool("no-headers", "If present, print output without headers."),
            protocol_buffers(),
            Flag::bool("sum", "Print the sum of the resource usage"),
            Flag::bool("show-swap", "Print pod resources related to swap memory."),
        ]
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// Which pods.
struct Wanted<'a> {
    name: &'a str,
    /// Empty for all.
    namespace: String,
    labels: String,
    fields: &'a str,
}

async fn run(cx: &Context) -> Result<()> {
    let (name, everywhere) = (name(cx)?, cx.flags.bool("all-namespaces"));
    let (namespace, _) = cx.namespace().await?;
    let (labels, fields) = (cx.flags.str("selector"), cx.flags.str("field-selector"));
    check_sort_by(cx)?;
    if !name.is_empty() && (!labels.is_empty() || !fields.is_empty()) {
        return Err(Error::msg("only one of NAME or selector can be provided"));
    }
    let labels = LabelSelector::parse(labels).map_err(|error| Error::msg(error.to_string()))?.to_string();
    FieldSelector::parse(fields).map_err(|error| Error::msg(error.to_string()))?;
    let api = metrics_api(cx).await?;
    let within = if everywhere { String::new() } else { namespace.clone() };
    let wanted = Wanted { name, namespace: within, labels, fields };
    let mut metrics = metrics(cx, &api, &wanted).await?;
    if !metrics.is_empty() && !fields.is_empty() {
        let pods = pods(cx, &wanted).await?;
        let key = |object: &Value| (meta::namespace(object).to_string(), meta::name(object).to_string());
        let selected: BTreeSet<_> = pods.iter().map(key).collect();
        metrics.retain(|one| selected.contains(&key(one)));
    }
    if metrics.is_empty() {
        explain_absence(cx, &Wanted { namespace: namespace.clone(), ..wanted }).await?;
        if everywhere {
            writeln!(cx.err, "No resources found")?;
        } else {
            writeln!(cx.err, "No resources found in {namespace} namespace.")?;
        }
        return Ok(());
    }
    write!(cx.out, "{}", table(cx, metrics))?;
    Ok(())
}

/// The path of the namespace's collection.
fn path(api: &str, namespace: &str) -> String {
    if namespace.is_empty() { format!("{api}/pods") } else { format!("{api}/namespaces/{namespace}/pods") }
}

async fn metrics(cx: &Context, api: &str, wanted: &Wanted<'_>) -> Result<Vec<Value>> {
    let (requests, path) = (cx.requests().await?, path(api, &wanted.namespace));
    if !wanted.name.is_empty() {
        return Ok(vec![requests.json(Call::get(format!("{path}/{}", wanted.name))).await?]);
    }
    let list = requests.json(Call::get(path).query_if("labelSelector", &wanted.labels)).await?;
    Ok(meta::dig_list(&list, "items").to_vec())
}

async fn pods(cx: &Context, wanted: &Wanted<'_>) -> Result<Vec<Value>> {
    let call = Call::get(path("/api/v1", &wanted.namespace))
        .query_if("labelSelector", &wanted.labels)
        .query_if("fieldSelector", wanted.fields);
    let list = cx.requests().await?.json(call).await?;
    Ok(meta::dig_list(&list, "items").to_vec())
}

/// Why there are no metrics: an error unless there are no pods, either (`verifyEmptyMetrics`).
async fn explain_absence(cx: &Context, wanted: &Wanted<'_>) -> Result<()> {
    const DELAY: SignedDuration = SignedDuration::from_mins(2);
    let pods = if wanted.name.is_empty() {
        pods(cx, wanted).await?
    } else {
        let path = format!("{}/{}", path("/api/v1", &wanted.namespace), wanted.name);
        vec![cx.requests().await?.json(Call::get(path)).await?]
    };
    if pods.is_empty() {
        return Ok(());
    }
    for pod in &pods {
        let Some(created) = meta::creation_timestamp(pod) else { continue };
        let age = cx.env.clock.now().duration_since(created);
        if age > DELAY {
            let age = apimachinery::duration::format_go(age);
            let (namespace, name) = (meta::namespace(pod), meta::name(pod));
            return Err(Error::msg(format!("Metrics not available for pod {namespace}/{name}, age: {age}")));
        }
    }
    Err(Error::msg("metrics not available yet"))
}

fn table(cx: &Context, mut metrics: Vec<Value>) -> String {
    let (sort_by, everywhere) = (cx.flags.str("sort-by"), cx.flags.bool("all-namespaces"));
    let (containers, headers) = (cx.flags.bool("containers"), !cx.flags.bool("no-headers"));
    let measured = measured(cx);
    metrics.sort_by_cached_key(|pod| {
        let (namespace, name) = if sort_by.is_empty() { (meta::namespace(pod), meta::name(pod)) } else { ("", "") };
        (Usage::of_pod(pod).rank(sort_by), namespace.to_string(), name.to_string())
    });
    let mut writer = TabWriter::get();
    let mut columns = 1 + measured.len();
    if headers {
        let extra = [(everywhere, "NAMESPACE"), (containers, "POD")];
        let mut titles: Vec<&str> = extra.iter().filter(|(shown, _)| *shown).map(|(_, title)| *title).collect();
        columns += titles.len();
        titles.push("NAME");
        titles.extend(measured.iter().map(|one| one.title));
        row(&mut writer, &titles, &[]);
    }
    let mut sum = Usage::default();
    for pod in &metrics {
        sum.add(&Usage::of_pod(pod));
        let mut cells = if everywhere { vec![meta::namespace(pod)] } else { Vec::new() };
        cells.push(meta::name(pod));
        if !containers {
            row(&mut writer, &cells, &Usage::of_pod(pod).shown(measured));
            continue;
        }
        let mut parts: Vec<(&str, Usage)> = meta::dig_list(pod, "containers")
            .iter()
            .map(|part| (part["name"].as_str().unwrap_or_default(), Usage::of(&part["usage"])))
            .collect();
        parts.sort_by_key(|(name, usage)| (usage.rank(sort_by), if sort_by.is_empty() { *name } else { "" }));
        for (name, usage) in parts {
            let cells: Vec<&str> = cells.iter().copied().chain([name]).collect();
            row(&mut writer, &cells, &usage.shown(measured));
        }
    }
    if cx.flags.bool("sum") {
        // Where the headers are left out, so is their share of the width.
        let mut line = vec![""; columns - 2];
        line.extend(["________", "________"]);
        row(&mut writer, &line, &[]);
        row(&mut writer, &vec![""; columns - 2], &sum.shown(measured));
    }
    writer.flush()
}
