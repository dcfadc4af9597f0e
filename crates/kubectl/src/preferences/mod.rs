//! The user's preferences, the file `kuberc`: aliases of commands, defaults of flags, which credential plugins may run
//! (kubectl: pkg/kuberc).

mod apply;
mod file;

pub(crate) use apply::{Applied, apply};
pub(crate) use file::{load, location, save};

use serde::{Deserialize, Serialize};

/// A flag and the value that it has unless it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OptionDefault {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) default: String,
}

/// The defaults of a command's flags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommandDefaults {
    #[serde(default)]
    pub(crate) command: String,
    #[serde(default, alias = "flags")]
    pub(crate) options: Option<Vec<OptionDefault>>,
}

/// Another name for a command, with arguments in front and behind, and with defaults of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AliasOverride {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) command: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) prepend_args: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) append_args: Vec<String>,
    #[serde(default, alias = "flags", skip_serializing_if = "Vec::is_empty")]
    pub(crate) options: Vec<OptionDefault>,
}

/// A credential plugin that may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AllowlistEntry {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) command: String,
}

/// The file's content (`kubectl.config.k8s.io/v1beta1`, and v1alpha1 by its other words).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Preference {
    #[serde(default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) api_version: String,
    #[serde(default, alias = "overrides")]
    pub(crate) defaults: Option<Vec<CommandDefaults>>,
    #[serde(default)]
    pub(crate) aliases: Option<Vec<AliasOverride>>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) credential_plugin_policy: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) credential_plugin_allowlist: Option<Vec<AllowlistEntry>>,
}

impl Default for Preference {
    fn default() -> Self {
        Preference {
            kind: "Preference".into(),
            api_version: "kubectl.config.k8s.io/v1beta1".into(),
            defaults: None,
            aliases: None,
            credential_plugin_policy: String::new(),
            credential_plugin_allowlist: None,
        }
    }
}
