//! LimitRanges, alone and all of a namespace (kubectl: pkg/describe/describe.go `describeLimitRange`,
//! `DescribeLimitRanges`).

use super::writer::{Writer, list, or, str_of};
use serde_json::Value;
use std::collections::BTreeSet;

const TITLES: &str = "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio";
const RULERS: &str = "----\t--------\t---\t---\t---------------\t-------------\t-----------------------";

pub(super) fn describe(w: &mut Writer, range: &Value) {
    w.name_and_namespace(range);
    w.line(0, format_args!("{TITLES}"));
    w.line(0, format_args!("{RULERS}"));
    rows(w, "", range);
}

/// The ranges of a namespace.
pub(super) fn describe_all(w: &mut Writer, ranges: &[Value]) {
    if ranges.is_empty() {
        w.line(0, format_args!("No LimitRange resource."));
        return;
    }
    w.line(0, format_args!("Resource Limits\n {TITLES}"));
    w.line(0, format_args!(" {RULERS}"));
    for range in ranges {
        rows(w, " ", range);
    }
}

fn rows(w: &mut Writer, space: &str, range: &Value) {
    const COLUMNS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for item in list(&range["spec"]["limits"]) {
        // Upstream goes through a map, in no order; ours is the names'.
        let names: BTreeSet<&String> =
            COLUMNS.iter().flat_map(|column| item[*column].as_object()).flat_map(|map| map.keys()).collect();
        for name in names {
            let cells = COLUMNS.map(|column| or(&item[column][name], "-")).join("\t");
            w.line(0, format_args!("{space}{}\t{name}\t{cells}", str_of(&item["type"])));
        }
    }
}
