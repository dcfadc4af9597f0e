//! `kubectl apply` (kubectl: pkg/cmd/apply/apply.go).

mod applyset;
mod client;
mod edit_last_applied;
mod managers;
mod patcher;
mod server;
mod set_last_applied;
mod view_last_applied;

pub(in crate::verbs) use patcher::{Force, Patcher, Patching};
pub(in crate::verbs) use server::MANAGER;

use self::applyset::ApplySet;
use super::create::field_validation;
use super::prune::{self, Visited};
use super::{delete, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::mapper::Mapping;
use crate::printers::PrintFlags;
use crate::resource::{Builder, Helper, Info};
use crate::text::quote;
use apimachinery::meta;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(super) static COMMAND: Command = Command {
    name: "apply",
    use_line: "apply (-f FILENAME | -k DIRECTORY)",
    short: "Apply a configuration to a resource by file name or stdin",
    long: "Apply a configuration to a resource by file name or stdin. The resource name must be specified. What is not there yet is created; what is there becomes as the configuration says, and what an earlier configuration said and this one does not is removed.\n\n JSON and YAML formats are accepted.",
    example: "# Apply what pod.json describes
kubectl apply -f ./pod.json

# Apply from standard input
cat pod.json | kubectl apply -f -

# Let the server do it, with an owner for each field
kubectl apply --server-side -f ./deployment.yaml",
    flags,
    subcommands: &[&edit_last_applied::COMMAND, &set_last_applied::COMMAND, &view_last_applied::COMMAND],
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = vec![
        Flag::string_slice("filename", "The files, directories or URLs that contain the configurations to apply.").short('f'),
        Flag::string("kustomize", "", "Process a kustomization directory. This flag can't be used together with -f or -R.").short('k'),
        Flag::bool("recursive", "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.").short('R'),
    ];
    flags.extend(delete::flags_of_replacing());
    flags.extend(common::output());
    flags.extend([
        record::flag(),
        common::validate(),
        common::dry_run(),
        common::field_manager("kubectl-client-side-apply"),
        common::selector(),
        Flag::bool("server-side", "If true, apply runs in the server instead of the client."),
        Flag::bool("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
        Flag::string_array("prune-allowlist", "Overwrite the default allowlist with <group/version/kind> for --prune"),
        Flag::bool("all", "Select all resources in the namespace of the specified resource types."),
        Flag::bool("prune", "Automatically delete resource objects, that do not appear in the configs and are created by either apply or create --save-config. Should be used with either -l or --all."),
        Flag::bool("overwrite", "Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration").default("true"),
        Flag::bool("openapi-patch", "If true, use openapi to calculate diff when the openapi presents and the resource can be found in the openapi spec. Otherwise, fall back to use baked-in types.").default("true"),
        Flag::string("applyset", "", "[alpha] The name of the ApplySet that tracks which resources are being managed, for the purposes of determining what to prune. Live resources that are part of the ApplySet but have been removed from the provided configs will be deleted. Format: [RESOURCE][.GROUP]/NAME. A Secret will be used if no resource or group is specified.").hidden(),
        common::subresource("If specified, apply will operate on the subresource of the requested object.  Only allowed when using --server-side."),
    ]);
    flags
}

/// What the command line asks for.
struct Options {
    server_side: bool,
    force_conflicts: bool,
    dry_run: DryRun,
    field_manager: String,
    validation: &'static str,
    /// `-o` with another format than `name`: objects are printed together at the end.
    prints_objects: bool,
    patching: Patching,
    /// `--applyset`.
    set: Option<ApplySet>,
    /// `--prune`, and the types that it is about if the command line names any.
    prune: Option<Vec<Arc<Mapping>>>,
}

async fn options(cx: &Context) -> Result<Options> {
    let flags = &cx.flags;
    if flags.changed("applyset") && !cx.env.var("KUBECTL_APPLYSET").is_some_and(|on| on.eq_ignore_ascii_case("true")) {
        return Err(Error::msg(format!("unknown flag: --applyset\nSee '{} --help' for usage.", cx.path)));
    }
    if !cx.args.is_empty() {
        return Err(cx.usage_error(format!("Unexpected args: [{}]", cx.args.join(" "))));
    }
    let server_side = flags.bool("server-side");
    let dry_run = DryRun::of(cx)?;
    let propagation = delete::propagation(cx)?;
    if flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
        return Err(Error::msg("must specify one of -f and -k"));
    }
    let set = match flags.str("applyset") {
        "" => None,
        reference => Some(ApplySet::of(cx, reference).await?),
    };
    let prune = match flags.bool("prune") {
        true => Some(prune::parse(cx, flags.strings("prune-allowlist")).await?),
        false => None,
    };
    let default = server_side && !flags.changed("field-manager");
    let field_manager = if default { server::MANAGER } else { flags.str("field-manager") };
    let output = flags.str("output");
    Ok(Options {
        server_side,
        force_conflicts: flags.bool("force-conflicts"),
        dry_run,
        field_manager: field_manager.to_string(),
        validation: field_validation(cx)?,
        prints_objects: !output.is_empty() && output != "name",
        patching: Patching {
            overwrite: flags.bool("overwrite"),
            openapi: flags.bool("openapi-patch"),
            locally: dry_run == DryRun::Client,
            force: flags.bool("force").then(|| Force {
                propagation,
                grace_period: flags.int("grace-period"),
                timeout: Duration::try_from(flags.duration("timeout")).unwrap_or_default(),
            }),
            resource_version: String::new(),
        },
        set,
        prune,
    })
}

async fn validate(cx: &Context, options: &Options) -> Result<()> {
    let flags = &cx.flags;
    let refuse = |text: &str| Err(Error::msg(text));
    if options.force_conflicts && !options.server_side {
        return refuse("--force-conflicts only works with --server-side");
    }
    if options.dry_run == DryRun::Client && options.server_side {
        return refuse("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
    }
    let force = options.patching.force.is_some();
    if options.server_side && force {
        return refuse("--force cannot be used with --server-side");
    }
    if options.dry_run == DryRun::Server && force {
        return refuse("--dry-run=server cannot be used with --force");
    }
    let (all, selects) = (flags.bool("all"), !flags.str("selector").is_empty());
    if all && selects {
        return refuse("cannot set --all and --selector at the same time");
    }
    if let Some(set) = &options.set {
        if !flags.bool("prune") {
            return refuse("--applyset requires --prune");
        }
        set.validate(cx).await?;
    }
    if flags.bool("prune") {
        if force {
            return refuse("--force cannot be used with --prune");
        }
        let allowed = options.prune.as_ref().is_some_and(|allowed| !allowed.is_empty());
        match options.set {
            Some(_) if all => return refuse("--all is incompatible with --applyset"),
            Some(_) if selects => return refuse("--selector is incompatible with --applyset"),
            Some(_) if allowed => return refuse("--prune-allowlist is incompatible with --applyset"),
            _ => {}
        }
    }
    if flags.bool("prune") && options.set.is_none() {
        if !all && !selects {
            return refuse(
                "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
            );
        }
        if options.server_side {
            return refuse("--prune is in alpha and doesn't currently work on objects created by server-side apply");
        }
    }
    if !flags.str("subresource").is_empty() && !options.server_side {
        return refuse("--subresource can only be specified for --server-side");
    }
    Ok(())
}

async fn run(cx: &Context) -> Result<()> {
    let mut options = options(cx).await?;
    validate(cx, &options).await?;
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .validate(options.validation != "Ignore")
        .continue_on_error()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .label_selector(cx.flags.str("selector"))
        .flatten()
        .find(cx)
        .await?;
    let (mut infos, faults) = found.partition();
    // A file's errors are told as any others here; other verbs tell them apart.
    let flat = |error| if let Error::Aggregate(errors) = error { errors } else { vec![error] };
    let faults: Vec<Error> = faults.into_iter().flat_map(flat).collect();
    if infos.is_empty() && faults.is_empty() {
        return Err(Error::msg("no objects passed to apply"));
    }
    let mut errors: Vec<Error> = if faults.is_empty() { Vec::new() } else { vec![Error::Aggregate(faults)] };
    let mut set = options.set.take();
    if let Some(set) = &mut set {
        if let Err(error) = set.label(&mut infos) {
            errors.push(error);
            infos.clear();
        }
        set.before(cx, &options, &infos).await?;
    }
    let (mut applied, mut visited) = (Vec::new(), Visited::default());
    if enforce {
        visited.namespaces.insert(namespace.clone());
    }
    for mut info in infos {
        visited.namespace_of(&info);
        match apply(cx, &options, &mut info).await {
            Ok(word) => {
                if !options.prints_objects {
                    let flags = PrintFlags::of(cx, format!("{word}{}", options.dry_run.suffix()));
                    write!(cx.out, "{}", flags.printer(cx).await?.print(info.object.clone())?)?;
                }
                visited.object(&info.object);
                applied.push(info.object);
            }
            Err(Error::Output(error)) => return Err(Error::Output(error)),
            Err(error) => errors.push(error),
        }
    }
    Error::aggregate(errors)?;
    if options.prints_objects && !applied.is_empty() {
        let object = match applied.len() {
            1 => applied.remove(0),
            _ => json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": applied}),
        };
        write!(cx.out, "{}", PrintFlags::of(cx, "").printer(cx).await?.print(object)?)?;
    }
    match &options.prune {
        Some(_) if let Some(set) = &set => set.prune(cx, &options, &visited).await,
        Some(allowed) => prune(cx, &options, allowed, &visited).await,
        None => Ok(()),
    }
}

/// `--prune`: deletes what was applied once and is not in the configurations any more (prune.go).
async fn prune(cx: &Context, options: &Options, allowed: &[Arc<Mapping>], visited: &Visited) -> Result<()> {
    let wrong = |mapping: &Mapping, error: Error| match error {
        Error::Output(error) => Error::Output(error),
        error => {
            let scope = if mapping.namespaced { "namespaced" } else { "nonNamespaced" };
            Error::msg(format!("error pruning {scope} object {}: {error}", mapping.gvk()))
        }
    };
    let requests = cx.requests().await?;
    for (mapping, namespace) in prune::places(cx, allowed, visited).await? {
        let helper = Helper::new(&requests, &mapping).dry_run(options.dry_run);
        let found = prune::find(&helper, &namespace, cx.flags.str("selector"), visited).await;
        for object in found.map_err(|error| wrong(&mapping, error))? {
            if options.dry_run != DryRun::Client {
                let body = delete::body(delete::propagation(cx)?, cx.flags.int("grace-period"));
                let deleted = helper.delete(&namespace, meta::name(&object), body).await;
                deleted.map_err(|error| wrong(&mapping, error))?;
            }
            let flags = PrintFlags::of(cx, format!("pruned{}", options.dry_run.suffix()));
            write!(cx.out, "{}", flags.printer(cx).await?.print(object)?)?;
        }
    }
    Ok(())
}

/// Applies one object; the word for what was done. The server's object is in `info` then.
async fn apply(cx: &Context, options: &Options, info: &mut Info) -> Result<&'static str> {
    record::record(cx, &mut info.object);
    if let Some(prefix) = info.object["metadata"]["generateName"].as_str()
        && info.name.is_empty()
    {
        return Err(Error::msg(format!("from {prefix}: cannot use generate name with apply")));
    }
    let helper = Helper::new(&cx.requests().await?, &info.mapping)
        .dry_run(options.dry_run)
        .field_manager(&options.field_manager)
        .field_validation(options.validation);
    if options.server_side {
        server::apply(cx, options, info, helper).await
    } else {
        client::apply(cx, options, info, helper).await
    }
}

pub(in crate::verbs) fn warn_if_deleting(cx: &Context, object: &Value) -> Result<()> {
    if meta::deletion_timestamp(object).is_some() {
        let name = meta::name(object);
        cx.warn(&format!("Detected changes to resource {name} which is currently being deleted."))?;
    }
    Ok(())
}

/// How errors name an object (`Info.String`).
fn describe(info: &Info) -> String {
    let mapping = &info.mapping;
    let (group, version) = (&mapping.group, &mapping.version);
    let resource = quote(&format!("{group}/{version}, Resource={}", mapping.resource));
    let kind = quote(&format!("{group}/{version}, Kind={}", mapping.kind));
    let (name, namespace) = (quote(&info.name), quote(&info.namespace));
    format!("Resource: {resource}, GroupVersionKind: {kind}\nName: {name}, Namespace: {namespace}")
}
