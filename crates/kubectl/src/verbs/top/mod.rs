//! `kubectl top` (kubectl: pkg/cmd/top, pkg/metricsutil).

mod node;
mod pod;
mod usage;

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::request::Call;
use apimachinery::meta;

pub(super) static COMMAND: Command = Command {
    name: "top",
    use_line: "top",
    bare_use_line: false,
    suggest_for: &["stats"],
    short: "Display resource (CPU/memory) usage",
    long: "Display what nodes and pods use of CPU and memory.\n\nThe numbers are those of the metrics API, which the Metrics Server gathers from the kubelets; it must run in the cluster. They are made for autoscaling: they lag a little, and need not be those of a program such as 'top' in the container. For exact numbers or for a history use a monitoring system.",
    subcommands: &[&node::COMMAND, &pod::COMMAND],
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(async { cx.default_subcommand_run() })),
    ..Command::NEW
};

fn protocol_buffers() -> Flag {
    Flag::bool("use-protocol-buffers", "Enables using protocol-buffers to access Metrics API.").default("true")
}

/// The one name among the arguments, if there is one.
fn name(cx: &Context) -> Result<&str> {
    match cx.args.as_slice() {
        [] => Ok(""),
        [name] => Ok(name),
        _ => Err(cx.usage_error(cx.command.use_line)),
    }
}

fn check_sort_by(cx: &Context) -> Result<()> {
    match cx.flags.str("sort-by") {
        "" | "cpu" | "memory" => Ok(()),
        _ => Err(Error::msg("--sort-by accepts only cpu or memory")),
    }
}

/// The path of the metrics API in a version that both sides know.
async fn metrics_api(cx: &Context) -> Result<String> {
    let groups = cx.requests().await?.json(Call::get("/apis")).await?;
    let metrics = meta::dig_list(&groups, "groups").iter().filter(|group| group["name"] == "metrics.k8s.io");
    let mut versions = metrics.flat_map(|group| meta::dig_list(group, "versions"));
    let known = versions.find_map(|one| one["version"].as_str().filter(|version| ["v1", "v1beta1"].contains(version)));
    let version = known.ok_or_else(|| Error::msg("Metrics API not available"))?;
    Ok(format!("/apis/metrics.k8s.io/{version}"))
}
