//! From `pods.spec.containers` to a resource and the fields beneath it (kubectl: pkg/explain/explain.go).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::mapper::Mapping;
use crate::text::quote;
use apimachinery::jsonpath::field_steps;
use std::sync::Arc;

const FIRST: &str = "invalid jsonpath syntax, first node must be field node";
const ALL: &str = "invalid jsonpath syntax, all nodes must be field nodes";

type Steps = Vec<Option<String>>;

fn parse(text: &str) -> Result<Steps> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let steps = field_steps(&format!("{{.{text}}}")).map_err(|error| Error::msg(error.to_string()))?;
    steps.ok_or_else(|| Error::msg("must pass in 1 jsonpath string"))
}

/// The steps behind the first one, which all have to be fields.
fn fields(steps: Steps, complaint: &str) -> Result<Vec<String>> {
    let fields: Option<Vec<String>> = steps.into_iter().skip(1).collect();
    fields.ok_or_else(|| Error::msg(complaint))
}

async fn candidates(cx: &Context, steps: &Steps) -> Result<Vec<Arc<Mapping>>> {
    let Some(Some(word)) = steps.first() else { return Err(Error::msg(FIRST)) };
    if word.is_empty() {
        return Err(Error::msg("a resource must be present, got: /, Resource="));
    }
    let found = cx.mapper().await?.resources(word).await?;
    if found.is_empty() {
        return Err(Error::NoMatch(format!("the server doesn't have a resource type {}", quote(word))));
    }
    Ok(found)
}

/// `SplitAndParseResourceRequest`: the first word is the resource; its group is said elsewhere.
pub(super) async fn first_word(cx: &Context, asked: &str) -> Result<(Arc<Mapping>, Vec<String>)> {
    let steps = parse(asked)?;
    let found = candidates(cx, &steps).await?;
    Ok((found[0].clone(), fields(steps, ALL)?))
}

/// `SplitAndParseResourceRequestWithMatchingPrefix`: `RESOURCE.GROUP` may stand in front of the fields.
pub(super) async fn with_matching_prefix(cx: &Context, asked: &str) -> Result<(Arc<Mapping>, Vec<String>)> {
    let steps = parse(asked)?;
    let found = candidates(cx, &steps).await?;
    for mapping in &found {
        if let Some(rest) = asked.strip_prefix(&mapping.qualified()) {
            let fields = if rest.is_empty() { Vec::new() } else { fields(parse(rest)?, FIRST)? };
            return Ok((mapping.clone(), fields));
        }
    }
    Ok((found[0].clone(), fields(steps, FIRST)?))
}
