//! One expected line, or one cell, against one observed.

use super::atoms::{Atom, atoms, is_age};
use super::bindings::{Bindings, TokenKind};
use super::names;
use regex::Regex;
use std::net::IpAddr;
use std::sync::LazyLock;

/// What the surroundings say about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Hint {
    /// Nothing: shapes decide.
    #[default]
    None,
    /// An age.
    Age,
    /// A node's name.
    Node,
    /// A number of restarts, with `(5s ago)` behind it or not.
    Restarts,
    /// A UUID.
    Uid,
    /// A resourceVersion.
    ResourceVersion,
    /// A hash by itself.
    Hash,
    /// Whatever it is, it says nothing about the lesson.
    Free,
}

/// Unifies texts, and collects what is bound.
pub(super) struct Unifier<'b> {
    pub(super) bindings: &'b mut Bindings,
    /// The page shows an example: a contradiction binds anew.
    pub(super) lenient: bool,
    /// The command is about objects whose names end in a hash of their content.
    pub(super) content_hashes: bool,
    /// What the last refusal was about, where shapes agreed and bindings did not.
    pub(super) contradiction: Option<String>,
}

impl Unifier<'_> {
    /// Whether the texts unify; binds where they do, forgets where they do not.
    pub(super) fn text(&mut self, expected: &str, observed: &str, hint: Hint) -> bool {
        let (expected, observed) = (expected.trim(), observed.trim());
        if expected == "..." || expected == "…" {
            return true;
        }
        let mark = self.bindings.mark();
        let unified = match hint {
            Hint::Free => expected.is_empty() == observed.is_empty(),
            Hint::Age => self.age(expected, observed),
            Hint::Restarts => {
                restarts(expected) == restarts(observed) && restarts(expected).is_some() || expected == observed
            }
            Hint::Uid => self.atoms(expected, observed, hint),
            Hint::ResourceVersion => is_number(expected) && is_number(observed) || expected == observed,
            Hint::Hash if names::is_hash_value(expected) && names::is_hash_value(observed) => {
                expected == observed || self.bind(TokenKind::Hash, expected, observed)
            }
            Hint::None | Hint::Node | Hint::Hash => self.atoms(expected, observed, hint),
        };
        if !unified {
            self.bindings.roll_back(mark);
        }
        unified
    }

    fn bind(&mut self, kind: TokenKind, expected: &str, observed: &str) -> bool {
        match self.bindings.unify(kind, expected, observed, self.lenient) {
            Ok(()) => true,
            Err(why) => {
                self.contradiction = Some(why);
                false
            }
        }
    }

    /// `5s`, `3m (x5 over 10m)`, `<unknown>`, `<invalid>`.
    fn age(&mut self, expected: &str, observed: &str) -> bool {
        let age = |text: &str| {
            let first = text.split_whitespace().next().unwrap_or_default();
            is_age(first) || matches!(first, "<unknown>" | "<invalid>" | "<none>")
        };
        let known = |text: &str| text.starts_with('<');
        age(expected)
            && age(observed)
            && (known(expected) == known(observed) || expected == observed || !known(observed))
            || expected == observed
    }

    /// Word by word, `...` standing for any number of them.
    fn atoms(&mut self, expected: &str, observed: &str, hint: Hint) -> bool {
        let (wanted, seen) = (atoms(expected, true), atoms(observed, false));
        let (mut at, mut seen_at) = (0, 0);
        // The last elision, and how far it reached: the only place to come back to.
        let mut elision: Option<(usize, usize, usize)> = None;
        while seen_at < seen.len() || at < wanted.len() {
            match wanted.get(at) {
                Some(Atom::Elision) => {
                    at += 1;
                    while wanted.get(at) == Some(&Atom::Space) {
                        at += 1;
                    }
                    elision = Some((at, seen_at, self.bindings.mark()));
                    continue;
                }
                Some(Atom::Placeholder(_)) if seen.get(seen_at).is_some_and(|atom| *atom != Atom::Space) => {
                    while seen.get(seen_at).is_some_and(|atom| *atom != Atom::Space && Some(atom) != wanted.get(at + 1))
                    {
                        seen_at += 1;
                    }
                    at += 1;
                    continue;
                }
                Some(Atom::Space)
                    if seen_at == seen.len() && wanted[at + 1..].iter().all(|atom| *atom == Atom::Elision) =>
                {
                    at += 1;
                    continue;
                }
                Some(atom) => {
                    let before = (previous(&wanted, at), previous(&seen, seen_at));
                    if seen.get(seen_at).is_some_and(|seen| self.atom(*atom, *seen, before, hint)) {
                        at += 1;
                        seen_at += 1;
                        continue;
                    }
                }
                None => {}
            }
            // Let the last elision take one atom more.
            match &mut elision {
                Some((after, reached, mark)) if *reached < seen.len() => {
                    *reached += 1;
                    (at, seen_at) = (*after, *reached);
                    let mark = *mark;
                    self.bindings.roll_back(mark);
                }
                _ => return false,
            }
        }
        true
    }

    fn atom(
        &mut self,
        expected: Atom<'_>,
        observed: Atom<'_>,
        before: (Option<Atom<'_>>, Option<Atom<'_>>),
        hint: Hint,
    ) -> bool {
        match (expected, observed) {
            (Atom::Volatile(kind, expected), Atom::Volatile(seen, observed)) if kind == seen => match kind {
                TokenKind::Ip => self.ip(expected, observed),
                _ => self.bind(kind, expected, observed),
            },
            (Atom::Word(expected), Atom::Word(observed)) => self.word(expected, observed, before.0, hint),
            // IPv6 on the one side, IPv4 on the other: both are addresses.
            (Atom::Word(expected), Atom::Volatile(TokenKind::Ip, observed))
            | (Atom::Volatile(TokenKind::Ip, expected), Atom::Word(observed)) => self.ip(expected, observed),
            (expected, observed) => expected == observed,
        }
    }

    fn word(&mut self, expected: &str, observed: &str, before: Option<Atom<'_>>, hint: Hint) -> bool {
        if is_ip(expected) && is_ip(observed) {
            return self.ip(expected, observed);
        }
        if is_node_port(expected) && is_node_port(observed) {
            return self.bind(TokenKind::NodePort, expected, observed);
        }
        if hint == Hint::Node && before.is_none() || matches!(before, Some(Atom::Word("node"))) {
            return self.bind(TokenKind::Node, expected, observed);
        }
        if let Some(kind) = self.bindings.of(expected).map(|binding| binding.kind)
            && matches!(kind, TokenKind::Node | TokenKind::Hash)
        {
            return self.bind(kind, expected, observed);
        }
        if expected == observed {
            return names::split(expected).is_none() || self.generated(expected, observed);
        }
        let after_hash = matches!(before, Some(Atom::Word(key)) if key.ends_with("-hash"));
        if after_hash && names::is_hash_value(expected) && names::is_hash_value(observed) {
            return self.bind(TokenKind::Hash, expected, observed);
        }
        self.name(expected, observed, before)
    }

    fn name(&mut self, expected: &str, observed: &str, before: Option<Atom<'_>>) -> bool {
        let by_content = self.content_hashes || matches!(before, Some(Atom::Word("configmap" | "secret")));
        if by_content && names::is_content_hash(observed) && names::is_content_hash(expected) {
            return false;
        }
        self.generated(expected, observed)
    }

    /// Two names with the same literal beginning and generated ends of the same form, or the same name twice.
    fn generated(&mut self, expected: &str, observed: &str) -> bool {
        let Some((base, ending)) = names::split(expected) else {
            return false;
        };
        if expected == observed {
            let hashed = expected.rsplit_once('-').filter(|_| ending == names::Ending::HashAndRandom);
            return hashed.is_none_or(|(hashed, _)| self.bind(TokenKind::Name, hashed, hashed))
                && self.bind(TokenKind::Name, expected, observed);
        }
        let Some(parts) = names::same_form(observed, base, ending) else {
            return false;
        };
        if let (names::Ending::HashAndRandom, Some((hashed, _))) = (ending, expected.rsplit_once('-')) {
            let observed_hashed = format!("{base}-{}", parts[0]);
            if hashed != observed_hashed && !self.bind(TokenKind::Name, hashed, &observed_hashed) {
                return false;
            }
        }
        self.bind(TokenKind::Name, expected, observed)
    }

    fn ip(&mut self, expected: &str, observed: &str) -> bool {
        let (Ok(wanted), Ok(seen)) = (expected.parse::<IpAddr>(), observed.parse::<IpAddr>()) else {
            return false;
        };
        if is_fixed(wanted) || is_fixed(seen) {
            return wanted == seen;
        }
        self.bind(TokenKind::Ip, expected, observed)
    }
}

/// The atom before `at` that says what stands there: `node` of `node/x`, `pod-template-hash` of `pod-template-hash=x`.
fn previous<'a>(atoms: &[Atom<'a>], at: usize) -> Option<Atom<'a>> {
    let before = at.checked_sub(1).and_then(|index| atoms.get(index))?;
    match before {
        Atom::Mark('/' | '=' | ':') => at.checked_sub(2).and_then(|index| atoms.get(index)).copied(),
        other => Some(*other),
    }
}

fn is_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Addresses that mean the same everywhere.
fn is_fixed(address: IpAddr) -> bool {
    let known = matches!(address, IpAddr::V4(address) if address.octets()[0] == 255 || address.octets()[0] == 8 && address.octets()[1] == 8
        || address.octets() == [1, 1, 1, 1]);
    address.is_loopback() || address.is_unspecified() || known
}

fn is_node_port(text: &str) -> bool {
    text.len() == 5 && text.parse::<u32>().is_ok_and(|port| (30000..=32767).contains(&port))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.trim_matches('"').bytes().all(|byte| byte.is_ascii_digit())
}

/// `2` of `2 (5s ago)`.
fn restarts(text: &str) -> Option<&str> {
    static RESTARTS: LazyLock<Regex> = LazyLock::new(|| {
        // A literal pattern.
        Regex::new(r"\A(\d+)(?:\s+\((?:\d+[a-z]+)+ ago\))?\z").expect("pattern compiles")
    });
    RESTARTS.captures(text).and_then(|found| found.get(1)).map(|number| number.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unifies(expected: &str, observed: &str, hint: Hint) -> bool {
        let mut bindings = Bindings::new();
        Unifier { bindings: &mut bindings, lenient: false, content_hashes: false, contradiction: None }
            .text(expected, observed, hint)
    }

    #[test]
    fn volatile_values_of_one_kind_unify() {
        for (expected, observed) in [
            ("80:30007/TCP", "80:31244/TCP"),
            ("10.96.120.45", "10.96.3.4"),
            ("pod/demo-6f7c8d9f6b-abcde condition met", "pod/demo-8d87469cc-75rh2 condition met"),
            ("Controlled By:  ReplicaSet/nginx-67d4bdd6f5", "Controlled By: ReplicaSet/nginx-8d87469cc"),
            ("pod-template-hash=67d4bdd6f5", "pod-template-hash=8d87469cc"),
            ("Started: Thu, 4 Jan 2024 14:06:46 +0000", "Started:   Mon, 23 Nov 2026 04:40:32 +0000"),
            ("Successfully pulled image \"nginx\" in 2.1s", "Successfully pulled image \"nginx\" in 182.5ms"),
            ("node/minikube cordoned", "node/kl-node cordoned"),
            ("a ... d", "a b c d"),
            ("a ...", "a"),
            ("<title>...</title>", "<title>Welcome to nginx!</title>"),
            ("http://<node-ip>:80", "http://10.0.0.7:80"),
        ] {
            assert!(unifies(expected, observed, Hint::None), "{expected} | {observed}");
        }
    }

    #[test]
    fn literals_do_not() {
        for (expected, observed) in [
            ("80:30007/TCP", "80:8080/TCP"),
            ("10.96.120.45", "<none>"),
            ("10.96.120.45", "5s"),
            ("127.0.0.1", "10.0.0.1"),
            ("demo-6f7c8d9f6b-abcde", "demo"),
            ("demo-6f7c8d9f6b-abcde", "other-8d87469cc-75rh2"),
            ("cpu: 500m", "cpu: 250m"),
            ("12 bytes", "13 bytes"),
            ("deployment.apps/demo created", "deployment.apps/demo configured"),
            ("a b", "a b c"),
            ("a ... e", "a b c d"),
            ("secret/db-96mffmfh4k created", "secret/db-78dk4m59b2 created"),
        ] {
            assert!(!unifies(expected, observed, Hint::None), "{expected} | {observed}");
        }
    }

    #[test]
    fn hints() {
        assert!(unifies("5s", "2m30s", Hint::Age));
        assert!(unifies("3m (x5 over 10m)", "2s", Hint::Age));
        assert!(!unifies("5s", "10.0.0.1", Hint::Age));
        assert!(unifies("2 (5s ago)", "2 (3m4s ago)", Hint::Restarts));
        assert!(unifies("2", "2 (3m4s ago)", Hint::Restarts));
        assert!(!unifies("0", "1 (3s ago)", Hint::Restarts));
        assert!(unifies("kubernetes-minion-905m", "kl-node", Hint::Node));
        assert!(!unifies("worker0", "<none>", Hint::Node));
        assert!(unifies("516", "344", Hint::ResourceVersion));
    }
}
