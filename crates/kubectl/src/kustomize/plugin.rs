//! Built-in generators and transformers that objects of their own configure (`generators`, `transformers`, `validators`;
//! kustomize: api/internal/plugins/loader). Plugins that are programs are not started.

use super::Result;
use super::fieldspec::FieldSpec;
use super::generate::{Kind, generate as generate_one};
use super::id::ResId;
use super::kustomization::{GeneratorArgs, Image, Patch, Replacement, Replica, Selector, Texts};
use super::loader::Loader;
use super::resmap::ResMap;
use super::resource::Resource;
use super::transform::names::Side;
use super::transform::namespace::{Mode, Subjects};
use super::transform::{images, labels, names, namespace, patches, replacements, replicas};
use super::{documents, hash};
use serde::Deserialize;

/// Everything that a transformer's object may say; each kind has its part of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    field_specs: Vec<FieldSpec>,
    annotations: Texts,
    labels: Texts,
    prefix: String,
    suffix: String,
    unset_only: bool,
    set_role_binding_subjects: String,
    image_tag: Image,
    replica: Replica,
    path: String,
    patch: String,
    json_op: String,
    target: Option<Selector>,
    options: Option<super::kustomization::PatchArgs>,
    paths: Vec<String>,
    patches: String,
    replacements: Vec<Replacement>,
}

fn check(config: &Resource) -> Result<()> {
    let gvk = config.gvk();
    if gvk.group.is_empty() && gvk.version == "builtin" {
        return Ok(());
    }
    Err(format!("external plugins disabled; unable to load external plugin '{}'", gvk.kind))
}

/// A built-in plugin that there is none of.
fn unknown(id: &ResId) -> String {
    format!("unable to load builtin {}", id.gvk)
}

/// What a generator's object makes.
pub(super) async fn generate(loader: &Loader, config: &Resource) -> Result<Resource> {
    check(config)?;
    let kind = match config.kind().as_str() {
        "ConfigMapGenerator" => Kind::ConfigMap,
        "SecretGenerator" => Kind::Secret,
        _ => return Err(unknown(&config.current_id())),
    };
    let mut args: GeneratorArgs = serde_json::from_value(config.object.clone()).map_err(|error| error.to_string())?;
    if args.name.is_empty() {
        args.name = config.name();
    }
    if args.namespace.is_empty() {
        args.namespace = config.namespace();
    }
    if !args.env.is_empty() {
        args.envs.push(std::mem::take(&mut args.env));
    }
    generate_one(loader, kind, &args, None).await
}

/// Changes objects as a transformer's object says.
pub(super) async fn transform(loader: &Loader, config: &Resource, map: &mut ResMap) -> Result<()> {
    check(config)?;
    let kind = config.kind();
    let failed = |error: String| format!("plugin {} fails configuration: {error}", config.original_id());
    let read: Config = serde_json::from_value(config.object.clone()).map_err(|error| error.to_string())?;
    let specs = &read.field_specs;
    match kind.as_str() {
        "AnnotationsTransformer" => labels::transform(&mut map.0, &read.annotations, specs),
        "LabelTransformer" => labels::transform(&mut map.0, &read.labels, specs),
        "ImageTagTransformer" => images::transform(&mut map.0, &read.image_tag, specs),
        "ReplicaCountTransformer" => replicas::transform(map, &read.replica, specs),
        "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer" => {
            if specs.is_empty() {
                return Err(failed("fieldSpecs is not expected to be nil".into()));
            }
            if kind != "SuffixTransformer" {
                names::transform(&mut map.0, Side::Prefix, &read.prefix, specs)?;
            }
            if kind != "PrefixTransformer" {
                names::transform(&mut map.0, Side::Suffix, &read.suffix, specs)?;
            }
            Ok(())
        }
        "NamespaceTransformer" => {
            let subjects = match read.set_role_binding_subjects.as_str() {
                "" | "defaultOnly" => Subjects::Default,
                "allServiceAccounts" => Subjects::ServiceAccounts,
                "none" => Subjects::None,
                other => {
                    return Err(failed(format!(
                        "invalid value {other:?} for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \"allServiceAccounts\""
                    )));
                }
            };
            let mode = Mode { unset_only: read.unset_only, subjects };
            match config.namespace() {
                namespace if namespace.is_empty() => Ok(()),
                namespace => namespace::transform(map, &namespace, specs, mode),
            }
        }
        "PatchTransformer" => {
            let patch = Patch { path: read.path, patch: read.patch, target: read.target, options: read.options };
            let (loaded, source) = patches::load(loader, &patch).await.map_err(failed)?;
            patches::transform(map, &patch, &loaded, &source)
        }
        "PatchStrategicMergeTransformer" => {
            let mut all = match read.paths.as_slice() {
                [] if read.patches.is_empty() => return Err(failed("empty file path and empty patch content".into())),
                [] => Vec::new(),
                paths => patches::load_strategic(loader, paths).await.map_err(failed)?,
            };
            all.extend(documents::resources(&read.patches)?);
            patches::transform_strategic(map, &all)
        }
        "PatchJson6902Transformer" => {
            let patch = Patch { path: read.path, patch: read.json_op, target: read.target, options: None };
            patches::transform_json(map, loader, &patch).await
        }
        "ReplacementTransformer" => {
            let all = replacements::load(loader, &read.replacements).await.map_err(failed)?;
            all.iter().try_for_each(|replacement| replacements::transform(map, replacement))
        }
        "HashTransformer" => {
            hash::add_hashes(&mut map.0);
            Ok(())
        }
        _ => Err(unknown(&config.current_id())),
    }
}
