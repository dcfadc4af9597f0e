//! Volatile values bound at first sight and held through a lesson.

use serde::Serialize;

/// What kind of volatile value a token is. A token only unifies with one of its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// `5s`, `2m30s`, `3d4h`, `1.204s`; never bound.
    Age,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A port of the range 30000-32767.
    NodePort,
    /// A generated name: its beginning is literal, its end random or hashed.
    Name,
    /// The value of `pod-template-hash` and its like.
    Hash,
    /// A UUID.
    Uid,
    /// A date, a time, or both; never bound.
    Timestamp,
    /// A node's name.
    Node,
    /// A resourceVersion; never bound, every write makes another.
    ResourceVersion,
    /// A container, image or request id: hexadecimal digits.
    Digest,
    /// What says only how busy the machine was: use of memory, process ids; never bound.
    Free,
}

impl TokenKind {
    /// Whether values of this kind are bound: the same literal stands for the same value through the lesson.
    pub fn is_bound(self) -> bool {
        !matches!(self, TokenKind::Age | TokenKind::Timestamp | TokenKind::ResourceVersion | TokenKind::Free)
    }

    /// Whether two literals of a lesson must be two values. Nodes need not: how many there are is the cluster's affair.
    fn is_one_to_one(self) -> bool {
        self.is_bound() && self != TokenKind::Node
    }

    /// The name that bindings of this kind are numbered by.
    fn stem(self) -> &'static str {
        match self {
            TokenKind::Age => "age",
            TokenKind::Ip => "ip",
            TokenKind::NodePort => "nodeport",
            TokenKind::Name => "name",
            TokenKind::Hash => "hash",
            TokenKind::Uid => "uid",
            TokenKind::Timestamp => "time",
            TokenKind::Node => "node",
            TokenKind::ResourceVersion => "version",
            TokenKind::Digest => "digest",
            TokenKind::Free => "free",
        }
    }
}

/// An expected literal and the observed one that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// Kind and number: `ip1`, `name2`.
    pub name: String,
    /// What it is.
    pub kind: TokenKind,
    /// The literal in the lesson.
    pub expected: String,
    /// The literal that the cluster printed.
    pub observed: String,
}

/// The bindings of a lesson so far. Clone it to try something and forget it again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bindings {
    bound: Vec<Binding>,
}

impl Bindings {
    /// No bindings.
    pub fn new() -> Bindings {
        Bindings::default()
    }

    /// All bindings, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.bound.iter()
    }

    /// What `expected` stands for, if it was bound; the latest where it was bound anew.
    pub fn of(&self, expected: &str) -> Option<&Binding> {
        self.bound.iter().rev().find(|binding| binding.expected == expected)
    }

    /// Binds `expected` to `observed`, or checks that it is.
    ///
    /// # Errors
    /// A sentence that says which earlier binding contradicts. With `lenient` (the page shows an example only) a
    /// contradiction binds anew.
    pub fn unify(&mut self, kind: TokenKind, expected: &str, observed: &str, lenient: bool) -> Result<(), String> {
        if !kind.is_bound() {
            return Ok(());
        }
        let earlier = self.bound.iter().rev().find(|binding| binding.kind == kind && binding.expected == expected);
        if let Some(earlier) = earlier {
            if earlier.observed == observed {
                return Ok(());
            }
            if !lenient {
                return Err(format!(
                    "the lesson's {expected} was {} before, now the cluster printed {observed}",
                    earlier.observed
                ));
            }
        } else if !lenient
            && kind.is_one_to_one()
            && let Some(other) = self.bound.iter().find(|binding| binding.kind == kind && binding.observed == observed)
        {
            let other = &other.expected;
            return Err(format!(
                "the lesson shows two values, {other} and {expected}, the cluster printed {observed} for both"
            ));
        }
        let number = 1 + self.bound.iter().filter(|binding| binding.kind == kind).count();
        let name = format!("{}{number}", kind.stem());
        self.bound.push(Binding { name, kind, expected: expected.to_string(), observed: observed.to_string() });
        Ok(())
    }

    /// `text` with the lesson's literals replaced by what they stand for: for commands that name a generated Pod.
    pub fn resolve(&self, text: &str) -> String {
        let mut latest: Vec<&Binding> = Vec::new();
        for binding in self.bound.iter().rev() {
            if binding.expected != binding.observed && !latest.iter().any(|known| known.expected == binding.expected) {
                latest.push(binding);
            }
        }
        latest.sort_by_key(|binding| std::cmp::Reverse(binding.expected.len()));
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = ' ';
        while let Some(next) = rest.chars().next() {
            let found =
                latest.iter().find(|binding| !is_inside_word(before) && starts_with_word(rest, &binding.expected));
            match found {
                Some(binding) => {
                    resolved.push_str(&binding.observed);
                    rest = &rest[binding.expected.len()..];
                    before = 'x';
                }
                None => {
                    resolved.push(next);
                    rest = &rest[next.len_utf8()..];
                    before = next;
                }
            }
        }
        resolved
    }

    /// Number of bindings, to come back to with [`Bindings::roll_back`].
    pub(super) fn mark(&self) -> usize {
        self.bound.len()
    }

    /// Forgets all bindings since `mark`.
    pub(super) fn roll_back(&mut self, mark: usize) {
        self.bound.truncate(mark);
    }

    /// The bindings since `mark`.
    pub(super) fn since(&self, mark: usize) -> Vec<Binding> {
        self.bound.get(mark..).unwrap_or_default().to_vec()
    }
}

fn is_inside_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Whether `text` begins with `word` and the word ends there; a hashed beginning of a longer generated name counts too.
fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_stands_for_one_value() {
        let mut bindings = Bindings::new();
        bindings.unify(TokenKind::Ip, "10.96.120.45", "10.96.3.4", false).expect("first sight");
        bindings.unify(TokenKind::Ip, "10.96.120.45", "10.96.3.4", false).expect("the same again");
        let error = bindings.unify(TokenKind::Ip, "10.96.120.45", "10.96.9.9", false).expect_err("another");
        assert_eq!(error, "the lesson's 10.96.120.45 was 10.96.3.4 before, now the cluster printed 10.96.9.9");
        let error = bindings.unify(TokenKind::Ip, "10.96.120.46", "10.96.3.4", false).expect_err("two for one");
        assert_eq!(
            error,
            "the lesson shows two values, 10.96.120.45 and 10.96.120.46, the cluster printed 10.96.3.4 for both"
        );
        assert_eq!(bindings.iter().map(|binding| binding.name.as_str()).collect::<Vec<_>>(), ["ip1"]);
    }

    #[test]
    fn commands_are_given_what_was_seen() {
        let mut bindings = Bindings::new();
        bindings.unify(TokenKind::Name, "demo-6f7c8d9f6b-abcde", "demo-84b6-x2x4z", false).expect("bound");
        bindings.unify(TokenKind::Name, "demo-6f7c8d9f6b", "demo-84b6", false).expect("bound");
        bindings.unify(TokenKind::Ip, "10.0.0.1", "10.96.3.4", false).expect("bound");
        let command = "kubectl exec pod/demo-6f7c8d9f6b-abcde -- curl 10.0.0.1:80 10.0.0.11 my-demo-6f7c8d9f6b-abcde";
        assert_eq!(
            bindings.resolve(command),
            "kubectl exec pod/demo-84b6-x2x4z -- curl 10.96.3.4:80 10.0.0.11 my-demo-6f7c8d9f6b-abcde"
        );
    }
}
