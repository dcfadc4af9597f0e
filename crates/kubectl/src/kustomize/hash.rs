//! The suffix that a generated object's name gets from its content (kustomize: api/hasher).

use super::resource::Resource;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Ten characters of the content's hash, without those that could form words.
pub(super) fn hash(resource: &Resource) -> String {
    let object = &resource.object;
    let field = |name: &str| object.get(name).cloned().unwrap_or_else(|| "".into());
    let mut content = Map::new();
    content.insert("kind".into(), field("kind"));
    // kustomize looks for a field called `metadata/name`, which there is none of.
    content.insert("name".into(), "".into());
    content.insert("data".into(), field("data"));
    let more = if resource.kind() == "Secret" {
        content.insert("type".into(), field("type"));
        "stringData"
    } else {
        "binaryData"
    };
    if object[more].is_object() {
        content.insert(more.into(), field(more));
    }
    let digest = Sha256::digest(apimachinery::go::json(&Value::Object(content)).as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let letter = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex.chars().take(10).map(letter).collect()
}

/// Appends the hash to the names of the objects that are to have one.
pub(super) fn add_hashes(resources: &mut [Resource]) {
    for resource in resources.iter_mut().filter(|resource| resource.needs_hash) {
        let hash = hash(resource);
        resource.store_previous_id();
        let name = format!("{}-{hash}", resource.name());
        resource.set_name(&name);
    }
}
