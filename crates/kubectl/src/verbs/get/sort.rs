//! `--sort-by` (kubectl: pkg/cmd/get/sorter.go).

use crate::error::{Error, Result};
use crate::text::quote;
use apimachinery::jsonpath::{JsonPath, relaxed};
use apimachinery::quantity::Quantity;
use serde_json::Value;
use std::cmp::Ordering;

/// Sorts by a field. `object` gives what the field is looked up in.
pub(super) fn by_field<T>(items: &mut Vec<T>, field: &str, object: impl Fn(&T) -> &Value) -> Result<()> {
    let field = relaxed(field).unwrap_or_else(|_| field.to_string());
    let path = JsonPath::parse(&field).map_err(|error| Error::msg(format!("sorting error: {error}")))?;
    let path = path.allow_missing_keys(true);
    let mut keyed: Vec<(Option<Value>, T)> = Vec::new();
    for item in items.drain(..) {
        let found = path.find(object(&item)).map_err(|error| Error::msg(error.to_string()))?;
        let key = found.into_iter().next().and_then(|values| values.into_iter().next());
        keyed.push((key, item));
    }
    if !keyed.is_empty() && keyed.iter().all(|(key, _)| key.is_none()) {
        return Err(Error::msg(format!("couldn't find any field with path {} in the list of objects", quote(&field))));
    }
    insertion_sort(&mut keyed, |a, b| less(a.0.as_ref(), b.0.as_ref()))?;
    items.extend(keyed.into_iter().map(|(_, item)| item));
    Ok(())
}

/// What Go's `sort.Sort` does with up to twelve items. Upstream's `less` is no order where fields are missing, so
/// which algorithm sorts decides what comes out.
fn insertion_sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> Result<bool>) -> Result<()> {
    for i in 1..items.len() {
        let mut j = i;
        while j > 0 && less(&items[j], &items[j - 1])? {
            items.swap(j, j - 1);
            j -= 1;
        }
    }
    Ok(())
}

fn less(a: Option<&Value>, b: Option<&Value>) -> Result<bool> {
    let (Some(a), Some(b)) = (a, b) else { return Ok(a.is_none()) };
    let unsortable = |value: &Value| Error::msg(format!("unsortable type: {}", apimachinery::go::type_name(value)));
    match (a, b) {
        (Value::Null, _) => Ok(!b.is_null()),
        (_, Value::Null) => Ok(false),
        (Value::Number(x), Value::Number(y)) if x.is_f64() == y.is_f64() => Ok(match (x.as_i64(), y.as_i64()) {
            (Some(x), Some(y)) => x < y,
            _ => x.as_f64().partial_cmp(&y.as_f64()) == Some(Ordering::Less),
        }),
        (Value::String(x), Value::String(y)) => Ok(match (Quantity::parse(x), Quantity::parse(y)) {
            (Ok(x), Ok(y)) => x < y,
            _ => x < y,
        }),
        (Value::Number(_) | Value::String(_), _) => Ok(false),
        (other, _) => Err(unsortable(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sorted(field: &str, objects: Value) -> Result<Vec<Value>> {
        let mut items = objects.as_array().cloned().unwrap_or_default();
        by_field(&mut items, field, |item| item)?;
        Ok(items.into_iter().map(|item| item["n"].clone()).collect())
    }

    #[test]
    fn numbers_texts_quantities_and_gaps() {
        let objects = json!([{"n": 1, "q": "1Gi"}, {"n": 2, "q": "500Mi"}, {"n": 3}, {"n": 4}]);
        assert_eq!(sorted("q", objects).expect("sorts"), [4, 3, 2, 1]);
        assert_eq!(sorted("{.m}", json!([{"n": 1, "m": 10}, {"n": 2, "m": 9}])).expect("sorts"), [2, 1]);
        let error = sorted(".x", json!([{"n": 1}])).expect_err("no such field");
        assert_eq!(error.to_string(), "couldn't find any field with path \"{.x}\" in the list of objects");
    }
}
