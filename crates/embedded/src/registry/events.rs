//! Events (kubernetes: pkg/registry/core/event).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Resource, Strategy, VERBS,
    fields::text,
    printer::{name, since},
};

struct Events;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "Event",
        plural: "events",
        singular: "event",
        short_names: &["ev"],
        categories: &[],
        namespaced: true,
        verbs: VERBS,
        subresources: &[],
        strategy: &Events,
    }
}

impl Strategy for Events {
    fn selectable_fields(&self, event: &Value) -> Vec<(&'static str, String)> {
        let object = &event["involvedObject"];
        let component = [&event["source"]["component"], &event["reportingComponent"]].map(text);
        let source = if component[0].is_empty() { component[1] } else { component[0] };
        vec![
            ("involvedObject.kind", text(&object["kind"]).to_owned()),
            ("involvedObject.namespace", text(&object["namespace"]).to_owned()),
            ("involvedObject.name", text(&object["name"]).to_owned()),
            ("involvedObject.uid", text(&object["uid"]).to_owned()),
            ("involvedObject.apiVersion", text(&object["apiVersion"]).to_owned()),
            ("involvedObject.resourceVersion", text(&object["resourceVersion"]).to_owned()),
            ("involvedObject.fieldPath", text(&object["fieldPath"]).to_owned()),
            ("reason", text(&event["reason"]).to_owned()),
            ("reportingComponent", text(&event["reportingComponent"]).to_owned()),
            ("source", source.to_owned()),
            ("type", text(&event["type"]).to_owned()),
        ]
    }

    fn cells(&self, event: &Value, now: Timestamp) -> Vec<Value> {
        let or = |one: &Value, other: &Value| if one.is_null() { other.clone() } else { one.clone() };
        let first = since(&or(&event["firstTimestamp"], &event["eventTime"]), now);
        let mut last =
            if event["lastTimestamp"].is_null() { first.clone() } else { since(&event["lastTimestamp"], now) };
        let mut count = event["count"].as_i64().filter(|count| *count > 0).unwrap_or(1);
        if event["series"].is_object() {
            last = since(&event["series"]["lastObservedTime"], now);
            count = event["series"]["count"].as_i64().unwrap_or(0);
        }
        let object = &event["involvedObject"];
        let kind = text(&object["kind"]).to_lowercase();
        let target = match text(&object["name"]) {
            "" => kind,
            name => format!("{kind}/{name}"),
        };
        vec![
            json!(last),
            event["type"].clone(),
            event["reason"].clone(),
            json!(target),
            json!(text(&object["fieldPath"])),
            json!(source(event)),
            json!(text(&event["message"]).trim()),
            json!(first),
            json!(count),
            name(event),
        ]
    }
}

fn source(event: &Value) -> String {
    let first = |one: &Value, other: &Value| {
        if text(one).is_empty() { text(other).to_owned() } else { text(one).to_owned() }
    };
    let component = first(&event["source"]["component"], &event["reportingComponent"]);
    match first(&event["source"]["host"], &event["reportingInstance"]).as_str() {
        "" => component,
        instance => format!("{component}, {instance}"),
    }
}
