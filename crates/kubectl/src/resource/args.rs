//! `TYPE NAME…`, `TYPE/NAME…`, `TYPE1,TYPE2` (cli-runtime: resource/builder.go `ResourceTypeOrNameArgs`).

use crate::error::{Error, Result};
use crate::mapper::RestMapper;

/// What the arguments ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// `TYPE/NAME` pairs.
    pub tuples: Vec<(String, String)>,
    /// Types.
    pub types: Vec<String>,
    /// Names of the one type.
    pub names: Vec<String>,
    /// One argument only: everything of the types.
    pub everything: bool,
}

/// The distinct words between commas.
pub fn split_types(argument: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in argument.split(',') {
        if !out.iter().any(|seen| seen == word) {
            out.push(word.to_string());
        }
    }
    out
}

/// Arguments split into types and names for verbs that handle them themselves: `deploy web`, `deploy/web`.
pub fn resource_and_names(args: &[String]) -> Vec<String> {
    if args.len() >= 2 {
        let types = split_types(&args[0]);
        if types.len() > 1 {
            let pairs = types.iter().flat_map(|kind| args[1..].iter().map(move |name| format!("{kind}/{name}")));
            return pairs.collect();
        }
    }
    args.to_vec()
}

pub(super) async fn parse(args: &[String], mapper: Option<&RestMapper>) -> Result<Arguments> {
    let args = resource_and_names(args);
    let slashes = args.iter().filter(|arg| arg.contains('/')).count();
    if slashes > 0 {
        if slashes != args.len() {
            return Err(Error::msg(
                "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
            ));
        }
        let tuples = args.iter().map(|arg| tuple(arg)).collect::<Result<_>>()?;
        return Ok(Arguments { tuples, ..Arguments::default() });
    }
    let Some((first, names)) = args.split_first() else { return Ok(Arguments::default()) };
    let mut words = Vec::new();
    for word in first.split(',') {
        let expanded = match mapper {
            Some(mapper) => mapper.category(word).await?,
            None => None,
        };
        words.extend(expanded.unwrap_or_else(|| vec![word.to_string()]));
    }
    let types = split_types(&words.join(","));
    Ok(Arguments { tuples: Vec::new(), types, names: names.to_vec(), everything: names.is_empty() })
}

/// `TYPE/NAME`.
pub(super) fn tuple(argument: &str) -> Result<(String, String)> {
    let parts: Vec<&str> = argument.split('/').collect();
    let [kind, name] = parts[..] else {
        return Err(Error::msg("arguments in resource/name form may not have more than one slash"));
    };
    if kind.is_empty() || name.is_empty() || kind.contains(',') {
        return Err(Error::msg("arguments in resource/name form must have a single resource and name"));
    }
    Ok((kind.to_string(), name.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(line: &str) -> Result<Arguments> {
        let args: Vec<String> = line.split(' ').map(String::from).collect();
        parse(&args, None).await
    }

    #[tokio::test]
    async fn shapes() {
        let pairs =
            |list: &[(&str, &str)]| list.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect::<Vec<_>>();
        assert_eq!(run("pod/a svc/b").await.unwrap().tuples, pairs(&[("pod", "a"), ("svc", "b")]));
        assert_eq!(run("pod,svc a").await.unwrap().tuples, pairs(&[("pod", "a"), ("svc", "a")]));
        assert_eq!(run("pod,svc").await.unwrap().types, ["pod", "svc"]);
        let named = run("pod a b").await.unwrap();
        assert_eq!((named.types, named.names), (vec!["pod".to_string()], vec!["a".to_string(), "b".to_string()]));
        assert!(run("pod svc/b").await.is_err());
        assert!(run("a/b/c").await.is_err());
    }
}
