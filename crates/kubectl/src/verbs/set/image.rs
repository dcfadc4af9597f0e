//! `kubectl set image` (kubectl: pkg/cmd/set/set_image.go).

use super::{Outcome, Update, containers, find, finding};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::common;
use crate::printers::PrintFlags;
use crate::resource::Info;
use crate::text::quote;
use crate::verbs::{pairs, record};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    name: "image",
    use_line: "image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    short: "Update the image of a pod template",
    long: "Update the images of containers.\n\n Possible resources include (case insensitive):\n\n  pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)",
    example: "# The image of a deployment's container nginx
kubectl set image deployment/web nginx=nginx:1.27

# Two containers
kubectl set image deployment/web busybox=busybox nginx=nginx:1.27

# All containers of a daemon set
kubectl set image daemonset agent *=agent:2

# See what would become of a file, without asking the server
kubectl set image -f path/to/file.yaml nginx=nginx:1.27 --local -o yaml",
    flags: || {
        let mut flags = finding("image");
        flags.push(common::selector());
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let dry_run = DryRun::of(cx)?;
    PrintFlags::of(cx, "").printer(cx).await?;
    let (resources, pairs) = pairs::split(&cx.args, "image")?;
    let (images, _) = pairs::parse(&pairs, "image", false)?;
    let infos = find(cx, &resources, cx.flags.str("selector")).await?;
    validate(cx, &resources, &images, dry_run)?;
    let mut errors = Vec::new();
    let changes = infos.into_iter().map(|info| {
        let outcome = set(cx, &info, &images, &mut errors);
        (info, outcome)
    });
    let changes = changes.collect();
    let update = Update {
        done: "image updated",
        failed: "failed to patch image update to pod template:",
        even_unchanged: false,
    };
    update.run(cx, changes, errors).await
}

fn validate(cx: &Context, resources: &[String], images: &BTreeMap<String, String>, dry_run: DryRun) -> Result<()> {
    let flags = &cx.flags;
    let mut errors = Vec::new();
    let mut refuse = |text: &str| errors.push(Error::msg(text));
    if flags.bool("all") && !flags.str("selector").is_empty() {
        refuse("cannot set --all and --selector at the same time");
    }
    if resources.is_empty() && flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
        refuse("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    if images.is_empty() {
        refuse("at least one image update is required");
    } else if images.len() > 1 && images.contains_key("*") {
        refuse("all containers are already specified by *, but saw more than one container_name=container_image pairs");
    }
    if flags.bool("local") && dry_run == DryRun::Server {
        refuse("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
    }
    Error::aggregate(errors)
}

fn set(cx: &Context, info: &Info, images: &BTreeMap<String, String>, errors: &mut Vec<Error>) -> Outcome {
    let mut object = info.object.clone();
    let mut containers = containers(info, &mut object)?;
    for (name, image) in images {
        let mut found = false;
        for container in containers.iter_mut().filter(|container| name == "*" || container["name"] == name.as_str()) {
            container["image"] = Value::String(image.clone());
            found = true;
        }
        if !found {
            errors.push(Error::msg(format!("error: unable to find container named {}", quote(name))));
        }
    }
    record::record(cx, &mut object);
    Ok(Some(object))
}
