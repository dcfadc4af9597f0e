//! Reading and writing the file (kubectl: pkg/kuberc/marshal.go).

use super::Preference;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::printers::yaml;
use crate::resource::{documents, go_error};
use crate::text::quote;
use serde_json::Value;
use std::io;
use std::path::Path;

/// The file's path and whether somebody asked for it; `None` if preferences are off (`LoadKuberc`).
pub(crate) fn location(explicit: &str, env: &Environment) -> Result<Option<(String, bool)>> {
    match env.var("KUBERC") {
        Some("off") if !explicit.is_empty() => {
            Err(Error::msg("disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive"))
        }
        Some("off") => Ok(None),
        _ if !explicit.is_empty() => Ok(Some((explicit.to_string(), true))),
        Some(path) => Ok(Some((path.to_string(), true))),
        None => Ok(Some((format!("{}/.kube/kuberc", env.var("HOME").unwrap_or_default()), false))),
    }
}

/// What a file came to.
pub(crate) struct Loaded {
    /// The first document that is one of preferences; `None` of an empty file.
    pub(crate) preference: Option<Preference>,
    /// What the document says that no preference does.
    pub(crate) strict: Option<String>,
}

/// Reads the file. `Ok(None)`: there is no such file.
pub(crate) async fn load(path: &str, env: &Environment) -> Result<Option<Loaded>> {
    let bytes = match env.files.read(Path::new(path)).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::msg(go_error("open", path, &error))),
    };
    let mut attempted = false;
    for document in documents(path, &bytes) {
        attempted = true;
        let Ok(document) = document else { continue };
        let object = document.object;
        let version = object["apiVersion"].as_str().unwrap_or_default();
        let known = ["kubectl.config.k8s.io/v1beta1", "kubectl.config.k8s.io/v1alpha1"].contains(&version);
        if !known || object["kind"] != "Preference" {
            continue;
        }
        let strict = unknown_fields(&object, version.ends_with("v1alpha1"));
        if let Ok(preference) = serde_json::from_value::<Preference>(object) {
            let mut preference = Preference { api_version: Preference::default().api_version, ..preference };
            // A plugin's command was called its name once.
            for entry in preference.credential_plugin_allowlist.iter_mut().flatten() {
                let name = std::mem::take(&mut entry.name);
                if entry.command.is_empty() {
                    entry.command = name;
                }
            }
            return Ok(Some(Loaded { preference: Some(preference), strict }));
        }
    }
    if attempted {
        let text = format!("no valid preferences found in {path}, use --v=5 to see details");
        return Err(Error::msg(text));
    }
    Ok(Some(Loaded { preference: None, strict: None }))
}

/// Which fields the format does not have, as the strict decoder says it.
fn unknown_fields(object: &Value, alpha: bool) -> Option<String> {
    let (defaults, options) = if alpha { ("overrides", "flags") } else { ("defaults", "options") };
    let mut unknown = Vec::new();
    let mut check = |object: &Value, prefix: &str, known: &[&str]| {
        for key in object.as_object().into_iter().flat_map(|map| map.keys()) {
            if !known.contains(&key.as_str()) {
                unknown.push(format!("unknown field {}", quote(&format!("{prefix}{key}"))));
            }
        }
    };
    let mut top = vec!["apiVersion", "kind", "aliases", defaults];
    if !alpha {
        top.extend(["credentialPluginPolicy", "credentialPluginAllowlist"]);
    }
    check(object, "", &top);
    for (list, known) in [(defaults, &["command"][..]), ("aliases", &["name", "command", "prependArgs", "appendArgs"])]
    {
        let mut known = known.to_vec();
        known.push(options);
        for (index, entry) in object[list].as_array().into_iter().flatten().enumerate() {
            check(entry, &format!("{list}[{index}]."), &known);
            for (at, option) in entry[options].as_array().into_iter().flatten().enumerate() {
                check(option, &format!("{list}[{index}].{options}[{at}]."), &["name", "default"]);
            }
        }
    }
    unknown.sort();
    (!unknown.is_empty()).then(|| format!("strict decoding error: {}", unknown.join(", ")))
}

/// Writes the file.
pub(crate) async fn save(preference: &Preference, path: &str, env: &Environment) -> Result<()> {
    let value = serde_json::to_value(preference).map_err(|error| Error::msg(error.to_string()))?;
    let text = yaml::to_string(&value);
    let failed = |error| Error::msg(format!("failed to write kuberc file: {}", go_error("open", path, &error)));
    env.files.write(Path::new(path), text.as_bytes()).await.map_err(failed)
}
