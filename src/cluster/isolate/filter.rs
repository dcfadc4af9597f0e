//! Lists and watches across namespaces: the lesson's namespaces and those that every cluster has, in the order that
//! their shown names have; namespaces and cluster-scoped objects without our marks.

use super::body::Replacer;
use super::names::Names;
use super::target::Target;
use bytes::{Bytes, BytesMut};
use serde_json::Value;
use std::sync::Arc;

/// A whole answer: an object, a list, a Table. What is none of these is passed on with its names replaced.
pub(super) fn document(bytes: Bytes, target: &Target, names: &Names) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return replace(&bytes, names);
    };
    for (list, object) in [("items", None), ("rows", Some("object"))] {
        let Some(entries) = value.get_mut(list).and_then(Value::as_array_mut) else {
            continue;
        };
        let of = |entry: &mut Value| -> Option<(String, String)> {
            let object = match object {
                None => entry,
                Some(key) => entry.get_mut(key)?,
            };
            let place = place(object, target, names)?;
            Names::unmark(object);
            Some(place)
        };
        let mut kept: Vec<((String, String), Value)> =
            std::mem::take(entries).into_iter().filter_map(|mut entry| Some((of(&mut entry)?, entry))).collect();
        // etcd's order is that of real names.
        kept.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.extend(kept.into_iter().map(|(_, entry)| entry));
    }
    Names::unmark(&mut value);
    replace(value.to_string().as_bytes(), names)
}

/// A watch, event by event.
pub(super) struct Events {
    names: Arc<Names>,
    target: Target,
    /// The columns of a Table stand in its first event only, which may be one that the lesson does not see.
    columns: Option<Value>,
}

impl Events {
    /// A watch of this target.
    pub fn new(names: Arc<Names>, target: Target) -> Self {
        Events { names, target, columns: None }
    }

    /// One line; empty when the lesson does not see it.
    pub fn line(&mut self, line: &[u8]) -> Bytes {
        let Ok(mut value) = serde_json::from_slice::<Value>(line) else {
            return replace(line, &self.names);
        };
        if value["type"] == "ERROR" {
            return replace(line, &self.names);
        }
        let bookmark = value["type"] == "BOOKMARK";
        let object = &mut value["object"];
        let seen =
            if object["kind"] == "Table" { self.table(object, bookmark) } else { bookmark || self.object(object) };
        if !seen {
            return Bytes::new();
        }
        let mut text = value.to_string();
        text.push('\n');
        replace(text.as_bytes(), &self.names)
    }

    fn object(&self, object: &mut Value) -> bool {
        let seen = place(object, &self.target, &self.names).is_some();
        Names::unmark(object);
        seen
    }

    fn table(&mut self, table: &mut Value, bookmark: bool) -> bool {
        let columns = table["columnDefinitions"].take();
        if columns.as_array().is_some_and(|columns| !columns.is_empty()) {
            self.columns = Some(columns);
        }
        if let Some(rows) = table["rows"].as_array_mut()
            && !bookmark
        {
            rows.retain_mut(|row| self.object(&mut row["object"]));
            if rows.is_empty() {
                return false;
            }
        }
        if let Some(columns) = self.columns.take() {
            table["columnDefinitions"] = columns;
        }
        true
    }
}

/// Namespace and name as the lesson sees the object; `None`: it does not.
fn place(object: &Value, target: &Target, names: &Names) -> Option<(String, String)> {
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    if target.is_namespace() {
        return Some((String::new(), names.to_shown(name)?.to_owned()));
    }
    // A volume is its claim's, and a claim is somebody's.
    if let Some(owner) = object["spec"]["claimRef"]["namespace"].as_str() {
        names.to_shown(owner)?;
    }
    let namespace = match metadata["namespace"].as_str() {
        Some(namespace) => names.to_shown(namespace)?,
        None => "",
    };
    Some((namespace.to_owned(), name.to_owned()))
}

fn replace(bytes: &[u8], names: &Names) -> Bytes {
    Replacer::new(names).take(&mut BytesMut::from(bytes), true)
}
