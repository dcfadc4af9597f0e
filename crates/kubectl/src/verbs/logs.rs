//! `kubectl logs` (kubectl: pkg/cmd/logs/logs.go, pkg/polymorphichelpers/logsforobject.go).

use super::exec::running_timeout;
use super::{pod_of, remote};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::request::Call;
use crate::resource::{Builder, Info, take_items};
use crate::text::quote;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use std::time::Duration;

pub(super) static COMMAND: Command = Command {
    name: "logs",
    use_line: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    short: "Print the logs for a container in a pod",
    long: "Print the logs for a container in a pod or specified resource. If the pod has only one container, the container name is optional.",
    example: "# The log of a pod's only container
kubectl logs nginx

# Of all its containers, each line with its source
kubectl logs nginx --all-containers=true --prefix

# Of all pods with a label
kubectl logs -l app=nginx --all-containers=true

# Of the container that ran before this one
kubectl logs -p -c ruby web-1

# And on
kubectl logs -f -c ruby web-1

# The last 20 lines, those of the last hour
kubectl logs --tail=20 nginx
kubectl logs --since=1h nginx

# Of a job, of a deployment
kubectl logs job/hello
kubectl logs deployment/nginx -c nginx-1",
    flags,
    class: |parsed| Class::READS.endless_if(parsed.values.bool("follow")),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

fn flags() -> Vec<Flag> {
    vec![
        common::pod_running_timeout("20s"),
        common::selector(),
        Flag::bool("all-containers", "Get all containers' logs in the pod(s)."),
        Flag::bool("all-pods", "Get logs from all pod(s). Sets prefix to true."),
        Flag::string("container", "", "Print the logs of this container").short('c'),
        Flag::bool("follow", "Specify if the logs should be streamed.").short('f'),
        Flag::bool(
            "ignore-errors",
            "If watching / following pod logs, allow for any errors that occur to be non-fatal",
        ),
        Flag::bool(
            "insecure-skip-tls-verify-backend",
            "Skip verifying the identity of the kubelet that logs are requested from.  In theory, an attacker could provide invalid log content back. You might want to use this if your kubelet serving certificates have expired.",
        ),
        Flag::int64("limit-bytes", "0", "Maximum bytes of logs to return. Defaults to no limit."),
        Flag::int(
            "max-log-requests",
            "5",
            "Specify maximum number of concurrent logs to follow when using by a selector. Defaults to 5.",
        ),
        Flag::bool("prefix", "Prefix each log line with the log source (pod name and container name)"),
        Flag::bool(
            "previous",
            "If true, print the logs for the previous instance of the container in a pod if it exists.",
        )
        .short('p'),
        Flag::duration(
            "since",
            "0s",
            "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs. Only one of since-time / since may be used.",
        ),
        Flag::string(
            "since-time",
            "",
            "Only return logs after a specific date (RFC3339). Defaults to all logs. Only one of since-time / since may be used.",
        ),
        Flag::int64(
            "tail",
            "-1",
            "Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.",
        ),
        Flag::bool("timestamps", "Include timestamps on each line in the log output"),
    ]
}

/// One container's log.
struct Source {
    call: Call,
    prefix: String,
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let selector = flags.str("selector");
    let resource = match &cx.args[..] {
        [] if selector.is_empty() => return Err(cx.usage_error(USAGE)),
        [] => None,
        [_] if !selector.is_empty() => {
            return Err(cx.usage_error("only a selector (-l) or a POD name is allowed"));
        }
        [resource] | [resource, _] => Some(resource.as_str()),
        _ => return Err(cx.usage_error(USAGE)),
    };
    let timeout = running_timeout(cx)?;
    let options = options(cx)?;
    let info = object(cx, resource, selector).await?;
    validate(cx)?;
    let container = cx.args.get(1).map_or(flags.str("container"), String::as_str);
    let pods = pods(cx, info, selector, timeout).await?;
    let mut sources = Vec::new();
    for pod in &pods {
        sources.extend(sources_of(cx, pod, container, &options)?);
    }
    if flags.bool("follow") && sources.len() > 1 {
        let (count, most) = (sources.len(), flags.int("max-log-requests"));
        if i64::try_from(count).is_ok_and(|count| count > most) {
            return Err(Error::msg(format!(
                "you are attempting to follow {count} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit"
            )));
        }
        let mut all: FuturesUnordered<_> = sources.iter().map(|source| consume(cx, source, timeout)).collect();
        while let Some(done) = all.next().await {
            done?;
        }
        return Ok(());
    }
    for source in &sources {
        consume(cx, source, timeout).await?;
    }
    Ok(())
}

/// The query of `PodLogOptions`, without the container.
fn options(cx: &Context) -> Result<Vec<(&'static str, String)>> {
    let flags = &cx.flags;
    let mut query = Vec::new();
    for (flag, name) in [
        ("follow", "follow"),
        ("previous", "previous"),
        ("timestamps", "timestamps"),
        ("insecure-skip-tls-verify-backend", "insecureSkipTLSVerifyBackend"),
    ] {
        if flags.bool(flag) {
            query.push((name, "true".to_string()));
        }
    }
    let since_time = flags.str("since-time");
    if !since_time.is_empty() {
        let time: jiff::Timestamp = since_time.parse().map_err(|_| {
            let text = quote(since_time);
            // Go says where it stopped; a date alone ends before its time
            let date_alone = since_time.parse::<jiff::civil::Date>().is_ok();
            let stopped = if date_alone { "\"\" as \"T\"".to_string() } else { format!("{text} as \"2006\"") };
            Error::msg(format!("parsing time {text} as \"2006-01-02T15:04:05Z07:00\": cannot parse {stopped}"))
        })?;
        query.push(("sinceTime", time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
    }
    if flags.int("limit-bytes") != 0 {
        query.push(("limitBytes", flags.int("limit-bytes").to_string()));
    }
    let since = flags.duration("since");
    if !since.is_zero() {
        query.push(("sinceSeconds", since.as_secs_f64().round().to_string()));
    }
    let tail = flags.int("tail");
    if !flags.str("selector").is_empty() && tail == -1 && !flags.changed("tail") {
        query.push(("tailLines", "10".to_string()));
    } else if tail != -1 {
        query.push(("tailLines", tail.to_string()));
    }
    Ok(query)
}

fn validate(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let since = flags.duration("since");
    if !flags.str("since-time").is_empty() && !since.is_zero() {
        return Err(Error::msg("at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    let container = cx.args.get(1).map_or(flags.str("container"), String::as_str);
    if flags.bool("all-containers") && !container.is_empty() {
        return Err(Error::msg(format!(
            "--all-containers=true should not be specified with container name {container}"
        )));
    }
    if flags.changed("container") && cx.args.len() == 2 {
        return Err(Error::msg("only one of -c or an inline [CONTAINER] arg is allowed"));
    }
    if flags.int("limit-bytes") < 0 {
        return Err(Error::msg("--limit-bytes must be greater than 0"));
    }
    if since.is_negative() {
        return Err(Error::msg("--since must be greater than 0"));
    }
    if flags.int("tail") < -1 {
        return Err(Error::msg("--tail must be greater than or equal to -1"));
    }
    Ok(())
}

/// The object that is named; nothing with a selector.
async fn object(cx: &Context, resource: Option<&str>, selector: &str) -> Result<Option<Info>> {
    let (namespace, enforce) = cx.namespace().await?;
    let Some(resource) = resource else { return Ok(None) };
    debug_assert!(selector.is_empty());
    let args = match resource.contains('/') {
        true => vec![resource.to_string()],
        false => vec!["pods".to_string(), resource.to_string()],
    };
    let found = Builder::new().namespace(&namespace, enforce).single_resource_type().args(false, &args).find(cx).await;
    let mut infos = found.and_then(|found| found.infos()).map_err(|error| match error.is_not_found() {
        true => Error::msg(format!("error from server (NotFound): {} in namespace {}", error, quote(&namespace))),
        false => error,
    })?;
    if infos.len() != 1 {
        return Err(Error::msg("expected a resource"));
    }
    Ok(Some(infos.remove(0)))
}

/// The pods whose logs are wanted.
async fn pods(cx: &Context, info: Option<Info>, selector: &str, timeout: Duration) -> Result<Vec<Value>> {
    let Some(info) = info else {
        let (namespace, _) = cx.namespace().await?;
        let call = Call::get(format!("/api/v1/namespaces/{namespace}/pods")).query("labelSelector", selector);
        let pods = take_items(&mut cx.requests().await?.json(call).await?);
        if pods.is_empty() {
            writeln!(cx.err, "No resources found in {namespace} namespace.")?;
        }
        return Ok(pods);
    };
    if info.mapping.kind == "Pod" && info.mapping.group.is_empty() {
        return Ok(vec![info.object]);
    }
    let (mut pods, _) = pod_of::list(cx, &info)
        .await
        .map_err(|error| Error::msg(error.to_string().replace("cannot attach to", "cannot get the logs from")))?;
    pods.sort_by_cached_key(pod_of::active_rank);
    match pods.len() {
        0 => Ok(vec![pod_of::pod(cx, &info, timeout).await?]),
        1 => Ok(pods),
        _ if cx.flags.bool("all-pods") => Ok(pods),
        count => {
            let name = pods[0]["metadata"]["name"].as_str().unwrap_or_default();
            writeln!(cx.err, "Found {count} pods, using pod/{name}")?;
            pods.truncate(1);
            Ok(pods)
        }
    }
}

/// The logs of a pod's containers: all, the named one, or the default one.
fn sources_of(cx: &Context, pod: &Value, container: &str, options: &[(&'static str, String)]) -> Result<Vec<Source>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let (namespace, name) = (text(&pod["metadata"]["namespace"]), text(&pod["metadata"]["name"]));
    let source = |container: &Value| {
        let container = text(&container["name"]);
        let mut call =
            Call::get(format!("/api/v1/namespaces/{namespace}/pods/{name}/log")).query("container", &container);
        for (key, value) in options {
            call = call.query(key, value);
        }
        Source { call, prefix: format!("[pod/{name}/{container}] ") }
    };
    if cx.flags.bool("all-containers") {
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let all = lists.iter().flat_map(|list| pod["spec"][*list].as_array().into_iter().flatten());
        return Ok(all.map(source).collect());
    }
    let quiet = cx.flags.bool("all-pods");
    Ok(vec![source(remote::container(cx, pod, container, quiet)?)])
}

/// Prints one log; while it is followed, an error of the API server is tried again for as long as a pod may take to run.
async fn consume(cx: &Context, source: &Source, timeout: Duration) -> Result<()> {
    const AGAIN: Duration = Duration::from_secs(1);
    let deadline = tokio::time::Instant::now() + timeout;
    loop {
        let Err(error) = print(cx, source).await else { return Ok(()) };
        if matches!(error, Error::Output(_)) {
            return Err(error);
        }
        if cx.flags.bool("ignore-errors") {
            writeln!(cx.out, "error: {error}")?;
            return Ok(());
        }
        if !cx.flags.bool("follow") {
            return Err(error);
        }
        writeln!(cx.err, "{error}")?;
        if error.api().is_none() {
            return Err(error);
        }
        if tokio::time::Instant::now() + AGAIN > deadline {
            return Err(Error::msg("context deadline exceeded"));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn print(cx: &Context, source: &Source) -> Result<()> {
    let mut chunks = cx.requests().await?.stream(source.call.clone()).await?;
    let prefixed = cx.flags.bool("prefix") || cx.flags.bool("all-pods");
    let mut line: Vec<u8> = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if !prefixed {
            cx.out.write(&chunk).map_err(Error::Output)?;
            continue;
        }
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if line.ends_with(b"\n") {
                let whole = [source.prefix.as_bytes(), &line].concat();
                cx.out.write(&whole).map_err(Error::Output)?;
                line.clear();
            }
        }
    }
    if !line.is_empty() {
        cx.out.write(&[source.prefix.as_bytes(), &line].concat()).map_err(Error::Output)?;
    }
    Ok(())
}
