//! `kubectl annotate` (kubectl: pkg/cmd/annotate/annotate.go).

use super::{label, pairs, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::{ObjectPrinter, PrintFlags};
use crate::resource::{Builder, Errors, Helper, Info};
use apimachinery::{meta, patch};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    name: "annotate",
    use_line: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the annotations on a resource",
    long: "Update the annotations on one or more resources.\n\n Annotations hold what is not used to select objects: they may be longer than labels and contain anything, also JSON. An annotation that is there is only changed with --overwrite. With --resource-version the annotations are only changed in that version of the resource.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# Annotate a pod
kubectl annotate pods foo description='my frontend'

# Change an annotation
kubectl annotate --overwrite pods foo description='my frontend running nginx'

# Annotate all pods of the namespace
kubectl annotate pods --all description='my frontend'

# Remove an annotation
kubectl annotate pods foo description-",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::output();
    flags.extend([
        Flag::string_slice("filename", "identifying the resource.").short('f'),
        Flag::string("kustomize", "", "Process the kustomization directory. This flag can't be used together with -f or -R.").short('k'),
        Flag::bool("recursive", "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.").short('R').default("true"),
        Flag::string("selector", "", "Selector (label query) to filter on, supports '=', '==', and '!='.(e.g. -l key1=value1,key2=value2)").short('l'),
        Flag::string("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
        Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short('A'),
        Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
        Flag::bool("local", "If true, annotation will NOT contact api-server but run locally."),
        record::flag(),
        common::dry_run(),
        common::field_manager("kubectl-annotate"),
        Flag::bool("overwrite", "If true, allow annotations to be overwritten, otherwise reject annotation updates that overwrite existing annotations."),
        Flag::bool("list", "If true, display the annotations for a given resource."),
        Flag::string("resource-version", "", "If non-empty, the annotation update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource."),
    ]);
    flags
}

/// What is to become of the annotations.
struct Change {
    set: BTreeMap<String, String>,
    remove: Vec<String>,
    dry_run: DryRun,
}

fn validate(cx: &Context, resources: &[String], change: &Change) -> Result<()> {
    let flags = &cx.flags;
    let refuse = |text: &str| Err(Error::msg(text));
    if flags.bool("list") && !flags.str("output").is_empty() {
        return refuse("--list and --output may not be specified together");
    }
    if flags.bool("all") && !flags.str("selector").is_empty() {
        return refuse("cannot set --all and --selector at the same time");
    }
    if flags.bool("all") && !flags.str("field-selector").is_empty() {
        return refuse("cannot set --all and --field-selector at the same time");
    }
    let no_files = flags.strings("filename").is_empty() && flags.str("kustomize").is_empty();
    if !flags.bool("local") {
        if resources.is_empty() && no_files {
            return refuse("one or more resources must be specified as <resource> <name> or <resource>/<name>");
        }
    } else {
        if change.dry_run == DryRun::Server {
            return refuse("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
        }
        if !resources.is_empty() {
            return refuse("can only use local files by -f rsrc.yaml or --filename=rsrc.json when --local=true is set");
        }
        if no_files {
            return refuse("one or more files must be specified as -f rsrc.yaml or --filename=rsrc.json");
        }
    }
    if change.set.is_empty() && change.remove.is_empty() && !flags.bool("list") {
        return refuse("at least one annotation update is required");
    }
    let both: Vec<&str> =
        change.remove.iter().filter(|key| change.set.contains_key(*key)).map(String::as_str).collect();
    if !both.is_empty() {
        let keys = both.join(", ");
        let text = format!("can not both modify and remove the following annotation(s) in the same command: {keys}");
        return Err(Error::msg(text));
    }
    Ok(())
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let dry_run = DryRun::of(cx)?;
    let (resources, specs) = pairs::split(&cx.args, "annotation")?;
    let (set, remove) = pairs::parse(&specs, "annotation", true)?;
    let change = Change { set, remove, dry_run };
    validate(cx, &resources, &change)?;
    let mut printer = PrintFlags::of(cx, format!("annotated{}", dry_run.suffix())).printer(cx).await?;
    let (namespace, enforce) = cx.namespace().await?;
    let mut builder = Builder::new()
        .namespace(&namespace, enforce)
        .all_namespaces(flags.bool("all-namespaces"))
        .filenames(flags)
        .continue_on_error()
        .flatten();
    builder = match flags.bool("local") {
        true => builder.local(true),
        false => builder
            .args(flags.bool("all"), &resources)
            .label_selector(flags.str("selector"))
            .field_selector(flags.str("field-selector"))
            .latest(),
    };
    let found = builder.find(cx).await?;
    let one = found.single_item_implied;
    if !one && !flags.str("resource-version").is_empty() {
        return Err(Error::msg("--resource-version may only be used with a single resource"));
    }
    let mut errors = Errors::default();
    for info in found.items {
        let annotated = match info {
            Ok(info) => annotate(cx, &change, info, one, &mut printer).await,
            Err(error) => Err(error),
        };
        errors.keep(annotated)?;
    }
    errors.finish()
}

async fn annotate(cx: &Context, change: &Change, mut info: Info, one: bool, printer: &mut ObjectPrinter) -> Result<()> {
    let flags = &cx.flags;
    if change.dry_run == DryRun::Client || flags.bool("local") || flags.bool("list") {
        update(cx, change, &mut info.object)?;
    } else {
        if !flags.str("resource-version").is_empty() {
            // so that the patch says it
            meta::remove(&mut info.object, &["metadata", "resourceVersion"]);
        }
        let before = info.object.clone();
        record::record(cx, &mut info.object);
        update(cx, change, &mut info.object)?;
        let patch = patch::create_merge(&before, &info.object).to_string().into_bytes();
        let helper = Helper::new(&cx.requests().await?, &info.mapping)
            .dry_run(change.dry_run)
            .field_manager(flags.str("field-manager"));
        info.object = helper.patch(&info.namespace, &info.name, "application/merge-patch+json", patch).await?;
    }
    if flags.bool("list") {
        return label::list(cx, &info, one, "annotations", meta::annotations(&info.object));
    }
    write!(cx.out, "{}", printer.print(info.object)?)?;
    Ok(())
}

fn update(cx: &Context, change: &Change, object: &mut Value) -> Result<()> {
    let mut annotations = meta::annotations(object).cloned().unwrap_or_default();
    if !cx.flags.bool("overwrite") {
        let taken = change.set.iter().filter(|(key, _)| *key != record::CHANGE_CAUSE).filter_map(|(key, value)| {
            let current = annotations.get(key)?.as_str()?;
            (current != value).then(|| format!("'{key}' already has a value ({current})"))
        });
        let taken: Vec<String> = taken.collect();
        if !taken.is_empty() {
            let taken = taken.join("; ");
            let text = format!("--overwrite is false but found the following declared annotation(s): {taken}");
            return Err(Error::msg(text));
        }
    }
    for (key, value) in &change.set {
        annotations.insert(key.clone(), Value::String(value.clone()));
    }
    for key in &change.remove {
        annotations.remove(key);
    }
    meta::set(object, &["metadata", "annotations"], Value::Object(annotations));
    let version = cx.flags.str("resource-version");
    if !version.is_empty() {
        meta::set(object, &["metadata", "resourceVersion"], Value::String(version.into()));
    }
    Ok(())
}
