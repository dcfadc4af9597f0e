//! Flags that several verbs share, with upstream's words (kubectl: pkg/cmd/util/helpers.go).

use super::Flag;

/// `-f`, `-k`, `-R`; `purpose` completes "Filename, directory, or URL to files …".
pub fn filename(purpose: &str) -> Vec<Flag> {
    vec![
        Flag::string_slice("filename", format!("Filename, directory, or URL to files {purpose}")).short('f'),
        Flag::string("kustomize", "", "Process the kustomization directory. This flag can't be used together with -f or -R.")
            .short('k'),
        Flag::bool("recursive", "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.").short('R'),
    ]
}

/// `-f` alone, of the verbs that know files only beside other things (`AddJsonFilenameFlag`).
pub fn json_filename(usage: &'static str) -> Flag {
    Flag::string_slice("filename", usage).short('f')
}

/// `-l`.
pub fn selector() -> Flag {
    Flag::string("selector", "", "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2,key3 in (value3)). Matching objects must satisfy all of the specified label constraints.").short('l')
}

/// `--chunk-size`.
pub fn chunk_size() -> Flag {
    Flag::int64("chunk-size", "500", "Return large lists in chunks rather than all at once. Pass 0 to disable.")
}

/// `--dry-run[=none|server|client]`; read it with [`crate::dry_run::DryRun::of`].
pub fn dry_run() -> Flag {
    Flag::string("dry-run", "none", "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.").no_opt("unchanged")
}

/// `--field-manager`.
pub fn field_manager(default: &'static str) -> Flag {
    Flag::string("field-manager", default, "Name of the manager used to track field ownership.")
}

/// `--validate`.
pub fn validate() -> Flag {
    Flag::string("validate", "strict", "Must be one of: strict (or true), warn, ignore (or false). \"true\" or \"strict\" will use a schema to validate the input and fail the request if invalid. It will perform server side validation if ServerSideFieldValidation is enabled on the api-server, but will fall back to less reliable client-side validation if not. \"warn\" will warn about unknown or duplicate fields without blocking the request if server-side field validation is enabled on the API server, and behave as \"ignore\" otherwise. \"false\" or \"ignore\" will not perform any schema validation, silently dropping any unknown or duplicate fields.").no_opt("strict")
}

/// `--save-config`.
pub fn save_config() -> Flag {
    Flag::bool(
        "save-config",
        "If true, the configuration of current object will be saved in its annotation. Otherwise, the annotation will be unchanged. This flag is useful when you want to perform kubectl apply on this object in the future.",
    )
}

/// `-c`.
pub fn container() -> Flag {
    Flag::string("container", "", "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen").short('c')
}

/// `--pod-running-timeout`.
pub fn pod_running_timeout(default: &'static str) -> Flag {
    Flag::duration(
        "pod-running-timeout",
        default,
        "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
    )
}

/// `--subresource`.
pub fn subresource(usage: &'static str) -> Flag {
    Flag::string("subresource", "", usage)
}

/// `-o`, `--template`, `--allow-missing-template-keys`, `--show-managed-fields` as the verbs that create and change
/// objects have them (cli-runtime: genericclioptions/print_flags.go); read them with [`crate::printers::PrintFlags`].
pub fn output() -> Vec<Flag> {
    let mut flags = templates();
    flags.push(
        Flag::string("output", "", format!("Output format. One of: ({}).", crate::printers::FORMATS.join(", ")))
            .short('o'),
    );
    flags
}

/// The flags of [`output`] but `-o` itself.
pub fn templates() -> Vec<Flag> {
    vec![
        Flag::bool("allow-missing-template-keys", "If true, ignore any errors in templates when a field or map key is missing in the template. Only applies to golang and jsonpath output formats.").default("true"),
        Flag::bool("show-managed-fields", "If true, keep the managedFields when printing objects in JSON or YAML format."),
        Flag::string("template", "", "Template string or path to template file to use when -o=go-template, -o=go-template-file. The template format is golang templates [http://golang.org/pkg/text/template/#pkg-overview]."),
    ]
}
