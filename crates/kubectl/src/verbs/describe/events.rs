//! The events about an object (kubectl: pkg/describe/describe.go `searchEvents`, `DescribeEvents`).

use super::Describing;
use super::writer::{Writer, int_of, list, or, since, str_of};
use crate::request::Call;
use apimachinery::meta;
use jiff::Timestamp;
use serde_json::Value;

/// The object that events are about.
pub(super) struct Reference<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
    /// `None` for any kind.
    pub kind: Option<&'a str>,
    pub uid: &'a str,
}

/// The events about the object, if they are wanted.
pub(super) async fn of(d: &Describing<'_>, object: &Value) -> Option<Vec<Value>> {
    let reference = Reference {
        name: meta::name(object),
        namespace: meta::namespace(object),
        kind: Some(&d.mapping.kind),
        uid: meta::uid(object),
    };
    search(d, &reference).await
}

/// The events about what is referred to, if they are wanted.
pub(super) async fn search(d: &Describing<'_>, to: &Reference<'_>) -> Option<Vec<Value>> {
    if !d.show_events {
        return None;
    }
    let mut selector = Vec::new();
    if let Some(kind) = to.kind {
        selector.push(format!("involvedObject.kind={kind}"));
    }
    selector.push(format!("involvedObject.name={}", to.name));
    selector.push(format!("involvedObject.namespace={}", to.namespace));
    if !to.uid.is_empty() {
        selector.push(format!("involvedObject.uid={}", to.uid));
    }
    let path = if to.namespace.is_empty() {
        "/api/v1/events".to_string()
    } else {
        format!("/api/v1/namespaces/{}/events", to.namespace)
    };
    // Who may not read events still gets the description; to him there are none.
    Some(d.list(Call::get(path).query("fieldSelector", selector.join(","))).await.unwrap_or_default())
}

/// When an event was seen: `5s`, or `5s (x3 over 1m)` (kubectl: pkg/cmd/events/event_printer.go `getInterval`).
pub(in crate::verbs) fn age(event: &Value, now: Timestamp) -> String {
    let first = if event["eventTime"].is_string() { &event["eventTime"] } else { &event["firstTimestamp"] };
    let first = since(first, now);
    let (series, count) = (&event["series"], int_of(&event["count"]));
    if series.is_object() {
        format!("{} (x{} over {first})", since(&series["lastObservedTime"], now), int_of(&series["count"]))
    } else if count > 1 {
        format!("{} (x{count} over {first})", since(&event["lastTimestamp"], now))
    } else {
        first
    }
}

/// The table of events, oldest first; nothing if they are not wanted.
pub(super) fn describe(w: &mut Writer, events: Option<Vec<Value>>) {
    let Some(mut events) = events else { return };
    if events.is_empty() {
        w.line(0, format_args!("Events:\t<none>"));
        return;
    }
    events.sort_by(|a, b| str_of(&a["lastTimestamp"]).cmp(str_of(&b["lastTimestamp"])));
    w.line(0, format_args!("Events:\n  Type\tReason\tAge\tFrom\tMessage"));
    w.line(1, format_args!("----\t------\t----\t----\t-------"));
    for event in list(&Value::Array(events)) {
        let age = age(event, w.now());
        let from = or(&event["source"]["component"], str_of(&event["reportingComponent"]));
        let mut message = str_of(&event["message"]).trim().to_string();
        let field = str_of(&event["involvedObject"]["fieldPath"]);
        if !field.is_empty() {
            message = format!("{field}: {message}");
        }
        let (kind, reason) = (str_of(&event["type"]), str_of(&event["reason"]));
        w.line(1, format_args!("{kind}\t{reason}\t{age}\t{from}\t{message}"));
    }
}
