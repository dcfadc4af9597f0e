//! `kubectl patch` (kubectl: pkg/cmd/patch/patch.go).

use super::record;
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Errors, Helper, Info, go_error, parse_yaml};
use crate::text::quote;
use apimachinery::patch;
use apimachinery::schema::PatchSchema;
use serde_json::Value;
use std::path::Path;

pub(super) static COMMAND: Command = Command {
    name: "patch",
    use_line: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    short: "Update fields of a resource",
    long: "Update fields of a resource with a strategic merge patch, a JSON merge patch, or a JSON patch.\n\n The patch may be written in JSON or in YAML. A strategic merge patch is only understood for built-in types.",
    example: "# Mark a node as unschedulable with a strategic merge patch
kubectl patch node node-1 -p '{\"spec\":{\"unschedulable\":true}}'

# Change a container's image; containers are found by their name
kubectl patch pod web -p '{\"spec\":{\"containers\":[{\"name\":\"nginx\",\"image\":\"nginx:1.27\"}]}}'

# The same with a JSON patch, by position
kubectl patch pod web --type=json -p='[{\"op\": \"replace\", \"path\": \"/spec/containers/0/image\", \"value\":\"nginx:1.27\"}]'

# Scale through the subresource
kubectl patch deployment web --subresource=scale --type=merge -p '{\"spec\":{\"replicas\":2}}'",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("identifying the resource to update");
    flags.extend(common::output());
    flags.extend([
        record::flag(),
        common::dry_run(),
        common::field_manager("kubectl-patch"),
        common::subresource("If specified, patch will operate on the subresource of the requested object."),
        Flag::bool("local", "If true, patch will operate on the content of the file, not the server-side resource."),
        Flag::string("patch", "", "The patch to be applied to the resource JSON file.").short('p'),
        Flag::string("patch-file", "", "A file containing a patch to be applied to the resource."),
        Flag::string("type", "strategic", "The type of patch being provided; one of [json merge strategic]"),
    ]);
    flags
}

/// How the patch is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Merge,
    Strategic,
}

impl Kind {
    fn content_type(self) -> &'static str {
        match self {
            Kind::Json => "application/json-patch+json",
            Kind::Merge => "application/merge-patch+json",
            Kind::Strategic => "application/strategic-merge-patch+json",
        }
    }
}

struct Options {
    kind: Kind,
    patch: String,
    file: String,
    local: bool,
    dry_run: DryRun,
    subresource: String,
}

impl Options {
    fn of(cx: &Context) -> Result<Options> {
        let flags = &cx.flags;
        let dry_run = DryRun::of(cx)?;
        let options = Options {
            kind: Kind::Strategic,
            patch: flags.str("patch").to_string(),
            file: flags.str("patch-file").to_string(),
            local: flags.bool("local"),
            dry_run,
            subresource: flags.str("subresource").to_string(),
        };
        if !options.patch.is_empty() && !options.file.is_empty() {
            return Err(Error::msg("cannot specify --patch and --patch-file together"));
        }
        if options.patch.is_empty() && options.file.is_empty() {
            return Err(Error::msg("must specify --patch or --patch-file containing the contents of the patch"));
        }
        if options.local && !cx.args.is_empty() {
            return Err(Error::msg("cannot specify --local and server resources"));
        }
        if options.local && dry_run == DryRun::Server {
            return Err(Error::msg("cannot specify --local and --dry-run=server - did you mean --dry-run=client?"));
        }
        let kind = match flags.str("type").to_lowercase().as_str() {
            "json" => Kind::Json,
            "merge" => Kind::Merge,
            "strategic" | "" => Kind::Strategic,
            _ => {
                let given = quote(flags.str("type"));
                return Err(Error::msg(format!("--type must be one of [json merge strategic], not {given}")));
            }
        };
        Ok(Options { kind, ..options })
    }
}

async fn run(cx: &Context) -> Result<()> {
    let options = Options::of(cx)?;
    let text = if options.file.is_empty() {
        options.patch.clone()
    } else {
        let read = cx.env.files.read(Path::new(&options.file)).await;
        let bytes = read.map_err(|error| {
            Error::msg(format!("unable to read patch file: {}", go_error("open", &options.file, &error)))
        })?;
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let patch =
        Patch::parse(&text).map_err(|error| Error::msg(format!("unable to parse {}: {error}", quote(&text))))?;
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .continue_on_error()
        .local(options.local)
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .subresource(&options.subresource)
        .args(false, &cx.args)
        .flatten()
        .find(cx)
        .await?;
    let (mut count, mut errors) = (0, Errors::default());
    for info in found.items {
        let patched = match info {
            Ok(info) => {
                count += 1;
                apply(cx, &options, info, &patch).await
            }
            Err(error) => Err(error),
        };
        errors.keep(patched)?;
    }
    errors.finish()?;
    if count == 0 {
        return Err(Error::msg("no objects passed to patch"));
    }
    Ok(())
}

/// The patch as it is sent: what looks like JSON goes out as it was written, faulty or not (`yaml.ToJSON`).
enum Patch {
    Json(String),
    Yaml(Value),
}

impl Patch {
    fn parse(text: &str) -> Result<Patch, String> {
        if text.trim_start().starts_with('{') {
            return Ok(Patch::Json(text.to_string()));
        }
        parse_yaml(text).map(Patch::Yaml).map_err(|error| format!("yaml: {error}"))
    }
    fn bytes(&self) -> Vec<u8> {
        match self {
            Patch::Json(text) => text.clone().into_bytes(),
            Patch::Yaml(value) => value.to_string().into_bytes(),
        }
    }
    fn value(&self) -> Result<Value> {
        match self {
            Patch::Json(text) => serde_json::from_str(text).map_err(|_| Error::msg("Invalid JSON Patch")),
            Patch::Yaml(value) => Ok(value.clone()),
        }
    }
}

async fn apply(cx: &Context, options: &Options, info: Info, patch: &Patch) -> Result<()> {
    let (patched, changed) = if options.local || options.dry_run == DryRun::Client {
        let patched = locally(options, &info, &patch.value()?)?;
        let changed = patched != info.object;
        (patched, changed)
    } else {
        let helper = Helper::new(&cx.requests().await?, &info.mapping)
            .dry_run(options.dry_run)
            .field_manager(cx.flags.str("field-manager"))
            .subresource(&options.subresource);
        let content_type = options.kind.content_type();
        let patched = helper.patch(&info.namespace, &info.name, content_type, patch.bytes()).await;
        let mut patched = patched.map_err(|error| match error.api() {
            Some(api) if api.code() == 415 => {
                Error::msg(format!("{content_type} is not supported by {}: {error}", info.mapping.gvk()))
            }
            _ => error,
        })?;
        let changed = patched != info.object;
        // Upstream does not mind if the cause cannot be recorded.
        let mut recorded = patched.clone();
        record::record(cx, &mut recorded);
        if recorded != patched {
            let cause = apimachinery::go::json(&patch::create_merge(&patched, &recorded)).into_bytes();
            if let Ok(object) = helper.patch(&info.namespace, &info.name, "application/merge-patch+json", cause).await {
                patched = object;
            }
        }
        (patched, changed)
    };
    let word = if changed { "patched" } else { "patched (no change)" };
    // Upstream does not say that it was a dry run.
    write!(cx.out, "{}", PrintFlags::of(cx, word).printer(cx).await?.print(patched)?)?;
    Ok(())
}

/// The object as the patch makes it, without asking the server (`getPatchedJSON`).
fn locally(options: &Options, info: &Info, change: &Value) -> Result<Value> {
    let mut object = info.object.clone();
    match options.kind {
        Kind::Json => patch::json_patch(&mut object, change).map_err(|error| Error::msg(error.to_string()))?,
        Kind::Merge => patch::merge(&mut object, change),
        Kind::Strategic => {
            let text = |field: &str| info.object[field].as_str().unwrap_or_default();
            let (version, kind) = (text("apiVersion"), text("kind"));
            let Some(schema) = PatchSchema::for_kind(version, kind) else {
                let (group, version) = version.split_once('/').unwrap_or(("", version));
                let gvk = format!("{group}/{version}, Kind={kind}");
                return Err(Error::msg(format!(
                    "strategic merge patch is not supported for {gvk} locally, try --type merge"
                )));
            };
            let patched = patch::strategic(&object, change, &schema);
            object = patched.map_err(|error| Error::msg(error.to_string()))?;
        }
    }
    Ok(object)
}
