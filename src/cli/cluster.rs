//! `cluster start|stop|status`: the embedded cluster on a loopback socket, for unmodified kubectl and everything else.

use super::exit::{Exit, UsageError};
use crate::cluster::ClusterError;
use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use embedded::clock::Clock;
use embedded::serve::STOP_PATH;
use embedded::{Cluster, Options, ServeOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The line in a kubeconfig by which this program knows its own.
const MARK: &str = "current-context: kubectl-lesson";
/// How long a cluster may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Options of `cluster`.
#[derive(Debug, Parser)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Starts a cluster and prints one line, `export KUBECONFIG=…`, when its API answers
    Start(Start),
    /// Stops the cluster that a kubeconfig belongs to
    Stop(Where),
    /// Says whether the cluster that a kubeconfig belongs to answers
    Status(Where),
}

#[derive(Debug, clap::Args)]
struct Where {
    /// The cluster's kubeconfig [default: one in this user's state folder]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Start {
    #[command(flatten)]
    place: Where,
    /// Port of the API server on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Number of nodes
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// The same seed gives the same names, addresses and uids
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Goes on in the background
    #[arg(long)]
    detach: bool,
    /// Runs a command with KUBECONFIG set, and stops the cluster when it ends
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "detach")]
    command: Vec<String>,
}

impl Where {
    fn path(&self) -> Result<PathBuf> {
        if let Some(path) = &self.kubeconfig {
            return std::path::absolute(path).context("the path of the kubeconfig");
        }
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
        let state = state.or_else(home);
        let state = state.ok_or_else(|| UsageError("HOME is not set: name a file with --kubeconfig".into()))?;
        Ok(state.join("kubectl-lesson/kubeconfig"))
    }
}

/// Runs `cluster`.
///
/// # Errors
/// The cluster cannot be started, or there is none to stop.
pub fn run(args: &Args) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match &args.action {
        Action::Start(start) if start.detach => detach(start),
        Action::Start(start) => runtime.block_on(self::start(start)),
        Action::Stop(place) => runtime.block_on(stop(&place.path()?)),
        Action::Status(place) => runtime.block_on(status(&place.path()?)),
    }
}

async fn start(args: &Start) -> Result<Exit> {
    let path = args.place.path()?;
    check_free(&path).await?;
    let cluster = Cluster::start(Options { seed: args.seed, nodes: args.nodes, ..Options::new(Clock::real()) });
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let serving = cluster.serve(ServeOptions { address, node_ports: true }).await?;
    write_private(&path, serving.kubeconfig())?;
    let result = if args.command.is_empty() {
        println!("export KUBECONFIG={}", quoted(&path));
        std::io::stdout().flush()?;
        tokio::select! {
            () = serving.stopped() => Ok(Exit::Proved),
            () = terminated() => Ok(Exit::Interrupted),
        }
    } else {
        tokio::select! {
            result = run_command(&args.command, &path) => result,
            () = serving.stopped() => Ok(Exit::Proved),
            () = terminated() => Ok(Exit::Interrupted),
        }
    };
    // A kubeconfig that leads nowhere helps nobody; that it is gone already is fine.
    let _ = std::fs::remove_file(&path);
    serving.stop().await;
    cluster.stop().await;
    result
}

/// Ends with Ctrl-C or SIGTERM.
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

async fn run_command(command: &[String], kubeconfig: &Path) -> Result<Exit> {
    let (program, arguments) = command.split_first().ok_or_else(|| UsageError("no command".into()))?;
    let mut child = tokio::process::Command::new(program);
    child.args(arguments).env("KUBECONFIG", kubeconfig).kill_on_drop(true);
    let status = child.status().await.with_context(|| format!("cannot run {program}"))?;
    Ok(Exit::Kubectl(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

/// Starts this program once more, in the background, and waits for its line.
fn detach(args: &Start) -> Result<Exit> {
    let path = args.place.path()?;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["cluster", "start", "--kubeconfig"]).arg(&path);
    for (option, value) in
        [("--port", args.port.to_string()), ("--nodes", args.nodes.to_string()), ("--seed", args.seed.to_string())]
    {
        child.args([option, &value]);
    }
    // A group of its own: Ctrl-C in this terminal is not meant for it.
    child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = child.spawn().context("cannot start the cluster in the background")?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    if line.is_empty() {
        let mut text = String::new();
        if let Some(stderr) = child.stderr.take() {
            std::io::Read::read_to_string(&mut BufReader::new(stderr), &mut text)?;
        }
        let text = text.trim().trim_start_matches("error: ").to_owned();
        return Err(ClusterError::Unusable { cluster: "the embedded cluster".into(), reason: text }.into());
    }
    print!("{line}");
    Ok(Exit::Proved)
}

/// The file may be written: it is not there, or it is ours and of a cluster that has ended.
async fn check_free(path: &Path) -> Result<()> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(()) };
    let shown = path.display();
    if !text.contains(MARK) {
        bail!(UsageError(format!("{shown} is another cluster's kubeconfig; name another file with --kubeconfig")));
    }
    if version(path).await.is_ok() {
        let reason = format!("a cluster runs already, with {shown}; stop it with `kubectl-lesson cluster stop`");
        bail!(ClusterError::Unusable { cluster: "the embedded cluster".into(), reason });
    }
    Ok(())
}

async fn client(path: &Path) -> Result<kube::Client> {
    let wrong = |reason: String| ClusterError::Unusable { cluster: "the embedded cluster".into(), reason };
    let text = std::fs::read_to_string(path).ok().filter(|text| text.contains(MARK));
    let text = text.ok_or_else(|| wrong(format!("no cluster was started with {}", path.display())))?;
    let config = kube::config::Kubeconfig::from_yaml(&text)?;
    let mut config = kube::Config::from_custom_kubeconfig(config, &kube::config::KubeConfigOptions::default()).await?;
    config.connect_timeout = Some(STOP_TIMEOUT);
    Ok(kube::Client::try_from(config)?)
}

/// The version that the cluster's API answers with.
async fn version(path: &Path) -> Result<String> {
    let answer = client(path).await?.apiserver_version().await;
    let answer = answer.map_err(|error| ClusterError::Unusable {
        cluster: "the embedded cluster".into(),
        reason: format!("the cluster of {} does not answer: {error}", path.display()),
    })?;
    Ok(answer.git_version)
}

async fn stop(path: &Path) -> Result<Exit> {
    let client = client(path).await?;
    let request = http::Request::post(STOP_PATH).body(Vec::new())?;
    let answer = client.request_text(request).await;
    answer.map_err(|error| ClusterError::Unusable {
        cluster: "the embedded cluster".into(),
        reason: format!("the cluster of {} does not answer: {error}", path.display()),
    })?;
    let gone = async {
        while path.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(STOP_TIMEOUT, gone).await.context("the cluster takes its time to stop")?;
    Ok(Exit::Proved)
}

async fn status(path: &Path) -> Result<Exit> {
    let version = version(path).await?;
    println!("running, Kubernetes {version}\nexport KUBECONFIG={}", quoted(path));
    Ok(Exit::Proved)
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,=".contains(c);
    if text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Writes a file that only this user can read: it has a key in it.
fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let shown = path.display();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("cannot write {shown}"))
}
