//! `kubectl label` (kubectl: pkg/cmd/label/label.go).

use super::{pairs, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Errors, Helper, Info};
use crate::text::quote;
use apimachinery::{meta, names, patch};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    name: "label",
    use_line: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the labels on a resource",
    long: "Update the labels on a resource.\n\n  *  A key and a value begin with a letter or a number, and may contain letters, numbers, hyphens, dots and underscores, up to 63 characters each.\n  *  A key may have a DNS subdomain and a slash in front, as in example.com/my-app.\n  *  A label that is there is only changed with --overwrite.\n  *  With --resource-version the labels are only changed in that version of the resource.",
    example: "# Add a label
kubectl label pods foo unhealthy=true

# Change one
kubectl label --overwrite pods foo status=unhealthy

# Label all pods of the namespace
kubectl label pods --all status=unhealthy

# Remove a label
kubectl label pods foo bar-",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("identifying the resource to update the labels");
    flags.extend(common::output());
    flags.extend([
        record::flag(),
        common::dry_run(),
        common::field_manager("kubectl-label"),
        common::selector(),
        Flag::bool("overwrite", "If true, allow labels to be overwritten, otherwise reject label updates that overwrite existing labels."),
        Flag::bool("list", "If true, display the labels for a given resource."),
        Flag::bool("local", "If true, label will NOT contact api-server but run locally."),
        Flag::string("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
        Flag::bool("all", "Select all resources, in the namespace of the specified resource types"),
        Flag::bool("all-namespaces", "If true, check the specified action in all namespaces.").short('A'),
        Flag::string("resource-version", "", "If non-empty, the labels update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource."),
    ]);
    flags
}

/// What is to become of the labels.
struct Change {
    set: BTreeMap<String, String>,
    remove: Vec<String>,
    dry_run: DryRun,
}

fn parse(specs: &[String]) -> Result<(BTreeMap<String, String>, Vec<String>)> {
    let (mut set, mut remove) = (BTreeMap::new(), Vec::new());
    for spec in specs {
        match spec.split('=').collect::<Vec<_>>()[..] {
            [key, value] => {
                let faults = names::is_valid_label_value(value);
                if !faults.is_empty() {
                    return Err(Error::msg(format!("invalid label value: {}: {}", quote(spec), faults.join(";"))));
                }
                set.insert(key.to_string(), value.to_string());
            }
            [key] => match key.strip_suffix('-') {
                Some(key) => remove.push(key.to_string()),
                None => return Err(Error::msg(format!("unknown label spec: {spec}"))),
            },
            _ => return Err(Error::msg(format!("invalid label spec: {spec}"))),
        }
    }
    if remove.iter().any(|key| set.contains_key(key)) {
        return Err(Error::msg("can not both modify and remove a label in the same command"));
    }
    Ok((set, remove))
}

fn validate(cx: &Context, resources: &[String], change: &Change) -> Result<()> {
    let flags = &cx.flags;
    let refuse = |text: &str| Err(Error::msg(text));
    if flags.bool("all") && !flags.str("selector").is_empty() {
        return refuse("cannot set --all and --selector at the same time");
    }
    if flags.bool("all") && !flags.str("field-selector").is_empty() {
        return refuse("cannot set --all and --field-selector at the same time");
    }
    let no_files = flags.strings("filename").is_empty() && flags.str("kustomize").is_empty();
    if flags.bool("local") {
        if change.dry_run == DryRun::Server {
            return refuse("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
        }
        if !resources.is_empty() {
            return refuse("can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set");
        }
        if no_files {
            return refuse("one or more files must be specified as -f pod.yaml or --filename=pod.json");
        }
    } else if resources.is_empty() && no_files {
        return refuse("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    if change.set.is_empty() && change.remove.is_empty() && !flags.bool("list") {
        return refuse("at least one label update is required");
    }
    Ok(())
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let dry_run = DryRun::of(cx)?;
    let (resources, specs) = pairs::split(&cx.args, "label")?;
    let (set, remove) = parse(&specs)?;
    if flags.bool("list") && !flags.str("output").is_empty() {
        return Err(Error::msg("--list and --output may not be specified together"));
    }
    let change = Change { set, remove, dry_run };
    validate(cx, &resources, &change)?;
    let (namespace, enforce) = cx.namespace().await?;
    let mut builder = Builder::new().continue_on_error().namespace(&namespace, enforce).filenames(flags).flatten();
    builder = match flags.bool("local") {
        true => builder.local(true),
        false => builder
            .label_selector(flags.str("selector"))
            .field_selector(flags.str("field-selector"))
            .all_namespaces(flags.bool("all-namespaces"))
            .args(flags.bool("all"), &resources)
            .latest(),
    };
    let found = builder.find(cx).await?;
    let one = found.single_item_implied;
    if !one && !flags.str("resource-version").is_empty() {
        return Err(Error::msg("--resource-version may only be used with a single resource"));
    }
    let mut errors = Errors::default();
    for info in found.items {
        let labeled = match info {
            Ok(info) => label(cx, &change, info, one).await,
            Err(error) => Err(error),
        };
        errors.keep(labeled)?;
    }
    errors.finish()
}

async fn label(cx: &Context, change: &Change, mut info: Info, one: bool) -> Result<()> {
    let flags = &cx.flags;
    let version = flags.str("resource-version");
    if !version.is_empty() {
        // so that the patch says it
        meta::remove(&mut info.object, &["metadata", "resourceVersion"]);
    }
    let before = info.object.clone();
    let locally = change.dry_run == DryRun::Client || flags.bool("local") || flags.bool("list");
    if !locally {
        for key in change.remove.iter().filter(|key| meta::label(&before, key).is_none()) {
            writeln!(cx.out, "label {} not found.", quote(key))?;
        }
    }
    let (added, removed) = update(cx, change, &mut info.object)?;
    if !locally {
        record::record(cx, &mut info.object);
        if added || removed {
            let patch = patch::create_merge(&before, &info.object).to_string().into_bytes();
            let helper = Helper::new(&cx.requests().await?, &info.mapping)
                .dry_run(change.dry_run)
                .field_manager(flags.str("field-manager"));
            helper.patch(&info.namespace, &info.name, "application/merge-patch+json", patch).await?;
        }
    }
    if flags.bool("list") {
        return list(cx, &info, one, "labels", meta::labels(&info.object));
    }
    let word = match (added, removed) {
        (true, true) => "modified",
        (true, false) => "labeled",
        (false, true) => "unlabeled",
        (false, false) => "not labeled",
    };
    let mut printer = PrintFlags::of(cx, format!("{word}{}", change.dry_run.suffix())).printer(cx).await?;
    write!(cx.out, "{}", printer.print(info.object)?)?;
    Ok(())
}

/// Changes the labels; whether any was added or changed, and whether any was removed.
fn update(cx: &Context, change: &Change, object: &mut Value) -> Result<(bool, bool)> {
    let mut labels = meta::labels(object).cloned().unwrap_or_default();
    if !cx.flags.bool("overwrite") {
        let taken = change.set.iter().filter_map(|(key, value)| {
            let current = labels.get(key)?.as_str()?;
            let text = format!("'{key}' already has a value ({current}), and --overwrite is false");
            (current != value).then(|| Error::msg(text))
        });
        Error::aggregate(taken.collect())?;
    }
    let (mut added, mut removed) = (false, false);
    for (key, value) in &change.set {
        let value = Value::String(value.clone());
        added |= labels.insert(key.clone(), value.clone()) != Some(value);
    }
    for key in &change.remove {
        removed |= labels.remove(key).is_some();
    }
    if labels.is_empty() {
        meta::remove(object, &["metadata", "labels"]);
    } else {
        meta::set(object, &["metadata", "labels"], Value::Object(labels));
    }
    let version = cx.flags.str("resource-version");
    if !version.is_empty() {
        meta::set(object, &["metadata", "resourceVersion"], Value::String(version.into()));
    }
    Ok((added, removed))
}

/// `--list`, of labels and of annotations.
pub(super) fn list(cx: &Context, info: &Info, one: bool, what: &str, map: Option<&Map<String, Value>>) -> Result<()> {
    let indent = if one { "" } else { " " };
    if !one {
        let (kind, group) = (&info.mapping.kind, &info.mapping.group);
        writeln!(cx.out, "Listing {what} for {kind}.{group}/{}:", info.name)?;
    }
    for (key, value) in map.into_iter().flatten() {
        writeln!(cx.out, "{indent}{key}={}", value.as_str().unwrap_or_default())?;
    }
    Ok(())
}
