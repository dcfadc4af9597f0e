//! Which requests the proxy lets through (kubectl: pkg/proxy/proxy_server.go `FilterServer`).

use crate::flags::Values;
use http::{Method, Uri};
use regex::Regex;

/// Four lists of regular expressions.
pub(super) struct Filter {
    accept_paths: Vec<Regex>,
    reject_paths: Vec<Regex>,
    accept_hosts: Vec<Regex>,
    reject_methods: Vec<Regex>,
}

impl Filter {
    /// From the flags. The error is that of the expression, in Go's words where they are known.
    pub(super) fn of(flags: &Values) -> Result<Self, String> {
        let list = |name: &str| expressions(flags.str(name));
        Ok(Filter {
            accept_paths: list("accept-paths")?,
            reject_paths: list("reject-paths")?,
            accept_hosts: list("accept-hosts")?,
            reject_methods: list("reject-methods")?,
        })
    }

    /// Whether a request passes; `host` is its `Host` header.
    pub(super) fn accepts(&self, method: &Method, path: &str, host: &str) -> bool {
        let any = |list: &[Regex], text: &str| list.iter().any(|expression| expression.is_match(text));
        !any(&self.reject_paths, path)
            && !any(&self.reject_methods, method.as_str())
            && any(&self.accept_paths, path)
            && any(&self.accept_hosts, without_port(host))
    }
}

fn expressions(text: &str) -> Result<Vec<Regex>, String> {
    let compile = |part: &str| {
        Regex::new(part).map_err(|error| {
            let reason = match error {
                regex::Error::Syntax(text) if text.contains("unclosed group") => "missing closing )".to_string(),
                regex::Error::Syntax(text) if text.contains("unclosed character class") => "missing closing ]".into(),
                regex::Error::Syntax(text) if text.contains("repetition operator missing") => {
                    return format!("error parsing regexp: missing argument to repetition operator: `{}`", &part[..1]);
                }
                error => error.to_string(),
            };
            format!("error parsing regexp: {reason}: `{part}`")
        })
    };
    text.split(',').filter(|_| !text.is_empty()).map(compile).collect()
}

/// `net.SplitHostPort`, or the whole where there is no port.
fn without_port(host: &str) -> &str {
    let as_uri = host.parse::<Uri>().ok();
    match as_uri.as_ref().and_then(Uri::port) {
        // Go leaves the brackets of an address out when it splits a port off
        Some(port) => host[..host.len() - port.as_str().len() - 1].trim_matches(['[', ']']),
        None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::parse;

    fn filter(args: &[&str]) -> Result<Filter, String> {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        Filter::of(&parse(&super::super::flags(), &args, true).expect("valid flags").values)
    }

    #[test]
    fn only_this_machine_may_ask_and_nothing_runs_in_pods() {
        let filter = filter(&[]).expect("the defaults are valid");
        let accepts = |path: &str, host: &str| filter.accepts(&Method::GET, path, host);
        assert!(accepts("/api/v1/pods", "localhost:8001") && accepts("/version", "127.0.0.1"));
        assert!(!accepts("/version", "evil.example:8001"));
        assert!(!accepts("/api/v1/namespaces/x/pods/y/exec", "localhost"));
    }

    #[test]
    fn errors_are_gos() {
        let error = filter(&["--accept-paths=("]).err();
        assert_eq!(error.as_deref(), Some("error parsing regexp: missing closing ): `(`"));
    }
}
