//! The binary: parses arguments, dispatches, maps the error to an exit code.

fn main() {}
