//! Secrets: how long their values are, not what they are (kubectl: pkg/describe/describe.go `describeSecret`).

use super::data::decoded;
use super::writer::{Writer, pairs, str_of};
use serde_json::Value;

pub(super) fn describe(w: &mut Writer, secret: &Value) {
    let kind = str_of(&secret["type"]);
    w.name_and_namespace(secret);
    w.labels_and_annotations(secret);
    w.line(0, format_args!("\nType:\t{kind}"));
    w.line(0, format_args!("\nData\n===="));
    for (key, value) in pairs(&secret["data"]) {
        let value = decoded(value);
        if key == "token" && kind == "kubernetes.io/service-account-token" {
            w.line(0, format_args!("{key}:\t{}", String::from_utf8_lossy(&value)));
        } else {
            w.line(0, format_args!("{key}:\t{} bytes", value.len()));
        }
    }
}
