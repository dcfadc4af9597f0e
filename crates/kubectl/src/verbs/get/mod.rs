//! `kubectl get` (kubectl: pkg/cmd/get/get.go).

mod generic;
mod options;
mod rows;
mod sort;
mod watch;

use crate::command::{Class, Command, Context};
use crate::error::Result;
use crate::flags::{Flag, common};
use options::Options;

pub(super) static COMMAND: Command = Command {
    name: "get",
    use_line: "get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    suggest_for: &["list", "ls"],
    short: "Display one or many resources",
    long: "Display one or many resources.\n\n Shows a table with what matters most about each object. Select objects with a label selector (--selector) or by name. Of a namespaced type you see what is in the current namespace, unless you name another.\n\n With a template as the output format you choose which fields are shown.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# List all pods as a table
kubectl get pods

# The same, with addresses and nodes
kubectl get pods -o wide

# One deployment, in YAML
kubectl get deployment web -o yaml

# Several types together, by name
kubectl get deployment/web service/frontend

# Only the phase of a pod
kubectl get pod web-1 -o jsonpath='{.status.phase}'

# Columns of your own
kubectl get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image

# Everywhere, with labels
kubectl get pods --all-namespaces --show-labels",
    flags,
    class: |parsed| {
        let watches = parsed.values.bool("watch") || parsed.values.bool("watch-only");
        Class::READS.endless_if(watches)
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("identifying the resource to get from a server.");
    flags.extend(common::templates());
    flags.extend([
        common::selector(),
        common::chunk_size(),
        common::subresource("If specified, gets the subresource of the requested object."),
        Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short('A'),
        Flag::string("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
        Flag::bool("ignore-not-found", "If set to true, suppresses NotFound error for specific objects that do not exist. Using this flag with commands that query for collections of resources has no effect when no resources are found."),
        Flag::string_slice("label-columns", "Accepts a comma separated list of labels that are going to be presented as columns. Names are case-sensitive. You can also use multiple flag options like -L label1 -L label2...").short('L'),
        Flag::bool("no-headers", "When using the default or custom-column output format, don't print headers (default print headers)."),
        Flag::string("output", "", "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file, wide). See custom columns [https://kubernetes.io/docs/reference/kubectl/#custom-columns], golang template [http://golang.org/pkg/text/template/#pkg-overview] and jsonpath template [https://kubernetes.io/docs/reference/kubectl/jsonpath/].").short('o'),
        Flag::bool("output-watch-events", "Output watch event objects when --watch or --watch-only is used. Existing objects are output as initial ADDED events."),
        Flag::string("raw", "", "Raw URI to request from the server.  Uses the transport specified by the kubeconfig file."),
        Flag::bool("server-print", "If true, have the server return the appropriate table output. Supports extension APIs and CRDs.").default("true"),
        Flag::bool("show-kind", "If present, list the resource type for the requested object(s)."),
        Flag::bool("show-labels", "When printing, show all labels as the last column (default hide labels column)"),
        Flag::string("sort-by", "", "If non-empty, sort list types using this field specification.  The field specification is expressed as a JSONPath expression (e.g. '{.metadata.name}'). The field in the API resource specified by this JSONPath expression must be an integer or a string."),
        Flag::bool("watch", "After listing/getting the requested object, watch for changes.").short('w'),
        Flag::bool("watch-only", "Watch for changes to the requested object(s), without listing/getting first."),
    ]);
    flags
}

async fn run(cx: &Context) -> Result<()> {
    let options = Options::complete(cx).await?;
    options.validate()?;
    if !options.raw.is_empty() {
        return generic::raw(cx, &options).await;
    }
    if options.watch || options.watch_only {
        return watch::watch(cx, &options).await;
    }
    if options.human_readable { rows::print(cx, &options).await } else { generic::print(cx, &options).await }
}
