//! `kubectl cluster-info dump` (kubectl: pkg/cmd/clusterinfo/clusterinfo_dump.go).

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::{ObjectPrinter, PrintFlags};
use crate::request::Call;
use apimachinery::meta;
use serde_json::Value;
use std::path::Path;

pub(super) static COMMAND: Command = Command {
    name: "dump",
    use_line: "dump",
    bare_use_line: false,
    short: "Dump relevant information for debugging and diagnosis",
    long: "Dump what is needed to find out what is wrong with a cluster: to stdout, or with --output-directory as a tree of files. Of namespaces the current one and 'kube-system' are dumped; name others with --namespaces, or take all with --all-namespaces.\n\n The logs of all pods are dumped, too, with --output-directory in folders by namespace and pod.",
    example: "# The state of the cluster to stdout
kubectl cluster-info dump

# To files
kubectl cluster-info dump --output-directory=/path/to/cluster-state

# All namespaces
kubectl cluster-info dump --all-namespaces

# Some namespaces, to files
kubectl cluster-info dump --namespaces default,kube-system --output-directory=/path/to/cluster-state",
    flags: || {
        let mut flags = common::templates();
        flags.extend([
            Flag::string("output", "json", format!("Output format. One of: ({}).", crate::printers::FORMATS.join(", "))).short('o'),
            Flag::string("output-directory", "", "Where to output the files.  If empty or '-' uses stdout, otherwise creates a directory hierarchy in that directory"),
            Flag::string_slice("namespaces", "A comma separated list of namespaces to dump."),
            Flag::bool("all-namespaces", "If true, dump all namespaces.  If true, --namespaces is ignored.").short('A'),
            common::pod_running_timeout("20s"),
        ]);
        flags
    },
    class: |_| Class::READS,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// What is dumped of a namespace: the file, and the collection.
const COLLECTIONS: [(&str, &str, &str); 7] = [
    ("events", "/api/v1", "events"),
    ("replication-controllers", "/api/v1", "replicationcontrollers"),
    ("services", "/api/v1", "services"),
    ("daemonsets", "/apis/apps/v1", "daemonsets"),
    ("deployments", "/apis/apps/v1", "deployments"),
    ("replicasets", "/apis/apps/v1", "replicasets"),
    ("pods", "/api/v1", "pods"),
];

/// Where things go.
struct Dump<'a> {
    cx: &'a Context,
    printer: ObjectPrinter,
    /// `None` for stdout.
    directory: Option<&'a str>,
    extension: &'static str,
}

impl Dump<'_> {
    async fn object(&mut self, file: &str, object: Value) -> Result<()> {
        let text = self.printer.print(object)?;
        self.write(&format!("{file}{}", self.extension), text.as_bytes()).await
    }

    async fn write(&self, file: &str, bytes: &[u8]) -> Result<()> {
        let Some(directory) = self.directory else { return Ok(self.cx.out.write(bytes)?) };
        let path = Path::new(directory).join(file);
        let written = self.cx.env.files.write(&path, bytes).await;
        written.map_err(|error| Error::msg(crate::resource::go_error("open", &path.to_string_lossy(), &error)))
    }
}

async fn run(cx: &Context) -> Result<()> {
    let printer = PrintFlags::of(cx, "").typed().printer(cx).await?;
    cx.client_config().await?;
    let extension = match cx.flags.str("output") {
        "json" => ".json",
        "yaml" => ".yaml",
        _ => ".txt",
    };
    if cx.flags.duration("pod-running-timeout") <= jiff::SignedDuration::ZERO {
        return Err(Error::msg("--pod-running-timeout must be higher than zero"));
    }
    let directory = Some(cx.flags.str("output-directory")).filter(|name| !["", "-"].contains(name));
    let mut dump = Dump { cx, printer, directory, extension };
    let requests = cx.requests().await?;
    dump.object("nodes", requests.json(Call::get("/api/v1/nodes")).await?).await?;
    for namespace in namespaces(cx).await? {
        for (file, api, resource) in COLLECTIONS {
            let list = requests.json(Call::get(format!("{api}/namespaces/{namespace}/{resource}"))).await?;
            let pods = if resource == "pods" { meta::dig_list(&list, "items").to_vec() } else { Vec::new() };
            dump.object(&format!("{namespace}/{file}"), list).await?;
            for pod in pods {
                let logs = logs(cx, &pod).await?;
                dump.write(&format!("{namespace}/{}/logs.txt", meta::name(&pod)), &logs).await?;
            }
        }
    }
    if let Some(directory) = directory {
        writeln!(cx.out, "Cluster info dumped to {directory}")?;
    }
    Ok(())
}

async fn namespaces(cx: &Context) -> Result<Vec<String>> {
    if cx.flags.bool("all-namespaces") {
        let list = cx.requests().await?.json(Call::get("/api/v1/namespaces")).await?;
        return Ok(meta::dig_list(&list, "items").iter().map(|one| meta::name(one).to_string()).collect());
    }
    match cx.flags.strings("namespaces") {
        [] => Ok(vec!["kube-system".to_string(), cx.namespace().await?.0]),
        given => Ok(given.to_vec()),
    }
}

/// The logs of all containers of a pod, or why there are none.
async fn logs(cx: &Context, pod: &Value) -> Result<Vec<u8>> {
    let (namespace, name) = (meta::namespace(pod), meta::name(pod));
    let containers = meta::dig_list(pod, "spec.initContainers").iter().chain(meta::dig_list(pod, "spec.containers"));
    let mut out = Vec::new();
    for container in containers.filter_map(|container| container["name"].as_str()) {
        let title = format!("logs for container {container} of pod {namespace}/{name} ====\n");
        out.extend(format!("==== START {title}").bytes());
        let call = Call::get(format!("/api/v1/namespaces/{namespace}/pods/{name}/log")).query("container", container);
        match cx.requests().await?.bytes(call).await {
            Ok(log) => out.extend(log),
            Err(error) => out.extend(format!("Request log error: {error}\n").bytes()),
        }
        out.extend(format!("==== END {title}").bytes());
    }
    Ok(out)
}
