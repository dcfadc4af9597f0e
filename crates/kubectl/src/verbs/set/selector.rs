//! `kubectl set selector` (kubectl: pkg/cmd/set/set_selector.go).

use super::flags;
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::printers::{PrintFlags, typed};
use crate::resource::{Builder, Errors, Helper, Info};
use crate::text::quote;
use crate::verbs::{change, record};
use apimachinery::selector::{LabelSelector, Operator};
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "selector",
    use_line: "selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    short: "Set the selector on a resource",
    long: "Set the selector of a resource. The new selector takes the place of the old one.\n\n A selector begins with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters. With --resource-version the selector is only set if the object is of that version. Only the selectors of services can be set.",
    example: "# A headless service that selects by a label of its own
kubectl create service clusterip my-svc --clusterip=\"None\" -o yaml --dry-run=client | kubectl set selector --local -f - 'environment=qa' -o yaml | kubectl create -f -",
    flags: || {
        let mut flags = flags();
        flags.extend([
            record::flag(),
            Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
            Flag::string_slice("filename", "identifying the resource.").short('f'),
            Flag::bool("local", "If true, annotation will NOT contact api-server but run locally."),
            Flag::bool("recursive", "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.").short('R').default("true"),
            Flag::string("resource-version", "", "If non-empty, the selectors update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let dry_run = DryRun::of(cx)?;
    let (resources, selector) = match cx.args.split_last() {
        Some((last, resources)) => (resources, Some(parse(last)?)),
        None => (&[][..], None),
    };
    let operation = format!("selector updated{}", dry_run.suffix());
    let mut printer = PrintFlags::of(cx, operation).typed().printer(cx).await?;
    let Some(selector) = selector else { return Err(Error::msg("one selector is required")) };
    let (namespace, enforce) = cx.namespace().await?;
    let local = flags.bool("local");
    let builder = Builder::new().namespace(&namespace, enforce).filenames(flags).flatten().local(local);
    let builder = builder.args(flags.bool("all"), resources).continue_on_error();
    let found = if local { builder } else { builder.latest() }.find(cx).await?;
    let mut errors = Errors::default();
    for info in found.items {
        let done = match info {
            Ok(info) => set(cx, info, &selector, dry_run).await,
            Err(error) => Err(error),
        };
        errors.keep(match done {
            Ok(object) => printer.print(object).and_then(|text| Ok(write!(cx.out, "{text}")?)),
            Err(error) => Err(error),
        })?;
    }
    errors.finish()
}

/// A `metav1.LabelSelector`.
struct Selector {
    labels: Map<String, Value>,
    /// What is not `KEY=VALUE`, which services cannot take, as Go prints it.
    expressions: Vec<String>,
}

/// `metav1.ParseToLabelSelector`.
fn parse(text: &str) -> Result<Selector> {
    let selector = LabelSelector::parse(text)
        .map_err(|error| Error::msg(format!("couldn't parse the selector string {}: {error}", quote(text))))?;
    let (mut labels, mut expressions) = (Map::new(), Vec::new());
    for requirement in selector.requirements() {
        let (key, values) = (&requirement.key, &requirement.values);
        match requirement.operator {
            Operator::Equals | Operator::DoubleEquals => {
                labels.insert(key.clone(), json!(values.first().cloned().unwrap_or_default()));
            }
            Operator::In => expressions.push(format!("{{{key} In [{}]}}", values.join(" "))),
            Operator::NotEquals | Operator::NotIn => {
                expressions.push(format!("{{{key} NotIn [{}]}}", values.join(" ")))
            }
            Operator::Exists => expressions.push(format!("{{{key} Exists []}}")),
            Operator::DoesNotExist => expressions.push(format!("{{{key} DoesNotExist []}}")),
            other => {
                let operator = if other == Operator::GreaterThan { "gt" } else { "lt" };
                return Err(Error::msg(format!("{} isn't supported in label selectors", quote(operator))));
            }
        }
    }
    Ok(Selector { labels, expressions })
}

async fn set(cx: &Context, mut info: Info, selector: &Selector, dry_run: DryRun) -> Result<Value> {
    let version = cx.flags.str("resource-version");
    typed::canonical(&mut info.object);
    if !version.is_empty()
        && let Some(metadata) = info.object["metadata"].as_object_mut()
    {
        metadata.remove("resourceVersion");
    }
    let mut after = info.object.clone();
    if !version.is_empty() {
        after["metadata"]["resourceVersion"] = json!(version);
    }
    if (info.mapping.group.as_str(), info.mapping.kind.as_str()) != ("", "Service") {
        return Err(Error::msg("setting a selector is only supported for Services"));
    }
    if !selector.expressions.is_empty() {
        let text = selector.expressions.join(" ");
        return Err(Error::msg(format!("match expression [{text}] not supported on this object")));
    }
    after["spec"]["selector"] = Value::Object(selector.labels.clone());
    record::record(cx, &mut after);
    if cx.flags.bool("local") || dry_run == DryRun::Client {
        return Ok(after);
    }
    let (patch, content_type) = change::between(&info.object, &after)?;
    let helper = Helper::new(&cx.requests().await?, &info.mapping).dry_run(dry_run);
    let helper = helper.field_manager(cx.flags.str("field-manager"));
    helper.patch(&info.namespace, &info.name, content_type, patch.to_string().into_bytes()).await
}
