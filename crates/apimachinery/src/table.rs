//! `meta.k8s.io/v1` Table: how the API server answers `kubectl get`.
//!
//! Upstream: `k8s.io/apimachinery/pkg/apis/meta/v1/types.go`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Column {
    /// The header, in words: `Ready`, `Nominated Node`.
    pub name: String,
    /// The OpenAPI type of the cells: `string`, `integer`, `date` …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The OpenAPI format; `name` marks the column that identifies the row.
    #[serde(default)]
    pub format: String,
    /// What the column shows.
    #[serde(default)]
    pub description: String,
    /// 0 is always shown, more only with `-o wide`.
    #[serde(default)]
    pub priority: i32,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    /// One cell a column.
    pub cells: Vec<Value>,
    /// Conditions of the row, such as `Completed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Value>,
    /// The object, or its metadata, as the request asked for; null for none.
    #[serde(default)]
    pub object: Value,
}

/// A list of objects as rows of cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The list's metadata: `resourceVersion`, `continue`, `remainingItemCount`.
    pub metadata: Value,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows, in order.
    pub rows: Vec<Row>,
}

impl Table {
    /// Reads a Table object; `None` for any other kind of object.
    pub fn from_json(object: &Value) -> Option<Self> {
        if object.get("kind")?.as_str()? != "Table" {
            return None;
        }
        let part = |key: &str| object.get(key).cloned().filter(|v| !v.is_null());
        Some(Self {
            metadata: part("metadata").unwrap_or_else(|| serde_json::json!({})),
            columns: part("columnDefinitions").map_or(Ok(Vec::new()), serde_json::from_value).ok()?,
            rows: part("rows").map_or(Ok(Vec::new()), serde_json::from_value).ok()?,
        })
    }

    /// Writes the Table object.
    pub fn to_json(&self) -> Value {
        serde_json::json!({
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": if self.metadata.is_null() { serde_json::json!({}) } else { self.metadata.clone() },
            "columnDefinitions": self.columns,
            "rows": self.rows,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_survives_the_way_to_json_and_back() {
        let text = json!({
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "7"},
            "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "description": "d", "priority": 0}],
            "rows": [{"cells": ["web", 3], "object": {"kind": "PartialObjectMetadata"}}],
        });
        let table = Table::from_json(&text).expect("is a Table");
        assert_eq!(table.columns[0].kind, "string");
        assert_eq!(table.to_json(), text);
        assert_eq!(Table::from_json(&json!({"kind": "PodList", "items": []})), None);
        assert!(Table::from_json(&json!({"kind": "Table", "rows": null})).is_some_and(|t| t.rows.is_empty()));
    }
}
