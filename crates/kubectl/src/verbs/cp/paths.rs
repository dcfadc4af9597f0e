//! Paths as Go's `path` package treats them, whatever the machine (kubectl: pkg/cmd/cp/filespec.go).

/// Without one slash at the end.
pub(super) fn without_slash(path: &str) -> String {
    match path.strip_suffix('/') {
        Some(rest) if path != "/" => rest.to_string(),
        _ => path.to_string(),
    }
}

/// A path in a container: with slashes.
pub(super) fn remote(path: &str) -> String {
    without_slash(path).replace('\\', "/")
}

/// `path.Clean`.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

/// `path.Join`.
pub(super) fn join(one: &str, other: &str) -> String {
    match (one.is_empty(), other.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(other),
        (false, true) => clean(one),
        (false, false) => clean(&format!("{one}/{other}")),
    }
}

/// `path.Dir`.
pub(super) fn dir(path: &str) -> String {
    clean(path.rfind('/').map_or("", |at| &path[..=at]))
}

/// `path.Base`.
pub(super) fn base(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".".into(),
        (_, true) => "/".into(),
        _ => trimmed.rsplit('/').next().unwrap_or_default().to_string(),
    }
}

/// Without what leads out of a directory at its beginning.
pub(super) fn strip_shortcuts(path: &str) -> String {
    let mut rest = path;
    while let Some(next) = rest.strip_prefix("../") {
        rest = next;
    }
    while let Some(next) = rest.strip_prefix("..\\") {
        rest = next;
    }
    if rest == "." || rest == ".." {
        rest = "";
    }
    rest.strip_prefix(['/', '\\']).unwrap_or(rest).to_string()
}

/// Whether `target` lies in `base`, or is it (`isRelative`).
pub(super) fn is_within(base: &str, target: &str) -> bool {
    let plain = |path: &str| clean(&without_slash(path).replace('\\', "/"));
    let (base, target) = (plain(base), plain(target));
    let inside = match base.as_str() {
        _ if base == target => return true,
        "." if target.starts_with('/') => return false,
        "." => target.as_str(),
        "/" => match target.strip_prefix('/') {
            Some(rest) => rest,
            None => return false,
        },
        base => match target.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')) {
            Some(rest) => rest,
            None => return false,
        },
    };
    inside == strip_shortcuts(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_gos() {
        for (path, cleaned) in [("", "."), ("a//b/../c/.", "a/c"), ("../x", "../x"), ("/../x", "/x"), ("./x/", "x")] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        assert_eq!(
            (dir("a/b"), dir("/a"), dir("a"), base("a/b/"), base("/")),
            ("a".into(), "/".into(), ".".into(), "b".into(), "/".into())
        );
        assert_eq!(strip_shortcuts("../../etc/x"), "etc/x");
        assert!(is_within("out", "out/x") && is_within(".", "x") && is_within("../a", "../a/b") && is_within("x", "x"));
        assert!(!is_within("out", "x") && !is_within("out", "outer/x") && !is_within(".", "../x"));
    }
}
