//! `kubectl wait` (kubectl: pkg/cmd/wait/wait.go).

mod condition;
mod deleted;

pub(super) use deleted::until_deleted;

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::{ObjectPrinter, PrintFlags};
use crate::resource::{Builder, Errors, Info};
use condition::Condition;
use std::time::Duration;
use tokio::time::Instant;

pub(super) static COMMAND: Command = Command {
    name: "wait",
    use_line: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    short: "Wait for a specific condition on one or many resources",
    long: "Wait for a specific condition on one or many resources.\n\n The objects are watched until each of them meets the condition, and a line is printed for each that does. Wait for a condition of the status, for an object to be created or deleted, or for a field to have a value.",
    example: "# Until the pod is ready
kubectl wait --for=condition=Ready pod/web

# Until the deployment is available, at most a minute
kubectl wait --for=condition=Available deployment/web --timeout=60s

# Until a field has a value
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web

# Until a service has an address
kubectl wait --for=jsonpath='{.status.loadBalancer.ingress}' service/web

# Until the pod is gone
kubectl wait --for=delete pod/web --timeout=60s",
    flags,
    run: Some(|cx| Box::pin(run(cx))),
    class: |_| Class::READS,
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::output();
    flags.extend([
        Flag::string_slice("filename", "identifying the resource.").short('f'),
        Flag::bool("recursive", "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.").short('R').default("true"),
        Flag::string("selector", "", "Selector (label query) to filter on, supports '=', '==', and '!='.(e.g. -l key1=value1,key2=value2)").short('l'),
        Flag::string("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
        Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short('A'),
        Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
        Flag::bool("local", "If true, annotation will NOT contact api-server but run locally."),
        Flag::duration("timeout", "30s", "The length of time to wait before giving up. Zero means check once and don't wait, negative means wait for a week."),
        Flag::string_array("for", "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true. Condition values are compared after Unicode simple case folding, which is a more general form of case-insensitivity. Multiple conditions are supported and AND'ed to each other in a sequential order. If --for=create is passed, it is always waited first."),
    ]);
    flags
}

/// How long is left.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// One look, no waiting.
    None,
    /// Until then.
    Until(Instant),
}

impl Patience {
    /// A timeout as the flags give it; negative is a week.
    pub(super) fn of(timeout: jiff::SignedDuration) -> Patience {
        const WEEK: Duration = Duration::from_secs(168 * 60 * 60);
        match Duration::try_from(timeout) {
            Ok(Duration::ZERO) => Patience::None,
            Ok(timeout) => Patience::Until(Instant::now() + timeout),
            Err(_) => Patience::Until(Instant::now() + WEEK),
        }
    }
    /// Does the work, or gives up with this error.
    async fn limit<T>(self, on_timeout: Error, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self {
            Patience::None => work.await,
            Patience::Until(then) => tokio::time::timeout_at(then, work).await.unwrap_or(Err(on_timeout)),
        }
    }
}

fn timed_out(info: &Info) -> Error {
    Error::msg(format!("timed out waiting for the condition on {}", info.object_name()))
}

async fn run(cx: &Context) -> Result<()> {
    let mut printer = PrintFlags::of(cx, "condition met").printer(cx).await?;
    let words = cx.flags.strings("for");
    let conditions = words.iter().map(|word| Condition::parse(word)).collect::<Result<Vec<_>>>()?;
    if conditions.is_empty() {
        return Err(Error::msg("unrecognized condition: []"));
    }
    let patience = Patience::of(cx.flags.duration("timeout"));
    if conditions.contains(&Condition::Create) {
        patience.limit(Error::msg("timed out waiting for the condition"), created(cx, patience)).await?;
    }
    let found = builder(cx).await?.find(cx).await?;
    let for_delete = conditions.contains(&Condition::Delete);
    let (mut errors, mut count) = (Errors::default(), 0);
    for info in found.items {
        let met = match info {
            Ok(info) => {
                count += 1;
                meet(cx, &conditions, info, patience, &mut printer).await
            }
            Err(error) => Err(error),
        };
        match met {
            Err(error) if for_delete && error.is_not_found() => {}
            met => errors.keep(met)?,
        }
    }
    errors.finish()?;
    if count == 0 && !for_delete {
        return Err(Error::msg("no matching resources found"));
    }
    Ok(())
}

async fn builder(cx: &Context) -> Result<Builder> {
    let (namespace, enforce) = cx.namespace().await?;
    let flags = &cx.flags;
    let builder = Builder::new()
        .namespace(&namespace, enforce)
        .all_namespaces(flags.bool("all-namespaces"))
        .filenames(flags)
        .continue_on_error()
        .flatten();
    if flags.bool("local") {
        if !cx.args.is_empty() {
            return Err(Error::local_resource());
        }
        return Ok(builder.local(true));
    }
    Ok(builder
        .args(flags.bool("all"), &cx.args)
        .label_selector(flags.str("selector"))
        .field_selector(flags.str("field-selector"))
        .latest())
}

/// `--for=create`: looks twice a second, as upstream does; what there is to watch is not known before.
async fn created(cx: &Context, patience: Patience) -> Result<()> {
    const INTERVAL: Duration = Duration::from_millis(500);
    loop {
        let found = builder(cx).await?.find(cx).await?;
        let (any, single) = (!found.items.is_empty(), found.items.len() == 1);
        let (_, errors) = found.partition();
        // Of several objects each has to be there at once.
        let absent = single && errors.iter().any(Error::is_not_found);
        if !absent {
            Error::aggregate(errors)?;
            if any {
                return Ok(());
            }
        }
        if matches!(patience, Patience::None) {
            return Err(Error::msg("timed out waiting for the condition"));
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Waits for all conditions of one object, in their order.
async fn meet(
    cx: &Context,
    conditions: &[Condition],
    mut info: Info,
    patience: Patience,
    printer: &mut ObjectPrinter,
) -> Result<()> {
    for condition in conditions {
        if info.name.is_empty() {
            return Err(Error::msg("resource name must be provided"));
        }
        match condition {
            Condition::Create => {}
            Condition::Delete => until_deleted(cx, &mut info, None, patience).await?,
            condition => condition::until_met(cx, condition, &mut info, patience).await?,
        }
        write!(cx.out, "{}", printer.print(info.object.clone())?)?;
    }
    Ok(())
}
