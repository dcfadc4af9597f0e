//! The order in which objects are printed (kustomize: api/internal/builtins/SortOrderTransformer.go).

use super::Result;
use super::config::{ORDER_FIRST, ORDER_LAST, rank, sort_text};
use super::id::Gvk;
use super::kustomization::SortOptions;
use super::resource::Resource;
use std::cmp::Ordering;

/// Sorts as a kustomization asks for.
pub(super) fn sort(resources: &mut [Resource], options: &SortOptions) -> Result<()> {
    match (options.order.as_str(), &options.legacy_sort_options) {
        ("fifo", None) => {}
        ("fifo", Some(_)) => {
            return Err(
                "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'"
                    .into(),
            );
        }
        ("legacy", None) => legacy(resources),
        ("legacy", Some(order)) => by(resources, &order.order_first, &order.order_last),
        _ => return Err("the field 'sortOptions.order' must be one of [fifo, legacy]".into()),
    }
    Ok(())
}

/// kustomize's own order: what others need comes first, then by group, version and kind, then by name.
pub(super) fn legacy(resources: &mut [Resource]) {
    by(resources, &ORDER_FIRST, &ORDER_LAST);
}

fn by(resources: &mut [Resource], first: &[impl AsRef<str>], last: &[impl AsRef<str>]) {
    let kinds = |a: &Gvk, b: &Gvk| {
        let by_rank = rank(&a.kind, first, last).cmp(&rank(&b.kind, first, last));
        let both = a.kind == "Namespace" && b.kind == "Namespace" && (a.group.is_empty() || b.group.is_empty());
        let by_text = sort_text(a).cmp(&sort_text(b));
        by_rank.then(if both { by_text.reverse() } else { by_text })
    };
    resources.sort_by(|a, b| {
        let (a, b) = (a.current_id(), b.current_id());
        match kinds(&a.gvk, &b.gvk) {
            Ordering::Equal => {
                let or = |text: &str, fallback: &str| if text.is_empty() { fallback.into() } else { text.to_string() };
                let text = |namespace: &str, name: &str| format!("{}|{}", or(namespace, "~X"), or(name, "~N"));
                text(&a.namespace, &a.name).cmp(&text(&b.namespace, &b.name))
            }
            other => other,
        }
    });
}
