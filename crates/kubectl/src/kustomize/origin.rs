//! Where an object came from and what changed it, for `buildMetadata` (kustomize: api/resource/origin.go).

use serde_json::{Value, json};
use std::path::Path;

/// A file, or the kustomization that configured a generator or transformer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// The file, from where the build started.
    pub path: String,
    /// The kustomization file that has the configuration.
    pub configured_in: String,
    /// The built-in plugin.
    pub configured_by: String,
    /// The name of the object that configured the plugin, if it was one.
    pub name: String,
    /// That object's namespace.
    pub namespace: String,
}

impl Origin {
    /// A path beneath this one.
    pub fn append(&self, path: &str) -> Origin {
        Origin { path: join(&self.path, path), ..self.clone() }
    }

    /// A built-in plugin that the kustomization file here configures.
    pub fn builtin(&self, file: &str, plugin: &str) -> Origin {
        let configured_in = join(&self.path, file);
        Origin { configured_in, configured_by: plugin.into(), ..Origin::default() }
    }

    /// A built-in plugin that an object in this file configures.
    pub fn plugin(&self, kind: String, name: String, namespace: String) -> Origin {
        Origin { configured_in: self.path.clone(), configured_by: kind, name, namespace, path: String::new() }
    }

    /// The annotation's text.
    pub fn text(&self) -> String {
        self.lines("")
    }

    fn lines(&self, indent: &str) -> String {
        let scalar = |text: &str| crate::printers::yaml::to_string(&Value::from(text));
        let mut out = String::new();
        if !self.path.is_empty() {
            out.push_str(&format!("path: {}", scalar(&self.path)));
        }
        if !self.configured_in.is_empty() {
            out.push_str(&format!("configuredIn: {}", scalar(&self.configured_in)));
        }
        if !self.configured_by.is_empty() {
            out.push_str(&format!(
                "{}configuredBy:\n{indent}  apiVersion: builtin\n{indent}  kind: {}\n",
                if out.is_empty() { "" } else { indent },
                self.configured_by
            ));
            for (field, text) in [("name", &self.name), ("namespace", &self.namespace)] {
                if !text.is_empty() {
                    out.push_str(&format!("{indent}  {field}: {}", scalar(text)));
                }
            }
        }
        if out.is_empty() { crate::printers::yaml::to_string(&json!({})) } else { out }
    }

    /// The annotation's text for everything that changed an object.
    pub fn list(all: &[Origin]) -> String {
        all.iter().map(|origin| format!("- {}", origin.lines("  "))).collect()
    }
}

/// Go's `filepath.Join` of relative paths.
fn join(base: &str, path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in Path::new(base).join(path.trim_start_matches('/')).components() {
        match part {
            std::path::Component::ParentDir if parts.last().is_some_and(|last| last != "..") => drop(parts.pop()),
            std::path::Component::ParentDir => parts.push("..".into()),
            std::path::Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_where_the_build_does() {
        let overlay = Origin::default().append("../base");
        assert_eq!(overlay.append("a.yaml").text(), "path: ../base/a.yaml\n");
        let labels = overlay.builtin("kustomization.yaml", "LabelTransformer");
        assert_eq!(
            Origin::list(&[labels]),
            "- configuredIn: ../base/kustomization.yaml\n  configuredBy:\n    apiVersion: builtin\n    kind: LabelTransformer\n"
        );
    }
}
