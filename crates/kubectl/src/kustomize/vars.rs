//! `$(NAME)` in fields (kustomize: api/filters/refvar, api/internal/accumulator/refvartransformer.go).

use super::Result;
use super::fieldspec::{Create, FieldSpec, visit};
use super::id::scalar;
use super::kustomization::Var;
use super::path::{lookup, split_dots};
use super::resmap::ResMap;
use serde_json::Value;
use std::collections::BTreeMap;

/// Remembers which objects hold the vars' values, before names change.
pub(super) fn mark(map: &mut ResMap, vars: &[Var]) -> Result<()> {
    for var in vars {
        let target = var.target();
        let anywhere = target.namespace.is_empty() && !target.gvk.is_cluster_scoped();
        let found = map.matching_any_id(|id| match anywhere {
            true => id.name == target.name && id.gvk == target.gvk,
            false => id.equals(&target),
        });
        match found.as_slice() {
            [] => {}
            [at] => map.0[*at].vars.push(var.name.clone()),
            many => {
                let (count, var) = (many.len(), show(var));
                return Err(format!("found {count} resId matches for var {var} (unable to disambiguate)"));
            }
        }
    }
    Ok(())
}

/// Go's `%v` of a var, with what it means by default.
fn show(var: &Var) -> String {
    format!("{{{} {} {{{}}}}}", var.name, var.target().gvk, var.field_path())
}

/// Go's `%v` of vars as they are written.
pub(super) fn show_all(vars: &[Var]) -> String {
    let show = |var: &Var| format!("{{{} {} {{{}}}}}", var.name, var.objref.id.gvk, var.fieldref.field_path);
    vars.iter().map(show).collect::<Vec<_>>().join(" ")
}

/// Replaces all vars; returns the names of those that stand nowhere.
pub(super) fn resolve(map: &mut ResMap, vars: &[Var], specs: &[FieldSpec]) -> Result<Vec<String>> {
    let mut values = BTreeMap::new();
    let mut sorted: Vec<&Var> = vars.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    for var in sorted {
        values.insert(var.name.clone(), value(map, var)?);
    }
    let mut used: Vec<String> = Vec::new();
    if values.is_empty() {
        return Ok(used);
    }
    for resource in &mut map.0 {
        for spec in specs {
            visit(&mut resource.object, spec, Create::Nothing, &mut |field| set(field, &values, &mut used))?;
        }
    }
    Ok(values.into_keys().filter(|name| !used.contains(name)).collect())
}

fn value(map: &ResMap, var: &Var) -> Result<Value> {
    let holder = map.0.iter().find(|resource| resource.vars.contains(&var.name));
    let Some(holder) = holder else {
        return Err(format!("var '{}' cannot be mapped to a field in the set of known resources", show(var)));
    };
    // `ports[0]` is `ports.0`.
    let path: Vec<String> = split_dots(var.field_path())
        .iter()
        .flat_map(|part| match part.split_once('[').filter(|(name, _)| !name.is_empty()) {
            Some((name, index)) => vec![name.to_string(), index.trim_end_matches(']').to_string()],
            None => vec![part.clone()],
        })
        .collect();
    match lookup(&holder.object, &path) {
        Ok(Some(found)) => Ok(found.clone()),
        _ => Err(format!("field specified in var '{}' not found in corresponding resource", show(var))),
    }
}

fn set(field: &mut Value, values: &BTreeMap<String, Value>, used: &mut Vec<String>) -> Result<()> {
    match field {
        Value::String(text) => *field = replaced(text, values, used),
        Value::Object(map) => {
            for value in map.values_mut().filter(|value| value.is_string()) {
                *value = replaced(&scalar(value), values, used);
            }
        }
        Value::Array(items) => {
            for item in items {
                if !item.is_string() {
                    return Err("invalid value type expect a string".into());
                }
                *item = replaced(&scalar(item), values, used);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A text with its vars replaced; `$$` is `$`, and a text that is one var takes over the value's type.
fn replaced(text: &str, values: &BTreeMap<String, Value>, used: &mut Vec<String>) -> Value {
    let mut mapped = |name: &str| match values.get(name) {
        Some(value) if !value.is_array() && !value.is_object() && !value.is_null() => {
            used.push(name.to_string());
            value.clone()
        }
        _ => format!("$({name})").into(),
    };
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('$') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        out.push_str(before);
        let reference = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        match (reference, after.chars().next()) {
            (Some((name, behind)), _) => {
                let value = mapped(name);
                if text == format!("$({name})") {
                    return value;
                }
                out.push_str(&scalar(&value));
                rest = behind;
            }
            (None, None) => {
                out.push('$');
                rest = after;
            }
            (None, Some('$')) => {
                out.push('$');
                rest = &after[1..];
            }
            (None, Some(c)) => {
                out.push('$');
                out.push(c);
                rest = &after[c.len_utf8()..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_vars() {
        let values = BTreeMap::from([("A".to_string(), Value::from("x")), ("N".to_string(), Value::from(80))]);
        let mut used = Vec::new();
        for (text, expected) in [
            ("$(A)", Value::from("x")),
            ("$(N)", Value::from(80)),
            ("a $(A):$(N) $(B)", "a x:80 $(B)".into()),
            ("$$(A) $", "$(A) $".into()),
            ("$(A", "$(A".into()),
        ] {
            assert_eq!(replaced(text, &values, &mut used), expected, "{text}");
        }
    }
}
