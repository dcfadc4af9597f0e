//! Which resources there are, and which one a word means (apimachinery: api/meta/priority.go, client-go: restmapper).
//!
//! What every cluster serves stands in `builtin.tsv`, so that the common command needs no discovery; whatever is not
//! there is looked up by aggregated discovery, once a command.

mod builtin;
mod discovery;

use crate::error::{Error, Result};
use crate::request::Requests;
use crate::text::quote;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A resource type: upstream's RESTMapping, with what discovery says of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// API group; empty for the core group.
    pub group: String,
    /// API version.
    pub version: String,
    /// Plural name, as in paths.
    pub resource: String,
    /// Singular name.
    pub singular: String,
    /// Kind.
    pub kind: String,
    /// Objects live in namespaces.
    pub namespaced: bool,
    /// `po`, `deploy`.
    pub short_names: Vec<String>,
    /// `all`.
    pub categories: Vec<String>,
    /// `status`, `scale`.
    pub subresources: Vec<String>,
    /// `get`, `list`, …; empty for built-in resources, where nobody asked.
    pub verbs: Vec<String>,
}

impl Mapping {
    /// `apps/v1`, or `v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
    /// `apps/v1, Kind=Deployment`: Go's `GroupVersionKind.String`.
    pub fn gvk(&self) -> String {
        format!("{}/{}, Kind={}", self.group, self.version, self.kind)
    }
    /// `deployments.apps`, or `pods`: how messages name the type.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.resource.clone() } else { format!("{}.{}", self.resource, self.group) }
    }
    /// `deployment.apps`, or `pod`: how outputs name an object's type.
    pub fn kind_prefix(&self) -> String {
        kind_prefix(&self.group, &self.kind)
    }
    /// The URL path of the collection, or of an object; `namespace` is ignored where there is none.
    pub fn path(&self, namespace: &str, name: &str, subresource: &str) -> String {
        let mut path = if self.group.is_empty() { "/api/".to_string() } else { format!("/apis/{}/", self.group) };
        path.push_str(&self.version);
        if self.namespaced && !namespace.is_empty() {
            path.push_str("/namespaces/");
            path.push_str(&segment(namespace));
        }
        path.push('/');
        path.push_str(&self.resource);
        for part in [name, subresource] {
            if !part.is_empty() {
                path.push('/');
                path.push_str(&segment(part));
            }
        }
        path
    }
    fn is_named(&self, word: &str) -> bool {
        self.resource == word || self.singular == word || self.short_names.iter().any(|short| short == word)
    }
}

/// `deployment.apps`, or `pod`.
pub fn kind_prefix(group: &str, kind: &str) -> String {
    let kind = kind.to_lowercase();
    if group.is_empty() { kind } else { format!("{kind}.{group}") }
}

/// The type of a kind when nobody may be asked (`--local`): the built-in one, or plural by rule
/// (apimachinery: api/meta/restmapper.go `UnsafeGuessKindToResource`).
pub(crate) fn guess(group: &str, version: &str, kind: &str) -> Arc<Mapping> {
    let is = |m: &&Arc<Mapping>| m.kind == kind && m.group == group && m.version == version;
    if let Some(found) = builtin::all().iter().find(is) {
        return found.clone();
    }
    let singular = kind.to_lowercase();
    let resource = match singular.as_bytes() {
        [.., b's'] => format!("{singular}es"),
        [.., b'y'] => format!("{}ies", &singular[..singular.len() - 1]),
        _ => format!("{singular}s"),
    };
    Arc::new(Mapping {
        group: group.into(),
        version: version.into(),
        resource,
        singular,
        kind: kind.into(),
        namespaced: true,
        ..Mapping::default()
    })
}

/// A name as a path segment: what would change the path's meaning is escaped.
fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b':'
            | b'@'
            | b'$'
            | b'&'
            | b'+'
            | b'=' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Finds mappings, asking the cluster only for what is not built in.
pub struct RestMapper {
    requests: Requests,
    discovered: OnceCell<Vec<Arc<Mapping>>>,
}

impl RestMapper {
    /// A mapper that asks through `requests`.
    pub fn new(requests: Requests) -> Self {
        RestMapper { requests, discovered: OnceCell::new() }
    }

    /// Everything that the cluster serves, in its order of preference. One or two requests, the first time.
    pub async fn discover(&self) -> Result<&[Arc<Mapping>]> {
        let found = self.discovered.get_or_try_init(|| discovery::discover(&self.requests)).await?;
        Ok(found)
    }

    /// The resource that a word on the command line means: plural, singular, short name or kind, bare or as
    /// `TYPE.GROUP` or `TYPE.VERSION.GROUP` (cli-runtime: resource/builder.go `mappingFor`).
    pub async fn resource(&self, word: &str) -> Result<Arc<Mapping>> {
        if let Some(found) = find(builtin::all(), word) {
            return Ok(found);
        }
        let all = self.discover().await?;
        let found = find(all, word).or_else(|| find_kind(all, word)).ok_or_else(|| missing(word))?;
        self.warn_of_others(word, &found, all)?;
        Ok(found)
    }

    /// A short name that several types have means the first (client-go: restmapper/shortcut.go).
    fn warn_of_others(&self, word: &str, found: &Mapping, all: &[Arc<Mapping>]) -> Result<()> {
        let short = |m: &Mapping| m.short_names.iter().any(|short| short == word);
        if !short(found) || found.resource == word || found.singular == word {
            return Ok(());
        }
        let other = all.iter().find(|m| short(m) && (m.group != found.group || m.resource != found.resource));
        let Some(other) = other else { return Ok(()) };
        let other = other.qualified();
        self.requests.warn_once(&format!("short name {} could also match lower priority resource {other}", quote(word)))
    }

    /// Every resource that a word without dots means, in each group and version, preferred ones first
    /// (apimachinery: api/meta/multirestmapper.go `ResourcesFor`). A short name means one group's.
    pub async fn resources(&self, word: &str) -> Result<Vec<Arc<Mapping>>> {
        let (word, all) = (word.to_lowercase(), self.discover().await?);
        let named: Vec<_> = all.iter().filter(|m| m.resource == word || m.singular == word).cloned().collect();
        if !named.is_empty() {
            return Ok(named);
        }
        let Some(short) = all.iter().find(|m| m.is_named(&word)) else { return Ok(Vec::new()) };
        Ok(all.iter().filter(|m| m.group == short.group && m.resource == short.resource).cloned().collect())
    }

    /// What a failed request about `word` means: if the server does not know the path, and says in its discovery that it
    /// has no such resource, that is the error. Anything else stays as it is.
    pub async fn explain(&self, error: Error, mapping: &Mapping) -> Error {
        let unknown_path = error.api().is_some_and(|api| api.code() == 404 && api.status["details"]["kind"].is_null());
        if !unknown_path {
            return error;
        }
        let known = |m: &Arc<Mapping>| {
            m.group == mapping.group && m.version == mapping.version && m.resource == mapping.resource
        };
        match self.discover().await {
            Ok(all) if !all.iter().any(known) => missing(&mapping.qualified()),
            _ => error,
        }
    }

    /// The resource of a kind, as an object in a file names it (an empty version is any); `None` if the cluster
    /// has none.
    pub async fn kind(&self, group: &str, version: &str, kind: &str) -> Result<Option<Arc<Mapping>>> {
        let is = |m: &&Arc<Mapping>| m.kind == kind && m.group == group && (version.is_empty() || m.version == version);
        if let Some(found) = builtin::all().iter().find(is) {
            return Ok(Some(found.clone()));
        }
        Ok(self.discover().await?.iter().find(is).cloned())
    }

    /// A category's resources (`all`) as words for [`RestMapper::resource`]; `None` if the word is no category.
    /// Categories are open to CustomResourceDefinitions, so the cluster is asked.
    pub async fn category(&self, word: &str) -> Result<Option<Vec<String>>> {
        if find(builtin::all(), word).is_some() {
            return Ok(None);
        }
        let mut words = Vec::new();
        for mapping in self.discover().await? {
            let word_of = mapping.qualified();
            if mapping.categories.iter().any(|category| category == word) && !words.contains(&word_of) {
                words.push(word_of);
            }
        }
        Ok((!words.is_empty()).then_some(words))
    }
}

fn missing(word: &str) -> Error {
    let (resource, group) = word.split_once('.').unwrap_or((word, ""));
    Error::msg(match group {
        "" => format!("the server doesn't have a resource type {}", quote(resource)),
        group => format!("the server doesn't have a resource type {} in group {}", quote(resource), quote(group)),
    })
}

fn find(mappings: &[Arc<Mapping>], word: &str) -> Option<Arc<Mapping>> {
    let word = word.to_lowercase();
    let mut parts = word.splitn(3, '.');
    if let (Some(resource), Some(version), Some(group)) = (parts.next(), parts.next(), parts.next()) {
        let full = mappings.iter().find(|m| m.version == version && m.group == group && m.is_named(resource));
        if full.is_some() {
            return full.cloned();
        }
    }
    match word.split_once('.') {
        None => mappings.iter().find(|m| m.is_named(&word)).cloned(),
        Some((resource, group)) => {
            let exact = mappings.iter().find(|m| m.group == group && m.is_named(resource));
            exact.or_else(|| mappings.iter().find(|m| m.group.starts_with(group) && m.is_named(resource))).cloned()
        }
    }
}

/// The resource of a kind whose name is not its singular: `KIND`, `KIND.GROUP`, `KIND.VERSION.GROUP`.
fn find_kind(mappings: &[Arc<Mapping>], word: &str) -> Option<Arc<Mapping>> {
    let word = word.to_lowercase();
    let (kind, rest) = word.split_once('.').unwrap_or((&word, ""));
    let in_group = |m: &Mapping| {
        m.group == rest || rest.split_once('.').is_some_and(|(version, group)| m.version == version && m.group == group)
    };
    mappings.iter().find(|m| m.kind.to_lowercase() == kind && in_group(m)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(word: &str) -> Option<String> {
        find(builtin::all(), word).map(|m| format!("{}/{}", m.api_version(), m.resource))
    }

    #[test]
    fn words_mean_what_kubectl_means() {
        for (word, meant) in [
            ("po", "v1/pods"),
            ("Pod", "v1/pods"),
            ("deploy", "apps/v1/deployments"),
            ("deployments.apps", "apps/v1/deployments"),
            ("deployments.v1.apps", "apps/v1/deployments"),
            ("deployment.ap", "apps/v1/deployments"),
            ("events", "v1/events"),
            ("events.events.k8s.io", "events.k8s.io/v1/events"),
            ("hpa", "autoscaling/v2/horizontalpodautoscalers"),
            ("pods.v1.", "v1/pods"),
        ] {
            assert_eq!(known(word).as_deref(), Some(meant), "{word}");
        }
        assert_eq!(known("foos"), None);
        assert_eq!(known("pods.foo"), None);
    }

    #[test]
    fn paths_are_upstreams() {
        let deploy = find(builtin::all(), "deploy").expect("built in");
        assert_eq!(deploy.path("ns", "web", "scale"), "/apis/apps/v1/namespaces/ns/deployments/web/scale");
        assert_eq!(deploy.path("", "", ""), "/apis/apps/v1/deployments");
    }
}
