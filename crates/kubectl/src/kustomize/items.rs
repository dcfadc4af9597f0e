//! Lists of maps that keys tell apart (kyaml: yaml/walk/associative_sequence.go, yaml/fns.go `ElementSetter`). The order of
//! the result follows from kyaml's steps, odd ones too: old items that lack a key displace others.

use super::Result;
use super::id::scalar;
use serde_json::Value;

/// Merges two items; nothing is left of one that is deleted.
pub(super) type MergeItem<'a> = &'a dyn Fn(Option<Value>, Option<Value>) -> Result<Option<Value>>;

/// Items by number: lists name them, and one that is changed is changed in every list.
struct Items(Vec<Value>);

/// Merges two lists: what the patch names comes first.
pub(super) fn merge(old: Vec<Value>, patch: Vec<Value>, keys: &[&str], item: MergeItem<'_>) -> Result<Vec<Value>> {
    let mut dest: Vec<usize> = (0..old.len()).collect();
    let patched: Vec<usize> = (old.len()..old.len() + patch.len()).collect();
    let mut items = Items(old.into_iter().chain(patch).collect());
    let mut wanted: Vec<Vec<String>> = Vec::new();
    for at in patched.iter().chain(&dest) {
        let found = keys.iter().map(|key| scalar(&items.0[*at][*key])).collect();
        if !wanted.contains(&found) {
            wanted.push(found);
        }
    }
    if keys.len() > 1 {
        unify_all(&mut wanted);
    }
    let (mut merged, mut used) = (Vec::new(), keys.to_vec());
    for values in &wanted {
        let (valid, values) = valid_keys(&wanted, values, keys);
        let (by, want) = valid_keys(std::slice::from_ref(&values), &values, &valid);
        let before = items.position(&dest, &by, &want);
        let new = items.position(&patched, &by, &want);
        let value = item(before.map(|at| items.0[at].clone()), new.map(|at| items.0[at].clone()))?;
        used.clone_from(&valid);
        let Some(mut value) = value.filter(|value| value.as_object().is_none_or(|map| !map.is_empty())) else {
            items.set(&mut dest, None, &valid, &values);
            continue;
        };
        for (key, text) in valid.iter().zip(&values) {
            if value.get(key).is_none() && !text.is_empty() && value.is_object() {
                value[*key] = super::documents::resolve(text);
            }
        }
        // What neither list has cannot be merged.
        let Some(at) = before.or(new) else { continue };
        items.0[at] = value;
        items.set(&mut merged, Some(at), &valid, &values);
    }
    if !wanted.is_empty() {
        items.append(&mut merged, &dest, &used);
        dest = merged;
    }
    Ok(dest.into_iter().map(|at| items.0[at].clone()).collect())
}

impl Items {
    /// An item has a key; with a text that is not empty, that value of it.
    fn matches(&self, at: usize, key: &str, text: &str) -> bool {
        self.0[at].get(key).is_some_and(|value| text.is_empty() || scalar(value) == text)
    }

    fn position(&self, list: &[usize], keys: &[&str], texts: &[String]) -> Option<usize> {
        let is = |at: &usize| keys.iter().zip(texts).all(|(key, text)| self.matches(*at, key, text));
        list.iter().copied().find(is)
    }

    /// Replaces the items that match by one, which is appended if there were none; without one it removes them. Keys
    /// without a value are not looked at; without any value nothing matches, and nothing is kept.
    fn set(&self, list: &mut Vec<usize>, element: Option<usize>, keys: &[&str], texts: &[String]) {
        let mut found = false;
        let old = std::mem::take(list);
        for at in old.into_iter().filter(|at| self.0[*at].as_object().is_none_or(|map| !map.is_empty())) {
            let is = !texts.is_empty() && keys.iter().zip(texts).all(|(key, text)| self.matches(at, key, text));
            match element {
                _ if !is && texts.is_empty() => {}
                _ if !is => list.push(at),
                Some(element) => {
                    list.push(element);
                    found = true;
                }
                None => found = true,
            }
        }
        if let Some(element) = element.filter(|_| !found) {
            list.push(element);
        }
    }

    /// Appends the items of a list to those that were merged.
    fn append(&self, merged: &mut Vec<usize>, list: &[usize], keys: &[&str]) {
        for at in list {
            let mut texts = Vec::new();
            for key in keys {
                match self.0[*at].get(*key) {
                    Some(value) => texts.push(scalar(value)),
                    None => merged.push(*at),
                }
            }
            if keys.len() > 1 {
                self.set(merged, None, keys, &texts);
            }
            self.set(merged, Some(*at), keys, &texts);
        }
    }
}

/// The keys that any of the items has, and one item's values of them; all keys if none has any.
fn valid_keys<'a>(all: &[Vec<String>], values: &[String], keys: &[&'a str]) -> (Vec<&'a str>, Vec<String>) {
    let given = |at: usize| all.iter().any(|values| values.get(at).is_some_and(|value| !value.is_empty()));
    let valid: Vec<usize> = (0..keys.len()).filter(|at| given(*at)).collect();
    if valid.is_empty() {
        return (keys.to_vec(), values.to_vec());
    }
    (valid.iter().map(|at| keys[*at]).collect(), valid.iter().map(|at| values[*at].clone()).collect())
}

/// Two items are one if their keys agree, where both have them, in at least one.
fn unify_all(wanted: &mut [Vec<String>]) {
    for i in 0..wanted.len() {
        let first = wanted[i].clone();
        for j in 0..wanted.len() {
            let pairs = || first.iter().zip(&wanted[j]);
            let agree = pairs().all(|(a, b)| a == b || a.is_empty() || b.is_empty()) && pairs().any(|(a, b)| a == b);
            if agree {
                let both: Vec<String> = pairs().map(|(a, b)| if a.is_empty() { b } else { a }.clone()).collect();
                wanted[i].clone_from(&both);
                wanted[j] = both;
            }
        }
    }
}
