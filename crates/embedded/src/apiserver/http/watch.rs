//! Watches over HTTP: a line of JSON an event (k8s.io/apiserver/pkg/endpoints/handlers/watch.go).

use std::time::Duration;

use apimachinery::status::Status;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::Response;
use serde_json::{Value, json};

use super::{Exchange, body::Body, filter::Filter, negotiate::Format, request::ResourcePath, respond, table};
use crate::{
    apiserver::Since,
    registry::Resource,
    storage::{Event, EventType, Object, Watch},
};

/// Seconds that a watch lasts at least when the client does not say (apiserver: MinRequestTimeout).
const TIMEOUT: u64 = 1800;

/// A watch while it is sent.
struct Sender {
    exchange: Exchange,
    key: String,
    filter: Filter,
    format: Format,
    watch: Watch,
    /// How many of the events that come first tell what was there already; after them a bookmark says so, if it was asked for.
    initial: Option<usize>,
    headed: bool,
    over: bool,
}

impl Exchange {
    pub(super) fn watch(self, key: &str, path: &ResourcePath, name: Option<String>) -> Result<Response<Body>, Status> {
        let resource = self.resource_of(key)?;
        let filter = Filter::new(resource, &self.query, name)?;
        let format = self.format()?;
        let namespace = Some(path.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let since = match self.version()? {
            Some(revision) if revision > 0 && !self.query.send_initial_events => Since::Revision(revision),
            _ => Since::InitialEvents,
        };
        let bookmark = self.query.send_initial_events && self.query.allow_bookmarks;
        let watch = match self.api.watch(key, namespace, since) {
            Ok(watch) => watch,
            // A watch that cannot begin is answered as a watch that ends at once (cacher.go: newErrWatcher).
            Err(status) => return Ok(lines(stream::iter([line("ERROR", &status)]).boxed())),
        };
        let initial = bookmark.then(|| watch.initial_len());
        let seconds = self.query.timeout_seconds.filter(|seconds| *seconds > 0);
        let seconds = seconds.unwrap_or_else(|| TIMEOUT + self.api.entropy().below(TIMEOUT));
        let timeout = Box::pin(tokio::time::sleep(Duration::from_secs(seconds)));
        let key = key.to_owned();
        let sender = Sender { exchange: self, key, filter, format, watch, initial, headed: false, over: false };
        let events = stream::unfold(sender, |mut sender| async move { Some((sender.next().await?, sender)) });
        Ok(lines(events.take_until(timeout).boxed()))
    }
}

fn lines(events: stream::BoxStream<'static, Bytes>) -> Response<Body> {
    respond::answer(200, "application/json", Body::Stream(events))
}

fn line(kind: &str, object: &impl serde::Serialize) -> Bytes {
    #[derive(serde::Serialize)]
    struct Line<'a, T> {
        r#type: &'a str,
        object: &'a T,
    }
    // JSON values and Status have string keys only: they cannot fail to serialize.
    let mut bytes = serde_json::to_vec(&Line { r#type: kind, object }).unwrap_or_default();
    bytes.push(b'\n');
    bytes.into()
}

impl Sender {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.over {
                return None;
            }
            if self.initial == Some(0) {
                self.initial = None;
                return self.bookmark();
            }
            let Some(event) = self.watch.next().await else {
                self.over = true;
                let expired = self.watch.expired()?;
                return Some(line("ERROR", &Status::expired(expired.to_string())));
            };
            if let Some(left) = &mut self.initial {
                *left -= 1;
            }
            if let Some((kind, object)) = self.seen(&event) {
                return Some(self.line(kind, &object));
            }
        }
    }

    fn resource(&self) -> Option<&Resource> {
        self.exchange.api.registry().get(&self.key)
    }

    /// What an event is to somebody who sees only what the filter lets through.
    fn seen(&self, event: &Event) -> Option<(&'static str, Object)> {
        let resource = self.resource()?;
        let matches = |object: &Object| self.filter.matches(resource, object);
        let before = event.previous.as_ref().is_some_and(matches);
        let after = event.kind != EventType::Deleted && matches(&event.object);
        match (before, after) {
            (false, false) => None,
            (false, true) => Some(("ADDED", event.object.clone())),
            (true, true) => Some(("MODIFIED", event.object.clone())),
            (true, false) => {
                // It is told as it was when it was last seen, at the version of the event (cacher: convertToWatchEvent).
                let mut last = Value::clone(event.previous.as_ref()?);
                last["metadata"]["resourceVersion"] = json!(event.revision.to_string());
                Some(("DELETED", last.into()))
            }
        }
    }

    fn line(&mut self, kind: &str, object: &Object) -> Bytes {
        match self.format {
            Format::Object => line(kind, &**object),
            Format::Metadata => line(kind, &table::partial_metadata(object)),
            Format::Table => {
                let headed = !std::mem::replace(&mut self.headed, true);
                let items = std::slice::from_ref(object);
                let version = &object["metadata"]["resourceVersion"];
                let Some(resource) = self.resource() else {
                    return Bytes::new();
                };
                line(kind, &self.exchange.table(resource, items, version, None, headed))
            }
        }
    }

    /// The event that says: all that was there has been told.
    fn bookmark(&mut self) -> Option<Bytes> {
        let resource = self.resource()?;
        let (kind, api_version) = (resource.kind, resource.api_version());
        let mut object = json!({
            "kind": kind,
            "apiVersion": api_version,
            "metadata": {
                "resourceVersion": self.watch.revision().to_string(),
                "annotations": {"k8s.io/initial-events-end": "true"},
            },
        });
        crate::registry::codec::fill(&resource.go_struct(), &mut object);
        match self.format {
            Format::Object | Format::Metadata => Some(line("BOOKMARK", &object)),
            Format::Table => {
                let object = Object::from(object);
                let version = object["metadata"]["resourceVersion"].clone();
                let rows = json!([{"cells": [], "object": table::partial_metadata(&object)}]);
                let table = json!({
                    "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": version},
                    "columnDefinitions": null, "rows": rows,
                });
                Some(line("BOOKMARK", &table))
            }
        }
    }
}
