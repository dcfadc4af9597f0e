//! The binary: parses arguments, dispatches, maps the error to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    kubectl_lesson::cli::main(std::env::args().collect())
}
