//! Reads objects in protobuf, which client-go's typed clients send: `application/vnd.kubernetes.protobuf`.
//!
//! Upstream: k8s.io/apimachinery/pkg/runtime/serializer/protobuf, and the `generated.proto` of each group.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::schema::{Field, SCHEMA, Type};

/// What every object in protobuf begins with.
const MAGIC: &[u8] = b"k8s\0";

/// A field of a message as it stands on the wire.
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Wire<'a> {
    fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) => None,
        }
    }

    fn text(&self) -> Option<String> {
        Some(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    /// A signed number: protobuf's int32 and int64 are two's complement in 64 bits.
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number.cast_signed()),
            Self::Bytes(_) => None,
        }
    }
}

/// Reads an object; `fallback` is its Go struct where the message does not say its kind. `None` when it is malformed.
pub fn decode(bytes: &[u8], fallback: &str) -> Option<Value> {
    let unknown: Vec<(u32, Wire<'_>)> = fields(bytes.strip_prefix(MAGIC)?)?;
    let find = |number| unknown.iter().find(|(own, _)| *own == number).and_then(|(_, wire)| wire.bytes());
    // runtime.Unknown: typeMeta = 1 (apiVersion = 1, kind = 2), raw = 2
    let meta = fields(find(1).unwrap_or_default())?;
    let text = |number| meta.iter().find(|(own, _)| *own == number).and_then(|(_, wire)| wire.text());
    let (api_version, kind) = (text(1).unwrap_or_default(), text(2).unwrap_or_default());
    let name = format!("{}.{kind}", package(&api_version));
    let name = if SCHEMA.contains_key(name.as_str()) { &name } else { fallback };
    let mut object = message(SCHEMA.get(name)?, find(2).unwrap_or_default())?;
    if !kind.is_empty() {
        object.insert("apiVersion".to_owned(), json!(api_version));
        object.insert("kind".to_owned(), json!(kind));
    }
    Some(Value::Object(object))
}

/// The Go package of an `apiVersion`, as the schema names it.
fn package(api_version: &str) -> String {
    match api_version.split_once('/') {
        None => format!("core/{api_version}"),
        Some((group, version)) => format!("{}/{version}", group.split('.').next().unwrap_or(group)),
    }
}

/// Takes a message apart.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u32, Wire<'_>)>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let wire = match tag & 7 {
            0 => Wire::Number(varint(&mut bytes)?),
            1 => Wire::Number(u64::from_le_bytes(take(&mut bytes, 8)?.try_into().ok()?)),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                Wire::Bytes(take(&mut bytes, length)?)
            }
            5 => Wire::Number(u32::from_le_bytes(take(&mut bytes, 4)?.try_into().ok()?).into()),
            _ => return None,
        };
        found.push((u32::try_from(tag >> 3).ok()?, wire));
    }
    Some(found)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn message(schema: &'static [Field], bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut object = Map::new();
    for (number, wire) in fields(bytes)? {
        // A field that this version does not know is skipped, as protobuf has it.
        let Some(field) = schema.iter().find(|field| field.number == number && number != 0) else { continue };
        if let (true, Type::Struct(name)) = (field.is_inline(), bare(&field.kind)) {
            object.extend(message(SCHEMA.get(name)?, wire.bytes()?)?);
            continue;
        }
        match bare(&field.kind) {
            Type::List(item) => {
                let list = object.entry(field.name).or_insert_with(|| json!([]));
                list.as_array_mut()?.push(value(item, &wire)?);
            }
            Type::Map(item) => {
                let entry = fields(wire.bytes()?)?;
                let part = |number| entry.iter().find(|(own, _)| *own == number).map(|(_, wire)| wire);
                let key = part(1).and_then(Wire::text).unwrap_or_default();
                let value = match part(2) {
                    Some(wire) => value(item, wire)?,
                    None => value(item, &Wire::Bytes(&[]))?,
                };
                let map = object.entry(field.name).or_insert_with(|| json!({}));
                map.as_object_mut()?.insert(key, value);
            }
            kind => {
                object.insert(field.name.to_owned(), value(kind, &wire)?);
            }
        }
    }
    Some(object)
}

fn bare(kind: &'static Type) -> &'static Type {
    match kind {
        Type::Pointer(inner) => bare(inner),
        kind => kind,
    }
}

fn value(kind: &'static Type, wire: &Wire<'_>) -> Option<Value> {
    Some(match bare(kind) {
        Type::String => json!(wire.text()?),
        Type::Integer { .. } => json!(wire.number()?),
        Type::Bool => json!(wire.number()? != 0),
        Type::Float => json!(f64::from_bits(wire.number()?.cast_unsigned())),
        Type::Bytes => json!(STANDARD.encode(wire.bytes()?)),
        Type::Time => time(wire, "%Y-%m-%dT%H:%M:%SZ")?,
        Type::Text { go: "v1.MicroTime" } => time(wire, "%Y-%m-%dT%H:%M:%S.%6fZ")?,
        Type::Text { .. } => {
            let nanoseconds = only(wire, 1)?.map_or(Some(0), |wire| wire.number())?;
            json!(apimachinery::duration::format_go(jiff::SignedDuration::from_nanos(nanoseconds)))
        }
        Type::IntOrString => match only(wire, 1)?.and_then(|wire| wire.number()) {
            Some(1) => json!(only(wire, 3)?.and_then(|wire| wire.text()).unwrap_or_default()),
            _ => json!(only(wire, 2)?.and_then(|wire| wire.number()).unwrap_or_default()),
        },
        Type::Quantity => json!(only(wire, 1)?.and_then(|wire| wire.text()).unwrap_or_default()),
        Type::Any => {
            let raw = only(wire, 1)?.and_then(|wire| wire.bytes()).unwrap_or_default();
            serde_json::from_slice(raw).ok()?
        }
        Type::Struct(name) => Value::Object(message(SCHEMA.get(name)?, wire.bytes()?)?),
        // Lists of lists and maps of lists are messages of their own in protobuf, and no kind here has any.
        Type::Pointer(_) | Type::List(_) | Type::Map(_) => return None,
    })
}

/// The last field of that number of a message.
fn only<'a>(wire: &Wire<'a>, number: u32) -> Option<Option<Wire<'a>>> {
    let found = fields(wire.bytes()?)?;
    Some(found.into_iter().rev().find(|(own, _)| *own == number).map(|(_, wire)| wire))
}

/// `seconds = 1, nanos = 2`; an empty message is no time.
fn time(wire: &Wire<'_>, format: &str) -> Option<Value> {
    if wire.bytes()?.is_empty() {
        return Some(Value::Null);
    }
    let seconds = only(wire, 1)?.and_then(|wire| wire.number()).unwrap_or_default();
    let nanoseconds = only(wire, 2)?.and_then(|wire| wire.number()).unwrap_or_default();
    let at = jiff::Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()?;
    Some(json!(at.strftime(format).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `field(1, b"x")`: a field of bytes.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
    }

    #[test]
    fn a_pod_is_read_with_its_inline_messages_and_maps() {
        let label = [field(1, b"app"), field(2, b"demo")].concat();
        let metadata = [field(1, b"p"), field(11, &label)].concat();
        let volume = [field(1, b"v"), field(2, &field(2, b""))].concat();
        let port = [field(1, b"http"), vec![3 << 3, 80]].concat();
        let container = [field(1, b"c"), field(2, b"nginx"), field(6, &port)].concat();
        let spec = [field(1, &volume), field(2, &container)].concat();
        let raw = [field(1, &metadata), field(2, &spec)].concat();
        let meta = [field(1, b"v1"), field(2, b"Pod")].concat();
        let bytes = [MAGIC.to_vec(), field(1, &meta), field(2, &raw)].concat();
        let expected = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "p", "labels": {"app": "demo"}},
            "spec": {
                "volumes": [{"name": "v", "emptyDir": {}}],
                "containers": [{"name": "c", "image": "nginx", "ports": [{"name": "http", "containerPort": 80}]}],
            },
        });
        assert_eq!(decode(&bytes, ""), Some(expected));
        assert_eq!(decode(&bytes[..bytes.len() - 1], ""), None, "what is cut off is malformed");
    }
}
