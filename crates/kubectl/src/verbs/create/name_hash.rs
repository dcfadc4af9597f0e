//! `--append-hash`: a hash of the content in the name (kubectl: pkg/util/hash/hash.go).

use apimachinery::go;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Appends the hash of a ConfigMap or a Secret to its name.
pub(super) fn append(object: &mut Value) {
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let mut hashed = json!({
        "kind": object["kind"],
        "name": name,
        "data": object.get("data").cloned().unwrap_or_else(|| json!({})),
    });
    if object["kind"] == "Secret" {
        hashed["type"] = object.get("type").cloned().unwrap_or_else(|| json!(""));
    }
    if let Some(binary) = object.get("binaryData") {
        hashed["binaryData"] = binary.clone();
    }
    let digest = Sha256::digest(go::json(&hashed));
    let hex: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    object["metadata"]["name"] = json!(format!("{name}-{}", encode(&hex)));
}

/// Without what could make words.
fn encode(hex: &str) -> String {
    let letter = |c| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        c => c,
    };
    hex.chars().map(letter).collect()
}
