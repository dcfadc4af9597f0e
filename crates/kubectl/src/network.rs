//! Where `port-forward` and `proxy` listen: the machine's sockets, or a loopback in memory for callers whose commands
//! must not touch the machine.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::mpsc;

/// A connection that somebody opened to a listener.
pub trait Stream: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// A socket that listens; closed when it is dropped.
#[async_trait::async_trait]
pub trait Listener: Send + Sync {
    /// Where it listens, as `host:port` or as a path.
    fn address(&self) -> String;
    /// The port, where there is one.
    fn port(&self) -> u16;
    /// Waits for the next connection.
    async fn accept(&self) -> io::Result<Pin<Box<dyn Stream>>>;
}

/// What a command may listen on.
#[async_trait::async_trait]
pub trait Network: Send + Sync {
    /// Listens on an address; port 0 takes any that is free.
    ///
    /// # Errors
    /// What the operating system says (in use, not an address of this machine, not permitted).
    async fn listen(&self, address: SocketAddr) -> io::Result<Box<dyn Listener>>;
    /// Listens on a Unix socket that only its owner may open; a stale socket at that path is replaced.
    ///
    /// # Errors
    /// As [`Network::listen`].
    async fn listen_unix(&self, path: &Path) -> io::Result<Box<dyn Listener>>;
}

/// The machine's own sockets.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostNetwork;

#[async_trait::async_trait]
impl Network for HostNetwork {
    async fn listen(&self, address: SocketAddr) -> io::Result<Box<dyn Listener>> {
        Ok(Box::new(tokio::net::TcpListener::bind(address).await?))
    }

    #[cfg(unix)]
    async fn listen_unix(&self, path: &Path) -> io::Result<Box<dyn Listener>> {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt};
        if std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
            // a socket that cannot be removed makes the bind fail, which says so
            let _ = std::fs::remove_file(path);
        }
        let listener = tokio::net::UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        Ok(Box::new(UnixSocket { listener, path: path.to_path_buf() }))
    }

    #[cfg(not(unix))]
    async fn listen_unix(&self, _path: &Path) -> io::Result<Box<dyn Listener>> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
}

#[async_trait::async_trait]
impl Listener for tokio::net::TcpListener {
    fn address(&self) -> String {
        self.local_addr().map(|address| address.to_string()).unwrap_or_default()
    }
    fn port(&self) -> u16 {
        self.local_addr().map(|address| address.port()).unwrap_or_default()
    }
    async fn accept(&self) -> io::Result<Pin<Box<dyn Stream>>> {
        let (connection, _) = tokio::net::TcpListener::accept(self).await?;
        Ok(Box::pin(connection))
    }
}

#[cfg(unix)]
struct UnixSocket {
    listener: tokio::net::UnixListener,
    path: std::path::PathBuf,
}

#[cfg(unix)]
#[async_trait::async_trait]
impl Listener for UnixSocket {
    fn address(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
    fn port(&self) -> u16 {
        0
    }
    async fn accept(&self) -> io::Result<Pin<Box<dyn Stream>>> {
        let (connection, _) = self.listener.accept().await?;
        Ok(Box::pin(connection))
    }
}

#[cfg(unix)]
impl Drop for UnixSocket {
    fn drop(&mut self) {
        // as Go's listeners do; a path that is gone already is as wanted
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A loopback in memory: what listens here is reached by [`Loopback::connect`] and by nothing else. Cheap to clone, all
/// clones are one.
#[derive(Clone, Default)]
pub struct Loopback(Arc<Mutex<BTreeMap<SocketAddr, mpsc::UnboundedSender<DuplexStream>>>>);

impl Loopback {
    /// Connects to what listens on `localhost`, `127.0.0.1` or `::1`, at this port.
    ///
    /// # Errors
    /// `ConnectionRefused` where nothing listens.
    pub fn connect(&self, host: &str, port: u16) -> io::Result<DuplexStream> {
        const BUFFER: usize = 64 * 1024;
        let sockets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reaches = |address: &&SocketAddr| {
            let ip = address.ip();
            let named = match host {
                "localhost" => ip.is_loopback(),
                host => host.trim_matches(['[', ']']).parse() == Ok(ip),
            };
            address.port() == port && (named || ip.is_unspecified())
        };
        let listener = sockets.keys().find(reaches).and_then(|address| sockets.get(address));
        let (near, far) = tokio::io::duplex(BUFFER);
        match listener.map(|listener| listener.send(far)) {
            Some(Ok(())) => Ok(near),
            _ => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }
}

#[async_trait::async_trait]
impl Network for Loopback {
    async fn listen(&self, mut address: SocketAddr) -> io::Result<Box<dyn Listener>> {
        const FIRST_FREE: u16 = 40_000;
        let mut sockets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sockets.retain(|_, listener| !listener.is_closed());
        if !address.ip().is_loopback() && !address.ip().is_unspecified() {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        if address.port() == 0 {
            let taken = |port: &u16| sockets.keys().any(|other| other.port() == *port);
            let free = (FIRST_FREE..).find(|port| !taken(port));
            address.set_port(free.ok_or(io::ErrorKind::AddrInUse)?);
        } else if sockets.contains_key(&address) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let (sender, incoming) = mpsc::unbounded_channel();
        sockets.insert(address, sender);
        Ok(Box::new(InMemory { address, incoming: tokio::sync::Mutex::new(incoming) }))
    }
    async fn listen_unix(&self, _path: &Path) -> io::Result<Box<dyn Listener>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "Unix sockets are not available here; use --port"))
    }
}

struct InMemory {
    address: SocketAddr,
    incoming: tokio::sync::Mutex<mpsc::UnboundedReceiver<DuplexStream>>,
}

#[async_trait::async_trait]
impl Listener for InMemory {
    fn address(&self) -> String {
        self.address.to_string()
    }
    fn port(&self) -> u16 {
        self.address.port()
    }
    async fn accept(&self) -> io::Result<Pin<Box<dyn Stream>>> {
        match self.incoming.lock().await.recv().await {
            Some(connection) => Ok(Box::pin(connection)),
            None => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

/// Go's words for what `bind` says.
pub(crate) fn bind_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "address already in use".into(),
        io::ErrorKind::AddrNotAvailable => "cannot assign requested address".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::NotFound => "no such file or directory".into(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_loopback_connects_what_listens_with_what_calls() {
        let network = Loopback::default();
        assert_eq!(network.connect("localhost", 8080).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let listener = network.listen("127.0.0.1:8080".parse().unwrap()).await.unwrap();
        let taken = network.listen("127.0.0.1:8080".parse().unwrap()).await;
        assert_eq!(taken.err().map(|error| error.kind()), Some(io::ErrorKind::AddrInUse));
        let mut near = network.connect("localhost", 8080).unwrap();
        let mut far = listener.accept().await.unwrap();
        near.write_all(b"hello").await.unwrap();
        let mut said = [0; 5];
        far.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");
        drop(listener);
        assert!(network.connect("127.0.0.1", 8080).is_err(), "nobody listens any more");
        assert!(network.listen("127.0.0.1:8080".parse().unwrap()).await.is_ok(), "the port is free again");
    }
}
