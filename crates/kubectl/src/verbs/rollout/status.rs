//! `kubectl rollout status` (kubectl: pkg/cmd/rollout/rollout_status.go, pkg/polymorphichelpers/rollout_status.go).

use super::{find, finding, group_kind};
use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::resource::{Errors, Info, Until};
use crate::text::quote;
use apimachinery::meta::{dig_i64, dig_list, dig_str, generation, name};
use serde_json::Value;
use std::time::Duration;

pub(super) static COMMAND: Command = Command {
    name: "status",
    use_line: "status (TYPE NAME | TYPE/NAME) [flags]",
    short: "Show the status of the rollout",
    long: "Show the status of the rollout.\n\n The rollout is watched until it is done; with --watch=false the present status is shown. If another rollout begins meanwhile, that one is watched; pin one with --revision=N.",
    example: "# Watch the rollout of a deployment
kubectl rollout status deployment/web",
    flags: || {
        let mut flags = finding();
        flags.extend([
            Flag::bool("watch", "Watch the status of the rollout until it's done.").short('w').default("true"),
            Flag::int64("revision", "0", "Pin to a specific revision for showing its status. Defaults to 0 (last revision)."),
            Flag::duration("timeout", "0s", "The length of time to wait before ending watch, zero means never. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h)."),
        ]);
        flags
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let revision = cx.flags.int("revision");
    if revision < 0 && !cx.args.is_empty() {
        return Err(Error::msg(format!("revision must be a positive integer: {revision}")));
    }
    let found = find(cx).await?;
    if found.items.is_empty() {
        let (namespace, _) = cx.namespace().await?;
        writeln!(cx.err, "No resources found in {namespace} namespace.")?;
        return Ok(());
    }
    let mut errors = Errors::default();
    for info in found.items {
        let followed = match info {
            Ok(info) => follow(cx, &info, revision).await,
            Err(error) => Err(error),
        };
        errors.keep(followed)?;
    }
    errors.finish()
}

/// Prints the status whenever the object changes, until the rollout is done.
async fn follow(cx: &Context, info: &Info, revision: i64) -> Result<()> {
    let status = match (info.mapping.group.as_str(), info.mapping.kind.as_str()) {
        ("apps", "Deployment") => deployment,
        ("apps", "DaemonSet") => daemon_set,
        ("apps", "StatefulSet") => stateful_set,
        _ => return Err(Error::msg(format!("no status viewer has been implemented for {}", group_kind(info)))),
    };
    let work = async {
        let mut until = Until::start(&cx.requests().await?, &info.mapping, &info.namespace, &info.name).await?;
        loop {
            let event = until.next().await?;
            if event.kind == "DELETED" {
                return Err(Error::msg("object has been deleted"));
            }
            let (text, done) = status(&event.object, revision)?;
            write!(cx.out, "{text}")?;
            if done || !cx.flags.bool("watch") {
                return Ok(());
            }
        }
    };
    match Duration::try_from(cx.flags.duration("timeout")) {
        Ok(timeout) if !timeout.is_zero() => {
            let expired = |_| Error::msg("timed out waiting for the condition");
            tokio::time::timeout(timeout, work).await.map_err(expired)?
        }
        _ => work.await,
    }
}

/// What to say, and whether the rollout is done.
type Status = Result<(String, bool)>;

fn waiting(text: String) -> Status {
    Ok((format!("{text}...\n"), false))
}

fn number(object: &Value, path: &str) -> i64 {
    dig_i64(object, path).unwrap_or_default()
}

fn deployment(object: &Value, revision: i64) -> Status {
    let name = quote(name(object));
    if revision > 0 {
        let annotation = apimachinery::meta::annotation(object, super::revisions::REVISION);
        let text = annotation.unwrap_or("0");
        let running: i64 = text.parse().map_err(|_| {
            let cause = format!("strconv.ParseInt: parsing {}: invalid syntax", quote(text));
            Error::msg(format!("cannot get the revision of deployment {name}: {cause}"))
        })?;
        if running != revision {
            let text = format!("desired revision ({revision}) is different from the running revision ({running})");
            return Err(Error::msg(text));
        }
    }
    if generation(object) > number(object, "status.observedGeneration") {
        return waiting("Waiting for deployment spec update to be observed".into());
    }
    let progressing = dig_list(object, "status.conditions").iter().find(|c| c["type"] == "Progressing");
    if progressing.is_some_and(|c| c["reason"] == "ProgressDeadlineExceeded") {
        return Err(Error::msg(format!("deployment {name} exceeded its progress deadline")));
    }
    let count = |field: &str| number(object, &format!("status.{field}"));
    let (updated, replicas, available) = (count("updatedReplicas"), count("replicas"), count("availableReplicas"));
    let start = format!("Waiting for deployment {name} rollout to finish");
    match dig_i64(object, "spec.replicas") {
        Some(wanted) if updated < wanted => {
            waiting(format!("{start}: {updated} out of {wanted} new replicas have been updated"))
        }
        _ if replicas > updated => {
            waiting(format!("{start}: {} old replicas are pending termination", replicas - updated))
        }
        _ if available < updated => {
            waiting(format!("{start}: {available} of {updated} updated replicas are available"))
        }
        _ => Ok((format!("deployment {name} successfully rolled out\n"), true)),
    }
}

fn needs_rolling_update(object: &Value) -> Result<()> {
    if dig_str(object, "spec.updateStrategy.type") == Some("RollingUpdate") {
        return Ok(());
    }
    Err(Error::msg("rollout status is only available for RollingUpdate strategy type"))
}

fn daemon_set(object: &Value, _: i64) -> Status {
    needs_rolling_update(object)?;
    let name = quote(name(object));
    if generation(object) > number(object, "status.observedGeneration") {
        return waiting("Waiting for daemon set spec update to be observed".into());
    }
    let count = |field: &str| number(object, &format!("status.{field}"));
    let (updated, wanted, available) =
        (count("updatedNumberScheduled"), count("desiredNumberScheduled"), count("numberAvailable"));
    let start = format!("Waiting for daemon set {name} rollout to finish");
    if updated < wanted {
        return waiting(format!("{start}: {updated} out of {wanted} new pods have been updated"));
    }
    if available < wanted {
        return waiting(format!("{start}: {available} of {wanted} updated pods are available"));
    }
    Ok((format!("daemon set {name} successfully rolled out\n"), true))
}

fn stateful_set(object: &Value, _: i64) -> Status {
    needs_rolling_update(object)?;
    let observed = number(object, "status.observedGeneration");
    if observed == 0 || generation(object) > observed {
        return waiting("Waiting for statefulset spec update to be observed".into());
    }
    let count = |field: &str| number(object, &format!("status.{field}"));
    let wanted = dig_i64(object, "spec.replicas");
    if let Some(wanted) = wanted
        && count("readyReplicas") < wanted
    {
        return waiting(format!("Waiting for {} pods to be ready", wanted - count("readyReplicas")));
    }
    let (updated, revision) =
        (count("updatedReplicas"), |field: &str| object["status"][field].as_str().unwrap_or_default().to_string());
    if !object["spec"]["updateStrategy"]["rollingUpdate"].is_null() {
        if let (Some(wanted), Some(partition)) =
            (wanted, dig_i64(object, "spec.updateStrategy.rollingUpdate.partition"))
            && updated < wanted - partition
        {
            let new = wanted - partition;
            return waiting(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {new} new pods have been updated"
            ));
        }
        return Ok((format!("partitioned roll out complete: {updated} new pods have been updated...\n"), true));
    }
    let (update, current) = (revision("updateRevision"), revision("currentRevision"));
    if update != current {
        return waiting(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {update}"
        ));
    }
    let replicas = count("currentReplicas");
    Ok((format!("statefulset rolling update complete {replicas} pods at revision {current}...\n"), true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(status: Status) -> String {
        status.map_or_else(|error| error.to_string(), |(text, _)| text)
    }

    #[test]
    fn a_deployment_on_its_way() {
        let mut web = json!({"metadata": {"name": "web", "generation": 2}, "spec": {"replicas": 3}, "status": {"observedGeneration": 1}});
        assert_eq!(said(deployment(&web, 0)), "Waiting for deployment spec update to be observed...\n");
        web["status"] = json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "availableReplicas": 3});
        assert_eq!(
            said(deployment(&web, 0)),
            "Waiting for deployment \"web\" rollout to finish: 1 out of 3 new replicas have been updated...\n"
        );
        web["status"]["updatedReplicas"] = json!(3);
        assert_eq!(
            said(deployment(&web, 0)),
            "Waiting for deployment \"web\" rollout to finish: 1 old replicas are pending termination...\n"
        );
        web["status"]["replicas"] = json!(3);
        assert_eq!(said(deployment(&web, 0)), "deployment \"web\" successfully rolled out\n");
        web["status"]["conditions"] = json!([{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]);
        assert_eq!(said(deployment(&web, 0)), "deployment \"web\" exceeded its progress deadline");
    }

    #[test]
    fn a_stateful_set_by_partitions() {
        let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}});
        let set = json!({"metadata": {"generation": 1}, "spec": {"replicas": 2, "updateStrategy": rolling}, "status": {"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 1}});
        assert_eq!(said(stateful_set(&set, 0)), "partitioned roll out complete: 1 new pods have been updated...\n");
        let other = json!({"spec": {"updateStrategy": {"type": "OnDelete"}}});
        assert_eq!(said(stateful_set(&other, 0)), "rollout status is only available for RollingUpdate strategy type");
    }
}
