//! The kubeconfig of a served cluster.

use std::net::SocketAddr;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::Certificates;

/// Name of the cluster, its user and its context.
const NAME: &str = "kubectl-lesson";

/// A kubeconfig for the administrator.
pub(super) fn kubeconfig(address: SocketAddr, certificates: &Certificates) -> String {
    let (certificate, key) = certificates.admin_pem();
    let (authority, certificate, key) =
        (STANDARD.encode(certificates.authority_pem()), STANDARD.encode(certificate), STANDARD.encode(key));
    format!(
        "apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: {authority}
    server: https://{address}
  name: {NAME}
contexts:
- context:
    cluster: {NAME}
    user: {NAME}
  name: {NAME}
current-context: {NAME}
users:
- name: {NAME}
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
"
    )
}
