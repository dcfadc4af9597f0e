//! The binary: parses arguments, dispatches, maps the error to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args();
    let program = args.next().unwrap_or_default();
    let mut args: Vec<String> = args.collect();
    let called_kubectl = std::path::Path::new(&program).file_stem().is_some_and(|name| name == "kubectl");
    if !called_kubectl && args.first().is_none_or(|word| word != "kubectl") {
        eprintln!("kubectl-lesson: the only subcommand so far is kubectl");
        return ExitCode::from(2);
    }
    if !called_kubectl {
        args.remove(0);
    }
    exit(block_on(kubectl_lesson::cli::kubectl::main(args)))
}

/// Runs to the end on this thread.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    // Building a runtime fails only when the machine has no file descriptors or memory left.
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

fn exit(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
