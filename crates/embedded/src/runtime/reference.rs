//! Names of images, as people write them and as registries know them (github.com/distribution/reference).

/// A name with all that people leave out put in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Registry and path: `docker.io/library/nginx`.
    pub repository: String,
    /// The tag; `latest` where none was written and no digest either.
    pub tag: Option<String>,
    /// `sha256:…`, where the image is named by it.
    pub digest: Option<String>,
}

impl Reference {
    /// Reads `nginx`, `curlimages/curl:8.1`, `registry.k8s.io/pause@sha256:…`. `None` where no registry would take it.
    pub fn parse(name: &str) -> Option<Self> {
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (name, None),
        };
        let (path, tag) = match name.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (name, None),
        };
        let tag_is_valid = |tag: &str| {
            let mut letters = tag.chars();
            tag.len() <= 128
                && letters.next().is_some_and(|first| first.is_ascii_alphanumeric() || first == '_')
                && letters.all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
        };
        if tag.is_some_and(|tag| !tag_is_valid(tag)) {
            return None;
        }
        let (host, rest) = match path.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest),
            _ => ("docker.io", path),
        };
        let part_is_valid = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter))
                && part.starts_with(|first: char| first.is_ascii_alphanumeric())
                && part.ends_with(|last: char| last.is_ascii_alphanumeric())
        };
        if !rest.split('/').all(part_is_valid) {
            return None;
        }
        let host = if host == "index.docker.io" { "docker.io" } else { host };
        let library = if host == "docker.io" && !rest.contains('/') { "library/" } else { "" };
        let tag = match (tag, &digest) {
            (Some(tag), _) => Some(tag.to_owned()),
            (None, Some(_)) => None,
            (None, None) => Some("latest".to_owned()),
        };
        Some(Self { repository: format!("{host}/{library}{rest}"), tag, digest })
    }

    /// The whole name: `docker.io/library/nginx:latest`.
    pub fn full(&self) -> String {
        let mut full = self.repository.clone();
        if let Some(tag) = &self.tag {
            full = format!("{full}:{tag}");
        }
        if let Some(digest) = &self.digest {
            full = format!("{full}@{digest}");
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_put_in() {
        let full = |name: &str| Reference::parse(name).map(|reference| reference.full());
        assert_eq!(full("nginx").as_deref(), Some("docker.io/library/nginx:latest"));
        assert_eq!(full("curlimages/curl:8.1").as_deref(), Some("docker.io/curlimages/curl:8.1"));
        assert_eq!(
            full("registry.k8s.io/e2e-test-images/agnhost:2.55").as_deref(),
            Some("registry.k8s.io/e2e-test-images/agnhost:2.55")
        );
        assert_eq!(full("localhost:5000/x").as_deref(), Some("localhost:5000/x:latest"));
        assert_eq!(full("nginx@sha256:12").as_deref(), Some("docker.io/library/nginx@sha256:12"));
        assert_eq!(full("Nginx"), None);
        assert_eq!(full("nginx:"), None);
        assert_eq!(full("nginx:a b"), None);
    }
}
