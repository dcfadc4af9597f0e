//! Names in fields follow the objects that they mean (kustomize: api/filters/nameref,
//! api/internal/accumulator/namereferencetransformer.go).

use super::Result;
use super::config::BackReferences;
use super::fieldspec::{Create, FieldSpec, visit};
use super::id::{Gvk, ResId, scalar};
use super::resmap::ResMap;
use super::resource::Resource;
use serde_json::{Map, Value};

/// An object that others may refer to.
struct Candidate {
    resource: Resource,
    now: ResId,
    before: Vec<ResId>,
}

/// The one that refers, and what of it is looked at.
struct Referral<'a> {
    referrer: &'a Candidate,
    spec: &'a FieldSpec,
    target: &'a Gvk,
    candidates: Vec<&'a Candidate>,
}

/// Updates all references.
pub(super) fn fix(map: &mut ResMap, references: &[BackReferences]) -> Result<()> {
    let all: Vec<Candidate> = map.0.iter().map(candidate).collect();
    for (at, referrer) in all.iter().enumerate() {
        let candidates = referable(referrer, &all)?;
        let original = referrer.before.first().unwrap_or(&referrer.now);
        for reference in references {
            for spec in reference.referrers.iter().filter(|spec| original.gvk.is_selected(&spec.gvk)) {
                let referral = Referral { referrer, spec, target: &reference.gvk, candidates: candidates.clone() };
                let path = FieldSpec { gvk: referrer.now.gvk.clone(), create: false, ..spec.clone() };
                visit(&mut map.0[at].object, &path, Create::Nothing, &mut |value| referral.set(value)).map_err(
                    |error| format!("updating name reference in '{}' field of '{}': {error}", spec.path, referrer.now),
                )?;
            }
        }
    }
    Ok(())
}

fn candidate(resource: &Resource) -> Candidate {
    // Only metadata is asked for later.
    let mut light = resource.clone();
    light.object = Value::Object(Map::from_iter(
        ["apiVersion", "kind", "metadata", "subjects", "roleRef"]
            .into_iter()
            .filter_map(|field| resource.object.get(field).map(|value| (field.to_string(), value.clone()))),
    ));
    Candidate { now: resource.current_id(), before: resource.previous_ids(), resource: light }
}

/// What an object can refer to: what is in its namespace, or in none, and the ServiceAccounts of a RoleBinding.
fn referable<'a>(referrer: &Candidate, all: &'a [Candidate]) -> Result<Vec<&'a Candidate>> {
    if referrer.now.gvk.is_cluster_scoped() {
        return Ok(all.iter().collect());
    }
    let mut namespaces = Vec::new();
    if referrer.now.gvk.kind == "RoleBinding" {
        for subject in referrer.resource.object["subjects"].as_array().into_iter().flatten() {
            match &subject["namespace"] {
                Value::String(name) if subject["kind"] == "ServiceAccount" => namespaces.push(name.clone()),
                other if subject["kind"] == "ServiceAccount" && subject.get("namespace").is_some() => {
                    debug_assert!(!other.is_string());
                    return Err(format!("Invalid Input: namespace is blank for resource \"{}\"\n", referrer.now));
                }
                _ => {}
            }
        }
    }
    let can = |candidate: &&Candidate| {
        candidate.now.gvk.is_cluster_scoped()
            || candidate.now.is_same_namespace(&referrer.now)
            || namespaces.contains(&candidate.now.namespace)
    };
    Ok(all.iter().filter(can).collect())
}

impl<'a> Referral<'a> {
    /// The value of the field: a name, a map with a name in it, or a list of those.
    fn set(&self, value: &mut Value) -> Result<()> {
        match value {
            Value::Null => Ok(()),
            Value::Object(map) => self.set_map(map),
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.set(item)),
            plain => {
                let old = scalar(plain);
                let same_names = |a: &Candidate, b: &Candidate| a.now.name == b.now.name;
                if let Some(found) = self.select(&old, &self.candidates, same_names)?
                    && found.now.name != old
                {
                    *plain = found.now.name.as_str().into();
                }
                Ok(())
            }
        }
    }

    fn set_map(&self, map: &mut Map<String, Value>) -> Result<()> {
        let Some(old) = map.get("name").map(scalar) else {
            return Err("path config error; no 'name' field in node".into());
        };
        let candidates = match map.get("namespace").map(scalar) {
            None => self.candidates.clone(),
            Some(namespace) => self.in_namespace(&namespace),
        };
        let same = |a: &Candidate, b: &Candidate| a.now.name == b.now.name && a.now.namespace == b.now.namespace;
        let Some(found) = self.select(&old, &candidates, same)? else { return Ok(()) };
        if found.now.name == old && found.now.namespace.is_empty() {
            return Ok(());
        }
        map.insert("name".into(), found.now.name.as_str().into());
        if !found.now.namespace.is_empty() {
            map.insert("namespace".into(), found.now.namespace.as_str().into());
        }
        Ok(())
    }

    /// Those that were in a namespace at first, else those that are in it now.
    fn in_namespace(&self, namespace: &str) -> Vec<&'a Candidate> {
        let first = |c: &Candidate| c.before.first().unwrap_or(&c.now).effective_namespace() == namespace;
        let before: Vec<_> = self.candidates.iter().copied().filter(|c| first(c)).collect();
        if !before.is_empty() {
            return before;
        }
        self.candidates.iter().copied().filter(|c| c.now.effective_namespace() == namespace).collect()
    }

    /// The object that once had the name.
    fn select(
        &self,
        old: &str,
        candidates: &[&'a Candidate],
        same: impl Fn(&Candidate, &Candidate) -> bool,
    ) -> Result<Option<&'a Candidate>> {
        let role = self.role();
        let free = self.referrer.now.gvk.is_cluster_scoped();
        let fits = |c: &&'a Candidate| {
            c.before.iter().any(|id| id.name == old)
                && c.before.iter().any(|id| id.gvk.is_selected(self.target))
                && role.as_ref().is_none_or(|role| c.before.iter().any(|id| id.gvk.is_selected(role)))
                && (free
                    || c.now.gvk.is_cluster_scoped()
                    || c.now.gvk.kind == "ServiceAccount"
                    || c.now.is_same_namespace(&self.referrer.now))
        };
        let mut found: Vec<&'a Candidate> = candidates.iter().copied().filter(fits).collect();
        if found.len() == 1 {
            return Ok(found.pop());
        }
        let layer = |found: &mut Vec<&'a Candidate>, allow_empty| {
            found.retain(|c| c.resource.prefixes_suffixes_equal(&self.referrer.resource, allow_empty));
        };
        layer(&mut found, true);
        if found.len() > 1 {
            layer(&mut found, false);
        }
        let Some(first) = found.first().copied() else { return Ok(None) };
        if found.iter().all(|other| same(first, other)) {
            return Ok(Some(first));
        }
        let ids: Vec<String> = found.iter().map(|c| c.now.to_string()).collect();
        Err(format!("found multiple possible referrals: {}\n", ids.join(", ")))
    }

    /// The kind that a `roleRef` names, where that is the field.
    fn role(&self) -> Option<Gvk> {
        if !self.spec.path.ends_with("roleRef/name") {
            return None;
        }
        let role = &self.referrer.resource.object["roleRef"];
        let text = |field: &str| role.get(field).map(scalar);
        Some(Gvk { group: text("apiGroup")?, version: String::new(), kind: text("kind")? })
    }
}
