//! `kubectl config set | unset` (kubectl: pkg/cmd/config/set.go, unset.go, navigation_step_parser.go).

use super::contexts::unexpected_args;
use super::file::Kubeconfig;

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::text::quote;
use base64::Engine;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub(super) static SET: Command = Command {
    name: "set",
    use_line: "set PROPERTY_NAME PROPERTY_VALUE",
    short: "Set an individual value in a kubeconfig file",
    long: "Set one value in a kubeconfig file.\n\n PROPERTY_NAME is made of attributes and names, with dots in between. Where a name has dots, the attribute behind it tells where it ends.\n\n PROPERTY_VALUE is the new value. Binary attributes such as 'certificate-authority-data' take base64, or with --set-raw-bytes what is given.\n\n Other attributes of the same entry stay as they are.",
    example: "# The server of the cluster my-cluster
kubectl config set clusters.my-cluster.server https://1.2.3.4

# The cluster of the context my-context
kubectl config set contexts.my-context.cluster my-cluster

# A key, not encoded
kubectl config set users.cluster-admin.client-key-data cert_data_here --set-raw-bytes=true",
    flags: || {
        vec![Flag::bool(
            "set-raw-bytes",
            "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.",
        )]
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(set(cx))),
    ..Command::NEW
};

pub(super) static UNSET: Command = Command {
    name: "unset",
    use_line: "unset PROPERTY_NAME",
    short: "Unset an individual value in a kubeconfig file",
    long: "Remove one value, or a whole entry, from a kubeconfig file.\n\n PROPERTY_NAME is made of attributes and names, with dots in between.",
    example: "# No current context\nkubectl config unset current-context\n\n# No namespace in the context foo\nkubectl config unset contexts.foo.namespace",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(unset(cx))),
    ..Command::NEW
};

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Bool,
    Bytes,
    /// A list of texts.
    List,
    /// What only `unset` can do something about.
    Whole,
}

/// An attribute: its name in a property, its name in the file, what it holds.
type Attribute = (&'static str, &'static str, Kind);

const CLUSTER: &[Attribute] = &[
    ("server", "server", Kind::Text),
    ("tls-server-name", "tls-server-name", Kind::Text),
    ("insecure-skip-tls-verify", "insecure-skip-tls-verify", Kind::Bool),
    ("certificate-authority", "certificate-authority", Kind::Text),
    ("certificate-authority-data", "certificate-authority-data", Kind::Bytes),
    ("proxy-url", "proxy-url", Kind::Text),
    ("disable-compression", "disable-compression", Kind::Bool),
    ("extensions", "extensions", Kind::Whole),
];

const USER: &[Attribute] = &[
    ("client-certificate", "client-certificate", Kind::Text),
    ("client-certificate-data", "client-certificate-data", Kind::Bytes),
    ("client-key", "client-key", Kind::Text),
    ("client-key-data", "client-key-data", Kind::Bytes),
    ("token", "token", Kind::Text),
    ("tokenFile", "tokenFile", Kind::Text),
    ("act-as", "as", Kind::Text),
    ("act-as-uid", "as-uid", Kind::Text),
    ("act-as-groups", "as-groups", Kind::List),
    ("act-as-user-extra", "as-user-extra", Kind::Whole),
    ("username", "username", Kind::Text),
    ("password", "password", Kind::Text),
    ("auth-provider", "auth-provider", Kind::Whole),
    ("exec", "exec", Kind::Whole),
    ("extensions", "extensions", Kind::Whole),
];

const CONTEXT: &[Attribute] = &[
    ("cluster", "cluster", Kind::Text),
    ("user", "user", Kind::Text),
    ("namespace", "namespace", Kind::Text),
    ("extensions", "extensions", Kind::Whole),
];

async fn set(cx: &Context) -> Result<()> {
    let [property, value] = cx.args.as_slice() else { return Err(unexpected_args(cx)?) };
    if value.is_empty() {
        return Err(Error::msg("you cannot use set to unset a property"));
    }
    if property.is_empty() {
        return Err(Error::msg("you must specify a property"));
    }
    change(cx, property, Some(value)).await?;
    writeln!(cx.out, "Property {} set.", quote(property))?;
    Ok(())
}

async fn unset(cx: &Context) -> Result<()> {
    let [property] = cx.args.as_slice() else { return Err(unexpected_args(cx)?) };
    if property.is_empty() {
        return Err(Error::msg("you must specify a property"));
    }
    change(cx, property, None).await?;
    writeln!(cx.out, "Property {} unset.", quote(property))?;
    Ok(())
}

/// Sets the property, or unsets it if there is no value.
async fn change(cx: &Context, property: &str, value: Option<&str>) -> Result<()> {
    let raw = cx.command.name == "set" && cx.flags.bool("set-raw-bytes");
    let kubeconfig = Kubeconfig::load(cx).await?;
    let mut wanted = kubeconfig.config.clone();
    let parts: Vec<&str> = property.split('.').collect();
    let unknown = || Error::msg(format!("unable to parse one or more field values of {property}"));
    match parts.as_slice() {
        // What the file is cannot be changed: it is written as it must be.
        ["kind" | "apiVersion"] => {}
        ["kind" | "apiVersion" | "current-context", ..] if parts.len() > 1 => return Err(unknown()),
        ["current-context"] => wanted.current_context = value.unwrap_or_default().into(),
        ["preferences"] if value.is_none() => wanted.preferences = None,
        ["preferences", "colors"] => {
            let colors = value.map(parse_bool).transpose()?.unwrap_or_default();
            wanted.preferences = colors.then(|| json!({"colors": true}));
        }
        ["clusters", rest @ ..] => match entry(property, rest, CLUSTER, value)? {
            Step::All => wanted.clusters.clear(),
            Step::Entry(name) => wanted.clusters.retain(|entry| entry.name != name),
            Step::Attribute(name, attribute) => {
                let found = match wanted.clusters.iter().position(|entry| entry.name == name) {
                    Some(found) => found,
                    None => added(&mut wanted.clusters, &name, value)?,
                };
                let entry = &mut wanted.clusters[found];
                entry.name = name;
                assign(&mut entry.cluster, attribute, value, raw)?;
            }
        },
        ["users", rest @ ..] => match entry(property, rest, USER, value)? {
            Step::All => wanted.users.clear(),
            Step::Entry(name) => wanted.users.retain(|entry| entry.name != name),
            Step::Attribute(name, attribute) => {
                let found = match wanted.users.iter().position(|entry| entry.name == name) {
                    Some(found) => found,
                    None => added(&mut wanted.users, &name, value)?,
                };
                let entry = &mut wanted.users[found];
                entry.name = name;
                assign(&mut entry.user, attribute, value, raw)?;
            }
        },
        ["contexts", rest @ ..] => match entry(property, rest, CONTEXT, value)? {
            Step::All => wanted.contexts.clear(),
            Step::Entry(name) => wanted.contexts.retain(|entry| entry.name != name),
            Step::Attribute(name, attribute) => {
                let found = match wanted.contexts.iter().position(|entry| entry.name == name) {
                    Some(found) => found,
                    None => added(&mut wanted.contexts, &name, value)?,
                };
                let entry = &mut wanted.contexts[found];
                entry.name = name;
                assign(&mut entry.context, attribute, value, raw)?;
            }
        },
        _ => return Err(Error::msg(format!("unable to parse {property} after [] at api.Config"))),
    }
    kubeconfig.modify(cx, wanted, false).await
}

/// Where a property leads to within a list.
enum Step {
    All,
    Entry(String),
    Attribute(String, Attribute),
}

/// A name may have dots: it ends before the first word that is an attribute (`findNameStep`).
fn entry(property: &str, rest: &[&str], attributes: &[Attribute], value: Option<&str>) -> Result<Step> {
    let map = || Error::msg(format!("can't set a map to a value: {property}"));
    let Some((first, words)) = rest.split_first() else {
        return if value.is_some() { Err(map()) } else { Ok(Step::All) };
    };
    let known = |word: &&str| attributes.iter().any(|(name, ..)| name == word);
    let Some(at) = words.iter().position(known) else {
        return if value.is_some() { Err(map()) } else { Ok(Step::Entry(rest.join("."))) };
    };
    let mut name = vec![*first];
    name.extend(&words[..at]);
    if words.len() > at + 1 {
        return Err(Error::msg(format!("unable to parse one or more field values of {property}")));
    }
    let attribute = attributes.iter().find(|(name, ..)| *name == words[at]).copied();
    attribute.map(|attribute| Step::Attribute(name.join("."), attribute)).ok_or_else(map)
}

/// Adds an entry; what is not there cannot be unset.
fn added<T: Default>(list: &mut Vec<T>, name: &str, value: Option<&str>) -> Result<usize> {
    if value.is_none() {
        return Err(Error::msg(format!("current map key `{name}` is invalid")));
    }
    list.push(T::default());
    Ok(list.len() - 1)
}

fn parse_bool(text: &str) -> Result<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(Error::msg(format!("strconv.ParseBool: parsing {}: invalid syntax", quote(text)))),
    }
}

/// Changes one attribute of an entry.
fn assign<T: Serialize + DeserializeOwned>(
    entry: &mut T,
    (name, field, kind): Attribute,
    value: Option<&str>,
    raw: bool,
) -> Result<()> {
    let broken = |error: serde_json::Error| Error::msg(error.to_string());
    let Value::Object(mut map): Value = serde_json::to_value(&*entry).map_err(broken)? else { return Ok(()) };
    let new = match (value, kind) {
        (None, _) => None,
        (Some(text), Kind::Text) => Some(json!(text)),
        (Some(text), Kind::Bool) => Some(json!(parse_bool(text)?)),
        (Some(text), Kind::Bytes) => Some(json!(bytes(text, raw)?)),
        (Some(_), Kind::List) => return Err(Error::msg("unrecognized slice type. string")),
        (Some(_), Kind::Whole) => return Err(Error::msg(format!("can't set a map to a value: {name}"))),
    };
    set_or_remove(&mut map, field, new);
    *entry = serde_json::from_value(Value::Object(map)).map_err(broken)?;
    Ok(())
}

fn set_or_remove(map: &mut Map<String, Value>, field: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(map.insert(field.into(), value)),
        None => drop(map.remove(field)),
    }
}

/// The base64 that goes into the file: of the text itself, or the text if it is base64 already.
fn bytes(text: &str, raw: bool) -> Result<String> {
    let engine = base64::engine::general_purpose::STANDARD;
    if raw {
        return Ok(engine.encode(text));
    }
    let corrupt = |at: usize| Error::msg(format!("error decoding input value: illegal base64 data at input byte {at}"));
    // Go passes over line ends.
    let lines: String = text.chars().filter(|c| !['\r', '\n'].contains(c)).collect();
    match engine.decode(lines) {
        Ok(decoded) => Ok(engine.encode(decoded)),
        Err(base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _)) => {
            Err(corrupt(at))
        }
        // Go says where the group of four began that is not whole.
        Err(_) => Err(corrupt(text.len() / 4 * 4)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_dots() {
        let step = |property: &str| {
            let rest: Vec<&str> = property.split('.').collect();
            match entry(property, &rest, CLUSTER, Some("x")) {
                Ok(Step::Attribute(name, (attribute, ..))) => format!("{name} {attribute}"),
                Ok(_) => "whole".into(),
                Err(error) => error.to_string(),
            }
        };
        assert_eq!(step("10.10.12.56.server"), "10.10.12.56 server");
        assert_eq!(step("a.server.x"), "unable to parse one or more field values of a.server.x");
    }
}
