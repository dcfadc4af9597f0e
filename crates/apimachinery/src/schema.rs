//! How lists and maps of the built-in kinds are merged: strategies and merge keys of strategic merge patches, list
//! and map types of server-side apply.
//!
//! The data is `data/patch_schema.txt`, condensed from upstream's OpenAPI document; see `data/README.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::patch::PatchError;

static DATA: LazyLock<Data> = LazyLock::new(|| Data::parse(include_str!("../data/patch_schema.txt")));

/// The type of a kind, or of something inside of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchSchema {
    /// The name of the type; empty for one that holds nothing but scalars.
    name: &'static str,
}

/// A field that holds a map or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What the field holds.
    pub shape: Shape,
    /// The type of the value, or of the items or values in it.
    pub schema: PatchSchema,
    /// How a strategic merge patch merges it.
    pub strategy: Strategy,
    /// The key that items of a list are told apart by in a strategic merge patch; empty for a list of scalars.
    pub merge_key: &'static str,
    /// How server-side apply merges it, if it is a list.
    pub list_type: ListType,
    /// Whether server-side apply takes it as a whole, if it is a map.
    pub atomic_map: bool,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A map with the keys of its type.
    Struct,
    /// A map with any keys.
    Map,
    /// A list.
    List,
}

/// How a strategic merge patch merges a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strategy {
    /// Whether what the patch does not name is dropped (`retainKeys`).
    pub retain_keys: bool,
    /// Whether lists are merged (`merge`), rather than replaced.
    pub merge: bool,
    /// Whether maps are replaced (`replace`), rather than merged.
    pub replace: bool,
}

/// How server-side apply merges a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ListType {
    /// As a whole.
    #[default]
    Atomic,
    /// Item by item, items being scalars.
    Set,
    /// Item by item, items being maps that these keys tell apart.
    Map(Vec<&'static str>),
}

impl PatchSchema {
    /// The type of a built-in kind; `None` for a kind that Kubernetes does not have of its own.
    pub fn for_kind(api_version: &str, kind: &str) -> Option<Self> {
        DATA.kinds.get(format!("{api_version}/{kind}").as_str()).map(|name| Self { name })
    }

    /// The field of that name that holds a map or a list, if there is one.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        DATA.types.get(self.name)?.get(name)
    }

    /// The field of that name, which a patch takes for a map.
    pub(crate) fn map_field(self, name: &str) -> Result<&'static Field, PatchError> {
        let missing = || PatchError::Other(format!("unable to find api field {}", crate::go::quote(name)));
        self.field(name).ok_or_else(missing)
    }

    /// The field of that name, which a patch takes for a list.
    pub(crate) fn list_field(self, name: &str) -> Result<&'static Field, PatchError> {
        let field = self.map_field(name)?;
        if field.shape == Shape::List {
            return Ok(field);
        }
        Err(PatchError::Other("expected slice or array type, but got: struct".to_string()))
    }
}

struct Data {
    /// `apps/v1/Deployment` to the name of its type.
    kinds: HashMap<&'static str, &'static str>,
    types: HashMap<&'static str, HashMap<&'static str, Field>>,
}

impl Data {
    fn parse(text: &'static str) -> Self {
        let mut data = Self { kinds: HashMap::new(), types: HashMap::new() };
        let mut current = HashMap::new();
        let mut current_name = "";
        for line in text.lines() {
            let mut words = line.split(' ');
            let Some(first) = words.next() else { continue };
            match first.strip_prefix('@') {
                Some(name) => {
                    data.types.insert(current_name, std::mem::take(&mut current));
                    current_name = name;
                    if let Some(kind) = words.next().filter(|word| !word.contains('=')) {
                        data.kinds.insert(kind, name);
                    }
                }
                None => {
                    current.insert(first, Field::parse(words));
                }
            }
        }
        data.types.insert(current_name, current);
        data
    }
}

impl Field {
    fn parse(mut words: impl Iterator<Item = &'static str>) -> Self {
        let holds = words.next().unwrap_or("-");
        let (shape, name) = match (holds.strip_prefix("[]"), holds.strip_prefix("{}")) {
            (Some(items), _) => (Shape::List, items),
            (_, Some(values)) => (Shape::Map, values),
            _ => (Shape::Struct, holds.trim_start_matches('-')),
        };
        let mut field = Self {
            shape,
            schema: PatchSchema { name },
            strategy: Strategy::default(),
            merge_key: "",
            list_type: ListType::Atomic,
            atomic_map: false,
        };
        for (note, value) in words.filter_map(|word| word.split_once('=')) {
            match note {
                "patch" => {
                    let has = |strategy: &str| value.split(',').any(|s| s == strategy);
                    field.strategy =
                        Strategy { retain_keys: has("retainKeys"), merge: has("merge"), replace: has("replace") };
                }
                "key" => field.merge_key = value,
                "list" => {
                    let mut parts = value.split(':');
                    field.list_type = match parts.next() {
                        Some("map") => ListType::Map(parts.collect()),
                        Some("set") => ListType::Set,
                        _ => ListType::Atomic,
                    };
                }
                "map" => field.atomic_map = value == "atomic",
                // The data is made by a script of ours, which writes no other notes.
                _ => {}
            }
        }
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: &str, path: &str) -> &'static Field {
        let mut schema = PatchSchema::for_kind("apps/v1", kind).expect("a built-in kind");
        let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
        for name in parents.split('.').filter(|name| !name.is_empty()) {
            schema = schema.field(name).expect("a field").schema;
        }
        schema.field(last).expect("a field")
    }

    #[test]
    fn fields_know_how_they_are_merged() {
        let containers = field("Deployment", "spec.template.spec.containers");
        assert_eq!((containers.shape, containers.merge_key), (Shape::List, "name"));
        assert!(containers.strategy.merge && !containers.strategy.retain_keys);
        assert_eq!(containers.list_type, ListType::Map(vec!["name"]));
        let ports = containers.schema.field("ports").expect("a field");
        assert_eq!(ports.merge_key, "containerPort");
        assert_eq!(ports.list_type, ListType::Map(vec!["containerPort", "protocol"]));
        assert!(field("Deployment", "spec.strategy").strategy.retain_keys);
        assert!(field("Deployment", "spec.selector").atomic_map);
        let finalizers = field("Deployment", "metadata.finalizers");
        assert_eq!((finalizers.merge_key, &finalizers.list_type), ("", &ListType::Set));
        assert!(finalizers.strategy.merge);
        assert_eq!(field("Deployment", "metadata.labels").shape, Shape::Map);
        assert!(!field("Deployment", "spec.template.spec.tolerations").strategy.merge);
    }

    #[test]
    fn what_is_not_known_is_not_found() {
        assert_eq!(PatchSchema::for_kind("example.com/v1", "Widget"), None);
        assert_eq!(PatchSchema::for_kind("v1", "Deployment"), None);
        let pod = PatchSchema::for_kind("v1", "Pod").expect("a built-in kind");
        let error = pod.map_field("foo").expect_err("is no field");
        assert_eq!(error.to_string(), r#"unable to find api field "foo""#);
        assert_eq!(
            pod.list_field("spec").expect_err("is no list").to_string(),
            "expected slice or array type, but got: struct"
        );
    }
}
