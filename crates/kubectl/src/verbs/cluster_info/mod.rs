//! `kubectl cluster-info` (kubectl: pkg/cmd/clusterinfo/clusterinfo.go).

mod dump;

use crate::command::{Class, Command, Context};
use crate::error::Result;
use crate::request::Call;
use crate::resource::take_items;
use crate::text::display;
use apimachinery::meta;
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "cluster-info",
    use_line: "cluster-info",
    bare_use_line: false,
    short: "Display cluster information",
    long: "Display the addresses of the control plane and of the services with the label kubernetes.io/cluster-service=true. To find out what is wrong with a cluster, use 'kubectl cluster-info dump'.",
    example: "# Where the control plane and the cluster's services are
kubectl cluster-info",
    subcommands: &[&dump::COMMAND],
    class: |_| Class::READS,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    cx.client_config().await?;
    let done = show(cx).await;
    writeln!(cx.out, "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.")?;
    done
}

async fn show(cx: &Context) -> Result<()> {
    let namespace = match cx.flags.str("namespace") {
        "" => "kube-system",
        given => given,
    };
    let server = cx.connection().await?.server.trim_end_matches('/');
    let call = Call::get(format!("/api/v1/namespaces/{namespace}/services"))
        .query("labelSelector", "kubernetes.io/cluster-service=true")
        .query("limit", "500");
    let mut services = cx.requests().await?.json(call).await?;
    writeln!(cx.out, "Kubernetes control plane is running at {server}")?;
    for service in take_items(&mut services) {
        let name = meta::label(&service, "kubernetes.io/name").filter(|name| !name.is_empty());
        let name = name.unwrap_or(meta::name(&service));
        writeln!(cx.out, "{name} is running at {}", link(server, &service))?;
    }
    Ok(())
}

/// The URL of a service: at its load balancer, or through the API server's proxy.
fn link(server: &str, service: &Value) -> String {
    let (name, ports) = (meta::name(service), meta::dig_list(service, "spec.ports"));
    if let Some(point) = meta::dig(service, "status.loadBalancer.ingress.0") {
        let ip = point["ip"].as_str().filter(|ip| !ip.is_empty()).or(point["hostname"].as_str()).unwrap_or_default();
        return ports.iter().map(|port| format!("http://{ip}:{} ", display(&port["port"]))).collect();
    }
    let name = match ports.first() {
        None => name.to_string(),
        Some(port) => {
            let port_name = port["name"].as_str().unwrap_or_default();
            if port_name == "https" || port["port"] == 443 {
                format!("https:{name}:{port_name}")
            } else if port_name.is_empty() {
                name.to_string()
            } else {
                format!("{name}:{port_name}")
            }
        }
    };
    format!("{server}/api/v1/namespaces/{}/services/{name}/proxy", meta::namespace(service))
}

#[cfg(test)]
mod tests {
    use super::link;
    use serde_json::json;

    #[test]
    fn services_are_reached_by_the_proxy_or_their_load_balancer() {
        let service =
            |ports| json!({"metadata": {"name": "dns", "namespace": "kube-system"}, "spec": {"ports": ports}});
        let at = |name: &str| format!("https://h/api/v1/namespaces/kube-system/services/{name}/proxy");
        assert_eq!(link("https://h", &service(json!([]))), at("dns"));
        assert_eq!(link("https://h", &service(json!([{"port": 53}]))), at("dns"));
        assert_eq!(link("https://h", &service(json!([{"name": "dns", "port": 53}]))), at("dns:dns"));
        assert_eq!(link("https://h", &service(json!([{"name": "x", "port": 443}]))), at("https:dns:x"));
        let mut balanced = service(json!([{"port": 80}, {"port": 81}]));
        balanced["status"] = json!({"loadBalancer": {"ingress": [{"hostname": "lb"}]}});
        assert_eq!(link("https://h", &balanced), "http://lb:80 http://lb:81 ");
    }
}
