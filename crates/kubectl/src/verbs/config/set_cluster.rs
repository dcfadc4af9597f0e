//! `kubectl config set-cluster` (kubectl: pkg/cmd/config/set_cluster.go).

use super::contexts::unexpected_args;
use super::file::{Kubeconfig, certificate, stat};
use super::types::{Cluster, NamedCluster};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::text::quote;

pub(super) static COMMAND: Command = Command {
    name: "set-cluster",
    use_line: "set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    short: "Set a cluster entry in kubeconfig",
    long: "Create a cluster in kubeconfig, or change the given fields of one that exists.",
    example: "# Only the server of the cluster e2e\nkubectl config set-cluster e2e --server=https://1.2.3.4\n\n# Put the certificate authority into the file itself\nkubectl config set-cluster e2e --embed-certs --certificate-authority=~/.kube/e2e/kubernetes.ca.crt\n\n# Reach it through a proxy\nkubectl config set-cluster e2e --proxy-url=https://1.2.3.4",
    flags: || {
        vec![
            Flag::string("server", "", "server for the cluster entry in kubeconfig"),
            Flag::string("tls-server-name", "", "tls-server-name for the cluster entry in kubeconfig"),
            Flag::bool("insecure-skip-tls-verify", "insecure-skip-tls-verify for the cluster entry in kubeconfig"),
            Flag::string(
                "certificate-authority",
                "",
                "Path to certificate-authority file for the cluster entry in kubeconfig",
            ),
            Flag::bool("embed-certs", "embed-certs for the cluster entry in kubeconfig"),
            Flag::string("proxy-url", "", "proxy-url for the cluster entry in kubeconfig"),
        ]
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let [name] = cx.args.as_slice() else { return Err(unexpected_args(cx)?) };
    if name.is_empty() {
        return Err(Error::msg("you must specify a non-empty cluster name"));
    }
    let authority = flags.str("certificate-authority");
    if flags.bool("insecure-skip-tls-verify") && !authority.is_empty() {
        return Err(Error::msg("you cannot specify a certificate authority and insecure mode at the same time"));
    }
    if flags.bool("embed-certs") {
        if authority.is_empty() {
            return Err(Error::msg("you must specify a --certificate-authority to embed"));
        }
        stat(cx, "certificate-authority", authority).await?;
    }
    let kubeconfig = Kubeconfig::load(cx).await?;
    let mut wanted = kubeconfig.config.clone();
    if !wanted.clusters.iter().any(|entry| entry.name == *name) {
        wanted.clusters.push(NamedCluster { name: name.clone(), ..NamedCluster::default() });
    }
    for entry in wanted.clusters.iter_mut().filter(|entry| entry.name == *name) {
        change(cx, &mut entry.cluster).await?;
    }
    kubeconfig.modify(cx, wanted, true).await?;
    writeln!(cx.out, "Cluster {} set.", quote(name))?;
    Ok(())
}

async fn change(cx: &Context, cluster: &mut Cluster) -> Result<()> {
    let flags = &cx.flags;
    let given = |flag: &str| Some(flags.str(flag).to_string()).filter(|text| !text.is_empty());
    if flags.changed("server") {
        cluster.server = flags.str("server").into();
        // Another server has another name.
        cluster.tls_server_name = None;
    }
    if flags.changed("tls-server-name") {
        cluster.tls_server_name = given("tls-server-name");
    }
    if flags.changed("insecure-skip-tls-verify") {
        cluster.insecure_skip_tls_verify = flags.bool("insecure-skip-tls-verify");
        if cluster.insecure_skip_tls_verify {
            cluster.certificate_authority = None;
            cluster.certificate_authority_data = None;
        }
    }
    if flags.changed("certificate-authority") {
        let (path, data) = (&mut cluster.certificate_authority, &mut cluster.certificate_authority_data);
        certificate(cx, "certificate-authority", path, data).await;
        cluster.insecure_skip_tls_verify = false;
    }
    if flags.changed("proxy-url") {
        cluster.proxy_url = given("proxy-url");
    }
    Ok(())
}
