//! Amounts of what is measured, and how they are shown (kubectl: pkg/metricsutil).

use crate::command::Context;
use crate::printers::tabwriter::TabWriter;
use apimachinery::quantity::Quantity;
use serde_json::Value;

/// A resource that is measured.
pub(super) struct Resource {
    pub name: &'static str,
    /// The column of the amounts.
    pub title: &'static str,
    /// The column of their share of a node.
    pub share: &'static str,
}

const RESOURCES: [Resource; 3] = [
    Resource { name: "cpu", title: "CPU(cores)", share: "CPU(%)" },
    Resource { name: "memory", title: "MEMORY(bytes)", share: "MEMORY(%)" },
    Resource { name: "swap", title: "SWAP(bytes)", share: "SWAP(%)" },
];

/// What is shown: CPU and memory, and with `--show-swap` swap.
pub(super) fn measured(cx: &Context) -> &'static [Resource] {
    if cx.flags.bool("show-swap") { &RESOURCES } else { &RESOURCES[..2] }
}

/// How much of each resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage([Quantity; 3]);

impl Usage {
    /// What an object such as `{"cpu": "5m", "memory": "1Mi"}` says; nothing of what is not there.
    pub(super) fn of(amounts: &Value) -> Self {
        Usage(RESOURCES.map(|resource| Quantity::from_json(&amounts[resource.name]).unwrap_or_default()))
    }
    /// The usages of a pod's containers together.
    pub(super) fn of_pod(metrics: &Value) -> Self {
        let mut sum = Usage::default();
        for container in apimachinery::meta::dig_list(metrics, "containers") {
            sum.add(&Usage::of(&container["usage"]));
        }
        sum
    }
    pub(super) fn add(&mut self, more: &Usage) {
        for (sum, amount) in self.0.iter_mut().zip(&more.0) {
            *sum += amount;
        }
    }
    /// The amounts of these resources: `5m` of CPU, `10Mi` of the others.
    pub(super) fn shown(&self, measured: &[Resource]) -> Vec<String> {
        let text = |(amount, resource): (&Quantity, &Resource)| match resource.name {
            "cpu" => format!("{}m", amount.milli_value()),
            _ => format!("{}Mi", amount.value() / (1024 * 1024)),
        };
        self.0.iter().zip(measured).map(text).collect()
    }
    /// How much of what is available that is, in whole per cent.
    pub(super) fn share(&self, index: usize, available: &Quantity) -> i64 {
        if available.is_zero() {
            return 0;
        }
        // The digits behind the point are cut off, as upstream does it.
        (self.0[index].milli_value() as f64 / available.milli_value() as f64 * 100.0) as i64
    }
    /// What sorts the most of it first; nothing where one sorts by name.
    pub(super) fn rank(&self, sort_by: &str) -> std::cmp::Reverse<i64> {
        std::cmp::Reverse(match sort_by {
            "cpu" => self.0[0].milli_value(),
            "memory" => self.0[1].value(),
            _ => 0,
        })
    }
}

/// A line: every cell ends with a tab, the last one too.
pub(super) fn row(writer: &mut TabWriter, cells: &[&str], more: &[String]) {
    for cell in cells.iter().copied().chain(more.iter().map(String::as_str)) {
        writer.write(&format!("{cell}\t"));
    }
    writer.write("\n");
}
