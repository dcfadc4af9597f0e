//! Local ports: where to listen, and what comes (client-go: tools/portforward/portforward.go).

use super::ports::Forwarded;
use super::tunnel::Tunnel;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::network::{Listener, bind_error};
use crate::text::quote;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    ip: IpAddr,
    /// One of `localhost`'s: one of the two is enough.
    either: bool,
}

/// `--address`: sorted by their text, each once.
pub(super) fn addresses(given: &[String]) -> Result<Vec<Address>> {
    let mut found: Vec<(String, Address)> = Vec::new();
    let mut add = |ip: IpAddr, text: String, either: bool| {
        match found.iter_mut().find(|(known, _)| *known == text) {
            Some(_) if either => {}
            Some((_, known)) => *known = Address { ip, either },
            None => found.push((text, Address { ip, either })),
        };
    };
    for text in given {
        if text == "localhost" {
            add(Ipv4Addr::LOCALHOST.into(), "127.0.0.1".into(), true);
            add(Ipv6Addr::LOCALHOST.into(), "::1".into(), true);
            continue;
        }
        let ip = text.parse().map_err(|_| Error::msg(format!("{text} is not a valid IP")))?;
        add(ip, text.clone(), false);
    }
    if found.is_empty() {
        return Err(Error::msg("you must specify at least 1 address"));
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found.into_iter().map(|(_, address)| address).collect())
}

/// Listens, and forwards what comes, until the pod is lost.
pub(super) async fn forward(
    cx: &Context,
    mut tunnel: Tunnel,
    addresses: &[Address],
    mut ports: Vec<Forwarded>,
) -> Result<()> {
    let mut listeners = Vec::new();
    let mut listening = false;
    for port in &mut ports {
        match listen(cx, addresses, port, &mut listeners).await? {
            None => listening = true,
            Some(errors) => writeln!(
                cx.err,
                "Unable to listen on port {}: Listeners failed to create with the following errors: [{errors}]",
                port.local
            )?,
        }
    }
    if !listening {
        let ports: Vec<String> = ports.iter().map(|port| format!("{{{} {}}}", port.local, port.remote)).collect();
        return Err(Error::msg(format!("unable to listen on any of the requested ports: [{}]", ports.join(" "))));
    }
    let way = tunnel.way();
    let next = |index: usize| {
        let (listener, port): &(Box<dyn Listener>, Forwarded) = &listeners[index];
        async move { (index, *port, listener.accept().await) }
    };
    let mut accepts: FuturesUnordered<_> = (0..listeners.len()).map(next).collect();
    let mut carried = FuturesUnordered::new();
    loop {
        tokio::select! {
            () = &mut tunnel.alive => return Err(lost()),
            Some((index, port, accepted)) = accepts.next() => {
                // a connection that was gone before it was taken
                if let Ok(connection) = accepted {
                    writeln!(cx.out, "Handling connection for {}", port.local)?;
                    let way = way.clone();
                    carried.push(async move { (port, way.carry(connection, port.remote).await) });
                }
                accepts.push(next(index));
            }
            Some((port, outcome)) = carried.next(), if !carried.is_empty() => {
                if let Err(error) = outcome {
                    let (error, Forwarded { local, remote }) = (quote(&error), port);
                    let text = format!(
                        "\"An error occurred forwarding\" err={error} localPort={local} remotePort={remote}"
                    );
                    cx.klog('E', "portforward.go:549", &text)?;
                    return Err(lost());
                }
            }
        }
    }
}

fn lost() -> Error {
    Error::msg("lost connection to pod")
}

/// Listens for one port on all addresses; the errors if it is not enough (`listenOnPort`).
async fn listen(
    cx: &Context,
    addresses: &[Address],
    port: &mut Forwarded,
    listeners: &mut Vec<(Box<dyn Listener>, Forwarded)>,
) -> Result<Option<String>> {
    let (mut errors, mut either, mut missing) = (Vec::new(), false, false);
    let wants_either = addresses.iter().any(|address| address.either);
    for address in addresses {
        let socket = SocketAddr::new(address.ip, port.local);
        match cx.env.network.listen(socket).await {
            Ok(listener) => {
                either |= address.either;
                port.local = listener.port();
                let at = SocketAddr::new(address.ip, port.local);
                writeln!(cx.out, "Forwarding from {at} -> {}", port.remote)?;
                listeners.push((listener, *port));
            }
            Err(error) => {
                missing |= !address.either;
                let protocol = if address.ip.is_ipv4() { "tcp4" } else { "tcp6" };
                let reason = bind_error(&error);
                errors.push(format!("unable to create listener: Error listen {protocol} {socket}: bind: {reason}"));
            }
        }
    }
    Ok((missing || (wants_either && !either)).then(|| errors.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_two_addresses() {
        let of = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            addresses(&texts).map(|found| found.iter().map(|a| a.ip.to_string()).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(of(&["localhost"]).unwrap(), "127.0.0.1 ::1");
        assert_eq!(of(&["localhost", "10.0.0.1", "127.0.0.1"]).unwrap(), "10.0.0.1 127.0.0.1 ::1");
        assert_eq!(of(&["foo"]).unwrap_err().to_string(), "foo is not a valid IP");
    }
}
