//! GET of a collection: selectors, chunks, old versions (k8s.io/apiserver: handlers/get.go, storage/continue.go).

use apimachinery::status::{Cause, Status};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Response;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

use super::{Exchange, body::Body, filter::Filter, negotiate::Format, request::ResourcePath, respond, table};
use crate::{
    registry::Resource,
    storage::{Key, Object},
};

/// A page of a collection.
struct Page {
    items: Vec<Object>,
    revision: u64,
    /// The token of the next page and how many objects are left, unless this is the last one.
    continues: Option<(String, usize)>,
}

impl Exchange {
    pub(super) fn list(&self, key: &str, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let resource = self.resource_of(key)?;
        let page = self.page(resource, path)?;
        let continues = page.continues.as_ref().map(|(token, remaining)| (token.as_str(), *remaining));
        let version = json!(page.revision.to_string());
        Ok(match self.format()? {
            Format::Table => {
                let table = self.table(resource, &page.items, &version, continues, true);
                respond::json(200, &table, self.pretty)
            }
            Format::Metadata => {
                let items: Vec<Value> = page.items.iter().map(|object| table::partial_metadata(object)).collect();
                let list = json!({
                    "kind": "PartialObjectMetadataList",
                    "apiVersion": "meta.k8s.io/v1",
                    "metadata": metadata(&version, continues),
                    "items": items,
                });
                respond::json(200, &list, self.pretty)
            }
            Format::Object => {
                let list = List {
                    kind: format!("{}List", resource.kind),
                    api_version: resource.api_version(),
                    metadata: metadata(&version, continues),
                    items: page.items.iter().map(Item).collect(),
                };
                respond::json(200, &list, self.pretty)
            }
        })
    }

    fn page(&self, resource: &Resource, path: &ResourcePath) -> Result<Page, Status> {
        let filter = Filter::new(resource, &self.query, None)?;
        let namespace = Some(path.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let continued = self.query.continues.as_deref().map(parse_token).transpose()?;
        let exact = match self.query.resource_version_match.as_deref() {
            Some("Exact") => self.version()?,
            _ => None,
        };
        let tables = self.api.storage().lock();
        let at = continued.as_ref().map(|(revision, _)| *revision).or(exact);
        let revision = at.unwrap_or_else(|| tables.revision());
        if let Some(wanted) = self.version()?.filter(|wanted| *wanted > tables.revision()) {
            return Err(too_large(wanted, tables.revision()));
        }
        let mut all: Vec<Object> = match at {
            None => tables.list(&resource.key(), namespace).cloned().collect(),
            Some(revision) => {
                let table = tables.table(&resource.key());
                let then = table.map(|table| table.at(revision).ok_or(table.compacted())).transpose();
                let objects =
                    then.map_err(|oldest| expired(continued.is_some(), revision, oldest))?.unwrap_or_default();
                let inside = |key: &Key| namespace.is_none_or(|namespace| key.0 == namespace);
                let after = |key: &Key| continued.as_ref().is_none_or(|(_, start)| key > start);
                objects.into_iter().filter(|(key, _)| inside(key) && after(key)).map(|(_, object)| object).collect()
            }
        };
        drop(tables);
        all.retain(|object| filter.matches(resource, object));
        let continues = match self.query.limit {
            Some(limit) if limit < all.len() => {
                let rest = all.split_off(limit);
                all.last().map(|last| (token(revision, last), rest.len()))
            }
            _ => None,
        };
        Ok(Page { items: all, revision, continues })
    }

    /// The resourceVersion of the request.
    pub(super) fn version(&self) -> Result<Option<u64>, Status> {
        let Some(text) = &self.query.resource_version else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            Status::bad_request(format!(
                "invalid resource version: resourceVersion: Invalid value: \"{text}\": \
                 strconv.ParseUint: parsing \"{text}\": invalid syntax"
            ))
        })
    }
}

fn metadata(version: &Value, continues: Option<(&str, usize)>) -> Value {
    let mut metadata = json!({"resourceVersion": version});
    if let Some((token, remaining)) = continues {
        metadata["continue"] = json!(token);
        metadata["remainingItemCount"] = json!(remaining);
    }
    metadata
}

/// `storage.NewTooLargeResourceVersionError`.
fn too_large(wanted: u64, current: u64) -> Status {
    let mut status = Status::timeout(&format!("Too large resource version: {wanted}, current: {current}"), 1);
    if let Some(details) = &mut status.details {
        details.causes.push(Cause {
            kind: "ResourceVersionTooLarge".to_owned(),
            message: "Too large resource version".to_owned(),
            field: String::new(),
        });
    }
    status
}

fn expired(continued: bool, revision: u64, oldest: u64) -> Status {
    if continued {
        return Status::expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list \
             without the continue parameter.",
        );
    }
    Status::expired(format!("too old resource version: {revision} ({oldest})"))
}

/// Where the next page begins: the version of the list, and the last object of this page.
fn token(revision: u64, last: &Object) -> String {
    let (namespace, name) = (&last["metadata"]["namespace"], &last["metadata"]["name"]);
    let start = format!("{}/{}\0", namespace.as_str().unwrap_or_default(), name.as_str().unwrap_or_default());
    URL_SAFE_NO_PAD.encode(json!({"v": "meta.k8s.io/v1", "rv": revision, "start": start}).to_string())
}

fn parse_token(token: &str) -> Result<(u64, Key), Status> {
    let read = || {
        let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (namespace, name) = value["start"].as_str()?.strip_suffix('\0')?.split_once('/')?;
        Some((value["rv"].as_u64()?, (namespace.to_owned(), name.to_owned())))
    };
    read().ok_or_else(|| Status::bad_request("invalid continue token: continue key is not valid"))
}

/// A list of objects.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    kind: String,
    api_version: String,
    metadata: Value,
    items: Vec<Item<'a>>,
}

/// An object in a list, which leaves out what the list says of all of them.
struct Item<'a>(&'a Object);

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let fields = self.0.as_object().into_iter().flatten();
        for (key, value) in fields.filter(|(key, _)| *key != "kind" && *key != "apiVersion") {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
