//! One object followed until something is true of it (client-go: tools/watch/until.go `UntilWithSync`).

use crate::error::{Error, Result};
use crate::mapper::Mapping;
use crate::request::{Call, Requests, WatchEvent};
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;

/// How long to wait before an ended watch is taken up again.
const AGAIN: Duration = Duration::from_secs(1);

/// A list and a watch of one object by its name. When the server ends the watch, it lists and watches again.
pub struct Until {
    requests: Requests,
    call: Call,
    known: Option<Value>,
    pending: VecDeque<WatchEvent>,
    watch: Option<BoxStream<'static, Result<WatchEvent>>>,
    resource_version: String,
}

impl Until {
    /// Lists. [`Until::object`] tells whether it is there, [`Until::next`] what happens to it.
    pub async fn start(requests: &Requests, mapping: &Mapping, namespace: &str, name: &str) -> Result<Until> {
        let namespace = if mapping.namespaced { namespace } else { "" };
        let call = Call::get(mapping.path(namespace, "", "")).query("fieldSelector", format!("metadata.name={name}"));
        let mut until = Until {
            requests: requests.clone(),
            call,
            known: None,
            pending: VecDeque::new(),
            watch: None,
            resource_version: String::new(),
        };
        until.list().await?;
        Ok(until)
    }

    /// The object as last seen; `None` if it is not there.
    pub fn object(&self) -> Option<&Value> {
        self.known.as_ref()
    }

    async fn list(&mut self) -> Result<()> {
        let mut list = self.requests.json(self.call.clone()).await?;
        self.resource_version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_string();
        let found = super::take_items(&mut list).into_iter().next();
        let event = |kind: &str, object: Value| WatchEvent { kind: kind.into(), object };
        match (self.known.take(), &found) {
            (Some(before), None) => self.pending.push_back(event("DELETED", before)),
            (Some(before), Some(now)) if *now == before => {}
            (Some(_), Some(now)) => self.pending.push_back(event("MODIFIED", now.clone())),
            (None, Some(now)) => self.pending.push_back(event("ADDED", now.clone())),
            (None, None) => {}
        }
        self.known = found;
        Ok(())
    }

    /// The next event: first the object as it was found, as `ADDED`, then what happens.
    pub async fn next(&mut self) -> Result<WatchEvent> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Ok(event);
            }
            let Some(watch) = &mut self.watch else {
                let call = self.call.clone().query("resourceVersion", self.resource_version.clone());
                self.watch = Some(self.requests.watch(call).await?.boxed());
                continue;
            };
            match watch.next().await {
                Some(Ok(event)) if event.kind == "BOOKMARK" => {}
                Some(Ok(event)) => {
                    self.known = (event.kind != "DELETED").then(|| event.object.clone());
                    return Ok(event);
                }
                Some(Err(Error::Output(error))) => return Err(Error::Output(error)),
                // too old a version, or a connection that broke
                Some(Err(_)) | None => {
                    self.watch = None;
                    tokio::time::sleep(AGAIN).await;
                    self.list().await?;
                }
            }
        }
    }
}
