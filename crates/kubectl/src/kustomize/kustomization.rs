//! What a kustomization file says (kustomize: api/types/kustomization.go).

use super::Result;
use super::decode::decode;
use super::fieldspec::FieldSpec;
use super::id::{Gvk, ResId};
use crate::resource::parse_yaml;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) type Texts = BTreeMap<String, String>;

macro_rules! plain {
    ($(#[$doc:meta])* struct $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub(super) struct $name { $($(#[$attribute])* pub $field: $type),* }
    };
}

plain! {
    /// A kustomization, or a component.
    struct Kustomization {
        api_version: String,
        kind: String,
        openapi: Texts,
        name_prefix: String,
        name_suffix: String,
        namespace: String,
        common_labels: Texts,
        labels: Vec<Label>,
        common_annotations: Texts,
        patches_strategic_merge: Vec<String>,
        patches_json6902: Vec<Patch>,
        patches: Vec<Patch>,
        images: Vec<Image>,
        image_tags: Vec<Image>,
        replacements: Vec<Replacement>,
        replicas: Vec<Replica>,
        vars: Vec<Var>,
        sort_options: Option<SortOptions>,
        resources: Vec<String>,
        components: Vec<String>,
        crds: Vec<String>,
        bases: Vec<String>,
        config_map_generator: Vec<GeneratorArgs>,
        secret_generator: Vec<GeneratorArgs>,
        helm_charts: Vec<Value>,
        helm_chart_inflation_generator: Vec<Value>,
        generator_options: Option<GeneratorOptions>,
        configurations: Vec<String>,
        generators: Vec<String>,
        transformers: Vec<String>,
        validators: Vec<String>,
        build_metadata: Vec<String>,
    }
}

plain! {
    /// Labels, and where they go.
    struct Label {
        pairs: Texts,
        include_selectors: bool,
        include_templates: bool,
        fields: Vec<FieldSpec>,
    }
}

/// A patch, inline or in a file, and what it is for.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Patch {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub patch: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Selector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<PatchArgs>,
}

/// What a patch may change beyond content.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PatchArgs {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_name_change: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_kind_change: bool,
}

/// Which objects: regular expressions, and selectors of labels and annotations.
#[derive(Debug, Clone, Default, Deserialize, Serialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Selector {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub annotation_selector: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label_selector: String,
}

plain! {
    /// How an image is changed.
    struct Image {
        name: String,
        new_name: String,
        tag_suffix: String,
        new_tag: String,
        digest: String,
    }
}

plain! {
    /// A value that is copied to other places.
    struct Replacement {
        path: String,
        source: Option<SourceSelector>,
        source_value: Option<String>,
        targets: Option<Vec<TargetSelector>>,
    }
}

plain! {
    /// Where a value comes from.
    struct SourceSelector {
        #[serde(flatten)]
        id: ResId,
        field_path: String,
        options: Option<FieldOptions>,
    }
}

plain! {
    /// Where a value goes.
    struct TargetSelector {
        select: Option<Selector>,
        reject: Vec<Selector>,
        field_paths: Vec<String>,
        options: Option<FieldOptions>,
    }
}

plain! {
    /// Which part of a value is meant.
    struct FieldOptions {
        delimiter: String,
        index: i64,
        create: bool,
    }
}

plain! {
    /// How many replicas something has.
    struct Replica {
        name: String,
        count: i64,
    }
}

plain! {
    /// A value that stands for `$(NAME)`.
    struct Var {
        name: String,
        objref: VarTarget,
        fieldref: VarField,
    }
}

plain! {
    /// The object that a var's value is in.
    struct VarTarget {
        api_version: String,
        #[serde(flatten)]
        id: ResId,
    }
}

plain! {
    /// The field that a var's value is in.
    struct VarField {
        field_path: String,
    }
}

plain! {
    /// In which order objects are printed.
    struct SortOptions {
        order: String,
        legacy_sort_options: Option<LegacySortOptions>,
    }
}

plain! {
    /// Kinds that come first, and last.
    struct LegacySortOptions {
        order_first: Vec<String>,
        order_last: Vec<String>,
    }
}

plain! {
    /// A ConfigMap or Secret to generate.
    struct GeneratorArgs {
        namespace: String,
        name: String,
        behavior: String,
        literals: Vec<String>,
        files: Vec<String>,
        envs: Vec<String>,
        env: String,
        options: Option<GeneratorOptions>,
        #[serde(rename = "type")]
        secret_type: String,
    }
}

plain! {
    /// What generated objects have in common.
    struct GeneratorOptions {
        labels: Texts,
        annotations: Texts,
        disable_name_suffix_hash: bool,
        immutable: bool,
    }
}

const EDIT_FIX: &str = "Run 'kustomize edit fix' to update your Kustomization automatically.";

/// Deprecated fields, what to use instead, and whether the tool that changes them is experimental.
const DEPRECATED: [(&str, &str, &str); 6] = [
    ("bases", "resources", ""),
    ("commonLabels", "labels", ""),
    ("imageTags", "images", ""),
    ("patchesJson6902", "patches", ""),
    ("patchesStrategicMerge", "patches", ""),
    ("vars", "replacements", "[EXPERIMENTAL] "),
];

/// What fields of `helmChartInflationGenerator` are called in `helmCharts`.
const HELM_NAMES: [(&str, &str); 6] = [
    ("chartName", "name"),
    ("chartVersion", "version"),
    ("chartRepoUrl", "repo"),
    ("releaseNamespace", "namespace"),
    ("values", "valuesFile"),
    ("valuesLocal", "valuesInline"),
];

pub(super) const KUSTOMIZATION: &str = "Kustomization";
pub(super) const COMPONENT: &str = "Component";

impl Kustomization {
    /// Reads a file; the lines about deprecated fields are appended to `warnings`, whatever is wrong beside them.
    pub fn parse(text: &str, root: &str, warnings: &mut Vec<String>) -> Result<Self> {
        let invalid = |error: String| format!("invalid Kustomization: {error}");
        let value = parse_yaml(text).map_err(|error| invalid(format!("yaml: {error}")))?;
        let value = if value.is_null() { Value::Object(serde_json::Map::new()) } else { value };
        let fields = decode(&value, KUSTOMIZATION).map_err(invalid)?;
        for (field, instead, experimental) in DEPRECATED {
            if fields.contains_key(field) {
                warnings.push(format!(
                    "# Warning: '{field}' is deprecated. Please use '{instead}' instead. {experimental}{EDIT_FIX}"
                ));
            }
        }
        let says_nothing =
            |(name, value): (&String, &Value)| ["apiVersion", "kind"].contains(&name.as_str()) || value == "";
        if fields.iter().all(says_nothing) {
            return Err("kustomization.yaml is empty".into());
        }
        let mut read: Kustomization =
            serde_json::from_value(Value::Object(fields)).map_err(|error| invalid(error.to_string()))?;
        read.fix();
        let version = if read.kind == COMPONENT { "v1alpha1" } else { "v1beta1" };
        let version = format!("kustomize.config.k8s.io/{version}");
        let mut errors = Vec::new();
        if ![KUSTOMIZATION, COMPONENT].contains(&read.kind.as_str()) {
            errors.push(format!("kind should be {KUSTOMIZATION} or {COMPONENT}"));
        }
        if !read.api_version.is_empty() && read.api_version != version {
            errors.push(format!("apiVersion for {} should be {version}", read.kind));
        }
        if !errors.is_empty() {
            return Err(format!("Failed to read kustomization file under {root}:\n{}", errors.join("\n")));
        }
        Ok(read)
    }

    /// Moves what stands in deprecated fields to where it belongs now.
    fn fix(&mut self) {
        if self.kind.is_empty() {
            self.kind = KUSTOMIZATION.into();
        }
        self.resources.append(&mut self.bases);
        self.images.append(&mut self.image_tags);
        for args in self.config_map_generator.iter_mut().chain(&mut self.secret_generator) {
            if !args.env.is_empty() {
                args.envs.push(std::mem::take(&mut args.env));
            }
        }
        for mut chart in std::mem::take(&mut self.helm_chart_inflation_generator) {
            for (old, new) in HELM_NAMES {
                if let Some(value) = chart.as_object_mut().and_then(|chart| chart.remove(old)) {
                    chart[new] = value;
                }
            }
            self.helm_charts.push(chart);
        }
    }
}

impl GeneratorOptions {
    /// What is said for all generators holds where one says nothing else.
    pub fn merge(own: Option<&Self>, global: Option<&Self>) -> Option<Self> {
        let Some(global) = global else { return own.cloned() };
        let mut merged = own.cloned().unwrap_or_default();
        for (mine, theirs) in [(&mut merged.labels, &global.labels), (&mut merged.annotations, &global.annotations)] {
            for (key, value) in theirs {
                mine.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        merged.disable_name_suffix_hash |= global.disable_name_suffix_hash;
        merged.immutable |= global.immutable;
        Some(merged)
    }
}

impl Var {
    /// The object that is meant; `apiVersion` wins over group and version.
    pub fn target(&self) -> ResId {
        let id = &self.objref.id;
        if self.objref.api_version.is_empty() {
            return id.clone();
        }
        let gvk = Gvk::new(&self.objref.api_version, &id.gvk.kind);
        ResId { gvk, ..id.clone() }
    }
    /// The field that is meant.
    pub fn field_path(&self) -> &str {
        if self.fieldref.field_path.is_empty() { "metadata.name" } else { &self.fieldref.field_path }
    }
}
