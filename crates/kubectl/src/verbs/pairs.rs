//! `TYPE NAME… KEY=VALUE… KEY-` (kubectl: pkg/cmd/util/helpers.go `GetResourcesAndPairs`, `ParsePairs`).

use crate::error::{Error, Result};
use std::collections::BTreeMap;

fn is_pair(word: &str) -> bool {
    (word.contains('=') && !word.starts_with('=')) || (word.ends_with('-') && word != "-")
}

/// The resources in front, and the pairs behind; `what` is the pairs' name for messages (`image`).
pub(super) fn split(args: &[String], what: &str) -> Result<(Vec<String>, Vec<String>)> {
    let first = args.iter().position(|arg| is_pair(arg)).unwrap_or(args.len());
    let (resources, pairs) = args.split_at(first);
    match pairs.iter().find(|arg| !is_pair(arg)) {
        Some(late) => Err(Error::msg(format!("all resources must be specified before {what} changes: {late}"))),
        None => Ok((resources.to_vec(), pairs.to_vec())),
    }
}

/// What is to be set, and the keys to be removed (`KEY-`, where that is understood).
pub(super) fn parse(pairs: &[String], what: &str, removing: bool) -> Result<(BTreeMap<String, String>, Vec<String>)> {
    let (mut set, mut remove, mut invalid) = (BTreeMap::new(), Vec::new(), Vec::new());
    for pair in pairs {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                set.insert(key.to_string(), value.to_string());
            }
            _ => match pair.strip_suffix('-') {
                Some(key) if removing && !key.is_empty() => remove.push(key.to_string()),
                _ => invalid.push(pair.as_str()),
            },
        }
    }
    if invalid.is_empty() {
        return Ok((set, remove));
    }
    Err(Error::msg(format!("invalid {what} format: {}", invalid.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(String::from).collect()
    }

    #[test]
    fn resources_come_first() {
        let (resources, pairs) = split(&words("deploy web a=b c-"), "label").unwrap();
        assert_eq!((resources, pairs), (words("deploy web"), words("a=b c-")));
        let late = split(&words("deploy a=b web"), "label").unwrap_err();
        assert_eq!(late.to_string(), "all resources must be specified before label changes: web");
    }

    #[test]
    fn pairs_set_or_remove() {
        let (set, remove) = parse(&words("a=b=c d-"), "annotation", true).unwrap();
        assert_eq!((set["a"].as_str(), remove), ("b=c", words("d")));
        let invalid = parse(&words("a- b=c"), "image", false).unwrap_err();
        assert_eq!(invalid.to_string(), "invalid image format: a-");
    }
}
