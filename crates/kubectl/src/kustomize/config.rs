//! Which fields transformers change: kustomize's own, and what a kustomization adds (kustomize:
//! api/internal/plugins/builtinconfig).

use super::Result;
use super::fieldspec::{FieldSpec, merge_all};
use super::id::Gvk;
use std::sync::LazyLock;

static DEFAULT: LazyLock<Config> = LazyLock::new(|| Config::parse(include_str!("data/fieldspecs.txt")));

/// What refers to objects of a kind by their names.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct BackReferences {
    #[serde(flatten)]
    pub gvk: Gvk,
    #[serde(rename = "fieldSpecs")]
    pub referrers: Vec<FieldSpec>,
}

/// Fields by what stands in them.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Config {
    pub name_prefix: Vec<FieldSpec>,
    pub name_suffix: Vec<FieldSpec>,
    pub namespace: Vec<FieldSpec>,
    pub common_labels: Vec<FieldSpec>,
    pub labels: Vec<FieldSpec>,
    pub template_labels: Vec<FieldSpec>,
    pub common_annotations: Vec<FieldSpec>,
    pub name_reference: Vec<BackReferences>,
    pub var_reference: Vec<FieldSpec>,
    pub images: Vec<FieldSpec>,
    pub replicas: Vec<FieldSpec>,
}

/// Kinds in the order in which they are best created; the last two are last.
pub(super) const ORDER_FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
/// What other objects are checked by comes after them.
pub(super) const ORDER_LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// A kind's place among others: before those that are in neither list, or after them.
pub(super) fn rank(kind: &str, first: &[impl AsRef<str>], last: &[impl AsRef<str>]) -> isize {
    let at = |place: usize| isize::try_from(place).unwrap_or(isize::MAX);
    if let Some(place) = last.iter().position(|name| name.as_ref() == kind) {
        return at(place) + 1;
    }
    first.iter().position(|name| name.as_ref() == kind).map_or(0, |place| at(place) - at(first.len()))
}

/// A group, version and kind as a text to sort by.
pub(super) fn sort_text(gvk: &Gvk) -> String {
    let or = |text: &'static str, part: &str| if part.is_empty() { text.to_string() } else { part.to_string() };
    format!("{}_{}_{}", or("~G", &gvk.group), or("~V", &gvk.version), or("~K", &gvk.kind))
}

impl Config {
    /// kustomize's own.
    pub fn default_config() -> Config {
        DEFAULT.clone()
    }

    fn parse(text: &str) -> Config {
        let gvk = |word: &str| {
            let mut parts = word.splitn(3, '.').map(|part| if part == "*" { "" } else { part }.to_string());
            let (kind, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            Gvk { group: parts.next().unwrap_or_default(), version, kind }
        };
        let (mut config, mut section) = (Config::default(), "");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(title) = line.strip_prefix('[') {
                section = title.trim_end_matches(']');
                if let Some(target) = section.strip_prefix("nameReference ") {
                    config.name_reference.push(BackReferences { gvk: gvk(target), referrers: Vec::new() });
                }
                continue;
            }
            let (who, path) = line.split_once(' ').unwrap_or((line, ""));
            let (path, create) = path.strip_prefix('+').map_or((path, false), |path| (path, true));
            let spec = FieldSpec { gvk: gvk(who), path: path.into(), create };
            match section {
                "namePrefix" => config.name_prefix.push(spec),
                "nameSuffix" => config.name_suffix.push(spec),
                "namespace" => config.namespace.push(spec),
                "commonLabels" => config.common_labels.push(spec),
                "templateLabels" => config.template_labels.push(spec),
                "commonAnnotations" => config.common_annotations.push(spec),
                "varReference" => config.var_reference.push(spec),
                "images" => config.images.push(spec),
                "replicas" => config.replicas.push(spec),
                _ => config.name_reference.last_mut().into_iter().for_each(|refs| refs.referrers.push(spec.clone())),
            }
        }
        config
    }

    /// Adds what another one has.
    pub fn merge(&mut self, other: &Config) -> Result<()> {
        let lists = [
            (&mut self.name_prefix, &other.name_prefix, "NamePrefix"),
            (&mut self.name_suffix, &other.name_suffix, "NameSuffix"),
            (&mut self.namespace, &other.namespace, "NameSpace"),
            (&mut self.common_annotations, &other.common_annotations, "CommonAnnotations"),
            (&mut self.common_labels, &other.common_labels, "CommonLabels"),
            (&mut self.labels, &other.labels, "Labels"),
            (&mut self.template_labels, &other.template_labels, "TemplateLabels"),
            (&mut self.var_reference, &other.var_reference, "VarReference"),
            (&mut self.images, &other.images, "Images"),
            (&mut self.replicas, &other.replicas, "Replicas"),
        ];
        let key = |gvk: &Gvk| (rank(&gvk.kind, &ORDER_FIRST, &ORDER_LAST), sort_text(gvk));
        for (mine, theirs, name) in lists {
            merge_all(mine, theirs).map_err(|error| format!("failed to merge {name} fieldSpec: {error}"))?;
            mine.sort_by_key(|spec| key(&spec.gvk));
        }
        for refs in &other.name_reference {
            match self.name_reference.iter_mut().find(|have| have.gvk == refs.gvk) {
                Some(have) => merge_all(&mut have.referrers, &refs.referrers)
                    .map_err(|error| format!("failed to merge NameReference fieldSpec: {error}"))?,
                None => self.name_reference.push(refs.clone()),
            }
        }
        self.name_reference.sort_by_key(|refs| key(&refs.gvk));
        Ok(())
    }
}
