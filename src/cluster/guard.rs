//! Which contexts a lesson may touch without being told to: data.

use std::net::IpAddr;

/// Names that the tools for clusters on one's own machine give to their contexts; `*` stands for any text.
const LOCAL_NAMES: &[&str] = &[
    "colima",
    "colima-*",
    "docker-desktop",
    "docker-for-desktop",
    "k3d-*",
    "kind-*",
    "microk8s",
    "minikube",
    "orbstack",
    "rancher-desktop",
];

/// Whether the context is of a cluster on this machine, by its name or by its server (`https://127.0.0.1:6443`).
pub(super) fn looks_local(context: &str, server: &http::Uri) -> bool {
    is_local_name(context) || server.host().is_some_and(is_loopback)
}

fn is_local_name(context: &str) -> bool {
    LOCAL_NAMES.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => context.len() > prefix.len() && context.starts_with(prefix),
        None => context == *pattern,
    })
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::looks_local;

    fn local(context: &str, server: &str) -> bool {
        looks_local(context, &server.parse().expect("a URL"))
    }

    #[test]
    fn local_clusters_by_name_and_by_server() {
        assert!(local("kind-kind", "https://10.0.0.4:6443"));
        assert!(local("minikube", "https://192.168.49.2:8443"));
        assert!(local("anything", "https://127.0.0.1:39011"));
        assert!(local("anything", "https://[::1]:6443"));
        assert!(local("anything", "https://localhost:6443"));
    }

    #[test]
    fn others_are_not() {
        assert!(!local("production", "https://10.0.0.4:6443"));
        assert!(!local("kind-", "https://10.0.0.4:6443"));
        assert!(!local("my-minikube", "https://10.0.0.4:6443"));
        assert!(!local("arn:aws:eks:eu-central-1:1:cluster/kind", "https://x.eks.amazonaws.com"));
        assert!(!local("x", "https://127.0.0.1.example.com"));
    }
}
