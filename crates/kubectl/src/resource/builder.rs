//! From flags and arguments to [`Info`]s (cli-runtime: resource/builder.go).

use super::{Info, args, files, is_list, metadata, take_items};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::mapper::Mapping;
use crate::request::{Call, Requests};
use crate::text::quote;
use serde_json::Value;
use std::sync::Arc;

const MISSING: &str = "You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'";

/// What to find, and how. Start with [`Builder::new`], end with [`Builder::find`].
#[derive(Debug, Clone, Default)]
pub struct Builder {
    namespace: String,
    default_namespace: bool,
    enforce_namespace: bool,
    all_namespaces: bool,
    filenames: Vec<String>,
    kustomize: String,
    recursive: bool,
    label_selector: Option<String>,
    field_selector: Option<String>,
    select_all: bool,
    everything_without_selector: bool,
    args: Vec<String>,
    chunk: i64,
    flatten: bool,
    latest: bool,
    no_object: bool,
    single_type: bool,
    continue_on_error: bool,
    subresource: String,
    accept: Option<&'static str>,
    include_object: bool,
    local: bool,
    validate: bool,
}

/// What was found, in order; an error stands where its object would.
#[derive(Debug, Default)]
pub struct Found {
    /// The objects and errors.
    pub items: Vec<Result<Info>>,
    /// Exactly one object was asked for by name or file.
    pub single_item_implied: bool,
    /// Objects were named, not selected.
    pub targets_single_items: bool,
    /// The list requests behind a selection: where a watch goes on.
    pub lists: Vec<ListSource>,
}

/// One type's collection, as it was listed.
#[derive(Debug, Clone)]
pub struct ListSource {
    /// The type.
    pub mapping: Arc<Mapping>,
    /// The namespace; empty for all.
    pub namespace: String,
    /// The label selector.
    pub label_selector: String,
    /// The field selector.
    pub field_selector: String,
}

/// Takes the objects, or tables, of a collection.
pub type Take<'t> = dyn FnMut(Info) -> Result<()> + Send + 't;

impl Found {
    /// All objects, or the first error.
    pub fn infos(self) -> Result<Vec<Info>> {
        self.items.into_iter().collect()
    }
    /// The objects, and the errors apart (`ContinueOnError().Infos()`).
    pub fn partition(self) -> (Vec<Info>, Vec<Error>) {
        let (mut infos, mut errors) = (Vec::new(), Vec::new());
        for item in self.items {
            match item {
                Ok(info) => infos.push(info),
                Err(error) => errors.push(error),
            }
        }
        (infos, errors)
    }
}

impl Builder {
    /// A builder that finds nothing yet.
    pub fn new() -> Self {
        Builder::default()
    }
    /// The namespace of objects that name none. With `enforce`, objects that name another are an error
    /// (`NamespaceParam(ns).DefaultNamespace()` and `FilenameParam(enforce, …)`).
    pub fn namespace(mut self, namespace: &str, enforce: bool) -> Self {
        self.namespace = namespace.into();
        self.default_namespace = true;
        self.enforce_namespace = enforce;
        self
    }
    /// In all namespaces, if so.
    pub fn all_namespaces(mut self, all: bool) -> Self {
        if all {
            self.namespace.clear();
            self.enforce_namespace = false;
        }
        self.all_namespaces = all;
        self
    }
    /// `-f`, `-k`, `-R` as [`crate::flags::common::filename`] declares them.
    pub fn filenames(mut self, flags: &crate::flags::Values) -> Self {
        self.filenames = flags.strings("filename").to_vec();
        if flags.has("kustomize") {
            self.kustomize = flags.str("kustomize").into();
        }
        // `exec` has -f without -R.
        self.recursive = flags.has("recursive") && flags.bool("recursive");
        self
    }
    /// `-f` alone.
    pub fn filenames_only(mut self, filenames: &[String]) -> Self {
        self.filenames = filenames.to_vec();
        self
    }
    /// `-l`; empty is none.
    pub fn label_selector(mut self, selector: &str) -> Self {
        self.label_selector = Some(selector.trim().to_string()).filter(|text| !text.is_empty());
        self
    }
    /// `--field-selector`; empty is none.
    pub fn field_selector(mut self, selector: &str) -> Self {
        self.field_selector = Some(selector.trim().to_string()).filter(|text| !text.is_empty());
        self
    }
    /// `--all`.
    pub fn select_all(mut self, all: bool) -> Self {
        self.select_all = all;
        self
    }
    /// `TYPE [NAME…]` or `TYPE/NAME…`. With `everything`, a type alone means all of its objects.
    pub fn args(mut self, everything: bool, args: &[String]) -> Self {
        self.args = args.to_vec();
        self.everything_without_selector = everything;
        self
    }
    /// Lists are read in pages of this size; zero is one page.
    pub fn chunks_of(mut self, size: i64) -> Self {
        self.chunk = size;
        self
    }
    /// Lists become their items.
    pub fn flatten(mut self) -> Self {
        self.flatten = true;
        self
    }
    /// Objects from files are read from the server.
    pub fn latest(mut self) -> Self {
        self.latest = true;
        self
    }
    /// Named objects are not read from the server (`RequireObject(false)`).
    pub fn no_object(mut self) -> Self {
        self.no_object = true;
        self
    }
    /// More than one type is an error.
    pub fn single_resource_type(mut self) -> Self {
        self.single_type = true;
        self
    }
    /// Errors do not keep other objects from being found.
    pub fn continue_on_error(mut self) -> Self {
        self.continue_on_error = true;
        self
    }
    /// Reads this subresource.
    pub fn subresource(mut self, subresource: &str) -> Self {
        self.subresource = subresource.into();
        self
    }
    /// Asks for another representation, such as [`crate::request::ACCEPT_TABLE`]; with `include_object`, for whole
    /// objects in its rows.
    pub fn accept(mut self, accept: Option<&'static str>, include_object: bool) -> Self {
        self.accept = accept;
        self.include_object = include_object;
        self
    }
    /// The cluster is not asked: types of objects in files are the built-in ones, or made up from their kind.
    pub fn local(mut self, local: bool) -> Self {
        self.local = local;
        self
    }

    /// Documents whose kind or version is missing are refused by name (`Schema`), unless the caller's `--validate` says
    /// not to.
    pub fn validate(mut self, validate: bool) -> Self {
        self.validate = validate;
        self
    }

    /// Finds. An `Err` is about the command line, or stops everything; errors about single objects are in the result.
    ///
    /// Where the server cannot be reached, upstream has asked for its resources in vain before.
    pub async fn find(self, cx: &Context) -> Result<Found> {
        const TRIES: usize = 5;
        let by_argument = self.filenames.is_empty() && self.kustomize.is_empty();
        let found = self.find_all(cx).await;
        let unreachable = |error: &&Error| matches!(error, Error::Connection(_));
        let error = match &found {
            Ok(found) => found.items.iter().filter_map(|item| item.as_ref().err()).find(unreachable),
            Err(error) => Some(error).filter(unreachable),
        };
        if let Some(error) = error.filter(|_| by_argument) {
            cx.log_discovery_failure(error, TRIES).await?;
        }
        found
    }

    async fn find_all(self, cx: &Context) -> Result<Found> {
        let mut errors = Vec::new();
        if !self.filenames.is_empty() && !self.kustomize.is_empty() {
            errors.push(Error::msg("only one of -f or -k can be specified"));
        }
        if !self.kustomize.is_empty() && self.recursive {
            errors.push(Error::msg("the -k flag can't be used with -f or -R"));
        }
        let (sources, mut file_errors) = files::find(cx.env.files.as_ref(), &self.filenames, self.recursive).await;
        errors.append(&mut file_errors);
        let mapper = if self.local { None } else { Some(cx.mapper().await?) };
        let parsed = match args::parse(&self.args, mapper).await {
            Ok(parsed) => parsed,
            Err(error) => {
                errors.push(error);
                args::Arguments::default()
            }
        };
        if self.select_all && (self.label_selector.is_some() || self.field_selector.is_some()) {
            errors.push(Error::msg("setting 'all' parameter but found a non empty selector. "));
        }
        Error::aggregate(errors)?;
        if !sources.paths.is_empty() || !self.kustomize.is_empty() {
            return self.by_paths(cx, sources, &parsed).await;
        }
        if self.local {
            return Err(Error::local_resource());
        }
        let selects_everything = self.select_all || (parsed.everything && self.everything_without_selector);
        if self.label_selector.is_some() || self.field_selector.is_some() || selects_everything {
            return self.by_selector(cx, &parsed).await;
        }
        if !parsed.tuples.is_empty() || !parsed.names.is_empty() {
            return self.by_name(cx, &parsed).await;
        }
        if parsed.types.is_empty() {
            return Err(Error::msg(MISSING));
        }
        for word in &parsed.types {
            cx.mapper().await?.resource(word).await?;
        }
        Err(Error::msg("resource(s) were provided, but no name was specified"))
    }

    /// As [`Builder::find`] where that is one collection: its pages are handed over as they come and not kept. `None`,
    /// and nothing was asked for, if it is anything else.
    pub async fn pages(&self, cx: &Context, take: &mut Take<'_>) -> Result<Option<()>> {
        if !self.filenames.is_empty() || !self.kustomize.is_empty() || self.local || !self.subresource.is_empty() {
            return Ok(None);
        }
        let Ok(parsed) = args::parse(&self.args, Some(cx.mapper().await?)).await else { return Ok(None) };
        let everything = self.select_all || (parsed.everything && self.everything_without_selector);
        let selects = self.label_selector.is_some() || self.field_selector.is_some();
        let conflict = self.select_all && selects;
        let named = !parsed.names.is_empty() || !parsed.tuples.is_empty();
        let [word] = &parsed.types[..] else { return Ok(None) };
        if conflict || named || !(everything || selects) {
            return Ok(None);
        }
        let Ok(mapping) = cx.mapper().await?.resource(word).await else { return Ok(None) };
        let source = self.source(mapping);
        match self.list(&cx.requests().await?, &source, take).await {
            Ok(()) => Ok(Some(())),
            Err(error @ (Error::Api(_) | Error::Connection(_))) => {
                let error = cx.mapper().await?.explain(error, &source.mapping).await;
                if matches!(error, Error::Message(_)) { Err(error) } else { Err(list_error(error, &source)) }
            }
            Err(error) => Err(error),
        }
    }

    fn source(&self, mapping: Arc<Mapping>) -> ListSource {
        ListSource {
            namespace: if mapping.namespaced { self.namespace.clone() } else { String::new() },
            label_selector: self.label_selector.clone().unwrap_or_default(),
            field_selector: self.field_selector.clone().unwrap_or_default(),
            mapping,
        }
    }

    async fn mappings(&self, cx: &Context, types: &[String]) -> Result<Vec<Arc<Mapping>>> {
        if types.len() > 1 && self.single_type {
            return Err(Error::msg("you may only specify a single resource type"));
        }
        let mut mappings: Vec<Arc<Mapping>> = Vec::new();
        for word in types {
            let mapping = cx.mapper().await?.resource(word).await?;
            if !mappings.contains(&mapping) {
                mappings.push(mapping);
            }
        }
        Ok(mappings)
    }

    async fn by_selector(&self, cx: &Context, parsed: &args::Arguments) -> Result<Found> {
        let refuse = |text: &str| Err(Error::msg(text));
        if !parsed.names.is_empty() {
            return refuse("name cannot be provided when a selector is specified");
        }
        if !parsed.tuples.is_empty() {
            return refuse("selectors and the all flag cannot be used when passing resource/name arguments");
        }
        if parsed.types.is_empty() {
            return refuse("at least one resource must be specified to use a selector");
        }
        if !self.subresource.is_empty() {
            return refuse("subresource cannot be used when bulk resources are specified");
        }
        let mappings = self.mappings(cx, &parsed.types).await?;
        let requests = cx.requests().await?;
        let mut found = Found::default();
        for mapping in mappings {
            let source = self.source(mapping);
            let items = &mut found.items;
            let mut keep = |info| {
                items.push(Ok(info));
                Ok(())
            };
            if let Err(error) = self.list(&requests, &source, &mut keep).await {
                let error = cx.mapper().await?.explain(error, &source.mapping).await;
                if matches!(error, Error::Message(_)) {
                    return Err(error);
                }
                let error = list_error(error, &source);
                found.items.push(Err(error));
                if !self.continue_on_error {
                    return Ok(found);
                }
            }
            found.lists.push(source);
        }
        Ok(found)
    }

    /// Reads a collection page by page (cli-runtime: resource/selector.go).
    async fn list(&self, requests: &Requests, source: &ListSource, take: &mut Take<'_>) -> Result<()> {
        let mut next = String::new();
        loop {
            let mut call = source.call();
            if let Some(accept) = self.accept {
                call = call.header(http::header::ACCEPT, accept);
            }
            if self.include_object {
                call = call.query("includeObject", "Object");
            }
            if self.chunk > 0 {
                call = call.query("limit", self.chunk.to_string());
            }
            let call = call.query_if("continue", &next);
            let table = self.accept.is_some() && !self.include_object;
            let mut page = if table { requests.lean(call).await? } else { requests.json(call).await? };
            next = page["metadata"]["continue"].as_str().unwrap_or_default().to_string();
            if self.flatten && is_list(&page) {
                for object in take_items(&mut page) {
                    take(source.info(object))?;
                }
            } else {
                take(source.info(page))?;
            }
            if next.is_empty() {
                return Ok(());
            }
        }
    }

    async fn by_name(&self, cx: &Context, parsed: &args::Arguments) -> Result<Found> {
        let refuse = |text: &str| Err(Error::msg(text));
        let mut wanted = Vec::new();
        if !parsed.tuples.is_empty() {
            for (word, name) in &parsed.tuples {
                wanted.push((cx.mapper().await?.resource(word).await?, name));
            }
            if self.single_type && wanted.iter().any(|(mapping, _)| *mapping != wanted[0].0) {
                return refuse("you may only specify a single resource type");
            }
        } else {
            if parsed.types.len() > 1 {
                return refuse("you must specify only one resource");
            }
            let mapping = self.mappings(cx, &parsed.types).await?.remove(0);
            wanted.extend(parsed.names.iter().map(|name| (mapping.clone(), name)));
        }
        let mut found =
            Found { single_item_implied: wanted.len() == 1, targets_single_items: true, ..Found::default() };
        for (mapping, name) in wanted {
            if mapping.namespaced && self.namespace.is_empty() {
                return refuse(if self.all_namespaces {
                    "a resource cannot be retrieved by name across all namespaces"
                } else {
                    "namespace may not be empty when retrieving a resource by name"
                });
            }
            let mut info = Info {
                namespace: if mapping.namespaced { self.namespace.clone() } else { String::new() },
                mapping,
                name: name.clone(),
                source: String::new(),
                object: Value::Null,
                subresource: self.subresource.clone(),
            };
            let mut result = Ok(());
            if !self.no_object {
                result = info.get(&cx.requests().await?, self.accept, self.include_object).await;
                if let Err(error) = result {
                    let error = cx.mapper().await?.explain(error, &info.mapping).await;
                    if matches!(error, Error::Message(_)) {
                        return Err(error);
                    }
                    result = Err(error);
                }
            }
            let failed = result.is_err();
            found.items.push(result.map(|()| info));
            if failed && !self.continue_on_error {
                break;
            }
        }
        Ok(found)
    }

    async fn by_paths(&self, cx: &Context, sources: files::Sources, parsed: &args::Arguments) -> Result<Found> {
        let refuse = |text: &str| Err(Error::msg(text));
        if !parsed.types.is_empty() {
            return refuse(
                "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
            );
        }
        if !parsed.names.is_empty() {
            return refuse("name cannot be provided when a path is specified");
        }
        if !parsed.tuples.is_empty() {
            return refuse("resource/name arguments cannot be provided when a path is specified");
        }
        let selector =
            match &self.label_selector {
                Some(text) => Some(apimachinery::selector::LabelSelector::parse(text).map_err(|error| {
                    Error::msg(format!("the provided selector {} is not valid: {error}", quote(text)))
                })?),
                None => None,
            };
        let single = sources.single || sources.paths.is_empty();
        let mut found = Found { single_item_implied: single, targets_single_items: true, ..Found::default() };
        let directory = Some(self.kustomize.as_str()).filter(|path| !path.is_empty());
        for path in sources.paths.iter().map(String::as_str).chain(directory) {
            let documents = match directory {
                Some(path) => crate::kustomize::documents_of(cx, path).await,
                None => files::read(cx, path).await,
            };
            if !self.take_documents(cx, documents, selector.as_ref(), &mut found).await {
                break;
            }
        }
        Ok(found)
    }

    /// The objects of a text that the caller has, as if it were a file (`Stream`).
    pub async fn find_in(self, cx: &Context, source: &str, text: &[u8]) -> Found {
        let mut found = Found { targets_single_items: true, ..Found::default() };
        self.take_documents(cx, files::documents(source, text), None, &mut found).await;
        found
    }

    /// Whether to go on with the next file.
    async fn take_documents(
        &self,
        cx: &Context,
        documents: Vec<Result<files::Document>>,
        selector: Option<&apimachinery::selector::LabelSelector>,
        found: &mut Found,
    ) -> bool {
        for document in documents {
            if self.validate
                && let Ok(document) = &document
                && let Err(error) = validate(&document.object, &document.source)
            {
                // As upstream: the rest of the file is not looked at.
                found.items.push(Err(error));
                return self.continue_on_error;
            }
            let result = match document {
                Ok(document) => self.take_document(cx, document, selector, found).await,
                Err(error) => Err(error),
            };
            if let Err(error) = result {
                found.items.push(Err(error));
                if !self.continue_on_error {
                    return false;
                }
            }
        }
        true
    }

    async fn take_document(
        &self,
        cx: &Context,
        document: files::Document,
        selector: Option<&apimachinery::selector::LabelSelector>,
        found: &mut Found,
    ) -> Result<()> {
        let mut pending = vec![document.object];
        let (mut objects, mut errors) = (Vec::new(), Vec::new());
        while let Some(mut object) = pending.pop() {
            if self.flatten && is_list(&object) {
                let mut items = take_items(&mut object);
                items.reverse();
                pending.extend(items);
            } else {
                objects.push(object);
            }
        }
        for object in objects {
            match self.info_for(cx, object, &document.source).await {
                Ok(info) if selector.is_some_and(|selector| !selector.matches_object(&info.object)) => {}
                Ok(info) => found.items.push(Ok(info)),
                Err(error) => errors.push(error),
            }
        }
        Error::aggregate(errors)
    }

    /// cli-runtime: resource/mapper.go `infoForData`, then the namespace rules of visitor.go.
    async fn info_for(&self, cx: &Context, object: Value, source: &str) -> Result<Info> {
        if self.latest && is_list(&object) {
            return Err(Error::msg(
                "watch is only supported on individual resources and resource collections, but a list of resources is found",
            ));
        }
        let mapping = self.mapping_of(cx, &object, source).await?;
        let metadata = &object["metadata"];
        let mut info = Info {
            namespace: metadata["namespace"].as_str().unwrap_or_default().to_string(),
            name: metadata["name"].as_str().unwrap_or_default().to_string(),
            source: source.to_string(),
            object: Value::Null,
            subresource: self.subresource.clone(),
            mapping,
        };
        info.object = object;
        if !info.mapping.namespaced {
            info.namespace.clear();
            if let Some(metadata) = info.object.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("namespace");
            }
        } else if !self.local && info.namespace.is_empty() && self.default_namespace && !self.namespace.is_empty() {
            info.namespace = self.namespace.clone();
            info.object["metadata"]["namespace"] = Value::String(self.namespace.clone());
        }
        if self.enforce_namespace && info.mapping.namespaced && !self.local && info.namespace != self.namespace {
            // Upstream checks this later than the rest, outside of its list of errors; see `get`, which tells them apart.
            return Err(Error::Aggregate(vec![Error::msg(format!(
                "the namespace from the provided object {} does not match the namespace {}. You must pass '--namespace={}' to perform this operation.",
                quote(&info.namespace),
                quote(&self.namespace),
                info.namespace
            ))]));
        }
        if self.latest && !info.name.is_empty() && info.mapping.namespaced && info.namespace.is_empty() {
            let (group, version, resource) = (&info.mapping.group, &info.mapping.version, &info.mapping.resource);
            let resource = format!("{group}/{version}, Resource={resource}");
            return Err(Error::msg(format!("no namespace set on resource {resource} {}", quote(&info.name))));
        }
        if self.latest && !info.name.is_empty() {
            info.get(&cx.requests().await?, self.accept, self.include_object).await?;
        }
        Ok(info)
    }

    async fn mapping_of(&self, cx: &Context, object: &Value, source: &str) -> Result<Arc<Mapping>> {
        let unable = |text: String| Error::msg(format!("unable to decode {}: {text}", quote(source)));
        if !object.is_object() {
            let kind = metadata::json_type(object);
            return Err(unable(format!("json: cannot unmarshal {kind} into Go value of type unstructured.detector")));
        }
        let (kind, api_version) =
            (object["kind"].as_str().unwrap_or_default(), object["apiVersion"].as_str().unwrap_or_default());
        if kind.is_empty() {
            return Err(unable(format!("Object 'Kind' is missing in '{}'", crate::printers::json::compact(object))));
        }
        metadata::check(object).map_err(unable)?;
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let found = if self.local { None } else { cx.mapper().await?.kind(group, version, kind).await? };
        if let Some(found) = found {
            return Ok(found);
        }
        if self.local {
            return Ok(crate::mapper::guess(group, version, kind));
        }
        let metadata = &object["metadata"];
        Err(Error::msg(format!(
            "resource mapping not found for name: {} namespace: {} from {}: no matches for kind {} in version {}\nensure CRDs are installed first",
            quote(metadata["name"].as_str().unwrap_or_default()),
            quote(metadata["namespace"].as_str().unwrap_or_default()),
            quote(source),
            quote(kind),
            quote(api_version)
        )))
    }
}

impl ListSource {
    /// The request for the collection.
    pub fn call(&self) -> Call {
        Call::get(self.mapping.path(&self.namespace, "", ""))
            .query_if("labelSelector", &self.label_selector)
            .query_if("fieldSelector", &self.field_selector)
    }
    fn info(&self, object: Value) -> Info {
        let metadata = &object["metadata"];
        Info {
            name: metadata["name"].as_str().unwrap_or_default().to_string(),
            namespace: metadata["namespace"].as_str().map_or_else(|| self.namespace.clone(), String::from),
            mapping: self.mapping.clone(),
            source: String::new(),
            object,
            subresource: String::new(),
        }
    }
}

/// A failed list says what it was about (cli-runtime: resource/helper.go `EnhanceListError`).
fn list_error(error: Error, source: &ListSource) -> Error {
    let Error::Api(api) = error else { return error };
    if !["BadRequest", "NotFound"].contains(&api.reason()) {
        return Error::Api(api);
    }
    let mapping = &source.mapping;
    // schema.GroupVersionResource.String(): the core group has nothing in front of its slash.
    let subject = quote(&format!("{}/{}, Resource={}", mapping.group, mapping.version, mapping.resource));
    let (label, field) = (&source.label_selector, &source.field_selector);
    let text = if label.is_empty() && field.is_empty() {
        format!("Unable to list {subject}: {}", api.message())
    } else {
        let (label, field) = (quote(label), quote(field));
        format!("Unable to find {subject} that match label selector {label}, field selector {field}: {}", api.message())
    };
    Error::Api(Box::new(api.with_message(text)))
}

/// A document that is refused before the server sees it.
fn validate(object: &Value, source: &str) -> Result<()> {
    let Some(text) = validation_fault(object) else { return Ok(()) };
    Err(Error::msg(format!(
        "error validating {}: error validating data: {text}; if you choose to ignore these errors, turn validation off with --validate=false",
        quote(source)
    )))
}

/// What can be said of a document before the server sees it (kubectl: pkg/validation/validation.go `getObjectKind`).
pub(crate) fn validation_fault(object: &Value) -> Option<String> {
    let mut faults = Vec::new();
    if object.is_object() {
        for (field, value) in [("apiVersion", &object["apiVersion"]), ("kind", &object["kind"])] {
            match value {
                Value::String(text) if field == "apiVersion" && text.matches('/').count() > 1 => {
                    faults.push(format!("unexpected GroupVersion string: {text}"));
                }
                Value::String(_) => {}
                Value::Null => faults.push(format!("{field} not set")),
                _ => faults.push(format!("{field} isn't string type")),
            }
        }
    } else {
        faults.push("invalid object to validate".to_string());
    }
    match faults.len() {
        0 | 1 => faults.pop(),
        _ => Some(format!("[{}]", faults.join(", "))),
    }
}
