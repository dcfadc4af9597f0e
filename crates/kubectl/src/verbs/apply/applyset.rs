//! ApplySets: an object that remembers which objects were applied together (kubectl: pkg/cmd/apply/applyset.go,
//! applyset_pruner.go). Only with `KUBECTL_APPLYSET=true`.

use super::Options;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::mapper::Mapping;
use crate::printers::PrintFlags;
use crate::resource::{Helper, Info, take_items};
use crate::text::quote;
use crate::verbs::delete;
use crate::verbs::prune::Visited;
use crate::verbs::version;
use apimachinery::meta;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const TOOLING: &str = "applyset.kubernetes.io/tooling";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const RESOURCES: &str = "applyset.kubernetes.io/contains-group-resources";
const ID: &str = "applyset.kubernetes.io/id";
const PART_OF: &str = "applyset.kubernetes.io/part-of";
const PARENT_TYPE: &str = "applyset.kubernetes.io/is-parent-type";
const TOOL: &str = "kubectl";
const MANAGER: &str = "kubectl-applyset";

/// The types and namespaces of a set's members.
#[derive(Debug, Clone, Default)]
struct Scope {
    /// By `Kind.group`.
    kinds: BTreeMap<String, Arc<Mapping>>,
    namespaces: BTreeSet<String>,
}

/// A set, while it is applied.
pub(super) struct ApplySet {
    parent: Arc<Mapping>,
    namespace: String,
    name: String,
    /// What it holds at the beginning.
    current: Scope,
    /// What it holds at the end.
    updated: Scope,
}

impl ApplySet {
    /// The set of `--applyset`: `[RESOURCE][.GROUP]/NAME`, of a Secret if there is only a name.
    pub(super) async fn of(cx: &Context, reference: &str) -> Result<ApplySet> {
        let invalid = |error: String| Error::msg(format!("invalid parent reference {}: {error}", quote(reference)));
        let (word, name) = reference.split_once('/').unwrap_or(("secrets", reference));
        if name.is_empty() {
            return Err(invalid("name cannot be blank".into()));
        }
        let parent = cx.mapper().await?.resource(word).await.map_err(|error| match error {
            Error::Message(_) => {
                let (resource, group) = word.split_once('.').unwrap_or((word, ""));
                invalid(format!("no matches for {group}/, Resource={resource}"))
            }
            other => other,
        })?;
        let (namespace, enforce) = cx.namespace().await?;
        let namespace = if enforce && parent.namespaced { namespace } else { String::new() };
        let (current, updated) = (Scope::default(), Scope::default());
        Ok(ApplySet { parent, namespace, name: name.to_string(), current, updated })
    }

    fn is_builtin(&self) -> bool {
        let parent = &self.parent;
        parent.group.is_empty() && ["secrets", "configmaps"].contains(&parent.resource.as_str())
    }

    /// Whether the parent may be one.
    pub(super) async fn validate(&self, cx: &Context) -> Result<()> {
        let mut errors = Vec::new();
        if self.parent.namespaced && self.namespace.is_empty() {
            errors.push(Error::msg("namespace is required to use namespace-scoped ApplySet"));
        }
        if !self.is_builtin() {
            let definitions = cx.mapper().await?.resource("customresourcedefinitions.apiextensions.k8s.io").await?;
            let permitted = match Helper::new(&cx.requests().await?, &definitions).list("", PARENT_TYPE, "").await {
                Ok(mut list) => take_items(&mut list),
                Err(error) => {
                    let text = format!("identifying allowed custom resource parent types: {error}");
                    errors.push(Error::msg(text));
                    Vec::new()
                }
            };
            if !permitted.iter().any(|definition| meta::name(definition) == self.parent.qualified()) {
                let parent = &self.parent;
                let shown = format!("{}/{}, Resource={}", parent.group, parent.version, parent.resource);
                let text = format!("resource {} is not permitted as an ApplySet parent", quote(&shown));
                errors.push(Error::msg(text));
            }
        }
        Error::aggregate(errors)
    }

    /// The value of the label by which parent and members know each other.
    fn id(&self) -> String {
        let text = [&self.name, &self.namespace, &self.parent.kind, &self.parent.group].map(String::as_str).join(".");
        format!("applyset-{}-v1", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())))
    }

    /// Labels the objects as members.
    pub(super) fn label(&self, infos: &mut [Info]) -> Result<()> {
        for info in infos {
            if !info.object["metadata"]["labels"][PART_OF].is_null() {
                return Err(Error::msg(format!("ApplySet label {} already set in input data", quote(PART_OF))));
            }
            meta::set(&mut info.object, &["metadata", "labels", PART_OF], json!(self.id()));
        }
        Ok(())
    }

    /// Before anything is applied: the parent is to know of all that was and will be in the set, so that nothing is
    /// forgotten whatever happens.
    pub(super) async fn before(&mut self, cx: &Context, options: &Options, infos: &[Info]) -> Result<()> {
        self.fetch(cx).await?;
        for info in infos {
            self.updated.kinds.insert(group_kind(&info.mapping), info.mapping.clone());
            if info.mapping.namespaced && !info.namespace.is_empty() {
                self.updated.namespaces.insert(info.namespace.clone());
            }
        }
        let mut all = self.updated.clone();
        all.kinds.extend(self.current.kinds.clone());
        all.namespaces.extend(self.current.namespaces.clone());
        self.update(cx, options, &all).await
    }

    async fn fetch(&mut self, cx: &Context) -> Result<()> {
        let shown = quote(&format!("{}.{}/{}", self.parent.resource, self.parent.group, self.name));
        let refuse = |text: String| Err(Error::msg(format!("ApplySet parent object {shown} {text}")));
        let parent = match Helper::new(&cx.requests().await?, &self.parent).get(&self.namespace, &self.name).await {
            Ok(parent) => parent,
            Err(error) if error.is_not_found() && self.is_builtin() => return Ok(()),
            Err(error) if error.is_not_found() => {
                return Err(Error::msg("custom resource ApplySet parents cannot be created automatically"));
            }
            Err(error) => {
                return Err(Error::msg(format!("failed to fetch ApplySet parent object {shown}: {error}")));
            }
        };
        let Some(tooling) = meta::annotation(&parent, TOOLING) else {
            return refuse(format!("already exists and is missing required annotation {}", quote(TOOLING)));
        };
        let tool = tooling.rsplit_once('/').map_or(tooling, |(tool, _)| tool);
        if tool != TOOL {
            let text = format!("already exists and is managed by tooling {} instead of {}", quote(tool), quote(TOOL));
            return refuse(text);
        }
        match parent["metadata"]["labels"][ID].as_str() {
            None => return refuse(format!("exists and does not have required label {ID}")),
            Some(id) if id != self.id() => {
                let (label, want) = (quote(ID), self.id());
                return refuse(format!("exists and has incorrect value for label {label} (got: {id}, want: {want})"));
            }
            Some(_) => {}
        }
        let parse = |error: Error| Error::msg(format!("parsing ApplySet annotation on {shown}: {error}"));
        self.current.kinds = kinds(cx, &parent).await.map_err(parse)?;
        let namespaces = meta::annotation(&parent, NAMESPACES).unwrap_or_default();
        self.current.namespaces = namespaces.split(',').filter(|text| !text.is_empty()).map(String::from).collect();
        if self.parent.namespaced {
            self.current.namespaces.insert(self.namespace.clone());
        }
        Ok(())
    }

    async fn update(&self, cx: &Context, options: &Options, scope: &Scope) -> Result<()> {
        if options.patching.locally {
            return Ok(());
        }
        let kinds: Vec<&str> = scope.kinds.keys().map(String::as_str).collect();
        let namespaces = scope.namespaces.iter().filter(|namespace| **namespace != self.namespace);
        let namespaces: Vec<&str> = namespaces.map(String::as_str).collect();
        let mut parent = json!({
            "apiVersion": self.parent.api_version(),
            "kind": self.parent.kind,
            "metadata": {
                "name": self.name,
                "annotations": {
                    TOOLING: format!("{TOOL}/{}", version::VERSION),
                    KINDS: kinds.join(","),
                    NAMESPACES: namespaces.join(","),
                },
                "labels": {ID: self.id()},
            },
        });
        if !self.namespace.is_empty() {
            parent["metadata"]["namespace"] = json!(self.namespace);
        }
        let helper = Helper::new(&cx.requests().await?, &self.parent)
            .dry_run(options.dry_run)
            .field_manager(MANAGER)
            .field_validation(options.validation);
        let mut done = helper.apply(&self.namespace, &self.name, &parent, false).await;
        if let Err(error) = &done
            && error.is_conflict()
        {
            let text = format!(
                "WARNING: failed to update ApplySet: {error}\nApplySet field manager {MANAGER} should own these fields. Retrying with conflicts forced."
            );
            cx.klog_warning("applyset.go:447", &text)?;
            done = helper.apply(&self.namespace, &self.name, &parent, true).await;
        }
        done.map(drop).map_err(|error| Error::msg(format!("failed to update ApplySet: {error}")))
    }

    /// After everything is applied: deletes the members that were not, and lets the parent forget them.
    pub(super) async fn prune(&self, cx: &Context, options: &Options, visited: &Visited) -> Result<()> {
        let requests = cx.requests().await?;
        let member = format!("{PART_OF}={}", self.id());
        let everywhere = BTreeSet::from([String::new()]);
        let mut found = Vec::new();
        for mapping in self.current.kinds.values() {
            let namespaces = if mapping.namespaced { &self.current.namespaces } else { &everywhere };
            for namespace in namespaces {
                let list = Helper::new(&requests, mapping).list(namespace, &member, "").await;
                let mut list = list
                    .map_err(|error| Error::msg(format!("listing {} objects for pruning: {error}", mapping.gvk())))?;
                let members = take_items(&mut list).into_iter().filter(|object| !visited.knows(object));
                found.extend(members.map(|object| (mapping, namespace, object)));
            }
        }
        let flags = PrintFlags::of(cx, format!("pruned{}", options.dry_run.suffix()));
        let mut printer = flags.printer(cx).await?;
        for (mapping, namespace, object) in found {
            if !options.patching.locally {
                let body = delete::body(delete::propagation(cx)?, cx.flags.int("grace-period"));
                let helper = Helper::new(&requests, mapping).dry_run(options.dry_run);
                helper.delete(namespace, meta::name(&object), body).await.map_err(|error| {
                    let place = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
                    let shown = format!("{} {place}{}", group_kind(mapping), meta::name(&object));
                    Error::msg(format!("pruning {shown}: {error}"))
                })?;
            }
            write!(cx.out, "{}", printer.print(object)?)?;
        }
        let updated = self.update(cx, options, &self.updated).await;
        updated.map_err(|error| Error::msg(format!("apply and prune succeeded, but ApplySet update failed: {error}")))
    }
}

/// `Deployment.apps`, or `Pod`.
fn group_kind(mapping: &Mapping) -> String {
    if mapping.group.is_empty() { mapping.kind.clone() } else { format!("{}.{}", mapping.kind, mapping.group) }
}

/// The types that the parent's annotation names.
async fn kinds(cx: &Context, parent: &Value) -> Result<BTreeMap<String, Arc<Mapping>>> {
    let mut kinds = BTreeMap::new();
    let Some(text) = meta::annotation(parent, KINDS) else {
        let older = meta::annotation(parent, RESOURCES).filter(|text| !text.is_empty()).ok_or_else(|| {
            let kinds = quote(KINDS);
            Error::msg(format!("kubectl requires the {kinds} annotation to be set on all ApplySet parent objects"))
        })?;
        for word in older.split(',') {
            let mapping = cx.mapper().await?.resource(word).await.map_err(|_| {
                let (resource, group) = word.split_once('.').unwrap_or((word, ""));
                let annotation = quote(RESOURCES);
                Error::msg(format!(
                    "invalid group resource in {annotation} annotation: no matches for {group}/, Resource={resource}"
                ))
            })?;
            kinds.insert(group_kind(&mapping), mapping);
        }
        return Ok(kinds);
    };
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let (kind, group) = word.split_once('.').unwrap_or((word, ""));
        let mapping = cx.mapper().await?.kind(group, "", kind).await?.ok_or_else(|| {
            let (annotation, kind, group) = (quote(KINDS), quote(kind), quote(group));
            Error::msg(format!(
                "could not find mapping for kind in {annotation} annotation: no matches for kind {kind} in group {group}"
            ))
        })?;
        kinds.insert(group_kind(&mapping), mapping);
    }
    Ok(kinds)
}
