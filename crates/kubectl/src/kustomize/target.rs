//! One kustomization: its resources, what it generates, and what it changes (kustomize: api/internal/target).

use super::config::Config;
use super::generate::{Kind, generate};
use super::kustomization::{COMPONENT, Kustomization, Var};
use super::loader::Loader;
use super::origin::Origin;
use super::resmap::ResMap;
use super::resource::Resource;
use super::transform::names::Side;
use super::transform::{images, labels, names, namespace, patches, replacements, replicas};
use super::{Result, crds, documents, plugin};
use crate::printers::yaml;
use futures::future::BoxFuture;
use serde_json::Value;

/// The names that a kustomization file may have.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The OpenAPI version that kustomize has built in.
const SCHEMA: &str = "v1.21.2";

/// A generator or transformer that cannot be set up, with what the kustomization says to it.
pub(super) fn configuring(plugin: &str, config: &Value, error: &str) -> String {
    format!("trouble configuring builtin {plugin} with config: `\n{}`: {error}", yaml::to_string(config))
}

/// What was gathered so far.
#[derive(Default)]
pub(super) struct Accumulator {
    pub map: ResMap,
    pub config: Config,
    pub vars: Vec<Var>,
}

impl Accumulator {
    fn merge_vars(&mut self, vars: &[Var]) -> Result<()> {
        for var in vars {
            if self.vars.iter().any(|have| have.name == var.name) {
                return Err(format!("var '{}' already encountered", var.name));
            }
            self.vars.push(var.clone());
        }
        Ok(())
    }

    fn merge(&mut self, other: Accumulator) -> Result<()> {
        self.map.append_all(other.map.0)?;
        self.config.merge(&other.config)?;
        self.merge_vars(&other.vars)
    }
}

/// A kustomization at its directory.
pub(super) struct Target {
    loader: Loader,
    pub kustomization: Kustomization,
    file: &'static str,
    /// Where it is, if the build keeps track of that.
    origin: Option<Origin>,
}

impl Target {
    /// Reads the kustomization file of a directory.
    pub async fn load(loader: Loader, warnings: &mut Vec<String>) -> Result<Self> {
        let mut found = Vec::new();
        for name in FILES {
            if let Ok(text) = loader.text(name).await {
                found.push((name, text));
            }
        }
        if found.len() > 1 {
            return Err(format!("Found multiple kustomization files under: {}\n", loader.root()));
        }
        let Some((file, text)) = found.pop() else {
            let names = FILES.map(|name| format!("'{name}'"));
            let [first, second, third] = names;
            return Err(format!("unable to find one of {first}, {second} or {third} in directory '{}'", loader.root()));
        };
        let kustomization = Kustomization::parse(&text, &loader.root(), warnings)?;
        let origin = (!kustomization.build_metadata.is_empty()).then(Origin::default);
        Ok(Target { loader, kustomization, file, origin })
    }

    /// Which schema the kustomization wants its patches to be merged by: only the built-in one is there.
    pub async fn check_schema(&self) -> Result<()> {
        let wanted = &self.kustomization.openapi;
        if let Some(path) = wanted.get("path") {
            self.loader.text(path).await?;
            if wanted.contains_key("version") {
                return Err("builtin version and custom schema provided, cannot use both".into());
            }
            return Err(format!("openapi.path: a schema of one's own ('{path}') is not supported"));
        }
        match wanted.get("version") {
            Some(version) if version != SCHEMA => Err("the specified OpenAPI version is not built in".into()),
            _ => Ok(()),
        }
    }

    /// Everything that the kustomization makes, on top of what a component's parent has.
    pub fn accumulate<'a>(
        &'a self,
        mut so_far: Accumulator,
        warnings: &'a mut Vec<String>,
    ) -> BoxFuture<'a, Result<Accumulator>> {
        Box::pin(async move {
            let k = &self.kustomization;
            for path in &k.resources {
                self.resource(&mut so_far, path, warnings)
                    .await
                    .map_err(|error| format!("accumulating resources: {error}"))?;
            }
            so_far.config.merge(&self.config().await?).map_err(|error| format!("merging config: {error}"))?;
            for path in &k.crds {
                let failed = |error: String| format!("loading CRDs [{}]: {error}", k.crds.join(" "));
                let text = self.loader.text(path).await.map_err(failed)?;
                so_far.config.merge(&crds::read(&text, path).map_err(failed)?)?;
            }
            self.generate(&mut so_far, warnings).await?;
            for path in &k.components {
                so_far = self
                    .component(so_far, path, warnings)
                    .await
                    .map_err(|error| format!("accumulating components: {error}"))?;
            }
            self.transform(&mut so_far, warnings).await?;
            super::vars::mark(&mut so_far.map, &k.vars)
                .and_then(|()| so_far.merge_vars(&k.vars))
                .map_err(|error| format!("merging vars [{}]: {error}", super::vars::show_all(&k.vars)))?;
            Ok(so_far)
        })
    }

    /// kustomize's own fields, and those of `configurations`.
    async fn config(&self) -> Result<Config> {
        let mut config = Config::default_config();
        let mut more = Config::default();
        for path in &self.kustomization.configurations {
            let text = self.loader.text(path).await?;
            let value = crate::resource::parse_yaml(&text)
                .map_err(|error| format!("error converting YAML to JSON: yaml: {error}"))?;
            let value = if value.is_null() { Value::Object(serde_json::Map::new()) } else { value };
            let read: Config = serde_json::from_value(value)
                .map_err(|error| format!("error unmarshaling JSON: while decoding JSON: {error}"))?;
            more.merge(&read)?;
        }
        config.merge(&more)?;
        Ok(config)
    }

    /// A file, or the directory of another kustomization.
    async fn resource(&self, so_far: &mut Accumulator, path: &str, warnings: &mut Vec<String>) -> Result<()> {
        let Err(as_file) = self.file(so_far, path).await else { return Ok(()) };
        if as_file.contains("HTTP Error") {
            return Err(as_file);
        }
        let loader = match self.loader.enter(path).await {
            Ok(loader) => loader,
            Err(_) if as_file.contains("MalformedYAMLError") => return Err(as_file),
            Err(error) => return Err(format!("accumulation err='{as_file}': {error}")),
        };
        let found = match self.directory(loader, path, None, warnings).await {
            Ok(found) => so_far
                .merge(found)
                .map_err(|error| format!("recursed merging from path '{}': {error}", self.loader.root_of(path))),
            Err(error) => Err(error),
        };
        found.map_err(|error| format!("accumulation err='{as_file}': {error}"))
    }

    async fn file(&self, so_far: &mut Accumulator, path: &str) -> Result<()> {
        let read = match self.loader.text(path).await {
            Ok(text) => documents::resources(&text).map_err(|error| documents::in_file(error, path)),
            Err(error) => Err(error),
        };
        let mut map = ResMap::default();
        let read = read.and_then(|resources| map.append_all(resources));
        read.map_err(|error| format!("accumulating resources from '{path}': {error}"))?;
        for resource in &mut map.0 {
            resource.origin = self.origin.as_ref().map(|origin| origin.append(path));
        }
        so_far.map.append_all(map.0).map_err(|error| format!("merging resources from '{path}': {error}"))
    }

    /// Another kustomization; a component works on what its parent has.
    async fn directory(
        &self,
        loader: Loader,
        path: &str,
        parent: Option<Accumulator>,
        warnings: &mut Vec<String>,
    ) -> Result<Accumulator> {
        let root = loader.root();
        let mut target = Target::load(loader, warnings)
            .await
            .map_err(|error| format!("couldn't make target for path '{root}': {error}"))?;
        target.kustomization.build_metadata = self.kustomization.build_metadata.clone();
        target.origin = self.origin.as_ref().map(|origin| origin.append(path));
        target.check_schema().await?;
        let is_component = target.kustomization.kind == COMPONENT;
        match (&parent, is_component) {
            (Some(_), false) => {
                let kind = &target.kustomization.kind;
                return Err(format!("expected kind '{COMPONENT}' for path '{root}' but got '{kind}'"));
            }
            (None, true) => return Err(format!("expected kind != '{COMPONENT}' for path '{root}'")),
            _ => {}
        }
        target
            .accumulate(parent.unwrap_or_default(), warnings)
            .await
            .map_err(|error| format!("recursed accumulation of path '{root}': {error}"))
    }

    async fn component(&self, so_far: Accumulator, path: &str, warnings: &mut Vec<String>) -> Result<Accumulator> {
        let quote = crate::text::quote;
        let loader = self.loader.enter(path).await.map_err(|error| format!("loader.New {}", quote(&error)))?;
        let found = self.directory(loader, path, Some(so_far), warnings).await;
        found.map_err(|error| format!("accumulateDirectory: {}", quote(&error)))
    }

    async fn generate(&self, so_far: &mut Accumulator, warnings: &mut Vec<String>) -> Result<()> {
        let k = &self.kustomization;
        if let Some(chart) = k.helm_charts.first() {
            return Err(configuring("HelmChartInflationGenerator", chart, "must specify --enable-helm"));
        }
        for (kind, all) in [(Kind::ConfigMap, &k.config_map_generator), (Kind::Secret, &k.secret_generator)] {
            let plugin = format!("{kind:?}Generator");
            for args in all {
                let mut resource = generate(&self.loader, kind, args, k.generator_options.as_ref()).await?;
                resource.origin = self.origin.as_ref().map(|origin| origin.builtin(self.file, &plugin));
                so_far.map.absorb(resource).map_err(|error| format!("merging from generator {plugin}: {error}"))?;
            }
        }
        self.external_generators(so_far, warnings).await
    }

    async fn transform(&self, so_far: &mut Accumulator, warnings: &mut Vec<String>) -> Result<()> {
        let (k, config) = (&self.kustomization, so_far.config.clone());
        let mut loaded = Vec::new();
        let strategic = match k.patches_strategic_merge.as_slice() {
            [] => None,
            paths => Some(patches::load_strategic(&self.loader, paths).await.map_err(|error| {
                configuring("PatchStrategicMergeTransformer", &serde_json::json!({"paths": paths}), &error)
            })?),
        };
        for patch in &k.patches {
            let config = serde_json::to_value(patch).unwrap_or_default();
            let failed = |error: String| configuring("PatchTransformer", &config, &error);
            loaded.push(patches::load(&self.loader, patch).await.map_err(failed)?);
        }
        let replacements = replacements::load(&self.loader, &k.replacements).await.map_err(|error| {
            let paths: Vec<Value> = k.replacements.iter().map(|r| serde_json::json!({"path": r.path})).collect();
            configuring("ReplacementTransformer", &serde_json::json!({"replacements": paths}), &error)
        })?;
        let map = &mut so_far.map;
        if let Some(patches) = &strategic {
            patches::transform_strategic(map, patches)?;
            self.done(map, "PatchStrategicMergeTransformer");
        }
        for (patch, (loaded, source)) in k.patches.iter().zip(&loaded) {
            patches::transform(map, patch, loaded, source)?;
            self.done(map, "PatchTransformer");
        }
        if !k.namespace.is_empty() {
            namespace::transform(map, &k.namespace, &config.namespace, namespace::Mode::default())?;
            self.done(map, "NamespaceTransformer");
        }
        if !k.name_prefix.is_empty() {
            names::transform(&mut map.0, Side::Prefix, &k.name_prefix, &config.name_prefix)?;
            self.done(map, "PrefixTransformer");
        }
        if !k.name_suffix.is_empty() {
            names::transform(&mut map.0, Side::Suffix, &k.name_suffix, &config.name_suffix)?;
            self.done(map, "SuffixTransformer");
        }
        for label in &k.labels {
            labels::transform(&mut map.0, &label.pairs, &labels::fields(label, &config)?)?;
            self.done(map, "LabelTransformer");
        }
        if !k.labels.is_empty() || !k.common_labels.is_empty() {
            labels::transform(&mut map.0, &k.common_labels, &config.common_labels)?;
            self.done(map, "LabelTransformer");
        }
        if !k.common_annotations.is_empty() {
            labels::transform(&mut map.0, &k.common_annotations, &config.common_annotations)?;
            self.done(map, "AnnotationsTransformer");
        }
        for patch in &k.patches_json6902 {
            patches::transform_json(map, &self.loader, patch).await?;
            self.done(map, "PatchJson6902Transformer");
        }
        for replica in &k.replicas {
            replicas::transform(map, replica, &config.replicas)?;
            self.done(map, "ReplicaCountTransformer");
        }
        for image in &k.images {
            images::transform(&mut map.0, image, &config.images)?;
            self.done(map, "ImageTagTransformer");
        }
        if !replacements.is_empty() {
            replacements.iter().try_for_each(|replacement| replacements::transform(map, replacement))?;
            self.done(map, "ReplacementTransformer");
        }
        self.external_transformers(map, warnings).await
    }

    /// A transformer has run: what it deleted is gone, and what is kept knows of it if the build keeps track.
    fn done(&self, map: &mut ResMap, plugin: &str) {
        map.drop_empties();
        let Some(origin) = &self.origin else { return };
        for resource in &mut map.0 {
            resource.transformations.push(origin.builtin(self.file, plugin));
        }
    }

    /// The objects that configure plugins: inline, or in files or directories.
    async fn configurations(&self, configs: &[String], warnings: &mut Vec<String>) -> Result<Vec<Resource>> {
        let mut found = Accumulator::default();
        let mut paths = Vec::new();
        for config in configs {
            let Ok(mut resources) = documents::resources(config) else {
                paths.push(config);
                continue;
            };
            for resource in &mut resources {
                resource.origin = self.origin.as_ref().map(|origin| origin.append(self.file));
            }
            found.map.append_all(resources)?;
        }
        for path in paths {
            self.resource(&mut found, path, warnings).await?;
        }
        Ok(found.map.0)
    }

    /// `generators`.
    async fn external_generators(&self, so_far: &mut Accumulator, warnings: &mut Vec<String>) -> Result<()> {
        for config in self.configurations(&self.kustomization.generators, warnings).await? {
            let mut resource = plugin::generate(&self.loader, &config)
                .await
                .map_err(|error| format!("loading generator plugins: failed to load generator: {error}"))?;
            resource.origin =
                config.origin.as_ref().map(|origin| origin.plugin(config.kind(), config.name(), config.namespace()));
            so_far
                .map
                .absorb(resource)
                .map_err(|error| format!("merging from generator {}: {error}", config.kind()))?;
        }
        Ok(())
    }

    /// `transformers`, and `validators`, which may not change anything.
    async fn external_transformers(&self, map: &mut ResMap, warnings: &mut Vec<String>) -> Result<()> {
        for config in self.configurations(&self.kustomization.transformers, warnings).await? {
            plugin::transform(&self.loader, &config, map).await?;
            let origin =
                config.origin.as_ref().map(|origin| origin.plugin(config.kind(), config.name(), config.namespace()));
            map.drop_empties();
            for (resource, origin) in map.0.iter_mut().zip(std::iter::repeat(origin)) {
                resource.transformations.extend(origin);
            }
        }
        for config in self.configurations(&self.kustomization.validators, warnings).await? {
            let before: Vec<Value> = map.0.iter().map(|resource| resource.object.clone()).collect();
            plugin::transform(&self.loader, &config, map).await?;
            if !map.0.iter().map(|resource| &resource.object).eq(&before) {
                return Err("validator shouldn't modify the resource map".into());
            }
        }
        Ok(())
    }
}
