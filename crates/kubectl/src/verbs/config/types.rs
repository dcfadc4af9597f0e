//! The kubeconfig format, its fields in the order in which they are written (client-go: tools/clientcmd/api/v1).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A kubeconfig file, or several merged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct Config {
    pub kind: String,
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    #[serde(skip_serializing_if = "is_empty")]
    pub preferences: Option<Value>,
    #[serde(deserialize_with = "nullable")]
    pub clusters: Vec<NamedCluster>,
    #[serde(deserialize_with = "nullable")]
    pub users: Vec<NamedUser>,
    #[serde(deserialize_with = "nullable")]
    pub contexts: Vec<NamedContext>,
    #[serde(rename = "current-context", deserialize_with = "nullable")]
    pub current_context: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Value>,
}

/// A cluster and its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct NamedCluster {
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub cluster: Cluster,
    #[serde(skip)]
    pub origin: String,
}

/// Where an API server is, and how to know it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Cluster {
    pub server: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_server_name: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub insecure_skip_tls_verify: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_authority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_authority_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub disable_compression: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Value>,
}

/// A user and its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct NamedUser {
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub user: User,
    #[serde(skip)]
    pub origin: String,
}

/// How to prove who one is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct User {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(rename = "tokenFile", skip_serializing_if = "Option::is_none")]
    pub token_file: Option<String>,
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub impersonate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_groups: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_user_extra: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_provider: Option<AuthProvider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Value>,
}

/// A way to log in that kubectl once had built in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct AuthProvider {
    pub name: String,
    /// `null` when it is empty.
    pub config: Option<std::collections::BTreeMap<String, String>>,
}

/// A program that prints credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Exec {
    pub command: String,
    pub args: Value,
    pub env: Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub install_hint: String,
    pub provide_cluster_info: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub interactive_mode: String,
}

/// A context and its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct NamedContext {
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub context: Context,
    #[serde(skip)]
    pub origin: String,
}

/// A cluster, a user and a namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct Context {
    pub cluster: String,
    pub user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Value>,
}

fn is_empty(value: &Option<Value>) -> bool {
    value.as_ref().is_none_or(|value| value.as_object().is_none_or(serde_json::Map::is_empty))
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// `null` is the default, as in Go.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Config {
    /// As upstream writes it: sorted by name, and empty lists as `null`.
    pub(super) fn external(&self) -> Value {
        let mut sorted = self.clone();
        sorted.sort();
        // A tree of strings, booleans and values always becomes a value.
        let mut value = serde_json::to_value(&sorted).unwrap_or_default();
        for list in ["clusters", "users", "contexts"] {
            if value[list].as_array().is_some_and(Vec::is_empty) {
                value[list] = Value::Null;
            }
        }
        value
    }

    /// Lists by name; `kind` and `apiVersion` set.
    pub(super) fn sort(&mut self) {
        self.kind = "Config".into();
        self.api_version = "v1".into();
        self.clusters.sort_by(|a, b| a.name.cmp(&b.name));
        self.users.sort_by(|a, b| a.name.cmp(&b.name));
        self.contexts.sort_by(|a, b| a.name.cmp(&b.name));
    }

    pub(super) fn context(&self, name: &str) -> Option<&NamedContext> {
        self.contexts.iter().find(|context| context.name == name)
    }
}
