//! `kubectl-lesson kubectl …`, and the binary called by the name `kubectl`: the host's terminal, files and clusters.

use super::exit::Exit;
use kubectl::clients::KubeconfigClients;
use kubectl::{Environment, HostFiles, HostNetwork, HostPrograms, Io, Sink, SystemClock};
use std::path::PathBuf;
use std::sync::Arc;

/// Runs a kubectl command line (without `kubectl` in front) on the process' streams.
pub fn run(args: Vec<String>) -> Exit {
    // building a runtime fails only when the machine has no file descriptors or memory left
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    Exit::Kubectl(u8::try_from(runtime.block_on(execute(args))).unwrap_or(1))
}

async fn execute(args: Vec<String>) -> i32 {
    let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let env = Environment {
        vars: Arc::new(std::env::vars().collect()),
        files: Arc::new(HostFiles { directory: directory.clone() }),
        programs: Arc::new(HostPrograms { directory }),
        clients: Arc::new(KubeconfigClients),
        clock: Arc::new(SystemClock),
        network: Arc::new(HostNetwork),
    };
    let io = Io {
        stdin: Box::new(super::stdin::stdin()),
        stdout: Sink::writer(std::io::stdout()),
        stderr: Sink::writer(std::io::stderr()),
        tty: super::terminal::terminal(),
    };
    kubectl::run(args, &env, io).await
}
