//! The patch that makes an object as its configuration says (kubectl: pkg/cmd/apply/patcher.go).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::printers::yaml;
use crate::resource::{Helper, Info, Until};
use crate::verbs::{change, delete, last_applied};
use apimachinery::patch::{self, PatchError};
use apimachinery::schema::PatchSchema;
use serde_json::{Value, json};
use std::time::Duration;

/// How often a patch that meets a conflict is made anew.
const RETRIES: usize = 5;
const BACK_OFF: Duration = Duration::from_secs(1);

/// How objects are patched.
pub(in crate::verbs) struct Patching {
    /// What others changed is changed back.
    pub overwrite: bool,
    /// Patches are made by OpenAPI first, which complains for itself.
    pub openapi: bool,
    /// The server is not asked.
    pub locally: bool,
    /// Objects that cannot be patched are deleted and created again.
    pub force: Option<Force>,
    /// The version that the patch is for; empty for any.
    pub resource_version: String,
}

/// How objects that cannot be patched are deleted.
pub(in crate::verbs) struct Force {
    /// `propagationPolicy`.
    pub propagation: &'static str,
    /// Seconds; negative leaves it to the object.
    pub grace_period: i64,
    /// How long to wait until it is gone; zero is for ever.
    pub timeout: Duration,
}

pub(in crate::verbs) struct Patcher<'a> {
    pub cx: &'a Context,
    pub patching: &'a Patching,
    /// What the server has.
    pub info: &'a Info,
    pub helper: Helper,
    /// What is wanted, with its annotation.
    pub modified: Value,
}

/// The error, and the patch that met it if there was one.
pub(in crate::verbs) struct Failed {
    pub patch: Option<Value>,
    pub error: Error,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed { patch: None, error }
    }
}

impl Patcher<'_> {
    /// Patches; the patch and the object as it is then.
    pub(in crate::verbs) async fn patch(&self) -> Result<(Value, Value), Failed> {
        let (namespace, name) = (&self.info.namespace, &self.info.name);
        let mut current = self.info.object.clone();
        let mut tries = 0;
        loop {
            let (mut patch, content_type) = self.build(&current)?;
            if change::is_empty(&patch) {
                return Ok((patch, current));
            }
            if self.patching.locally {
                let object = self.locally(&current, &patch)?;
                return Ok((patch, object));
            }
            if !self.patching.resource_version.is_empty() {
                patch["metadata"]["resourceVersion"] = json!(self.patching.resource_version);
            }
            // Otherwise it says which version it is about only where the configuration does.
            let error = match self.helper.patch(namespace, name, content_type, patch.to_string().into_bytes()).await {
                Ok(object) => return Ok((patch, object)),
                Err(error) => error,
            };
            if error.is_conflict() && tries < RETRIES {
                tries += 1;
                if tries > 1 {
                    tokio::time::sleep(BACK_OFF).await;
                }
                current = self.helper.get(namespace, name).await?;
                continue;
            }
            let invalid = error.api().is_some_and(|error| error.reason() == "Invalid");
            if let Some(force) = self.patching.force.as_ref().filter(|_| error.is_conflict() || invalid) {
                let object = self.recreate(&current, force).await;
                return match object {
                    Ok(object) => Ok((self.modified.clone(), object)),
                    Err(error) => Err(Failed { patch: Some(self.modified.clone()), error }),
                };
            }
            return Err(Failed { patch: Some(patch), error: error.with_source("patching", &self.info.source) });
        }
    }

    fn schema(&self) -> Option<PatchSchema> {
        PatchSchema::for_kind(&self.info.mapping.api_version(), &self.info.mapping.kind)
    }

    fn build(&self, current: &Value) -> Result<(Value, &'static str)> {
        let text = last_applied::original(current).unwrap_or_default();
        let original = match text.trim() {
            "" => Value::Null,
            text => serde_json::from_str(text).map_err(|error| Error::msg(error.to_string()))?,
        };
        let overwrite = self.patching.overwrite;
        let (patch, content_type) = match self.schema() {
            Some(schema) => (
                patch::create_three_way(&original, &self.modified, current, &schema, overwrite),
                "application/strategic-merge-patch+json",
            ),
            None => (patch::three_way_merge_json(&original, &self.modified, current), "application/merge-patch+json"),
        };
        match patch {
            Ok(patch) => Ok((patch, content_type)),
            Err(error) => {
                let error = explain(&error);
                if self.schema().is_some() && self.patching.openapi {
                    writeln!(self.cx.err, "warning: error calculating patch from openapi v3 spec: {error}")?;
                    writeln!(self.cx.err, "warning: error calculating patch from openapi spec: {error}")?;
                }
                let json = apimachinery::go::json;
                let error = Error::msg(format!(
                    "creating patch with:\noriginal:\n{text}\nmodified:\n{}\n\ncurrent:\n{}\n\nfor: {error}",
                    json(&self.modified),
                    json(current)
                ));
                Err(if !self.patching.locally { error.with_source("patching", &self.info.source) } else { error })
            }
        }
    }

    fn locally(&self, current: &Value, change: &Value) -> Result<Value> {
        let unable = |error| Error::msg(format!("applying patch locally: {error}"));
        match self.schema() {
            Some(schema) => patch::strategic(current, change, &schema).map_err(unable),
            None => {
                let mut object = current.clone();
                patch::merge(&mut object, change);
                Ok(object)
            }
        }
    }

    /// `--force`: deletes the object and creates it as it is wanted; if that fails, as it was.
    async fn recreate(&self, current: &Value, force: &Force) -> Result<Value> {
        let (namespace, name) = (&self.info.namespace, &self.info.name);
        let body = delete::body(force.propagation, force.grace_period);
        self.helper.delete(namespace, name, body).await?;
        let gone = async {
            let mut until = Until::start(&self.cx.requests().await?, &self.info.mapping, namespace, name).await?;
            while until.object().is_some() {
                until.next().await?;
            }
            Ok::<(), Error>(())
        };
        if force.timeout.is_zero() {
            gone.await?;
        } else {
            let expired = |_| Error::msg("context deadline exceeded");
            tokio::time::timeout(force.timeout, gone).await.map_err(expired)??;
        }
        match self.helper.create(namespace, &self.modified).await {
            Ok(object) => Ok(object),
            Err(error) => {
                let mut before = current.clone();
                for field in ["resourceVersion", "uid", "creationTimestamp", "managedFields"] {
                    apimachinery::meta::remove(&mut before, &["metadata", field]);
                }
                match self.helper.create(namespace, &before).await {
                    Ok(_) => Err(error),
                    Err(second) => Err(Error::msg(format!(
                        "An error occurred force-replacing the existing object with the newly provided one:\n\n{error}.\n\nAdditionally, an error occurred attempting to restore the original object:\n\n{second}"
                    ))),
                }
            }
        }
    }
}

/// Conflicts show both sides as YAML (apimachinery: util/mergepatch `ToYAMLOrError`).
fn explain(error: &PatchError) -> String {
    let PatchError::Conflict { patch, current } = error else { return error.to_string() };
    let yaml =
        |json: &str| serde_json::from_str(json).map_or_else(|_| json.to_string(), |value| yaml::to_string(&value));
    let (patch, current) = (yaml(patch), yaml(current));
    format!("patch:\n{patch}\nconflicts with changes made from original to current:\n{current}\n")
}
