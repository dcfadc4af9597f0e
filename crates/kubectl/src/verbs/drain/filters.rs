//! Which pods of a node may go, and why others may not (kubectl: pkg/drain/filters.go).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::request::Call;
use apimachinery::meta;
use serde_json::Value;

/// A pod that is to go.
#[derive(Debug, Clone)]
pub(super) struct Pod {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) uid: String,
    /// It has a deletion timestamp already.
    pub(super) deleting: bool,
}

impl Pod {
    pub(super) fn of(object: &Value) -> Pod {
        Pod {
            namespace: meta::namespace(object).into(),
            name: meta::name(object).into(),
            uid: meta::uid(object).into(),
            deleting: meta::deletion_timestamp(object).is_some(),
        }
    }
}

/// What is said of a pod.
enum Verdict {
    Delete,
    DeleteWith(String),
    Skip,
    SkipWith(String),
    Refuse(String),
}

/// The pods of a node, each with its verdict.
pub(super) struct List(Vec<(Pod, Verdict)>);

impl List {
    /// Those that are to go.
    pub(super) fn pods(&self) -> Vec<Pod> {
        let goes = |verdict: &Verdict| matches!(verdict, Verdict::Delete | Verdict::DeleteWith(_));
        self.0.iter().filter(|(_, verdict)| goes(verdict)).map(|(pod, _)| pod.clone()).collect()
    }

    /// The warnings, each with its pods.
    pub(super) fn warnings(&self) -> String {
        let grouped = self.grouped(|verdict| match verdict {
            Verdict::DeleteWith(text) | Verdict::SkipWith(text) => Some(text),
            _ => None,
        });
        let lines: Vec<String> = grouped.iter().map(|(text, pods)| format!("{text}: {}", pods.join(", "))).collect();
        lines.join("; ")
    }

    /// The pods that keep the node from being drained, as errors.
    pub(super) fn check(&self) -> Result<()> {
        let grouped = self.grouped(|verdict| match verdict {
            Verdict::Refuse(text) => Some(text),
            _ => None,
        });
        let error =
            |(text, pods): &(&str, Vec<String>)| Error::msg(format!("cannot delete {text}: {}", pods.join(", ")));
        let errors: Vec<Error> = grouped.iter().map(error).collect();
        if errors.is_empty() { Ok(()) } else { Err(Error::Aggregate(errors)) }
    }

    fn grouped(&self, text: impl Fn(&Verdict) -> Option<&String>) -> Vec<(&str, Vec<String>)> {
        let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
        for (pod, verdict) in &self.0 {
            let Some(text) = text(verdict) else { continue };
            let name = format!("{}/{}", pod.namespace, pod.name);
            match groups.iter_mut().find(|(other, _)| other == text) {
                Some((_, pods)) => pods.push(name),
                None => groups.push((text, vec![name])),
            }
        }
        groups
    }
}

/// The node's pods (`GetPodsForDeletion`).
pub(super) async fn list(cx: &Context, node: &str) -> Result<List> {
    let requests = cx.requests().await?;
    let chunk = cx.flags.int("chunk-size");
    let (mut verdicts, mut next) = (Vec::new(), String::new());
    loop {
        let mut call = Call::get("/api/v1/pods")
            .query("fieldSelector", format!("spec.nodeName={node}"))
            .query_if("labelSelector", cx.flags.str("pod-selector"))
            .query_if("continue", &next);
        if chunk > 0 {
            call = call.query("limit", chunk.to_string());
        }
        let page = requests.json(call).await?;
        for pod in page["items"].as_array().into_iter().flatten() {
            verdicts.push((Pod::of(pod), judge(cx, pod).await?));
        }
        next = page["metadata"]["continue"].as_str().unwrap_or_default().to_string();
        if next.is_empty() {
            return Ok(List(verdicts));
        }
    }
}

/// Upstream's filters in their order; the first that keeps a pod decides, and the last one's warning stays.
async fn judge(cx: &Context, pod: &Value) -> Result<Verdict> {
    let flags = &cx.flags;
    let finished = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
    let controller = meta::controller_of(pod);
    if overdue(cx, pod) {
        return Ok(Verdict::Skip);
    }
    let daemon = |owner: &&Value| owner["kind"] == "DaemonSet" && owner["apiVersion"] == "apps/v1";
    if let Some(owner) = controller.filter(daemon)
        && !finished
    {
        let (namespace, name) = (meta::namespace(pod), owner["name"].as_str().unwrap_or_default());
        let call = Call::get(format!("/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}"));
        match cx.requests().await?.json(call).await {
            // The warning is lost to the filters behind, of which the pod has a controller.
            Err(error) if error.is_not_found() && flags.bool("force") => {}
            Err(error) => return Ok(Verdict::Refuse(error.to_string())),
            Ok(_) if flags.bool("ignore-daemonsets") => {
                return Ok(Verdict::SkipWith("ignoring DaemonSet-managed Pods".into()));
            }
            Ok(_) => {
                let text = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
                return Ok(Verdict::Refuse(text.into()));
            }
        }
    }
    if meta::annotation(pod, "kubernetes.io/config.mirror").is_some() {
        return Ok(Verdict::Skip);
    }
    if finished {
        return Ok(Verdict::Delete);
    }
    let local = pod["spec"]["volumes"].as_array().into_iter().flatten().any(|volume| volume["emptyDir"].is_object());
    if local && !flags.bool("delete-emptydir-data") {
        return Ok(Verdict::Refuse("Pods with local storage (use --delete-emptydir-data to override)".into()));
    }
    Ok(match controller {
        Some(_) => Verdict::Delete,
        None if flags.bool("force") => Verdict::DeleteWith("deleting Pods that declare no controller".into()),
        None => Verdict::Refuse("Pods that declare no controller (use --force to override)".into()),
    })
}

/// It was deleted longer ago than `--skip-wait-for-delete-timeout`.
pub(super) fn overdue(cx: &Context, pod: &Value) -> bool {
    let limit = cx.flags.int("skip-wait-for-delete-timeout");
    let since = meta::deletion_timestamp(pod).map(|time| cx.env.clock.now().duration_since(time).as_secs());
    limit > 0 && since.is_some_and(|since| since > limit)
}
