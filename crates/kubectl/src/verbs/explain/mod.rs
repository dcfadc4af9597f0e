//! `kubectl explain` (kubectl: pkg/cmd/explain, pkg/explain).

mod fields_v2;
mod path;
mod schema_v2;
mod v2;
mod v3;
mod wrap;

use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::mapper::Mapping;
use crate::request::Call;
use apimachinery::gvk::GroupVersion;
use serde_json::Value;
use std::sync::Arc;

const PLAINTEXT: &str = "plaintext";
const PLAINTEXT_V2: &str = "plaintext-openapiv2";

pub(super) static COMMAND: Command = Command {
    name: "explain",
    use_line: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    short: "Get documentation for a resource",
    long: "Print what the fields of a resource are for. A field is named by the way that leads to it:

  TYPE.FIELDNAME[.FIELDNAME]

 The server is asked for its OpenAPI documents.

Use \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# A resource and its fields
kubectl explain pods

# All fields, and the fields of fields
kubectl explain pods --recursive

# The same, down to a depth
kubectl explain pods --recursive --max-depth=2

# In one of the API versions that the server has
kubectl explain deployments --api-version=apps/v1

# One field
kubectl explain pods.spec.containers

# In the form that older releases printed
kubectl explain deployment --output=plaintext-openapiv2",
    flags: || {
        vec![
            Flag::string(
                "api-version",
                "",
                "Get different explanations for particular API version (API group/version)",
            ),
            Flag::int(
                "max-depth",
                "0",
                "Maximum recursion depth when printing nested fields with --recursive. 0 means no limit. Requires --recursive when greater than 0.",
            ),
            Flag::string("output", PLAINTEXT, "Format in which to render the schema (plaintext, plaintext-openapiv2)")
                .short('o'),
            Flag::bool("recursive", "Print the fields of fields. Use --max-depth to cap the recursion depth.")
                .short('R'),
        ]
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// How deep fields are printed.
#[derive(Debug, Clone, Copy)]
struct Depth {
    recursive: bool,
    /// 0 is no limit.
    max: i64,
}

impl Depth {
    /// Whether fields beneath those at `level` (from 1) are printed.
    fn goes_below(self, level: i64) -> bool {
        self.recursive && (self.max == 0 || level < self.max)
    }
}

async fn run(cx: &Context) -> Result<()> {
    let depth = Depth { recursive: cx.flags.bool("recursive"), max: cx.flags.int("max-depth") };
    let [asked] = cx.args.as_slice() else {
        return Err(Error::msg(if cx.args.is_empty() {
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n"
        } else {
            "We accept only this format: explain RESOURCE\n"
        }));
    };
    if depth.max > 0 && !depth.recursive {
        return Err(Error::msg("--max-depth requires --recursive"));
    }
    if depth.max < 0 {
        return Err(Error::msg("--max-depth must be non-negative"));
    }
    let version = match cx.flags.str("api-version") {
        "" => None,
        text => Some(text),
    };
    let (mapping, fields) = match version {
        None => path::with_matching_prefix(cx, asked).await?,
        Some(_) => path::first_word(cx, asked).await?,
    };
    let format = cx.flags.str("output");
    if format == PLAINTEXT_V2 {
        return render_v2(cx, &mapping, &fields, version, depth).await;
    }
    let paths = match cx.requests().await?.json(Call::get("/openapi/v3")).await {
        Ok(mut index) => index["paths"].take(),
        // A server that does not speak v3.
        Err(_) if format == PLAINTEXT => return render_v2(cx, &mapping, &fields, version, depth).await,
        Err(error) => return Err(Error::msg(format!("failed to fetch list of groupVersions: {error}"))),
    };
    let (group, version) = match version {
        Some(text) => split(text)?,
        None => (mapping.group.clone(), mapping.version.clone()),
    };
    let target = v3::Target { group, version, resource: mapping.resource.clone() };
    let document = fetch_v3(cx, &paths, &target).await?;
    if format != PLAINTEXT {
        return Err(Error::msg(format!("unrecognized format: {format}")));
    }
    let (text, result) = v3::render(&document, &target, &fields, depth);
    cx.out.write(text.as_bytes())?;
    result.map_err(Error::msg)
}

fn split(text: &str) -> Result<(String, String)> {
    if text.matches('/').count() > 1 {
        return Err(Error::msg(format!("unexpected GroupVersion string: {text}")));
    }
    let parsed = GroupVersion::parse(text);
    Ok((parsed.group, parsed.version))
}

/// The document of one group and version (client-go: openapi/client.go).
async fn fetch_v3(cx: &Context, paths: &Value, target: &v3::Target) -> Result<Value> {
    let path = if target.group.is_empty() {
        format!("api/{}", target.version)
    } else {
        format!("apis/{}/{}", target.group, target.version)
    };
    let Some(url) = paths[&path]["serverRelativeURL"].as_str() else {
        return Err(Error::msg(format!("couldn't find resource for \"{target}\"")));
    };
    let document = cx.requests().await?.json(Call::get(url)).await;
    document.map_err(|error| Error::msg(format!("failed to fetch openapi schema for {path}: {error}")))
}

async fn render_v2(
    cx: &Context,
    mapping: &Arc<Mapping>,
    fields: &[String],
    version: Option<&str>,
    depth: Depth,
) -> Result<()> {
    let (group, version) = match version {
        Some(text) => split(text)?,
        None => (mapping.group.clone(), mapping.version.clone()),
    };
    let document = cx.requests().await?.json(Call::get("/openapi/v2")).await?;
    let text = v2::render(&document, &group, &version, &mapping.kind, fields, depth).map_err(Error::msg)?;
    cx.out.write(text.as_bytes())?;
    Ok(())
}
