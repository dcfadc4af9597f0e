//! The engine as a process of its own, quick to build: for upstream's command-line suite and for comparing by hand.
//!
//! ```sh
//! cargo build -p kubectl --example kubectl && target/debug/examples/kubectl version --client
//! ```
//! The product's binary does the same under the name `kubectl`, and knows terminals.

use kubectl::clients::KubeconfigClients;
use kubectl::{Environment, HostFiles, HostNetwork, HostPrograms, Io, Sink, SystemClock};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let directory = std::env::current_dir()?;
    let env = Environment {
        vars: Arc::new(std::env::vars().collect()),
        files: Arc::new(HostFiles { directory: directory.clone() }),
        programs: Arc::new(HostPrograms { directory }),
        clients: Arc::new(KubeconfigClients),
        clock: Arc::new(SystemClock),
        network: Arc::new(HostNetwork),
    };
    let io = Io {
        stdin: Box::new(tokio::io::stdin()),
        stdout: Sink::writer(std::io::stdout()),
        stderr: Sink::writer(std::io::stderr()),
        tty: None,
    };
    let code = kubectl::run(std::env::args().skip(1).collect(), &env, io).await;
    // A read of standard input that is under way would hold the runtime back.
    std::process::exit(code)
}
