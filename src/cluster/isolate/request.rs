//! A request in real names.

use super::names::Names;
use super::places;
use super::target::{Target, form};
use super::text;
use http::{Method, Request, Uri};
use kube::client::Body;
use serde_json::Value;
use tower::BoxError;

/// Headers that name users.
const USERS: &[&str] = &["impersonate-user", "impersonate-group"];

/// Rewrites path, query, headers and body.
pub(super) async fn translate(
    request: Request<Body>,
    target: &Target,
    names: &Names,
) -> Result<Request<Body>, BoxError> {
    let (mut parts, body) = request.into_parts();
    parts.uri = uri(&parts.uri, target, names)?;
    for header in USERS {
        if let Some(value) = parts.headers.get_mut(*header)
            && let Ok(text) = value.to_str()
        {
            let mut text = text.to_owned();
            text::to_real(&mut text, names);
            *value = http::HeaderValue::from_str(&text)?;
        }
    }
    let bytes = body.collect_bytes().await?;
    let writes_whole =
        matches!(parts.method, Method::POST | Method::PUT) || (parts.method == Method::PATCH && is_apply(&parts));
    // What has no namespace to die with is found by its marks.
    let marked = writes_whole && target.subresource.is_none() && super::policy::is_marked(target);
    if !marked && !places::may_concern(&bytes) {
        return Ok(Request::from_parts(parts, Body::from(bytes)));
    }
    let Some(mut value) = parse(&bytes) else {
        return Ok(Request::from_parts(parts, Body::from(bytes)));
    };
    places::to_real(&mut value, names);
    if target.is_namespace()
        && value["kind"].is_null()
        && let Some(name) = value.get_mut("metadata").and_then(|metadata| metadata.get_mut("name"))
        && let Some(shown) = name.as_str()
    {
        // A patch need not say its kind.
        *name = names.to_real(shown).into_owned().into();
    }
    if marked {
        names.mark(&mut value);
    }
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Ok(Request::from_parts(parts, Body::from(value.to_string().into_bytes())))
}

/// Server-side apply may create.
fn is_apply(parts: &http::request::Parts) -> bool {
    let kind = parts.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/apply-patch"))
}

/// JSON, or YAML as server-side apply has it.
fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().or_else(|| {
        let value: Value = serde_yaml::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
        value.is_object().then_some(value)
    })
}

fn uri(uri: &Uri, target: &Target, names: &Names) -> Result<Uri, BoxError> {
    let mut path = target.prefix.clone();
    if let Some(namespace) = &target.namespace {
        path += &format!("/namespaces/{}", names.to_real(namespace));
    }
    path += &format!("/{}", target.resource);
    if let Some(name) = &target.name {
        let real = if target.is_namespace() { names.to_real(name) } else { name.into() };
        path += &format!("/{real}");
    }
    if let Some(subresource) = &target.subresource {
        path += &format!("/{subresource}");
    }
    let query = uri.query().map(|query| translate_query(query, target, names)).filter(|query| !query.is_empty());
    let path_and_query = match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse()?);
    Ok(Uri::from_parts(parts)?)
}

fn translate_query(query: &str, target: &Target, names: &Names) -> String {
    let mut written = url::form_urlencoded::Serializer::new(String::new());
    let tool =
        form(query).find(|(key, _)| key == "command").is_some_and(|(_, program)| text::is_network_tool(&program));
    for (key, value) in form(query) {
        let value = match &*key {
            "fieldSelector" => selector(&value, names, |field| {
                field.ends_with("namespace") || (target.is_namespace() && field == "metadata.name")
            }),
            "labelSelector" => selector(&value, names, |label| label == "kubernetes.io/metadata.name"),
            "command" => text::argument(&value, tool, names),
            _ => value.into_owned(),
        };
        written.append_pair(&key, &value);
    }
    written.finish()
}

/// `metadata.namespace=default,status.phase!=Running`: values of the keys that name namespaces.
fn selector(selector: &str, names: &Names, is_namespace: impl Fn(&str) -> bool) -> String {
    let term = |term: &str| {
        let Some(at) = term.find('=') else {
            return term.to_owned();
        };
        let (left, value) = term.split_at(at);
        let value = value.trim_start_matches('=');
        let key = left.trim_end_matches('!');
        if !is_namespace(key) {
            return term.to_owned();
        }
        let operator = &term[key.len()..term.len() - value.len()];
        format!("{key}{operator}{}", names.to_real(value))
    };
    selector.split(',').map(term).collect::<Vec<_>>().join(",")
}
