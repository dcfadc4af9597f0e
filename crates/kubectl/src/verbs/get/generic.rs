//! Objects as JSON, YAML, names and templates, and `--raw` (get.go `printGeneric`).

use super::options::Options;
use super::sort;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::printers::PrintFlags;
use crate::request::Call;
use crate::resource::is_list;
use serde_json::{Value, json};

pub(super) async fn print(cx: &Context, options: &Options) -> Result<()> {
    let builder = options.builder(cx).subresource(cx.flags.str("subresource")).continue_on_error().flatten();
    let found = builder.find(cx).await?;
    let single = found.single_item_implied;
    let (infos, mut errors) = found.partition();
    if options.ignore_not_found {
        errors.retain(|error| !error.is_not_found());
    }
    if single && !errors.is_empty() {
        return Error::aggregate(errors);
    }
    if infos.is_empty() && options.ignore_not_found {
        return Error::aggregate(errors);
    }
    let mut printer = PrintFlags::of(cx, "").with_custom_columns(!options.no_headers).printer(cx).await?;
    let mut objects: Vec<Value> = infos.into_iter().map(|info| info.object).collect();
    let object = match (single, objects.len()) {
        (true, 1) => objects.remove(0),
        _ => json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": objects}),
    };
    let mut object = if is_list(&object) { as_list(object) } else { object };
    let items = object.get_mut("items").and_then(Value::as_array_mut).filter(|items| !items.is_empty());
    if let Some(items) = items.filter(|_| !options.sort_by.is_empty()) {
        sort::by_field(items, &options.sort_by, |item| item)?;
    }
    cx.out.write(printer.print(object)?.as_bytes())?;
    Error::aggregate(errors)
}

/// A list for display: a v1 List whose metadata keeps only the resource version.
fn as_list(mut list: Value) -> Value {
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_string();
    json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": version}, "items": list["items"].take()})
}

pub(super) async fn raw(cx: &Context, options: &Options) -> Result<()> {
    let path = match options.raw.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => &options.raw,
    };
    let bytes = cx.requests().await?.bytes(Call::get(path).header(http::header::ACCEPT, "*/*")).await?;
    cx.out.write(&bytes)?;
    Ok(())
}
