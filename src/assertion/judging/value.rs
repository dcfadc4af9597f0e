//! Fields of objects as values, and values compared with what a sentence says.

use super::world::{Answer, Entity, World, read};
use crate::assertion::claim::{FieldRef, Literal, Rel};
use crate::assertion::quantity::quantity;
use crate::assertion::vocabulary::{VOCABULARY, ValueType};
use base64::Engine;
use serde_json::{Value, json};

/// The value of a field of an object at a moment; null where there is none.
pub fn value(world: &World, e: &Entity, field: &FieldRef, i: usize) -> Answer<Value> {
    match field {
        FieldRef::Field(name) => named(world, e, name, i),
        FieldRef::Path(path) => Ok(read(&e.object, path)),
        FieldRef::Label(key) => Ok(e.object["metadata"]["labels"][key].clone()),
        FieldRef::Annotation(key) => Ok(e.object["metadata"]["annotations"][key].clone()),
        FieldRef::Key(key) => keyed(e, key),
        FieldRef::Env(key) => super::environment::variable(world, e, key, i),
        FieldRef::Condition(kind) => {
            let conditions = e.object["status"]["conditions"].as_array();
            let found = conditions
                .into_iter()
                .flatten()
                .find(|c| c["type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case(kind)));
            Ok(found.map_or(Value::Null, |c| c["status"].clone()))
        }
        FieldRef::Count(np) | FieldRef::Set(np) => {
            let mut np = np.as_ref().clone();
            let owner = crate::assertion::claim::Np {
                kind: Some(e.key.kind.clone()),
                names: vec![e.key.name.clone()],
                q: "the".into(),
                ..Default::default()
            };
            if e.key.kind != "Namespace" {
                np.rel.push(Rel { of: Some(Box::new(owner)), ..Rel::default() });
            }
            let found = world.select(&np, i)?;
            Ok(match field {
                FieldRef::Count(_) => json!(found.len()),
                _ => uids(&found),
            })
        }
    }
}

/// The uids of objects, sorted.
pub fn uids(found: &[Entity]) -> Value {
    let mut uids: Vec<&str> = found.iter().map(|e| e.uid.as_str()).collect();
    uids.sort_unstable();
    json!(uids)
}

/// Where a field stands, as evidence shows it.
pub fn path_of(kind: &str, field: &FieldRef) -> String {
    match field {
        FieldRef::Field(name) => VOCABULARY.field(name).and_then(|f| f.path(kind)).unwrap_or_else(|| name.clone()),
        FieldRef::Path(path) => path.clone(),
        FieldRef::Label(key) => format!("metadata.labels[{key}]"),
        FieldRef::Annotation(key) => format!("metadata.annotations[{key}]"),
        FieldRef::Key(key) => format!("data[{key}]"),
        FieldRef::Env(key) => format!("env[{key}]"),
        FieldRef::Condition(kind) => format!("status.conditions[type={kind}].status"),
        FieldRef::Count(_) => "count".into(),
        FieldRef::Set(_) => "set".into(),
    }
}

fn named(world: &World, e: &Entity, name: &str, i: usize) -> Answer<Value> {
    let field = VOCABULARY.field(name).ok_or_else(|| format!("no field {name}"))?;
    let path = field.path(&e.key.kind).ok_or_else(|| format!("a {} has no {name}", e.key.kind))?;
    match field.computed.as_deref() {
        Some("endpoints") => Ok(json!(world.state(i).ready_addresses(&e.object))),
        Some("pod selection") => {
            let mut pods: Vec<String> = world.state(i).selected_pods(&e.object).map(|(k, _)| k.name.clone()).collect();
            pods.sort();
            Ok(json!({"selector": e.object["spec"]["selector"], "pods": pods}))
        }
        Some("keys") => {
            let maps = ["data", "binaryData"].iter().filter_map(|m| e.object[*m].as_object());
            let mut keys: Vec<&String> = maps.flat_map(|m| m.keys()).collect();
            keys.sort();
            Ok(json!(keys))
        }
        Some("exit code") => {
            let statuses = if e.key.kind == "Pod" { read(&e.object, &path) } else { e.object["status"].clone() };
            let list = if let Value::Array(l) = statuses { l } else { vec![statuses] };
            let code = |s: &Value| {
                let now = &s["state"]["terminated"]["exitCode"];
                if now.is_null() { s["lastState"]["terminated"]["exitCode"].clone() } else { now.clone() }
            };
            let mut codes: Vec<Value> = list.iter().map(code).filter(|c| !c.is_null()).collect();
            Ok(if codes.len() == 1 {
                codes.remove(0)
            } else if codes.is_empty() {
                Value::Null
            } else {
                json!(codes)
            })
        }
        Some("quota") => {
            let map = read(&e.object, &path);
            let only = map.as_object().filter(|m| m.len() == 1).and_then(|m| m.values().next());
            Ok(only.cloned().unwrap_or(map))
        }
        Some("external ips") => {
            let asked = read(&e.object, &path);
            let given = read(&e.object, "status.loadBalancer.ingress[*]");
            Ok(if asked.is_null() { given } else { asked })
        }
        Some("dns name") => {
            let (name, ns) = (&e.key.name, e.key.namespace.as_deref().unwrap_or_default());
            Ok(json!(format!("{name}.{ns}.svc.cluster.local")))
        }
        _ => {
            let found = read(&e.object, &path);
            // Counters that stand at zero are left out of a status.
            let counter = field.value == ValueType::Int && path.starts_with("status.") && !path.contains("[*]");
            Ok(if found.is_null() && counter && field.field != "exit code" { json!(0) } else { found })
        }
    }
}

/// A key of a ConfigMap or Secret, decoded.
pub fn keyed(e: &Entity, key: &str) -> Answer<Value> {
    if !matches!(e.key.kind.as_str(), "ConfigMap" | "Secret") {
        return Err(format!("a {} has no keys", e.key.kind));
    }
    let found = &e.object["data"][key];
    if e.key.kind == "ConfigMap" || found.is_null() {
        return Ok(if found.is_null() { e.object["binaryData"][key].clone() } else { found.clone() });
    }
    let bytes =
        base64::engine::general_purpose::STANDARD.decode(found.as_str().unwrap_or_default()).unwrap_or_default();
    Ok(json!(String::from_utf8_lossy(&bytes)))
}

/// Is it what the sentence says? Of a list, one entry is enough.
pub fn matches(field: &FieldRef, found: &Value, said: &Literal) -> Answer {
    let kind = match field {
        FieldRef::Field(name) => VOCABULARY.field(name).map(|f| f.value),
        _ => None,
    };
    match found {
        Value::Array(list) => {
            let each = list.iter().map(|v| matches(field, v, said)).collect::<Answer<Vec<bool>>>()?;
            Ok(each.into_iter().any(|b| b))
        }
        Value::Object(map) => {
            // A taint, a toleration, an address: any of its plain texts; a map of labels: its pairs.
            let pair = said.v.split_once('=').or_else(|| said.v.split_once(": "));
            Ok(map.values().any(|v| v.as_str().is_some_and(|s| s == said.v))
                || pair.is_some_and(|(k, v)| map.get(k).is_some_and(|has| as_text(has) == v)))
        }
        Value::Null => Ok(["none", "unset", "empty", "<none>", "null"].contains(&said.v.to_lowercase().as_str())),
        found => scalar(kind, &as_text(found), said),
    }
}

fn scalar(kind: Option<ValueType>, found: &str, said: &Literal) -> Answer {
    if found == said.v {
        return Ok(true);
    }
    let amount = |s: &str| quantity(s.trim_end_matches('%'));
    match kind {
        Some(ValueType::Enum | ValueType::Bool) => {
            let tls = said.v.eq_ignore_ascii_case("tls") && found == "kubernetes.io/tls";
            Ok(tls || found.eq_ignore_ascii_case(&said.v))
        }
        Some(ValueType::Int | ValueType::Port | ValueType::Quantity) => {
            Ok(amount(found).is_some() && amount(found) == amount(&said.v))
        }
        Some(ValueType::Image) => match image(found) == image(&said.v) {
            true => Err(format!("{found} and {} are the same image in other words", said.v)),
            false => Ok(false),
        },
        Some(ValueType::Ip) => Ok(found.eq_ignore_ascii_case(&said.v)),
        _ if !said.bare && found.eq_ignore_ascii_case(&said.v) => {
            Ok(matches!(found, "True" | "False" | "true" | "false"))
        }
        _ => Ok(false),
    }
}

/// An image in full: registry, repository, tag.
fn image(name: &str) -> String {
    let name = name.trim_start_matches("docker.io/").trim_start_matches("library/");
    match name.rsplit('/').next().is_some_and(|last| last.contains([':', '@'])) {
        true => name.to_owned(),
        false => format!("{name}:latest"),
    }
}

/// A value as a sentence would write it.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Null => "nothing".into(),
        other => other.to_string(),
    }
}

/// The number in a value, or of its entries, in thousandths.
pub fn number(field: &FieldRef, value: &Value) -> Option<i128> {
    let counts = match field {
        FieldRef::Field(name) => VOCABULARY.field(name).is_some_and(|f| f.counts),
        _ => false,
    };
    match value {
        Value::Null => Some(0),
        Value::Array(list) if counts => Some(list.len() as i128 * 1000),
        Value::Object(map) if counts => Some(map.len() as i128 * 1000),
        Value::Array(list) if list.len() == 1 => number(field, &list[0]),
        Value::Number(_) | Value::String(_) => quantity(as_text(value).trim_end_matches('%')),
        _ => None,
    }
}

/// `eq`, `ge`, `le`, `gt`, `lt`
pub fn compares(op: &str, has: usize, wanted: u64) -> bool {
    compares_amount(op, has as i128 * 1000, wanted)
}

/// The same of an amount in thousandths (see [`number`]).
pub fn compares_amount(op: &str, has: i128, wanted: u64) -> bool {
    let wanted = i128::from(wanted) * 1000;
    match op {
        "ge" => has >= wanted,
        "le" => has <= wanted,
        "gt" => has > wanted,
        "lt" => has < wanted,
        _ => has == wanted,
    }
}

/// Nothing there: null, an empty text, list or map, and what stands for none.
pub fn is_unset(field: &FieldRef, value: &Value) -> bool {
    let int =
        matches!(field, FieldRef::Field(name) if VOCABULARY.field(name).is_some_and(|f| f.value == ValueType::Int));
    match value {
        Value::Null => true,
        Value::String(s) => s.is_empty() || (s == "None" && *field == FieldRef::Field("cluster ip".into())),
        Value::Array(list) => list.iter().all(|v| is_unset(field, v)),
        Value::Object(map) => map.is_empty(),
        Value::Number(n) => int && n.as_i64() == Some(0),
        Value::Bool(_) => false,
    }
}
