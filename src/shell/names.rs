//! Which of bashkit's own commands a learner finds: those of bash, coreutils and what a terminal usually has.

/// Commands of bashkit that no learner's machine has, or that this package has its own version of.
const LEFT_OUT: &[&str] = &[
    "assert", "compgen", "csv", "curl", "dotenv", "http", "inspect", "json", "log", "parallel", "retry", "semver",
    "sleep", "template", "timeout", "tomlq", "verify", "watch", "wget",
];

/// Whether bashkit's command of this name is kept.
pub(super) fn is_kept(name: &str) -> bool {
    LEFT_OUT.binary_search(&name).is_err()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_sorted_for_the_search() {
        assert!(super::LEFT_OUT.is_sorted());
    }
}
