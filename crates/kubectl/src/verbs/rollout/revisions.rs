//! What a workload was before: the ReplicaSets of a Deployment, the ControllerRevisions of a DaemonSet or a StatefulSet
//! (kubectl: pkg/polymorphichelpers/history.go, pkg/util/deployment).

use super::{group_kind, is_workload};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::request::Call;
use crate::resource::{Info, take_items};
use crate::text::quote;
use crate::verbs::record::CHANGE_CAUSE;
use apimachinery::meta;
use apimachinery::patch;
use apimachinery::schema::PatchSchema;
use apimachinery::selector::format_label_selector;
use serde_json::Value;

/// A ReplicaSet's place among those of its Deployment.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";

/// The workload as it is, and its revisions, sorted by number.
pub(super) struct History {
    pub owner: Value,
    pub revisions: Vec<Revision>,
}

/// One revision.
pub(super) struct Revision {
    pub number: i64,
    /// The ReplicaSet, or the ControllerRevision.
    pub object: Value,
}

impl Revision {
    pub(super) fn change_cause(&self) -> &str {
        meta::annotation(&self.object, CHANGE_CAUSE).filter(|cause| !cause.is_empty()).unwrap_or("<none>")
    }
    fn is_replica_set(&self) -> bool {
        self.object["kind"] == "ReplicaSet"
    }
    /// The workload as it was: the ReplicaSet itself, or the owner with the revision's patch.
    pub(super) fn restored(&self, owner: &Value) -> Result<Value> {
        if self.is_replica_set() {
            return Ok(self.object.clone());
        }
        let unable = |_| Error::msg(format!("unable to parse history {}", meta::name(&self.object)));
        let Some(schema) = PatchSchema::for_kind(meta::api_version(owner), meta::kind(owner)) else {
            return Ok(owner.clone());
        };
        patch::strategic(owner, &self.object["data"], &schema).map_err(unable)
    }
    /// The pod template as it was.
    pub(super) fn template(&self, owner: &Value) -> Result<Value> {
        Ok(self.restored(owner)?["spec"]["template"].take())
    }
    /// The pod template as it was, with the reason of the change among its annotations.
    pub(super) fn template_with_cause(&self, owner: &Value) -> Result<Value> {
        let mut template = self.template(owner)?;
        if self.is_replica_set()
            && let Some(cause) = meta::annotation(&self.object, CHANGE_CAUSE)
        {
            meta::set(&mut template, &["metadata", "annotations", CHANGE_CAUSE], Value::String(cause.into()));
        }
        Ok(template)
    }
}

/// The history of an object; `purpose` is the word for what cannot be had of other kinds.
pub(super) async fn of(cx: &Context, info: &Info, purpose: Purpose) -> Result<History> {
    let kind = info.mapping.kind.as_str();
    let (shown, revisions) = match (info.mapping.group.as_str(), kind) {
        ("apps", "Deployment") => ("deployment", "replicasets"),
        ("apps", "DaemonSet" | "StatefulSet") => (kind, "controllerrevisions"),
        _ => return Err(purpose.refusal(info)),
    };
    let requests = cx.requests().await?;
    let owner = requests.json(Call::get(info.mapping.path(&info.namespace, &info.name, ""))).await;
    let owner = owner.map_err(|error| Error::msg(format!("failed to retrieve {shown} {}: {error}", info.name)))?;
    let list = Call::get(format!("/apis/apps/v1/namespaces/{}/{revisions}", info.namespace))
        .query("labelSelector", format_label_selector(&owner["spec"]["selector"]));
    let listed = requests.json(list).await;
    let mut list = listed.map_err(|error| match revisions {
        "replicasets" => Error::msg(format!("failed to retrieve replica sets from deployment {}: {error}", info.name)),
        _ => Error::msg(format!("unable to find history controlled by {kind} {}: {error}", info.name)),
    })?;
    let mine = |object: &Value| meta::controller_of(object).is_some_and(|of| of["uid"] == owner["metadata"]["uid"]);
    let mut revisions: Vec<Revision> = take_items(&mut list)
        .into_iter()
        .filter(mine)
        .filter_map(|object| {
            let number = match meta::annotation(&object, REVISION) {
                _ if object["kind"] == "ControllerRevision" => object["revision"].as_i64().unwrap_or_default(),
                Some(text) => text.parse().ok()?,
                None => 0,
            };
            Some(Revision { number, object })
        })
        .collect();
    revisions.sort_by_key(|revision| revision.number);
    Ok(History { owner, revisions })
}

/// What the history is wanted for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    View,
    RollBack,
}

impl Purpose {
    fn refusal(self, info: &Info) -> Error {
        let kind = quote(&group_kind(info));
        let text = match (self, is_workload(info)) {
            (Purpose::View, true) => format!("no history viewer has been implemented for {kind}"),
            (Purpose::RollBack, true) => format!("no rollbacker has been implemented for {kind}"),
            (purpose, false) => {
                let what = if matches!(purpose, Purpose::View) { "history" } else { "rollbacker" };
                let element = format!("{{{} {}}}", info.mapping.group, info.mapping.kind);
                format!("error retrieving {what} for {kind}, no visitor method exists for {element}")
            }
        };
        Error::msg(text)
    }
}
