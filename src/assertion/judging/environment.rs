//! Environment variables of containers. What a template sets is there to read; what it takes from a ConfigMap or Secret
//! was read when the container started, and stays as it was then.

use super::relate::belongs;
use super::value::keyed;
use super::world::{Answer, Entity, World};
use serde_json::{Value, json};

/// The value of a variable in the containers that run, or are described, by this object.
pub fn variable(world: &World, e: &Entity, key: &str, i: usize) -> Answer<Value> {
    if e.key.kind == "Container" {
        return of_container(world, e, key, i);
    }
    let template = ["", ".template.spec", ".jobTemplate.spec.template.spec"].iter();
    let lists = template.flat_map(|t| crate::snapshot::path::all(&e.object, &format!("spec{t}.containers[*]")));
    let specs: Vec<&Value> = lists.collect();
    if specs.is_empty() {
        return Err(format!("a {} has no environment", e.key.kind));
    }
    // Literal values are the same in the template and in the Pods: the template is what a sentence speaks of.
    let literal: Vec<&Value> = specs.iter().flat_map(|c| entries(c, key)).collect();
    match literal.as_slice() {
        [one] if one["valueFrom"].is_null() => return Ok(text(&one["value"])),
        [] if specs.iter().all(|c| c["envFrom"].is_null()) => return Ok(Value::Null),
        _ => {}
    }
    let containers = world.entities("Container", i);
    let own = containers.iter().filter(|c| belongs(world, c, e, i));
    let mut values = own.map(|c| of_container(world, c, key, i)).collect::<Answer<Vec<Value>>>()?;
    values.dedup();
    match values.len() {
        0 => Err(format!("{} has no running container", e.name())),
        1 => Ok(values.remove(0)),
        _ => Err(format!("the containers of {} see different values of {key}", e.name())),
    }
}

fn entries<'v>(container: &'v Value, key: &str) -> Vec<&'v Value> {
    let list = container["env"].as_array();
    list.into_iter().flatten().filter(|v| v["name"] == key).collect()
}

fn text(value: &Value) -> Value {
    if value.is_null() { json!("") } else { value.clone() }
}

fn of_container(world: &World, e: &Entity, key: &str, i: usize) -> Answer<Value> {
    let spec = &e.object["spec"];
    if let Some(entry) = entries(spec, key).last() {
        let from = &entry["valueFrom"];
        if from.is_null() {
            return Ok(text(&entry["value"]));
        }
        let (kind, source) = match (&from["configMapKeyRef"], &from["secretKeyRef"]) {
            (Value::Object(_), _) => ("ConfigMap", &from["configMapKeyRef"]),
            (_, Value::Object(_)) => ("Secret", &from["secretKeyRef"]),
            _ => return Err(format!("where {key} comes from is only known inside of the container")),
        };
        return at_start(world, e, kind, &source["name"], source["key"].as_str().unwrap_or_default(), i);
    }
    // Later sources win over earlier ones.
    for source in spec["envFrom"].as_array().into_iter().flatten().rev() {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        let Some(inner) = key.strip_prefix(prefix) else { continue };
        for (kind, reference) in [("ConfigMap", &source["configMapRef"]), ("Secret", &source["secretRef"])] {
            if reference.is_object() {
                let found = at_start(world, e, kind, &reference["name"], inner, i)?;
                if !found.is_null() {
                    return Ok(found);
                }
            }
        }
    }
    Ok(Value::Null)
}

/// A key of a ConfigMap or Secret as it was when the container started.
fn at_start(world: &World, container: &Entity, kind: &str, name: &Value, key: &str, i: usize) -> Answer<Value> {
    let id = |e: &Entity| e.object["status"]["containerID"].as_str().map(str::to_owned);
    let running = id(container).ok_or_else(|| format!("{} does not run", container.name()))?;
    let since = (0..=i)
        .find(|s| world.by_uid("Container", &container.uid, *s).as_ref().and_then(id).as_ref() == Some(&running));
    let since = since.unwrap_or(i);
    let sources = world.entities(kind, since);
    let source = sources.iter().find(|s| s.key.namespace == container.key.namespace && *name == s.key.name.as_str());
    let Some(source) = source else { return Ok(Value::Null) };
    // Before the step only the last write is known: it has to be older than the container.
    let fields = source.object["metadata"]["managedFields"].as_array();
    let written = fields.into_iter().flatten().filter_map(|f| f["time"].as_str()).max().unwrap_or_default();
    let started = container.object["status"]["state"]["running"]["startedAt"].as_str().unwrap_or_default();
    if since == 0 && written > started {
        return Err(format!("{} was written after {} started", source.name(), container.name()));
    }
    keyed(source, key)
}
