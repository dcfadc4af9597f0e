//! Node ports on the host: a listener for each that a Service has, as long as it has it.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use futures::StreamExt;
use tokio::{net::TcpListener, task::AbortHandle, task::JoinSet};

use super::pipe;
use crate::{
    apiserver::{Api, Since},
    network::{Network, Origin},
};

/// Opens and closes node ports on `address` as Services come and go. A port that another program has stays closed.
pub(super) async fn open(api: Api, network: Network, address: IpAddr) {
    let Ok(mut services) = api.watch("services", None, Since::InitialEvents) else { return };
    let mut listeners = JoinSet::new();
    let mut opened: BTreeMap<u16, AbortHandle> = BTreeMap::new();
    while services.next().await.is_some() {
        let wanted = node_ports(&api);
        opened.retain(|port, listener| {
            let keep = wanted.contains(port);
            if !keep {
                listener.abort();
            }
            keep
        });
        for port in wanted {
            if !opened.contains_key(&port)
                && let Ok(listener) = TcpListener::bind((address, port)).await
            {
                opened.insert(port, listeners.spawn(listen(listener, network.clone(), port)));
            }
        }
    }
}

fn node_ports(api: &Api) -> BTreeSet<u16> {
    let services = api.list("services", None);
    let ports = services.iter().flat_map(|service| service["spec"]["ports"].as_array().into_iter().flatten());
    let tcp = ports.filter(|port| port["protocol"] == "TCP");
    tcp.filter_map(|port| port["nodePort"].as_u64()).filter_map(|port| u16::try_from(port).ok()).collect()
}

async fn listen(listener: TcpListener, network: Network, port: u16) {
    let node = IpAddr::V4(Network::node_address(0));
    while let Ok((stream, _)) = listener.accept().await {
        let network = network.clone();
        tokio::spawn(async move {
            // Without an endpoint the connection is closed: the host's own port cannot refuse it any more.
            if let Ok(connection) = network.connect_to(&Origin::Outside, node, port).await {
                pipe(stream, connection).await;
            }
        });
    }
}
