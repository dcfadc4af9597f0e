//! Namespaces inside of texts: DNS names of Services, user names of ServiceAccounts.

use super::names::{DEFAULT, Names};
use super::places::contains;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Where a namespace stands in a text: it is the group `ns`.
const PATTERNS: &str = r"(?x)
    # demo.default.svc, demo.default.svc.cluster.local, *.default.svc
      (?P<before_svc>[a-z0-9*]\.) (?P<ns1>[a-z0-9][-a-z0-9]*) \.svc\b
    # http://demo.default/, http://demo.default:8080, amqp://user@demo.default
    | (?P<url>(?://|@) [a-z0-9][-a-z0-9]* \.) (?P<ns2>default) (?P<after>[:/?\s'\x22]|$)
    # system:serviceaccount:default:builder, system:serviceaccounts:default
    | (?P<user>system:serviceaccounts?:) (?P<ns3>[a-z0-9][-a-z0-9]*)
";

static PLACES: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that the tests use.
    Regex::new(PATTERNS).expect("the pattern is correct")
});

/// Programs whose arguments are hosts, with or without a scheme.
const NETWORK_TOOLS: &[&str] =
    &["curl", "dig", "getent", "host", "nc", "nslookup", "ping", "telnet", "traceroute", "wget"];

/// `demo.default`, `demo.default:80/path` as a word of its own.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that the tests use.
    Regex::new(r"^(?P<before>[a-z0-9][-a-z0-9]*\.)default(?P<after>[:/].*)?$").expect("the pattern is correct")
});

/// Cheap look before the patterns are tried.
pub(super) fn may_concern(text: &[u8]) -> bool {
    contains(text, b".svc") || contains(text, b"serviceaccount") || contains(text, b".default")
}

/// Puts real names where the lesson's stand in a text.
pub(super) fn to_real(text: &mut String, names: &Names) {
    if !may_concern(text.as_bytes()) {
        return;
    }
    let replaced = PLACES.replace_all(text, |found: &Captures<'_>| {
        let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
        let namespace = [part("ns1"), part("ns2"), part("ns3")].concat();
        let before = [part("before_svc"), part("url"), part("user")].concat();
        let real = names.to_real(&namespace);
        let svc = if found.name("ns1").is_some() { ".svc" } else { "" };
        format!("{before}{real}{svc}{}", part("after"))
    });
    if let std::borrow::Cow::Owned(replaced) = replaced {
        *text = replaced;
    }
}

/// Whether the arguments of this program are hosts.
pub(super) fn is_network_tool(program: &str) -> bool {
    NETWORK_TOOLS.contains(&program.rsplit('/').next().unwrap_or(program))
}

/// The same for one word of a command line; `host`: it can be a host without a scheme.
pub(super) fn argument(word: &str, host: bool, names: &Names) -> String {
    let mut word = typed(word, names);
    if host && let Some(found) = HOST.captures(&word) {
        word = format!(
            "{}{}{}",
            &found["before"],
            names.to_real(DEFAULT),
            found.name("after").map_or("", |after| after.as_str())
        );
    }
    word
}

/// The same for what a learner types into a container's shell: `curl demo.default`.
pub fn typed(text: &str, names: &Names) -> String {
    let mut text = text.to_owned();
    to_real(&mut text, names);
    if !may_concern(text.as_bytes()) {
        return text;
    }
    let mut tool = false;
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive([' ', '\t', '\n', ';', '|', '&']) {
        let word = piece.trim_end_matches([' ', '\t', '\n', ';', '|', '&']);
        let end = &piece[word.len()..];
        match HOST.captures(word).filter(|_| tool) {
            Some(found) => {
                let after = found.name("after").map_or("", |after| after.as_str());
                shown += &format!("{}{}{after}", &found["before"], names.to_real(DEFAULT));
            }
            None => shown += word,
        }
        shown += end;
        tool = (tool || is_network_tool(word)) && !end.contains(['\n', ';', '|', '&']);
    }
    shown
}
