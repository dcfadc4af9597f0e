//! `kubectl set resources` (kubectl: pkg/cmd/set/set_resources.go).

use super::{Outcome, Update, find, finding, selected_containers, validate_local, validate_selector};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::Info;
use crate::verbs::record;
use apimachinery::quantity::Quantity;
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "resources",
    use_line: "resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    short: "Update resource requests/limits on objects with pod templates",
    long: "Say how much CPU, memory and so on the containers of a pod template ask for and may use. A pod that is scheduled gets what it requests, and may use more up to its limits.\n\n A limit without a request is the request, too.\n\n Possible resources include (case insensitive): Use \"kubectl api-resources\" for a complete list of supported resources..",
    example: "# CPU and memory that the container nginx may use
kubectl set resources deployment nginx -c=nginx --limits=cpu=200m,memory=512Mi

# Limits and requests of all containers
kubectl set resources deployment nginx --limits=cpu=200m,memory=512Mi --requests=cpu=100m,memory=256Mi

# See what would become of a file, without asking the server
kubectl set resources -f path/to/file.yaml --limits=cpu=200m,memory=512Mi --local -o yaml",
    flags: || {
        let mut flags = finding("resources");
        flags.extend([
            common::selector(),
            Flag::string("containers", "*", "The names of containers in the selected pod templates to change, all containers are selected by default - may use wildcards").short('c'),
            Flag::string("limits", "", "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'.  Note that server side components may assign requests depending on the server configuration, such as limit ranges."),
            Flag::string("requests", "", "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'.  Note that server side components may assign requests depending on the server configuration, such as limit ranges."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    DryRun::of(cx)?;
    PrintFlags::of(cx, "").printer(cx).await?;
    let infos = find(cx, &cx.args, flags.str("selector")).await?;
    validate_local(cx)?;
    validate_selector(cx)?;
    if flags.str("limits").is_empty() && flags.str("requests").is_empty() {
        return Err(Error::msg(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let wanted = [("limits", parse(flags.str("limits"))?), ("requests", parse(flags.str("requests"))?)];
    let (mut changes, mut errors) = (Vec::new(), Vec::new());
    for info in infos {
        let outcome = set(cx, &info, &wanted, &mut errors);
        changes.push((info, outcome));
    }
    let update = Update {
        done: "resource requirements updated",
        failed: "failed to patch resources update to pod template",
        even_unchanged: false,
    };
    update.run(cx, changes, errors).await
}

/// `cpu=100m,memory=256Mi` (`parseResourceList`).
fn parse(spec: &str) -> Result<Map<String, Value>> {
    let mut list = Map::new();
    for statement in spec.split(',').filter(|_| !spec.is_empty()) {
        let (name, amount) = statement
            .split_once('=')
            .filter(|(_, amount)| !amount.contains('='))
            .ok_or_else(|| Error::msg(format!("invalid argument syntax {statement}, expected <resource>=<value>")))?;
        let quantity = Quantity::parse(amount).map_err(|error| Error::msg(error.to_string()))?;
        list.insert(name.to_string(), json!(quantity.to_string()));
    }
    Ok(list)
}

fn set(cx: &Context, info: &Info, wanted: &[(&str, Map<String, Value>)], errors: &mut Vec<Error>) -> Outcome {
    let pattern = cx.flags.str("containers");
    let mut object = info.object.clone();
    let containers = selected_containers(info, &mut object, pattern)?;
    if containers.is_empty() {
        errors.push(Error::msg(format!("error: unable to find container named {pattern}")));
        return Ok(None);
    }
    for container in containers {
        for (field, list) in wanted.iter().filter(|(_, list)| !list.is_empty()) {
            for (name, amount) in list {
                container["resources"][*field][name] = amount.clone();
            }
        }
    }
    record::record(cx, &mut object);
    Ok(Some(object))
}
