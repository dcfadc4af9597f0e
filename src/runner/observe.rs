//! Watches the cluster all along: a list and a watch for every kind that a lesson may speak of, from before the first
//! command, without a hole between the resourceVersions.
//!
//! The log of changes is the only thing that claims are judged on. Before a step is judged, [`Observer::catch_up`] makes sure
//! that the watches have seen all that the API server had written by then.

use super::discover::{self, Watched};
use crate::diff::{Change, ChangeKind, History};
use crate::snapshot::{ObjectKey, Snapshot};
use anyhow::{Context, Result, bail};
use futures::{StreamExt, TryStreamExt};
use kube::Client;
use kube::core::WatchEvent;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Tells what time it is.
pub type Now = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// A place in the log: before a step.
#[derive(Debug, Clone)]
pub struct Mark {
    before: Snapshot,
    at: usize,
}

/// The watches, and what they have seen.
pub struct Observer {
    inner: Arc<Inner>,
    changed: watch::Receiver<u64>,
    tasks: JoinSet<()>,
}

struct Inner {
    client: Client,
    now: Now,
    log: Mutex<Log>,
    changes: watch::Sender<u64>,
    /// Namespaced kinds, for namespaces that come later.
    namespaced: Vec<Watched>,
}

#[derive(Default)]
struct Log {
    snapshot: Snapshot,
    changes: Vec<Change>,
    /// Kinds of which an object was ever seen, with the path of their collection: what `catch_up` compares.
    active: BTreeSet<String>,
    /// Namespaces with watches of their own.
    namespaces: BTreeSet<String>,
}

impl Observer {
    /// Lists and watches `namespace` and the kinds without namespace. Returns when every kind was listed.
    ///
    /// # Errors
    /// Where discovery or a list is refused.
    pub async fn start(client: Client, namespace: &str, now: Now) -> Result<Observer> {
        let (namespaced, cluster): (Vec<Watched>, Vec<Watched>) =
            discover::watched(&client).await?.into_iter().partition(|kind| kind.namespaced);
        let (changes, changed) = watch::channel(0);
        let inner = Arc::new(Inner { client, now, log: Mutex::default(), changes, namespaced });
        let mut observer = Observer { inner, changed, tasks: JoinSet::new() };
        let paths = observer.inner.namespaced.iter().map(|kind| kind.collection(Some(namespace)));
        let paths: Vec<String> = paths.chain(cluster.iter().map(|kind| kind.collection(None))).collect();
        observer.inner.lock().namespaces.insert(namespace.to_string());
        let lists = futures::stream::iter(paths).map(|path| {
            let inner = observer.inner.clone();
            async move { inner.list(&path).await.map(|list| (path, list)) }
        });
        let lists: Vec<(String, List)> = lists.buffered(16).try_collect().await?;
        for (path, list) in lists {
            {
                let mut log = observer.inner.lock();
                for object in list.items {
                    log.active.insert(path.clone());
                    if let Some(key) = ObjectKey::of(&object) {
                        log.snapshot.insert(key, Arc::new(object));
                    }
                }
            }
            let inner = observer.inner.clone();
            observer.tasks.spawn(async move { inner.follow(path, list.resource_version).await });
        }
        let inner = observer.inner.clone();
        observer.tasks.spawn(async move { inner.follow_namespaces().await });
        Ok(observer)
    }

    /// The client that it watches with.
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// What time it is on the clock of the cluster.
    pub fn now(&self) -> jiff::Timestamp {
        (self.inner.now)()
    }

    /// The state now.
    pub fn snapshot(&self) -> Snapshot {
        self.inner.lock().snapshot.clone()
    }

    /// A mark at the end of the log.
    pub fn mark(&self) -> Mark {
        let log = self.inner.lock();
        Mark { before: log.snapshot.clone(), at: log.changes.len() }
    }

    /// All that happened since a mark.
    pub fn since(&self, mark: &Mark) -> History {
        History::new(mark.before.clone(), self.inner.lock().changes[mark.at..].to_vec())
    }

    /// How many changes were seen; for [`Observer::changed`].
    pub fn count(&self) -> u64 {
        *self.changed.borrow()
    }

    /// Waits until more changes than `seen` have arrived.
    pub async fn changed(&self, seen: u64) {
        let mut receiver = self.changed.clone();
        // the sender lives in `inner`, as long as self
        let _ = receiver.wait_for(|count| *count > seen).await;
    }

    /// Waits until the watches have seen what the API server holds now, of every kind that is in use.
    ///
    /// # Errors
    /// Where the cluster no longer answers.
    pub async fn catch_up(&self) -> Result<()> {
        let paths: Vec<String> = self.inner.lock().active.iter().cloned().collect();
        let inner = &self.inner;
        let lists =
            futures::stream::iter(paths).map(|path| async move { inner.list(&path).await.map(|list| (path, list)) });
        let lists: Vec<(String, List)> = lists.buffered(16).try_collect().await?;
        let mut receiver = self.changed.clone();
        for (_, list) in lists {
            while !self.inner.lock().has_seen(&list) {
                if receiver.changed().await.is_err() {
                    bail!("the watches on the cluster have ended");
                }
            }
        }
        Ok(())
    }
}

/// A collection at a moment.
struct List {
    /// The kind of its items.
    kind: String,
    items: Vec<Value>,
    resource_version: String,
}

impl Log {
    /// Whether each listed object was seen in this version or a later one, and each one that is gone as gone.
    fn has_seen(&self, list: &List) -> bool {
        list.items.iter().all(|object| {
            let Some(key) = ObjectKey::of(object) else { return true };
            let listed = version(object);
            match self.snapshot.get(&key) {
                Some(seen) => version(seen) >= listed,
                // deleted since the list
                None => self.changes.iter().rev().any(|change| change.key == key && change.resource_version > listed),
            }
        })
    }
}

fn version(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn list(&self, path: &str) -> Result<List> {
        let request = http::Request::get(path).body(Vec::new()).context("a path from discovery")?;
        let mut list: Value = self.client.request(request).await.with_context(|| format!("cannot list {path}"))?;
        let kind = list["kind"].as_str().unwrap_or_default().trim_end_matches("List").to_string();
        let api_version = list["apiVersion"].as_str().unwrap_or_default().to_string();
        let resource_version = list["metadata"]["resourceVersion"].as_str().unwrap_or("0").to_string();
        let mut items = match list["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        };
        for item in &mut items {
            // items of typed lists come without their type
            if let Some(map) = item.as_object_mut() {
                map.entry("kind").or_insert_with(|| kind.clone().into());
                map.entry("apiVersion").or_insert_with(|| api_version.clone().into());
            }
        }
        Ok(List { kind, items, resource_version })
    }

    /// Watches one collection for ever. Where the API server no longer knows the version, it is listed anew and the
    /// difference becomes changes, so that nothing that lasted is missed.
    async fn follow(self: Arc<Self>, path: String, mut resource_version: String) {
        loop {
            let query = format!("{path}?watch=1&allowWatchBookmarks=true&resourceVersion={resource_version}");
            let Ok(request) = http::Request::get(query).body(Vec::new()) else { return };
            let mut expired = false;
            if let Ok(events) = self.client.request_events::<Value>(request).await {
                let mut events = std::pin::pin!(events);
                while let Some(event) = events.next().await {
                    let (kind, object) = match event {
                        Ok(WatchEvent::Added(object)) => (ChangeKind::Added, object),
                        Ok(WatchEvent::Modified(object)) => (ChangeKind::Modified, object),
                        Ok(WatchEvent::Deleted(object)) => (ChangeKind::Deleted, object),
                        Ok(WatchEvent::Bookmark(bookmark)) => {
                            resource_version = bookmark.metadata.resource_version;
                            continue;
                        }
                        Ok(WatchEvent::Error(_)) => {
                            expired = true;
                            break;
                        }
                        Err(_) => break,
                    };
                    if let Some(text) = object["metadata"]["resourceVersion"].as_str() {
                        resource_version = text.to_string();
                    }
                    self.record(&path, kind, object);
                }
            }
            if expired {
                if let Ok(list) = self.list(&path).await {
                    resource_version = list.resource_version.clone();
                    self.replace(&path, list);
                }
            } else {
                // a watch that ends at once would spin
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }

    /// Starts watches in every namespace that comes to be during the lesson.
    async fn follow_namespaces(self: Arc<Self>) {
        let mut tasks: JoinSet<()> = JoinSet::new();
        let mut receiver = self.changes.subscribe();
        let known: BTreeSet<String> =
            self.lock().snapshot.of_kind("Namespace", None).map(|(key, _)| key.name.clone()).collect();
        self.lock().namespaces.extend(known);
        loop {
            let new: Vec<String> = {
                let mut log = self.lock();
                let all: Vec<String> =
                    log.snapshot.of_kind("Namespace", None).map(|(key, _)| key.name.clone()).collect();
                let new = all.into_iter().filter(|name| !log.namespaces.contains(name)).collect::<Vec<_>>();
                log.namespaces.extend(new.iter().cloned());
                new
            };
            for namespace in new {
                for kind in &self.namespaced {
                    let path = kind.collection(Some(&namespace));
                    let inner = self.clone();
                    // version 0 is any; the namespace is new, so its objects come as additions
                    tasks.spawn(async move {
                        if let Ok(list) = inner.list(&path).await {
                            let resource_version = list.resource_version.clone();
                            inner.replace(&path, list);
                            inner.follow(path, resource_version).await;
                        }
                    });
                }
            }
            if receiver.changed().await.is_err() {
                return;
            }
        }
    }

    fn record(&self, path: &str, kind: ChangeKind, object: Value) {
        let Some(change) = Change::new((self.now)(), kind, object) else { return };
        {
            let mut log = self.lock();
            match kind {
                ChangeKind::Deleted => {
                    log.snapshot.remove(&change.key);
                }
                _ => log.snapshot.insert(change.key.clone(), change.object.clone()),
            }
            if !log.active.contains(path) {
                log.active.insert(path.to_string());
            }
            log.changes.push(change);
        }
        self.changes.send_modify(|count| *count += 1);
    }

    /// Takes a fresh list of a collection for what happened since the last event.
    fn replace(&self, path: &str, list: List) {
        let mut listed: BTreeMap<ObjectKey, Value> =
            list.items.into_iter().filter_map(|object| Some((ObjectKey::of(&object)?, object))).collect();
        let known: Vec<(ObjectKey, Arc<Value>)> = {
            let log = self.lock();
            let namespace = discover::namespace_of(path);
            let of_path = |key: &ObjectKey| key.kind == list.kind && key.namespace.as_deref() == namespace;
            log.snapshot.iter().filter(|(key, _)| of_path(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        for (key, old) in known {
            match listed.remove(&key) {
                Some(new) if version(&new) > version(&old) => self.record(path, ChangeKind::Modified, new),
                Some(_) => {}
                None => self.record(path, ChangeKind::Deleted, old.as_ref().clone()),
            }
        }
        for (_, object) in listed {
            self.record(path, ChangeKind::Added, object);
        }
    }
}
