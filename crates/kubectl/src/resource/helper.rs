//! Create, read, change and delete objects of one type (cli-runtime: resource/helper.go).

use super::Info;
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::mapper::Mapping;
use crate::request::{Call, Requests, WatchEvent};
use apimachinery::meta;
use futures::Stream;
use http::Method;
use serde_json::Value;
use std::sync::Arc;

/// Requests about objects of one type, with the options that go with every write.
#[derive(Clone)]
pub struct Helper {
    requests: Requests,
    mapping: Arc<Mapping>,
    subresource: String,
    dry_run: DryRun,
    field_manager: String,
    field_validation: String,
}

impl Helper {
    /// A helper without options.
    pub fn new(requests: &Requests, mapping: &Arc<Mapping>) -> Self {
        Helper {
            requests: requests.clone(),
            mapping: mapping.clone(),
            subresource: String::new(),
            dry_run: DryRun::None,
            field_manager: String::new(),
            field_validation: String::new(),
        }
    }
    /// Requests go to this subresource.
    pub fn subresource(mut self, subresource: &str) -> Self {
        self.subresource = subresource.into();
        self
    }
    /// Writes are dry runs on the server if it is [`DryRun::Server`].
    pub fn dry_run(mut self, dry_run: DryRun) -> Self {
        self.dry_run = dry_run;
        self
    }
    /// `fieldManager` of writes.
    pub fn field_manager(mut self, manager: &str) -> Self {
        self.field_manager = manager.into();
        self
    }
    /// `fieldValidation` of writes: `Strict`, `Warn`, `Ignore` or empty.
    pub fn field_validation(mut self, validation: &str) -> Self {
        self.field_validation = validation.into();
        self
    }

    fn options(&self, call: Call) -> Call {
        let call =
            call.query_if("fieldManager", &self.field_manager).query_if("fieldValidation", &self.field_validation);
        if self.dry_run == DryRun::Server { call.query("dryRun", "All") } else { call }
    }

    /// The path of one object.
    fn named(&self, namespace: &str, name: &str) -> Result<String> {
        if name.is_empty() {
            return Err(Error::msg("resource name may not be empty"));
        }
        Ok(self.mapping.path(namespace, name, &self.subresource))
    }

    /// The object.
    pub async fn get(&self, namespace: &str, name: &str) -> Result<Value> {
        self.requests.json(Call::get(self.named(namespace, name)?)).await
    }
    /// All objects that the selectors choose.
    pub async fn list(&self, namespace: &str, label_selector: &str, field_selector: &str) -> Result<Value> {
        let call = Call::get(self.mapping.path(namespace, "", ""));
        let call = call.query_if("labelSelector", label_selector).query_if("fieldSelector", field_selector);
        self.requests.json(call).await
    }
    /// Watches one object from a resource version on (empty: from its present state).
    pub async fn watch_single(
        &self,
        namespace: &str,
        name: &str,
        resource_version: &str,
    ) -> Result<impl Stream<Item = Result<WatchEvent>> + Send + Unpin + use<>> {
        let call = Call::get(self.mapping.path(namespace, "", ""))
            .query("fieldSelector", format!("metadata.name={name}"))
            .query_if("resourceVersion", resource_version);
        self.requests.watch(call).await
    }
    /// Creates the object, whatever version it says it is of.
    pub async fn create(&self, namespace: &str, object: &Value) -> Result<Value> {
        let mut object = object.clone();
        if !meta::resource_version(&object).is_empty() {
            meta::remove(&mut object, &["metadata", "resourceVersion"]);
        }
        let call = Call::new(Method::POST, self.mapping.path(namespace, "", &self.subresource));
        self.requests.json(self.options(call).json(&object)).await
    }
    /// Replaces the object.
    pub async fn replace(&self, namespace: &str, name: &str, object: &Value) -> Result<Value> {
        let call = Call::new(Method::PUT, self.named(namespace, name)?);
        self.requests.json(self.options(call).json(object)).await
    }
    /// [`Helper::replace`], of whatever version the server has where the object does not say one (`Replace` with
    /// `overwrite`).
    pub async fn replace_latest(&self, namespace: &str, name: &str, object: &Value) -> Result<Value> {
        let mut object = object.clone();
        if meta::resource_version(&object).is_empty()
            && let Ok(current) = self.get(namespace, name).await
        {
            let version = current["metadata"]["resourceVersion"].clone();
            meta::set(&mut object, &["metadata", "resourceVersion"], version);
        }
        self.replace(namespace, name, &object).await
    }
    /// Patches the object; `content_type` is one of `application/json-patch+json`, `application/merge-patch+json`,
    /// `application/strategic-merge-patch+json`, `application/apply-patch+yaml`.
    pub async fn patch(&self, namespace: &str, name: &str, content_type: &str, patch: Vec<u8>) -> Result<Value> {
        let call = Call::new(Method::PATCH, self.named(namespace, name)?);
        self.requests.json(self.options(call).body(patch, content_type)).await
    }
    /// [`Helper::patch`], with `force=true`: server-side apply that takes fields over.
    pub async fn apply(&self, namespace: &str, name: &str, object: &Value, force: bool) -> Result<Value> {
        let mut call = Call::new(Method::PATCH, self.named(namespace, name)?);
        if force {
            call = call.query("force", "true");
        }
        let body = object.to_string().into_bytes();
        self.requests.json(self.options(call).body(body, "application/apply-patch+yaml")).await
    }
    /// Deletes the object; `options` is a `DeleteOptions`.
    pub async fn delete(&self, namespace: &str, name: &str, mut options: Value) -> Result<Value> {
        if self.dry_run == DryRun::Server {
            options["dryRun"] = serde_json::json!(["All"]);
        }
        let call = Call::new(Method::DELETE, self.named(namespace, name)?);
        self.requests.json(call.json(&options)).await
    }
}

impl Info {
    /// Reads the object from the server (`Info.Get`): if it is not there because its namespace is not, that is said.
    pub async fn get(&mut self, requests: &Requests, accept: Option<&str>, include_object: bool) -> Result<()> {
        if self.name.is_empty() {
            return Err(Error::msg("resource name may not be empty"));
        }
        let mut call = Call::get(self.mapping.path(&self.namespace, &self.name, &self.subresource));
        if let Some(accept) = accept {
            call = call.header(http::header::ACCEPT, accept);
        }
        if include_object {
            call = call.query("includeObject", "Object");
        }
        match requests.json(call).await {
            Ok(object) => self.object = object,
            Err(error) => {
                let other_namespace = !self.namespace.is_empty() && self.namespace != "default";
                if error.is_not_found() && other_namespace {
                    let namespace = Call::get(format!("/api/v1/namespaces/{}", self.namespace));
                    if let Err(absent) = requests.json(namespace).await
                        && absent.is_not_found()
                    {
                        return Err(absent);
                    }
                }
                return Err(error);
            }
        }
        Ok(())
    }
}
