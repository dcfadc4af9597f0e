//! `kubectl kustomize` and `-k`: objects out of a directory with a kustomization file, the same bytes as kustomize v5.8.1
//! (sigs.k8s.io/kustomize/api, kyaml).
//!
//! * [`kustomization`](self): the file, typed; `decode` finds its mistakes in Go's words
//! * `target`: one kustomization, and those that it names; `loader` reads, `documents` parses
//! * `generate`, `transform`: one file a generator or transformer; `plugin` configures them by objects; `merge` is kyaml's strategic merge
//! * `config`, `fieldspec`: where names, labels and the like stand, as data; `nameref`, `vars`: references, at the end
//!
//! Objects are JSON values: kustomize prints maps sorted by their keys, whatever the order in its input was.

mod config;
mod crds;
mod decode;
mod documents;
mod fieldspec;
mod generate;
mod hash;
mod id;
mod items;
mod kustomization;
mod loader;
mod merge;
mod nameref;
mod origin;
mod path;
mod plugin;
mod resmap;
mod resource;
mod sort;
mod target;
mod transform;
mod vars;

use crate::command::Context;
use crate::environment::Files;
use crate::resource::Document;
use fieldspec::{Create, FieldSpec};
use loader::Loader;
use origin::Origin;
use resource::{Resource, set_map};
use serde_json::{Map, Value};
use std::sync::Arc;
use target::{Accumulator, Target};

type Result<T> = std::result::Result<T, String>;

/// The version of kustomize whose behaviour this is.
pub const VERSION: &str = "v5.8.1";

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";
const REORDERED: &str = "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') and in a CLI flag ('--reorder'). Using the kustomization file over the CLI flag.";
const LOCAL: &str = "config.kubernetes.io/local-config";

/// In which order objects are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// kustomize's own; nobody asked for it.
    #[default]
    Default,
    /// kustomize's own, as somebody asked (`legacy`).
    Legacy,
    /// As they were found (`none`).
    Kept,
}

/// How to build.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Files outside of a kustomization's directory may be read (`--load-restrictor LoadRestrictionsNone`).
    pub unrestricted: bool,
    /// The order of the objects (`--reorder`), where the kustomization asks for none.
    pub order: Order,
    /// Every object says that kustomize manages it (`--enable-managedby-label`).
    pub managed_by: bool,
}

/// What a build says, and what it made.
#[derive(Debug)]
pub struct Built {
    /// Lines for stderr, such as deprecations.
    pub warnings: Vec<String>,
    /// Lines for the log, such as vars that stand nowhere.
    pub logged: Vec<String>,
    /// The objects, or what was wrong.
    pub objects: std::result::Result<Vec<Value>, String>,
}

/// Builds the kustomization of a directory.
pub async fn build(files: Arc<dyn Files>, path: &str, options: Options) -> Built {
    let (mut warnings, mut logged) = (Vec::new(), Vec::new());
    let objects = run(files, path, options, &mut warnings, &mut logged).await;
    Built { warnings, logged, objects }
}

/// Objects as a stream of YAML documents.
pub fn to_yaml(objects: &[Value]) -> String {
    let documents: Vec<String> = objects.iter().map(crate::printers::yaml::to_string).collect();
    documents.join("---\n")
}

/// What `-k` names, as `-f` delivers it; `source` is the directory (cli-runtime: resource/kustomizevisitor.go).
pub(crate) async fn documents_of(cx: &Context, path: &str) -> Vec<crate::Result<Document>> {
    let options = Options { order: Order::Legacy, ..Options::default() };
    match build_for(cx, path, options).await {
        Ok(objects) => objects.into_iter().map(|object| Ok(Document { source: path.to_string(), object })).collect(),
        Err(error) => vec![Err(error)],
    }
}

/// Builds for a command: what the build says goes to its stderr.
pub(crate) async fn build_for(cx: &Context, path: &str, options: Options) -> crate::Result<Vec<Value>> {
    let built = build(cx.env.files.clone(), path, options).await;
    for warning in &built.warnings {
        writeln!(cx.err, "{warning}")?;
    }
    for line in &built.logged {
        cx.klog('I', "log.go:244", line)?;
    }
    built.objects.map_err(crate::Error::msg)
}

async fn run(
    files: Arc<dyn Files>,
    path: &str,
    options: Options,
    warnings: &mut Vec<String>,
    logged: &mut Vec<String>,
) -> Result<Vec<Value>> {
    let loader = Loader::start(files, path, !options.unrestricted).await?;
    let target = Target::load(loader, warnings).await?;
    target.check_schema().await?;
    let mut made = target.accumulate(Accumulator::default(), warnings).await?;
    let map = &mut made.map;
    hash::add_hashes(&mut map.0);
    nameref::fix(map, &made.config.name_reference)?;
    let unused = vars::resolve(map, &made.vars, &made.config.var_reference)?;
    if !unused.is_empty() {
        logged.push(format!("well-defined vars that were never replaced: {}", unused.join(",")));
    }
    let local = |resource: &Resource| resource.annotation(LOCAL).is_some_and(|value| value != "false");
    map.0.retain(|resource| !local(resource));
    let k = &target.kustomization;
    match &k.sort_options {
        Some(order) => {
            if options.order != Order::Default {
                logged.push(REORDERED.into());
            }
            sort::sort(&mut map.0, order)?;
        }
        None if options.order != Order::Kept => sort::legacy(&mut map.0),
        None => {}
    }
    let asked = |option: &str| k.build_metadata.iter().any(|asked| asked == option);
    let managed_by = options.managed_by || asked("managedByLabel");
    let finish = |resource: Resource| {
        let mut object = resource.object;
        let own = object["metadata"]["annotations"].as_object().cloned();
        let mut annotations: Map<String, Value> = own.unwrap_or_default();
        if let Some(origin) = resource.origin.filter(|_| asked("originAnnotations")) {
            annotations.insert(ORIGIN.into(), origin.text().into());
        }
        if asked("transformerAnnotations") && !resource.transformations.is_empty() {
            annotations.insert(TRANSFORMATIONS.into(), Origin::list(&resource.transformations).into());
        }
        set_map(&mut object, "annotations", annotations);
        if managed_by {
            let labels = FieldSpec { path: "metadata/labels".into(), create: true, ..FieldSpec::default() };
            let text = format!("kustomize-{VERSION}");
            fieldspec::visit(&mut object, &labels, Create::Mapping, &mut |map| {
                fieldspec::set_entry(map, MANAGED_BY, &text)
            })?;
        }
        Ok(object)
    };
    made.map.0.into_iter().map(finish).collect()
}
