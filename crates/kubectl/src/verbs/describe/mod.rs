//! `kubectl describe` (kubectl: pkg/cmd/describe/describe.go, pkg/describe/describe.go). One file a kind; kinds without
//! one are described field by field (`generic`).

mod certificatesigningrequest;
mod configmap;
mod containers;
mod cronjob;
mod csinode;
mod daemonset;
mod data;
mod deployment;
mod endpoints;
mod endpointslice;
mod env;
pub(super) mod events;
mod generic;
mod horizontalpodautoscaler;
mod ingress;
mod ingressclass;
mod ipaddress;
mod job;
mod limitrange;
mod namespace;
mod networkpolicy;
mod node;
mod node_resources;
mod persistentvolume;
mod persistentvolumeclaim;
mod pod;
pub(super) mod pod_template;
mod poddisruptionbudget;
mod pods;
mod priorityclass;
mod replicaset;
mod replicationcontroller;
mod resourcequota;
mod role;
mod rolebinding;
mod secret;
mod service;
mod serviceaccount;
mod servicecidr;
mod statefulset;
mod storageclass;
mod volume_types;
mod volumeattributesclass;
mod volumes;
mod writer;

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::mapper::Mapping;
use crate::request::Call;
use crate::resource::{Builder, Info, take_items};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::sync::Arc;
use writer::Writer;

pub(super) static COMMAND: Command = Command {
    name: "describe",
    use_line: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    suggest_for: &["inspect"],
    short: "Show details of a specific resource or group of resources",
    long: "Show details of a specific resource or group of resources.\n\n What matters about an object is shown with what belongs to it, such as its events. Name one object, all of a type, those with a label, or the beginning of a name:\n\n     $ kubectl describe TYPE NAME_PREFIX\n\n shows the object of exactly that name, or if there is none, every object whose name begins so.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# A node
kubectl describe nodes node-1

# A pod
kubectl describe pods/web

# The pod that a file names
kubectl describe -f pod.json

# All pods
kubectl describe pods

# The pods with a label
kubectl describe pods -l app=web

# The pods whose names begin with web
kubectl describe pods web",
    flags,
    run: Some(|cx| Box::pin(run(cx))),
    class: |_| Class::READS,
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("containing the resource to describe");
    flags.extend([
        common::selector(),
        Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short('A'),
        Flag::bool("show-events", "If true, display events related to the described object. Defaults to true for a single object, false for multiple objects and prefix matching.").default("true"),
        common::chunk_size(),
    ]);
    flags
}

/// A describer at work.
struct Describing<'a> {
    cx: &'a Context,
    mapping: Arc<Mapping>,
    show_events: bool,
}

impl Describing<'_> {
    /// A collection's items, page by page.
    async fn list(&self, call: Call) -> Result<Vec<Value>> {
        let (requests, limit) = (self.cx.requests().await?, self.cx.flags.int("chunk-size"));
        let (mut items, mut next) = (Vec::new(), String::new());
        loop {
            let mut page = call.clone().query_if("continue", &next);
            if limit > 0 {
                page = page.query("limit", limit.to_string());
            }
            let mut page = requests.json(page).await?;
            next = page["metadata"]["continue"].as_str().unwrap_or_default().to_string();
            items.extend(take_items(&mut page));
            if next.is_empty() {
                return Ok(items);
            }
        }
    }

    /// The description of one object, which is read anew, as upstream does.
    async fn describe(&self, namespace: &str, name: &str) -> Result<String> {
        let object = self.read(namespace, name).await?;
        let mut writer = Writer::new(self.zone(), self.cx.env.clock.now());
        let w = &mut writer;
        match (self.mapping.group.as_str(), self.mapping.kind.as_str()) {
            ("", "ConfigMap") => configmap::describe(self, w, &object).await?,
            ("", "Endpoints") => endpoints::describe(self, w, &object).await?,
            ("", "LimitRange") => limitrange::describe(w, &object),
            ("", "Namespace") => namespace::describe(self, w, &object).await?,
            ("", "Node") => node::describe(self, w, &object).await?,
            ("", "PersistentVolume") => persistentvolume::describe(self, w, &object).await?,
            ("", "PersistentVolumeClaim") => persistentvolumeclaim::describe(self, w, &object).await?,
            ("", "Pod") => pod::describe(self, w, &object).await?,
            ("", "ReplicationController") => replicationcontroller::describe(self, w, &object).await?,
            ("", "ResourceQuota") => resourcequota::describe(w, &object),
            ("", "Secret") => secret::describe(w, &object),
            ("", "Service") => service::describe(self, w, &object).await?,
            ("", "ServiceAccount") => serviceaccount::describe(self, w, &object).await?,
            ("apps", "DaemonSet") => daemonset::describe(self, w, &object).await?,
            ("apps", "Deployment") => deployment::describe(self, w, &object).await?,
            ("apps", "ReplicaSet") => replicaset::describe(self, w, &object).await?,
            ("apps", "StatefulSet") => statefulset::describe(self, w, &object).await?,
            ("autoscaling", "HorizontalPodAutoscaler") => {
                horizontalpodautoscaler::describe(self, w, &object).await?;
            }
            ("batch", "CronJob") => cronjob::describe(self, w, &object).await?,
            ("batch", "Job") => job::describe(self, w, &object).await?,
            ("certificates.k8s.io", "CertificateSigningRequest") => {
                certificatesigningrequest::describe(self, w, &object).await?;
            }
            ("discovery.k8s.io", "EndpointSlice") => endpointslice::describe(self, w, &object).await?,
            ("networking.k8s.io", "IPAddress") => ipaddress::describe(self, w, &object).await?,
            ("networking.k8s.io", "Ingress") => ingress::describe(self, w, &object).await?,
            ("networking.k8s.io", "IngressClass") => ingressclass::describe(self, w, &object).await?,
            ("networking.k8s.io", "NetworkPolicy") => networkpolicy::describe(w, &object),
            ("networking.k8s.io", "ServiceCIDR") => servicecidr::describe(self, w, &object).await?,
            ("policy", "PodDisruptionBudget") => poddisruptionbudget::describe(self, w, &object).await?,
            ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => role::describe(w, &object),
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => rolebinding::describe(w, &object),
            ("scheduling.k8s.io", "PriorityClass") => priorityclass::describe(self, w, &object).await?,
            ("storage.k8s.io", "CSINode") => csinode::describe(self, w, &object).await?,
            ("storage.k8s.io", "StorageClass") => storageclass::describe(self, w, &object).await?,
            ("storage.k8s.io", "VolumeAttributesClass") => volumeattributesclass::describe(self, w, &object).await?,
            _ => generic::describe(self, w, &object).await?,
        }
        Ok(writer.finish())
    }

    async fn read(&self, namespace: &str, name: &str) -> Result<Value> {
        if self.mapping.group == "autoscaling" && self.mapping.kind == "HorizontalPodAutoscaler" {
            return horizontalpodautoscaler::read(self, namespace, name).await;
        }
        if name.is_empty() {
            return Err(Error::msg("resource name may not be empty"));
        }
        self.cx.requests().await?.json(Call::get(self.mapping.path(namespace, name, ""))).await
    }

    /// Go's local time zone: `TZ`, or the system's.
    fn zone(&self) -> TimeZone {
        match self.cx.env.var("TZ") {
            Some(name) => TimeZone::get(name).unwrap_or(TimeZone::UTC),
            None => TimeZone::try_system().unwrap_or(TimeZone::UTC),
        }
    }
}

async fn run(cx: &Context) -> Result<()> {
    let (namespace, enforce) = cx.namespace().await?;
    let (flags, everywhere) = (&cx.flags, cx.flags.bool("all-namespaces"));
    if cx.args.is_empty() && flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
        return Err(Error::msg(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        ));
    }
    let found = Builder::new()
        .continue_on_error()
        .namespace(&namespace, enforce)
        .all_namespaces(everywhere)
        .filenames(flags)
        .label_selector(flags.str("selector"))
        .args(true, &cx.args)
        .chunks_of(flags.int("chunk-size"))
        .flatten()
        .find(cx)
        .await?;
    let (infos, errors) = found.partition();
    let one = errors.is_empty() && infos.len() <= 1;
    let show_events = if flags.changed("show-events") { flags.bool("show-events") } else { one };
    if let ([error], [kind, prefix]) = (errors.as_slice(), cx.args.as_slice())
        && error.is_not_found()
    {
        return match matching(cx, kind, prefix, show_events).await? {
            true => Ok(()),
            false => Error::aggregate(errors),
        };
    }
    // What goes wrong while finding stays together: it is told in plain words.
    let mut errors = if errors.is_empty() { Vec::new() } else { vec![Error::Aggregate(errors)] };
    let (mut said, mut first) = (Vec::new(), true);
    let count = infos.len();
    for Info { mapping, namespace, name, .. } in infos {
        let describing = Describing { cx, mapping, show_events };
        match describing.describe(&namespace, &name).await {
            Ok(text) => {
                write!(cx.out, "{}{text}", if first { "" } else { "\n\n" })?;
                first = false;
            }
            // The same error about several objects is said once.
            Err(error) if said.contains(&error.to_string()) => {}
            Err(error) => {
                said.push(error.to_string());
                errors.push(error);
            }
        }
    }
    if count == 0 && errors.is_empty() {
        if everywhere {
            writeln!(cx.err, "No resources found")?;
        } else {
            writeln!(cx.err, "No resources found in {namespace} namespace.")?;
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Aggregate(errors)) }
}

/// Describes all objects whose names begin so; false if there are none (`DescribeMatchingResources`).
async fn matching(cx: &Context, kind: &str, prefix: &str, show_events: bool) -> Result<bool> {
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .namespace(&namespace, enforce)
        .args(true, &[kind.to_string()])
        .single_resource_type()
        .chunks_of(cx.flags.int("chunk-size"))
        .flatten()
        .find(cx)
        .await?;
    let mut any = false;
    for Info { mapping, namespace, name, .. } in found.infos()? {
        if name.starts_with(prefix) {
            any = true;
            let describing = Describing { cx, mapping, show_events };
            writeln!(cx.out, "{}", describing.describe(&namespace, &name).await?)?;
        }
    }
    Ok(any)
}
