//! One object on its way through a build, and what is remembered of it (kustomize: api/resource/resource.go).

use super::Result;
use super::id::{Gvk, ResId, scalar};
use super::merge;
use super::origin::Origin;
use serde_json::{Map, Value};

/// What a generated object does to one that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Behavior {
    #[default]
    Unspecified,
    Create,
    Replace,
    Merge,
}

impl Behavior {
    pub fn of(text: &str) -> Self {
        match text {
            "create" => Behavior::Create,
            "replace" => Behavior::Replace,
            "merge" => Behavior::Merge,
            _ => Behavior::Unspecified,
        }
    }
    pub fn text(self) -> &'static str {
        match self {
            Behavior::Unspecified => "unspecified",
            Behavior::Create => "create",
            Behavior::Replace => "replace",
            Behavior::Merge => "merge",
        }
    }
}

/// An earlier name of an object: namespace, name and kind that it had.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Previous {
    namespace: String,
    name: String,
    kind: String,
}

/// An object; null when a patch has deleted it.
#[derive(Debug, Clone, Default)]
pub(super) struct Resource {
    pub object: Value,
    previous: Vec<Previous>,
    pub prefixes: Vec<String>,
    pub suffixes: Vec<String>,
    pub behavior: Behavior,
    pub needs_hash: bool,
    pub allow_name_change: bool,
    pub allow_kind_change: bool,
    /// Names of the vars whose value stands in it.
    pub vars: Vec<String>,
    pub origin: Option<Origin>,
    pub transformations: Vec<Origin>,
}

impl Resource {
    pub fn new(object: Value) -> Self {
        Resource { object, ..Resource::default() }
    }
    pub fn is_empty(&self) -> bool {
        self.object.as_object().is_none_or(Map::is_empty)
    }
    pub fn gvk(&self) -> Gvk {
        Gvk::of(&self.object)
    }
    pub fn kind(&self) -> String {
        scalar(&self.object["kind"])
    }
    pub fn name(&self) -> String {
        scalar(&self.object["metadata"]["name"])
    }
    pub fn namespace(&self) -> String {
        scalar(&self.object["metadata"]["namespace"])
    }
    pub fn set_name(&mut self, name: &str) {
        set_metadata(&mut self.object, "name", name);
    }
    pub fn set_namespace(&mut self, namespace: &str) {
        set_metadata(&mut self.object, "namespace", namespace);
    }
    /// What it is now.
    pub fn current_id(&self) -> ResId {
        ResId::new(self.gvk(), &self.name(), &self.namespace())
    }
    /// What it was, oldest first.
    pub fn previous_ids(&self) -> Vec<ResId> {
        let gvk = self.gvk();
        let id = |previous: &Previous| {
            let gvk = Gvk { kind: previous.kind.clone(), ..gvk.clone() };
            ResId::new(gvk, &previous.name, &previous.namespace)
        };
        self.previous.iter().map(id).collect()
    }
    /// What it was when it was read.
    pub fn original_id(&self) -> ResId {
        self.previous_ids().into_iter().next().unwrap_or_else(|| self.current_id())
    }
    /// All that it was and is.
    pub fn any_ids(&self) -> Vec<ResId> {
        let mut ids = self.previous_ids();
        ids.push(self.current_id());
        ids
    }
    /// Remembers what it is, before that changes.
    pub fn store_previous_id(&mut self) {
        let id = self.current_id();
        let namespace = id.effective_namespace().to_string();
        self.previous.push(Previous { namespace, name: id.name, kind: id.gvk.kind });
    }
    /// Another object was made in the same layers of prefixes and suffixes.
    pub fn prefixes_suffixes_equal(&self, other: &Resource, allow_empty: bool) -> bool {
        let same = |mine: &[String], theirs: &[String]| {
            let shorter = mine.len().min(theirs.len());
            let either_empty = allow_empty && shorter == 0;
            either_empty
                || mine[mine.len() - shorter..] == theirs[theirs.len() - shorter..]
                    && (shorter > 0 || mine.len() == theirs.len())
        };
        same(&self.prefixes, &other.prefixes) && same(&self.suffixes, &other.suffixes)
    }
    /// Applies a strategic merge patch. Kind and name stay, unless the patch may change them; the namespace stays.
    pub fn apply_patch(&mut self, patch: &Resource) -> Result<()> {
        let (name, namespace, kind) = (self.name(), self.namespace(), self.kind());
        if patch.allow_name_change || patch.allow_kind_change {
            self.store_previous_id();
        }
        let object = merge::strategic(self.object.take(), patch.object.clone())?;
        let Some(object) = object.filter(|object| object.as_object().is_some_and(|map| !map.is_empty())) else {
            return Ok(());
        };
        self.object = object;
        if !patch.allow_kind_change {
            self.object["kind"] = kind.into();
        }
        if !patch.allow_name_change {
            self.set_name(&name);
        }
        self.set_namespace(&namespace);
        Ok(())
    }
    /// Takes over the metadata of the object that this one replaces or is merged into.
    pub fn take_metadata(&mut self, old: &Resource) {
        for field in ["labels", "annotations"] {
            let mut merged = old.object["metadata"][field].as_object().cloned().unwrap_or_default();
            merged.extend(self.object["metadata"][field].as_object().cloned().unwrap_or_default());
            set_map(&mut self.object, field, merged);
        }
        self.set_name(&old.name());
        self.set_namespace(&old.namespace());
        self.previous = old.previous.clone();
        self.prefixes = old.prefixes.clone();
        self.suffixes = old.suffixes.clone();
        self.vars = old.vars.clone();
        self.behavior = old.behavior;
        self.needs_hash = self.needs_hash && old.needs_hash;
    }
    /// Merges `data` and `binaryData` of the older object in.
    pub fn merge_data(&mut self, old: &Resource) {
        for field in ["data", "binaryData"] {
            let mut merged = old.object[field].as_object().cloned().unwrap_or_default();
            merged.extend(self.object[field].as_object().cloned().unwrap_or_default());
            if let Value::Object(object) = &mut self.object {
                if merged.is_empty() {
                    object.remove(field);
                } else {
                    object.insert(field.into(), Value::Object(merged));
                }
            }
        }
    }
    /// The object as kustomize shows it in the middle of a build: what is remembered stands in annotations.
    pub fn show(&self) -> String {
        let mut object = self.object.clone();
        let mut annotations = object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
        let of = |part: fn(&Previous) -> &String| -> Vec<&str> {
            self.previous.iter().map(|previous| part(previous).as_str()).collect()
        };
        let texts = |list: &[String]| -> String { list.join(",") };
        let generated = self.behavior != Behavior::Unspecified || self.needs_hash;
        for (name, text) in [
            ("previousKinds", of(|p| &p.kind).join(",")),
            ("previousNames", of(|p| &p.name).join(",")),
            ("previousNamespaces", of(|p| &p.namespace).join(",")),
            ("prefixes", texts(&self.prefixes)),
            ("suffixes", texts(&self.suffixes)),
            ("needsHashSuffix", if self.needs_hash { "enabled".into() } else { String::new() }),
            ("generatorBehavior", if generated { self.behavior.text().into() } else { String::new() }),
        ] {
            if !text.is_empty() {
                annotations.insert(format!("internal.config.kubernetes.io/{name}"), text.into());
            }
        }
        set_map(&mut object, "annotations", annotations);
        apimachinery::go::json(&object)
    }
    /// The text of an annotation.
    pub fn annotation(&self, name: &str) -> Option<String> {
        self.object["metadata"]["annotations"].get(name).map(scalar)
    }
}

/// Sets a text under `metadata`, or removes it if it is empty.
fn set_metadata(object: &mut Value, field: &str, text: &str) {
    let Some(object) = object.as_object_mut() else { return };
    if text.is_empty() && !object.contains_key("metadata") {
        return;
    }
    let metadata = object.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    let Some(metadata) = metadata.as_object_mut() else { return };
    if text.is_empty() {
        metadata.remove(field);
    } else {
        metadata.insert(field.into(), text.into());
    }
}

/// Sets labels or annotations, or removes them if there are none.
pub(super) fn set_map(object: &mut Value, field: &str, map: Map<String, Value>) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if map.is_empty() {
        metadata.remove(field);
    } else {
        metadata.insert(field.into(), Value::Object(map));
    }
}
