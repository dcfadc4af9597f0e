//! ConfigMaps (kubectl: pkg/describe/describe.go `ConfigMapDescriber`).

use super::data::decoded;
use super::writer::{Writer, pairs};
use super::{Describing, events};
use crate::error::Result;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, map: &Value) -> Result<()> {
    w.name_and_namespace(map);
    w.labels_and_annotations(map);
    w.line(0, format_args!("\nData\n===="));
    for (key, value) in pairs(&map["data"]) {
        w.line(0, format_args!("{key}:\n----"));
        w.line(0, format_args!("{value}\n"));
    }
    w.line(0, format_args!("\nBinaryData\n===="));
    for (key, value) in pairs(&map["binaryData"]) {
        w.line(0, format_args!("{key}: {} bytes", decoded(value).len()));
    }
    w.line(0, format_args!(""));
    events::describe(w, events::of(d, map).await);
    Ok(())
}
