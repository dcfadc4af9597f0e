//! The network: who reaches whom. Pod addresses, cluster DNS, Services, node ports; all of it in memory.

pub mod dns;
pub mod http;
mod route;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::DuplexStream;

pub use self::http::{HttpError, Request, Response, Server, serve};
use crate::apiserver::Api;
use crate::clock::Clock;

/// Bytes that a connection holds before the writer waits.
const WINDOW: usize = 64 << 10;
/// What one way through the network takes.
const LATENCY: Duration = Duration::from_micros(300);
/// How long a connection to an address that nobody answers for is tried: six SYNs of Linux (net.ipv4.tcp_syn_retries).
const SYN_TIMEOUT: Duration = Duration::from_secs(130);
/// How long an address of the Pod network without a Pod is asked for before the host is called unreachable.
const ARP_TIMEOUT: Duration = Duration::from_secs(3);

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// ECONNREFUSED: nobody listens there, or a Service has no endpoints.
    #[error("Connection refused")]
    Refused,
    /// ETIMEDOUT: nothing came back.
    #[error("Connection timed out")]
    TimedOut,
    /// EHOSTUNREACH.
    #[error("No route to host")]
    NoRoute,
    /// The name means no address.
    #[error("Name or service not known")]
    NameNotFound,
}

/// Who wants to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A Pod.
    Pod {
        /// Its namespace, where short names are looked for first.
        namespace: String,
        /// Its name.
        name: String,
        /// Its address.
        ip: IpAddr,
    },
    /// A node, by name.
    Node(String),
    /// Somebody outside of the cluster.
    Outside,
}

/// Something that takes connections.
pub trait Listener: Send + Sync {
    /// Takes one connection from `peer`.
    fn accept(&self, connection: DuplexStream, peer: IpAddr);
}

struct Listening {
    owner: String,
    listener: Arc<dyn Listener>,
}

#[derive(Default)]
struct State {
    listening: BTreeMap<(IpAddr, u16), Listening>,
    /// Pods that have an address: who it belongs to.
    pods: BTreeMap<IpAddr, String>,
    /// The last address given out on each node.
    last: BTreeMap<usize, u16>,
    /// Which node has which address.
    nodes: BTreeMap<IpAddr, String>,
}

/// The network of a cluster. Clones share it.
#[derive(Clone)]
pub struct Network {
    api: Api,
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

impl Network {
    /// The network of the cluster behind `api`.
    pub fn new(api: &Api) -> Self {
        Self { api: api.clone(), state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The addresses that Pods of node number `node` (from 0) get theirs from: `10.244.<node>.0/24`.
    pub fn pod_range(node: usize) -> String {
        format!("10.244.{}.0/24", node % 256)
    }

    /// The address of node number `node` (from 0).
    pub fn node_address(node: usize) -> Ipv4Addr {
        Ipv4Addr::new(172, 18, 0, u8::try_from(node + 2).unwrap_or(u8::MAX))
    }

    /// Makes a node's address known.
    pub fn add_node(&self, name: &str, address: IpAddr) {
        self.state().nodes.insert(address, name.to_owned());
    }

    /// Gives a Pod of node number `node` an address. They are given out in turn, as the host-local plug-in does.
    pub fn add_pod(&self, node: usize, uid: &str) -> IpAddr {
        let mut state = self.state();
        let third = u8::try_from(node % 256).unwrap_or_default();
        let mut last = state.last.get(&node).copied().unwrap_or(1);
        loop {
            last = if last >= 254 { 2 } else { last + 1 };
            let address = IpAddr::V4(Ipv4Addr::new(10, 244, third, u8::try_from(last).unwrap_or(254)));
            if !state.pods.contains_key(&address) {
                state.last.insert(node, last);
                state.pods.insert(address, uid.to_owned());
                return address;
            }
        }
    }

    /// Takes a Pod's address back, and all that listens on it.
    pub fn remove_pod(&self, uid: &str) {
        let mut state = self.state();
        state.pods.retain(|_, owner| owner != uid);
        let State { listening, pods, nodes, .. } = &mut *state;
        listening.retain(|(address, _), _| pods.contains_key(address) || nodes.contains_key(address));
    }

    /// Takes connections to a port of an address for the container `owner`. `false` where the port is taken.
    pub fn listen(&self, owner: &str, address: IpAddr, port: u16, listener: Arc<dyn Listener>) -> bool {
        let mut state = self.state();
        if state.listening.contains_key(&(address, port)) {
            return false;
        }
        state.listening.insert((address, port), Listening { owner: owner.to_owned(), listener });
        true
    }

    /// Ends all that a container listens on.
    pub fn close(&self, owner: &str) {
        self.state().listening.retain(|_, listening| listening.owner != owner);
    }

    /// The addresses that a name means, the way that `from` looks names up.
    ///
    /// # Errors
    /// `NameNotFound`.
    pub fn resolve(&self, from: &Origin, name: &str) -> Result<Vec<IpAddr>, ConnectError> {
        dns::lookup(&self.api, from, name).map(|answer| answer.addresses)
    }

    /// The same, with the full name that was found: what `nslookup` shows.
    ///
    /// # Errors
    /// `NameNotFound`.
    pub fn lookup(&self, from: &Origin, name: &str) -> Result<Answer, ConnectError> {
        dns::lookup(&self.api, from, name)
    }

    /// The name that an address of the cluster has.
    pub fn name_of(&self, address: IpAddr) -> Option<String> {
        dns::reverse(&self.api, address)
    }

    /// Whether an address answers a ping: those of Pods and nodes do; those of Services are only ports.
    pub fn answers_ping(&self, address: IpAddr) -> bool {
        let state = self.state();
        address.is_loopback() || state.pods.contains_key(&address) || state.nodes.contains_key(&address)
    }

    /// Connects to a port of a name or an address.
    ///
    /// # Errors
    /// Why there is no connection, after the time that finding out takes.
    pub async fn connect(&self, from: &Origin, host: &str, port: u16) -> Result<DuplexStream, ConnectError> {
        let addresses = self.resolve(from, host)?;
        let mut last = ConnectError::NameNotFound;
        for address in addresses {
            match self.connect_to(from, address, port).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Connects to a port of an address: of a Pod, a Service or a node.
    ///
    /// # Errors
    /// Why there is no connection, after the time that finding out takes.
    pub async fn connect_to(&self, from: &Origin, address: IpAddr, port: u16) -> Result<DuplexStream, ConnectError> {
        let clock = *self.api.clock();
        let loopback = address.is_loopback();
        let address = match from {
            Origin::Pod { ip, .. } if loopback => *ip,
            _ => address,
        };
        clock.sleep(LATENCY).await;
        let routed = route::route(&self.api, &self.state().nodes, from, address, port);
        let (address, port) = match routed {
            route::Route::To(address, port) => (address, port),
            route::Route::Refused => return Err(ConnectError::Refused),
            route::Route::Lost => {
                clock.sleep(SYN_TIMEOUT).await;
                return Err(ConnectError::TimedOut);
            }
        };
        let found = {
            let state = self.state();
            let listener = state.listening.get(&(address, port)).map(|listening| Arc::clone(&listening.listener));
            (listener, state.pods.contains_key(&address) || state.nodes.contains_key(&address))
        };
        match found {
            (Some(listener), _) => {
                let (near, far) = tokio::io::duplex(WINDOW);
                listener.accept(far, self.source(from, address));
                Ok(near)
            }
            (None, true) => Err(ConnectError::Refused),
            (None, false) if in_pod_network(address) => {
                clock.sleep(ARP_TIMEOUT).await;
                Err(ConnectError::NoRoute)
            }
            (None, false) => {
                clock.sleep(SYN_TIMEOUT).await;
                Err(ConnectError::TimedOut)
            }
        }
    }

    /// The address that a listener sees: connections from outside come in through the node.
    fn source(&self, from: &Origin, to: IpAddr) -> IpAddr {
        match from {
            Origin::Pod { ip, .. } => *ip,
            Origin::Node(_) | Origin::Outside => match to {
                IpAddr::V4(to) => Ipv4Addr::new(10, 244, to.octets()[2], 1).into(),
                to => to,
            },
        }
    }
}

fn in_pod_network(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[..2] == [10, 244])
}

/// What DNS answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The full name that was found, without the last dot.
    pub name: String,
    /// The addresses, in the order of the answer.
    pub addresses: Vec<IpAddr>,
}

/// A Pod's part of the network: what its containers use.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The cluster's network.
    pub network: Network,
    /// The Pod.
    pub origin: Origin,
    /// Its address.
    pub address: IpAddr,
}

impl Stack {
    /// Takes connections to a port of the Pod for the container `owner`. `false` where the port is taken.
    pub fn listen(&self, owner: &str, port: u16, listener: Arc<dyn Listener>) -> bool {
        self.network.listen(owner, self.address, port, listener)
    }

    /// Ends all that a container listens on.
    pub fn close(&self, owner: &str) {
        self.network.close(owner);
    }

    /// Connects to a port of a name or an address.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn connect(&self, host: &str, port: u16) -> Result<DuplexStream, ConnectError> {
        self.network.connect(&self.origin, host, port).await
    }

    /// The clock that connections wait by.
    pub fn clock(&self) -> &Clock {
        self.network.api.clock()
    }
}
