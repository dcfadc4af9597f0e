//! `watch COMMAND`: runs a command again and again; here, where there is no screen to repaint, one frame after the other.

use super::Inner;
use super::output::Stream;
use super::program::{Invocation, Program};
use async_trait::async_trait;
use std::time::Duration;

/// procps: `watch [-n SECONDS] [-t] [-g] [-x] COMMAND`.
pub(super) struct Watch(pub Inner);

struct Options {
    interval: Duration,
    title: bool,
    until_change: bool,
    command: Vec<String>,
}

/// Options end at the first word that is none.
fn parse(args: &[String]) -> Result<Options, String> {
    let mut options =
        Options { interval: Duration::from_secs(2), title: true, until_change: false, command: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let seconds = match arg.as_str() {
            "-n" | "--interval" => Some(args.next().ok_or("watch: option requires an argument -- 'n'")?.as_str()),
            "-t" | "--no-title" => {
                options.title = false;
                None
            }
            "-g" | "--chgexit" => {
                options.until_change = true;
                None
            }
            "-x" | "--exec" | "-d" | "--differences" | "-c" | "--color" => None,
            other => match other.strip_prefix("--interval=").or_else(|| other.strip_prefix("-n")) {
                Some(seconds) => Some(seconds),
                None if other.starts_with('-') => {
                    return Err(format!("watch: unrecognized option '{other}'"));
                }
                None => {
                    options.command = std::iter::once(arg).chain(args).cloned().collect();
                    return Ok(options);
                }
            },
        };
        if let Some(seconds) = seconds {
            let value: f64 = seconds.parse().map_err(|_| format!("watch: failed to parse argument: '{seconds}'"))?;
            // procps: a tenth of a second is the shortest interval.
            options.interval = Duration::from_secs_f64(value.clamp(0.1, 1e9));
        }
    }
    Err("watch: no command specified".into())
}

#[async_trait]
impl Program for Watch {
    fn name(&self) -> &str {
        "watch"
    }

    async fn run(&self, invocation: Invocation) -> i32 {
        let options = match parse(&invocation.args) {
            Ok(options) => options,
            Err(message) => {
                // A reader that left does not change the exit code.
                let _ = invocation.output.write(Stream::Stderr, format!("{message}\n"));
                return 1;
            }
        };
        let Some(mut interpreter) = self.0.interpreter(&invocation) else {
            return 1;
        };
        let command = options.command.join(" ");
        let title = format!("Every {:.1}s: {command}\n\n", options.interval.as_secs_f64());
        let mut previous = None;
        loop {
            if options.title && invocation.output.write(Stream::Stdout, title.clone()).is_err() {
                return 0;
            }
            let (output, mut pieces) = super::Output::channel();
            let mut frame = super::Transcript::default();
            interpreter.run(&command, None, &output).await;
            drop(output);
            while let Some(chunk) = pieces.recv().await {
                if invocation.output.write(chunk.stream, chunk.bytes.clone()).is_err() {
                    return 0;
                }
                frame.push(chunk);
            }
            if options.until_change && previous.as_ref().is_some_and(|previous| *previous != frame) {
                return 0;
            }
            previous = Some(frame);
            tokio::time::sleep(options.interval).await;
        }
    }
}
