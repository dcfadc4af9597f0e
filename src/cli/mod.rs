//! The command line: one file a subcommand. Names, options and exit codes are API.

mod check;
mod cleanup;
mod cluster;
pub mod exit;
mod inputs;
mod kubectl;
mod lint;
mod list;
mod options;
mod page;
mod run;
mod session;
mod stdin;
mod terminal;
mod theory;
mod verify;

use clap::{CommandFactory, Parser, Subcommand};
use exit::Exit;
use std::process::ExitCode;

/// Runs Kubernetes lessons and proves what they say, on any cluster or on none.
#[derive(Debug, Parser)]
#[command(name = "kubectl-lesson", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 all proved, 1 something refuted, 2 usage, 3 a lesson not understood, \
    4 no usable cluster, 130 interrupted.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a lesson step by step, with you
    Run(run::Args),
    /// Proves or refutes every output and every sentence of lessons
    Verify(verify::Args),
    /// The embedded cluster on a loopback socket: start, stop, status
    Cluster(cluster::Args),
    /// Is the cluster, as it stands, in the state that a step ends in? Changes nothing
    Check(check::Args),
    /// Shows what there is to read of a lesson before it is run
    Theory(theory::Args),
    /// Lists the lessons of a folder
    List(list::Args),
    /// Says what is wrong with lessons, without running them
    Lint(lint::Args),
    /// The program's own kubectl, with kubectl's own arguments and exit codes
    #[command(disable_help_flag = true)]
    Kubectl {
        /// As kubectl takes them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    Cleanup(cleanup::Args),
    /// Prints a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs the program with these arguments, the first of which is its name. Called `kubectl`, it is kubectl.
pub fn main(args: Vec<String>) -> ExitCode {
    let called = args.first().map(std::path::Path::new).and_then(|program| program.file_stem());
    if called.is_some_and(|name| name == "kubectl") {
        return kubectl::run(args[1..].to_vec()).into();
    }
    if args.get(1).is_some_and(|word| word == "kubectl") {
        return kubectl::run(args[2..].to_vec()).into();
    }
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            // help and version are no errors; where they cannot be printed there is nobody to tell
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Proved.into() };
        }
    };
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Cluster(args) => cluster::run(&args),
        Command::Theory(args) => theory::run(&args),
        Command::List(args) => list::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Kubectl { args } => Ok(kubectl::run(args)),
        Command::Cleanup(args) => cleanup::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "kubectl-lesson", &mut std::io::stdout());
            Ok(Exit::Proved)
        }
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            exit::of_error(&error).into()
        }
    }
}
