//! The objects of a build, in order, each with another id (kustomize: api/resmap/reswrangler.go).

use super::Result;
use super::id::ResId;
use super::kustomization::Selector;
use super::resource::{Behavior, Resource};
use apimachinery::selector::LabelSelector;
use regex::Regex;

/// Objects in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct ResMap(pub Vec<Resource>);

impl ResMap {
    pub fn append(&mut self, resource: Resource) -> Result<()> {
        let id = resource.current_id();
        if self.0.iter().any(|have| have.current_id().equals(&id)) {
            return Err(format!("may not add resource with an already registered id: {id}"));
        }
        self.0.push(resource);
        Ok(())
    }

    pub fn append_all(&mut self, resources: impl IntoIterator<Item = Resource>) -> Result<()> {
        resources.into_iter().try_for_each(|resource| self.append(resource))
    }

    /// Forgets what was deleted.
    pub fn drop_empties(&mut self) {
        self.0.retain(|resource| !resource.is_empty());
    }

    /// Places of the objects that are, or were, what is asked for.
    pub fn matching_any_id(&self, matches: impl Fn(&ResId) -> bool) -> Vec<usize> {
        let is = |resource: &Resource| !resource.is_empty() && resource.any_ids().iter().any(&matches);
        (0..self.0.len()).filter(|at| is(&self.0[*at])).collect()
    }

    /// The place of the one object that a patch is for.
    pub fn patch_target(&self, id: &ResId) -> Result<usize> {
        let found = self.matching_any_id(|have| have.equals(id));
        let problem = match found.as_slice() {
            [at] => return Ok(*at),
            [] => "no matches",
            _ => "multiple matches",
        };
        Err(format!("{problem} for Id {id}; failed to find unique target for patch {id}"))
    }

    /// Adds a generated object, or merges it into one that is there, as its behavior says.
    pub fn absorb(&mut self, mut resource: Resource) -> Result<()> {
        let id = resource.current_id();
        let found = self.matching_any_id(|have| have.equals(&id));
        let at = match found.as_slice() {
            [] if matches!(resource.behavior, Behavior::Merge | Behavior::Replace) => {
                return Err(format!("id {} does not exist; cannot merge or replace", id.go_syntax()));
            }
            [] => return self.append(resource),
            [at] => *at,
            many => return Err(format!("found multiple objects [{}] that could accept merge of {id}", many.len())),
        };
        let old = self.0[at].clone();
        let behavior = resource.behavior;
        match behavior {
            Behavior::Replace => resource.take_metadata(&old),
            Behavior::Merge => {
                resource.take_metadata(&old);
                resource.merge_data(&old);
                resource.origin = old.origin.or(resource.origin);
            }
            other => {
                return Err(format!(
                    "id {} exists; can not use behavior: '{}', behavior must be merge or replace",
                    id.go_syntax(),
                    other.text()
                ));
            }
        }
        self.0[at] = resource;
        Ok(())
    }

    /// Places of the objects that a selector means.
    pub fn select(&self, selector: &Selector) -> Result<Vec<usize>> {
        let pattern = Patterns::of(selector)?;
        let labels = selector_of(&selector.label_selector)?;
        let annotations = selector_of(&selector.annotation_selector)?;
        let is = |resource: &Resource| {
            let (now, first) = (resource.current_id(), resource.original_id());
            let namespace =
                |id: &ResId| pattern.namespace.as_ref().is_none_or(|p| p.is_match(id.effective_namespace()));
            let name = |id: &ResId| pattern.name.as_ref().is_none_or(|p| p.is_match(&id.name));
            (namespace(&first) || namespace(&now))
                && (name(&first) || name(&now))
                && pattern.gvk(&now)
                && labels.matches(resource.object["metadata"].get("labels"))
                && annotations.matches(resource.object["metadata"].get("annotations"))
        };
        Ok((0..self.0.len()).filter(|at| is(&self.0[*at])).collect())
    }
}

/// A selector of labels or annotations.
pub(super) fn selector_of(text: &str) -> Result<LabelSelector> {
    LabelSelector::parse(text).map_err(|error| error.to_string())
}

/// A selector's regular expressions, each for the whole of a text; `None` fits all.
pub(super) struct Patterns {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    pub name: Option<Regex>,
    pub namespace: Option<Regex>,
}

impl Patterns {
    pub fn of(selector: &Selector) -> Result<Self> {
        let compile = |text: &str| match text {
            "" => Ok(None),
            text => Regex::new(&format!("^(?:{text})$")).map(Some).map_err(|error| regex_error(text, &error)),
        };
        Ok(Patterns {
            group: compile(&selector.group)?,
            version: compile(&selector.version)?,
            kind: compile(&selector.kind)?,
            name: compile(&selector.name)?,
            namespace: compile(&selector.namespace)?,
        })
    }

    pub fn gvk(&self, id: &ResId) -> bool {
        let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|p| p.is_match(text));
        fits(&self.group, &id.gvk.group) && fits(&self.version, &id.gvk.version) && fits(&self.kind, &id.gvk.kind)
    }

    /// The whole of an id, its namespace as it is written.
    pub fn id(&self, id: &ResId) -> bool {
        let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|p| p.is_match(text));
        self.gvk(id) && fits(&self.name, &id.name) && fits(&self.namespace, &id.namespace)
    }
}

/// A pattern that cannot be compiled, as Go's regexp names the most usual mistakes.
fn regex_error(text: &str, error: &regex::Error) -> String {
    let (detail, anchored) = (error.to_string(), format!("^(?:{text})$"));
    let what = if detail.contains("repetition operator missing") {
        let at = text.find(['*', '+', '?']).unwrap_or_default();
        return format!("error parsing regexp: missing argument to repetition operator: `{}`", &text[at..=at]);
    } else if detail.contains("unclosed character class") {
        format!("missing closing ]: `{}`", &anchored[anchored.find('[').unwrap_or_default()..])
    } else if detail.contains("unclosed group") {
        format!("missing closing ): `{anchored}`")
    } else if detail.contains("unopened group") {
        format!("unexpected ): `{anchored}`")
    } else {
        detail.lines().last().unwrap_or_default().to_string()
    };
    format!("error parsing regexp: {what}")
}
