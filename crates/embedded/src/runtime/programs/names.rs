//! `nslookup`, `ping` and `nc`.

use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::network::ConnectError;
use crate::runtime::process::{Process, Program};

/// `nslookup`, printed as busybox 1.28 does: that is what tutorials show.
pub struct Lookup;

fn server(process: &Process) -> String {
    let resolv = process.container.setup.files.text("/etc/resolv.conf").unwrap_or_default();
    resolv.lines().find_map(|line| line.strip_prefix("nameserver ")).unwrap_or("10.96.0.10").trim().to_owned()
}

#[async_trait]
impl Program for Lookup {
    async fn run(&self, process: Process) -> i32 {
        let network = &process.container.setup.network;
        let words: Vec<&str> = process.operands().into_iter().filter(|word| !word.starts_with('-')).collect();
        let Some(name) = words.first() else { return process.fail("nslookup: missing host", 1) };
        let server = words.get(1).map_or_else(|| server(&process), |server| (*server).to_owned());
        let named = |address: &str| match address.parse().ok().and_then(|address| network.network.name_of(address)) {
            Some(name) => format!("{address} {name}"),
            None => address.to_owned(),
        };
        process.stdout.line(format!("Server:    {server}\nAddress 1: {}\n", named(&server)));
        match network.network.lookup(&network.origin, name) {
            Ok(answer) => {
                process.stdout.line(format!("Name:      {name}"));
                for (at, address) in answer.addresses.iter().enumerate() {
                    process.stdout.line(format!("Address {}: {}", at + 1, named(&address.to_string())));
                }
                0
            }
            Err(_) => process.fail(format!("nslookup: can't resolve '{name}'"), 1),
        }
    }
}

/// `ping`
pub struct Ping;

#[async_trait]
impl Program for Ping {
    async fn run(&self, process: Process) -> i32 {
        let network = &process.container.setup.network;
        let mut count = u32::MAX;
        let mut host = None;
        let mut words = process.operands().into_iter();
        while let Some(word) = words.next() {
            match word {
                "-c" => count = words.next().and_then(|count| count.parse().ok()).unwrap_or(1),
                "-w" | "-W" | "-i" | "-s" => {
                    words.next();
                }
                word if word.starts_with("-c") => count = word[2..].parse().unwrap_or(1),
                word if word.starts_with('-') => {}
                word => host = Some(word),
            }
        }
        let Some(host) = host else { return process.fail("ping: missing host", 1) };
        let Some(address) =
            network.network.resolve(&network.origin, host).ok().and_then(|found| found.first().copied())
        else {
            return process.fail(format!("ping: bad address '{host}'"), 1);
        };
        process.stdout.line(format!("PING {host} ({address}): 56 data bytes"));
        let answers = network.network.answers_ping(address);
        let mut sent = 0;
        while sent < count {
            if answers {
                process.stdout.line(format!("64 bytes from {address}: seq={sent} ttl=64 time=0.080 ms"));
            }
            sent += 1;
            if sent < count {
                process.container.setup.clock.sleep(Duration::from_secs(1)).await;
            }
        }
        let received = if answers { sent } else { 0 };
        let lost = if answers { 0 } else { 100 };
        process.stdout.line(format!("\n--- {host} ping statistics ---\n{sent} packets transmitted, {received} packets received, {lost}% packet loss"));
        if answers {
            process.stdout.line("round-trip min/avg/max = 0.080/0.080/0.080 ms");
        }
        i32::from(!answers)
    }
}

/// `nc`, as far as people use it to try ports
pub struct Netcat;

#[async_trait]
impl Program for Netcat {
    async fn run(&self, process: Process) -> i32 {
        let network = &process.container.setup.network;
        let (mut only_try, mut verbose, mut patience) = (false, false, None);
        let mut rest = Vec::new();
        let mut words = process.operands().into_iter();
        while let Some(word) = words.next() {
            if let Some(flags) = word.strip_prefix('-') {
                if flags.contains('l') {
                    return process
                        .fail("nc: listening is not simulated in the embedded cluster; run this on a real one", 1);
                }
                only_try |= flags.contains('z');
                verbose |= flags.contains('v');
                if flags.ends_with('w') {
                    patience = words.next().and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
                }
            } else {
                rest.push(word);
            }
        }
        let [host, port] = rest[..] else { return process.fail("nc: host and port are needed", 1) };
        let Ok(port) = port.parse() else { return process.fail(format!("nc: bad port '{port}'"), 1) };
        let connecting = network.connect(host, port);
        let connected = match patience {
            Some(patience) => tokio::time::timeout(patience, connecting).await.unwrap_or(Err(ConnectError::TimedOut)),
            None => connecting.await,
        };
        let address = network.network.resolve(&network.origin, host).ok().and_then(|found| found.first().copied());
        let shown = address.map_or_else(String::new, |address| address.to_string());
        let mut connection = match connected {
            Ok(connection) => connection,
            Err(ConnectError::NameNotFound) => return process.fail(format!("nc: bad address '{host}'"), 1),
            Err(error) if verbose => return process.fail(format!("nc: {host} ({shown}:{port}): {error}"), 1),
            Err(_) => return 1,
        };
        if verbose {
            process.stderr.line(format!("{host} ({shown}:{port}) open"));
        }
        if only_try {
            return 0;
        }
        let typed = process.stdin.rest().await;
        let _ = connection.write_all(&typed).await;
        let mut buffer = vec![0; 8192];
        while let Ok(read) = connection.read(&mut buffer).await {
            if read == 0 {
                break;
            }
            process.stdout.write(&buffer[..read]);
        }
        0
    }
}
