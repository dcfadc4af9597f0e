//! `kubectl top node` (kubectl: pkg/cmd/top/top_node.go).

use super::usage::{Usage, measured, row};
use super::{check_sort_by, metrics_api, name, protocol_buffers};
use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::tabwriter::TabWriter;
use crate::request::Call;
use apimachinery::meta;
use apimachinery::quantity::{Format, Quantity};
use apimachinery::selector::LabelSelector;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    name: "node",
    aliases: &["nodes", "no"],
    use_line: "node [NAME | -l label]",
    short: "Display resource (CPU/memory) usage of nodes",
    long: "Display what nodes use of CPU and memory.",
    example: "# All nodes
kubectl top node

# One node
kubectl top node NODE_NAME",
    flags: || {
        vec![
            common::selector(),
            Flag::string(
                "sort-by",
                "",
                "If non-empty, sort nodes list using specified field. The field can be either 'cpu' or 'memory'.",
            ),
            Flag::bool("no-headers", "If present, print output without headers"),
            protocol_buffers(),
            Flag::bool(
                "show-capacity",
                "Print node resources based on Capacity instead of Allocatable(default) of the nodes.",
            ),
            Flag::bool("show-swap", "Print node resources related to swap memory."),
        ]
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

const UNKNOWN: &str = "<unknown>";

async fn run(cx: &Context) -> Result<()> {
    let (name, selector) = (name(cx)?, cx.flags.str("selector"));
    check_sort_by(cx)?;
    if !name.is_empty() && !selector.is_empty() {
        return Err(Error::msg("only one of NAME or --selector can be provided"));
    }
    let selector = LabelSelector::parse(selector).map_err(|error| Error::msg(error.to_string()))?.to_string();
    let api = metrics_api(cx).await?;
    let metrics = objects(cx, &format!("{api}/nodes"), name, &selector).await?;
    if metrics.is_empty() {
        return Err(Error::msg("metrics not available yet"));
    }
    let nodes = objects(cx, "/api/v1/nodes", name, &selector).await?;
    write!(cx.out, "{}", table(cx, metrics, &nodes))?;
    Ok(())
}

/// The one of that name, or all that have the labels.
async fn objects(cx: &Context, path: &str, name: &str, selector: &str) -> Result<Vec<Value>> {
    let requests = cx.requests().await?;
    if !name.is_empty() {
        return Ok(vec![requests.json(Call::get(format!("{path}/{name}"))).await?]);
    }
    let list = requests.json(Call::get(path).query_if("labelSelector", selector)).await?;
    Ok(meta::dig_list(&list, "items").to_vec())
}

/// What a node has of a resource; of swap it need not know.
fn available(node: &Value, field: &str, resource: &str) -> Option<Quantity> {
    if resource == "swap" {
        return Some(Quantity::new(meta::dig_i64(node, "status.nodeInfo.swap.capacity")?, Format::BinarySI));
    }
    Quantity::from_json(&node["status"][field][resource]).ok()
}

fn table(cx: &Context, mut metrics: Vec<Value>, nodes: &[Value]) -> String {
    let (sort_by, measured) = (cx.flags.str("sort-by"), measured(cx));
    let field = if cx.flags.bool("show-capacity") { "capacity" } else { "allocatable" };
    metrics.sort_by_cached_key(|one| {
        let name = if sort_by.is_empty() { meta::name(one) } else { "" };
        (Usage::of(&one["usage"]).rank(sort_by), name.to_string())
    });
    let mut writer = TabWriter::get();
    if !cx.flags.bool("no-headers") {
        let titles: Vec<&str> =
            ["NAME"].into_iter().chain(measured.iter().flat_map(|one| [one.title, one.share])).collect();
        row(&mut writer, &titles, &[]);
    }
    let mut silent: BTreeMap<&str, &Value> = nodes.iter().map(|node| (meta::name(node), node)).collect();
    for one in &metrics {
        let (name, usage) = (meta::name(one), Usage::of(&one["usage"]));
        let node = silent.remove(name);
        let mut cells = Vec::new();
        for (index, (resource, shown)) in measured.iter().zip(usage.shown(measured)).enumerate() {
            match node.map(|node| available(node, field, resource.name)) {
                Some(None) if resource.name == "swap" => cells.extend([UNKNOWN.into(), UNKNOWN.into()]),
                Some(Some(available)) => cells.extend([shown, format!("{}%", usage.share(index, &available))]),
                _ => cells.push(shown),
            }
        }
        row(&mut writer, &[name], &cells);
    }
    // Those of which there are no metrics; upstream goes through a map, in no order.
    for name in silent.into_keys() {
        row(&mut writer, &[name], &vec![UNKNOWN.to_string(); 2 * measured.len()]);
    }
    writer.flush()
}
