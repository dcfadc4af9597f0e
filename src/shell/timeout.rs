//! `timeout DURATION COMMAND`: on tokio's clock, which may be virtual.

use super::Inner;
use super::output::Stream;
use super::program::{Invocation, Program};
use async_trait::async_trait;

/// coreutils: the exit code of a command that was ended because its time was up.
const TIMED_OUT: i32 = 124;
/// coreutils: `timeout` itself failed.
const FAILED: i32 = 125;

/// coreutils: `timeout [--preserve-status] [-s SIGNAL] [-k DURATION] DURATION COMMAND [ARG]...`.
pub(super) struct Timeout(pub Inner);

#[async_trait]
impl Program for Timeout {
    fn name(&self) -> &str {
        "timeout"
    }

    async fn run(&self, invocation: Invocation) -> i32 {
        let mut preserve = false;
        let mut words = invocation.args.iter();
        let duration = loop {
            match words.next().map(String::as_str) {
                Some("--preserve-status") => preserve = true,
                Some("--foreground" | "-v" | "--verbose") => {}
                Some("-s" | "--signal" | "-k" | "--kill-after") => drop(words.next()),
                Some(option) if option.starts_with('-') => {}
                duration => break duration,
            }
        };
        let Some(duration) = duration else {
            return complain(&invocation, "missing operand");
        };
        let Some(limit) = super::sleep::parse(duration) else {
            return complain(&invocation, &format!("invalid time interval '{duration}'"));
        };
        let command: Vec<String> = words.map(|word| super::quote(word)).collect();
        if command.is_empty() {
            return complain(&invocation, "missing operand");
        }
        let Some(mut interpreter) = self.0.interpreter(&invocation) else {
            return FAILED;
        };
        let command = command.join(" ");
        let run = interpreter.run(&command, None, &invocation.output);
        if limit.is_zero() {
            return run.await;
        }
        match tokio::time::timeout(limit, run).await {
            Ok(code) => code,
            // 128 + SIGTERM.
            Err(_) if preserve => 143,
            Err(_) => TIMED_OUT,
        }
    }
}

fn complain(invocation: &Invocation, problem: &str) -> i32 {
    let message = format!("timeout: {problem}\nTry 'timeout --help' for more information.\n");
    // A reader that left does not change the exit code.
    let _ = invocation.output.write(Stream::Stderr, message);
    FAILED
}
