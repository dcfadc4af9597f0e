//! Commands that stand together, and the output that the lesson shows for them: mutations once, reads again until they agree.

use super::conductor::{Choice, Moment};
use super::event::{Event, StreamKind};
use super::patience::{Next, Patience, Source};
use super::result::CommandResult;
use super::run::{NAMESPACE, Run, Stop};
use super::session::Session;
use crate::output::{Bindings, MatchContext, MatchResult, Printed, match_group};
use crate::plan::{Command, Effect, Expected, Group, Place, RunKind};
use crate::shell::{Attachment, Chunk, Finished, Stream, Transcript};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A command that never ends and whose output nobody compares is watched for this long.
const GLANCE: Duration = Duration::from_secs(2);

/// What a command did, the last time that it ran.
struct Done {
    text: String,
    exit_code: Option<i32>,
    transcript: Transcript,
    skipped: Option<String>,
    /// Whether what it printed was already shown to the conductor.
    shown: bool,
}

impl Run<'_> {
    /// Runs a group and appends a result for each of its commands.
    pub(super) async fn group(&mut self, group: &Group, results: &mut Vec<CommandResult>) -> Result<(), Stop> {
        if let Place::Session(id) = group.place {
            return self.type_group(id, group, results).await;
        }
        let mut done = Vec::new();
        for command in &group.commands {
            let text = self.bindings.resolve(&command.text);
            done.push(match self.before(command, &text, None).await? {
                Some(reason) => Done::skipped(text, reason),
                None => self.once(group, command, text).await?,
            });
        }
        let expected = group.expected.as_ref();
        let timeout = group.commands.iter().rev().find_map(|command| command.controls.timeout).unwrap_or(self.timeout);
        let repeatable = group.commands.iter().rposition(|command| !repeats(command)).map_or(0, |last| last + 1);
        let source =
            group.commands[repeatable..].iter().map(|command| Source::of(&command.text)).max_by_key(|s| *s as u8);
        let mut hopeless = String::new();
        {
            let observer = &self.observer;
            let mut patience = Patience::new(
                observer,
                NAMESPACE,
                source.unwrap_or(Source::Api),
                expected.map(|e| e.text.as_str()),
                timeout,
            );
            let mut final_try = false;
            loop {
                let agrees = judge(group, &done, &mut self.bindings.clone()).is_none();
                if agrees || repeatable == group.commands.len() || final_try {
                    break;
                }
                let seen = observer.count();
                let conductor = &mut self.conductor;
                match patience.next(seen, |what| conductor.event(&Event::Waiting(what))).await {
                    Next::Retry => {}
                    Next::GiveUp(why) => {
                        // what a watch has shown in the meantime counts
                        observer.catch_up().await?;
                        hopeless = why;
                        final_try = true;
                    }
                }
                for (command, done) in group.commands.iter().zip(&mut done).skip(repeatable) {
                    if done.skipped.is_none() {
                        // shells are made when the first command runs: they are there
                        let Place::Shell(number) = group.place else { continue };
                        let Some(shell) = self.shells.get(&number) else { continue };
                        let _ = command;
                        let finished = shell.run(&done.text).await;
                        *done = Done::of(std::mem::take(&mut done.text), finished);
                    }
                }
            }
        }
        for done in done.iter().filter(|done| !done.shown) {
            self.show(&done.transcript);
        }
        let names: Vec<String> = self.bindings.iter().map(|binding| binding.name.clone()).collect();
        let failure = judge(group, &done, &mut self.bindings);
        let last = done.len() - 1;
        let ran = done.iter().any(|done| done.skipped.is_none());
        for (index, (command, done)) in group.commands.iter().zip(done).enumerate() {
            let mut result = done.result(command);
            if index == last && ran {
                attach(&mut result, expected, failure.as_ref(), &hopeless);
                let new = self.bindings.iter().filter(|binding| !names.contains(&binding.name));
                result.bindings = new.map(|binding| (binding.name.clone(), binding.observed.clone())).collect();
            } else if let Some(Failure::Exit { index: at, reason }) = &failure
                && *at == index
            {
                result.succeeded = false;
                result.reason = Some(reason.clone());
                result.reason_line = command.line;
            }
            self.conductor.event(&Event::CommandFinished(&result));
            results.push(result);
        }
        Ok(())
    }

    /// Asks the conductor what to do about a command: a reason to skip it, or nothing where it shall be run. What the
    /// learner tries first is typed where the command would be: into the session, or into the shell.
    pub(super) async fn before(
        &mut self,
        command: &Command,
        text: &str,
        mut session: Option<&mut Session>,
    ) -> Result<Option<String>, Stop> {
        if let Some(reason) = &command.controls.skip {
            return Ok(Some(reason.clone()));
        }
        let name = session.as_ref().map(|session| session.name.clone());
        loop {
            match self.conductor.choose(Moment::Command { command, text, session: name.as_deref() }).await {
                Choice::Proceed => break,
                Choice::Skip => return Ok(Some("passed over".into())),
                Choice::Quit => return Err(Stop::Quit),
                Choice::Reset => return Err(Stop::Reset),
                Choice::Try(other) => match session.as_deref_mut() {
                    Some(session) => {
                        let answer = session.type_line(&other, self.timeout).await;
                        self.conductor.event(&Event::Output { stream: StreamKind::Stdout, text: &answer.text });
                    }
                    None => {
                        self.stream(0, other).await;
                    }
                },
            }
        }
        self.conductor.event(&Event::CommandStarted { line: command.line, text, session: name.as_deref() });
        Ok(None)
    }

    async fn once(&mut self, group: &Group, command: &Command, text: String) -> Result<Done, Stop> {
        let Place::Shell(number) = group.place else { return Ok(Done::skipped(text, "no shell".into())) };
        match &command.run {
            RunKind::Ends if repeats(command) => {
                let finished = self.shell(number).run(&text).await;
                Ok(Done::of(text, finished))
            }
            RunKind::Ends => Ok(self.stream(number, text).await),
            RunKind::Background => {
                let plain = text.trim_end().trim_end_matches('&').to_string();
                Ok(self.endless(number, plain, None, true).await)
            }
            RunKind::Endless => {
                let expected = group.expected.as_ref();
                Ok(self.endless(number, text, expected, stays(&command.text)).await)
            }
            // the editor of a lesson's shell is the learner; kubectl says what it makes of that
            RunKind::Edit { text: Some(_) } => Ok(self.stream(number, text).await),
            RunKind::Edit { text: None } => Ok(Done::skipped(text, "the lesson leaves the edit to the learner".into())),
        }
    }

    /// Runs a command once and shows what it prints as it comes.
    async fn stream(&mut self, number: u32, text: String) -> Done {
        let mut running = self.shell(number).start(&text, Attachment::Transcript);
        let mut transcript = Transcript::default();
        while let Some(chunk) = running.output.recv().await {
            self.show_chunk(&chunk);
            transcript.push(chunk);
        }
        let exit_code = Some(running.wait().await);
        Done { text, exit_code, transcript, skipped: None, shown: true }
    }

    /// A command that never ends: read until its output agrees, or nothing more is to be expected.
    async fn endless(&mut self, number: u32, text: String, expected: Option<&Expected>, stays: bool) -> Done {
        let fork = if stays { Some(self.shell(number).fork()) } else { None };
        let shell = match &fork {
            Some(fork) => fork,
            None => self.shell(number),
        };
        let mut running = shell.start(&text, Attachment::Transcript);
        let mut transcript = Transcript::default();
        let mut exit_code = None;
        let limit = if expected.is_some() { self.timeout } else { GLANCE };
        let deadline = Instant::now() + limit;
        loop {
            match timeout_at(deadline, running.output.recv()).await {
                Ok(Some(chunk)) => {
                    self.show_chunk(&chunk);
                    transcript.push(chunk);
                    let agrees = expected.is_some_and(|expected| {
                        let observed = [Observed::of(&text, &transcript)];
                        unify(expected, &observed, &mut self.bindings.clone()).matched
                    });
                    if agrees {
                        break;
                    }
                }
                Ok(None) => {
                    exit_code = Some(running.wait().await);
                    break;
                }
                Err(_) => break,
            }
        }
        if exit_code.is_none() {
            if stays {
                self.background.push(running);
            } else {
                running.interrupt();
            }
        }
        Done { text, exit_code, transcript, skipped: None, shown: true }
    }

    /// Shows what a command has printed.
    pub(super) fn show(&mut self, transcript: &Transcript) {
        for (stream, bytes) in transcript.pieces() {
            let text = String::from_utf8_lossy(bytes);
            self.conductor.event(&Event::Output { stream: stream_kind(stream), text: &text });
        }
    }

    fn show_chunk(&mut self, chunk: &Chunk) {
        let text = String::from_utf8_lossy(&chunk.bytes);
        self.conductor.event(&Event::Output { stream: stream_kind(chunk.stream), text: &text });
    }
}

impl Done {
    fn of(text: String, finished: Finished) -> Done {
        Done { text, exit_code: Some(finished.exit_code), transcript: finished.transcript, skipped: None, shown: false }
    }

    fn skipped(text: String, reason: String) -> Done {
        Done { text, exit_code: None, transcript: Transcript::default(), skipped: Some(reason), shown: true }
    }

    fn result(self, command: &Command) -> CommandResult {
        CommandResult {
            line: command.line,
            text: command.text.clone(),
            session: None,
            exit_code: self.exit_code,
            stdout: self.transcript.stdout(),
            stderr: self.transcript.stderr(),
            expected: None,
            expected_line: 0,
            matched: None,
            succeeded: true,
            reason: None,
            reason_line: 0,
            bindings: Default::default(),
            skipped: self.skipped,
        }
    }
}

/// What is wrong with a group.
enum Failure {
    /// The printed text is not the lesson's.
    Output(MatchResult),
    /// The command of this index failed.
    Exit { index: usize, reason: String },
}

/// What is wrong with what a group's commands did, if anything is. Binds what is volatile.
fn judge(group: &Group, done: &[Done], bindings: &mut Bindings) -> Option<Failure> {
    if done.iter().all(|done| done.skipped.is_some()) {
        return None;
    }
    let matched = group.expected.as_ref().map(|expected| {
        let ran = done.iter().filter(|done| done.skipped.is_none());
        let observed: Vec<Observed> = ran.map(|done| Observed::of(&done.text, &done.transcript)).collect();
        unify(expected, &observed, bindings)
    });
    let agrees = matched.as_ref().is_some_and(|result| result.matched);
    // a command that the lesson shows to fail has failed as it should
    let failed = group.commands.iter().zip(done).enumerate().find_map(|(index, (command, done))| {
        let code = done.exit_code?;
        let wrong = match command.controls.exit {
            Some(wanted) => code != wanted,
            None => code != 0 && !agrees && command.run == RunKind::Ends,
        };
        let wanted = command.controls.exit.unwrap_or(0);
        let said = done.transcript.combined();
        let said = said.trim_end().lines().last().unwrap_or_default().to_string();
        let reason = if said.is_empty() {
            format!("the command ended with exit code {code}, not {wanted}")
        } else {
            format!("the command ended with exit code {code}, not {wanted}: {said}")
        };
        wrong.then_some(Failure::Exit { index, reason })
    });
    match matched {
        Some(result) if !result.matched => Some(Failure::Output(result)),
        _ => failed,
    }
}

/// What a command printed, for the matcher.
pub(super) struct Observed {
    command: String,
    combined: String,
    stdout: String,
    stderr: String,
}

impl Observed {
    fn of(command: &str, transcript: &Transcript) -> Observed {
        let (stdout, stderr) = (transcript.stdout(), transcript.stderr());
        Observed { command: command.to_string(), combined: transcript.combined(), stdout, stderr }
    }

    /// What a terminal showed: one stream.
    pub(super) fn on_terminal(command: &str, text: &str) -> Observed {
        let (combined, stdout) = (text.to_string(), text.to_string());
        Observed { command: command.to_string(), combined, stdout, stderr: String::new() }
    }
}

pub(super) fn unify(expected: &Expected, observed: &[Observed], bindings: &mut Bindings) -> MatchResult {
    let printed: Vec<Printed<'_>> = observed
        .iter()
        .map(|seen| Printed {
            command: &seen.command,
            combined: &seen.combined,
            stdout: &seen.stdout,
            stderr: &seen.stderr,
        })
        .collect();
    let command = observed.last().map_or("", |seen| seen.command.as_str());
    let context = MatchContext { command, mode: expected.mode, similar: expected.similar };
    match_group(&expected.text, &printed, &context, bindings)
}

fn attach(result: &mut CommandResult, expected: Option<&Expected>, failure: Option<&Failure>, hopeless: &str) {
    if let Some(expected) = expected {
        result.expected = Some(expected.text.clone());
        result.expected_line = expected.line;
        result.matched = Some(!matches!(failure, Some(Failure::Output(_))));
    }
    match failure {
        None => {}
        Some(Failure::Output(outcome)) => set_mismatch(result, expected, outcome, hopeless),
        Some(Failure::Exit { reason, .. }) => {
            result.succeeded = false;
            result.reason = Some(with_cause(reason.clone(), hopeless));
            result.reason_line = result.line;
        }
    }
}

/// Says in a result where expected and observed text part, and why waiting did not help.
pub(super) fn set_mismatch(
    result: &mut CommandResult,
    expected: Option<&Expected>,
    outcome: &MatchResult,
    hopeless: &str,
) {
    let Some(mismatch) = &outcome.reason else { return };
    let first = expected.map_or(result.line, |expected| expected.line);
    result.reason = Some(with_cause(mismatch.why.clone(), hopeless));
    result.reason_line = first + mismatch.line.saturating_sub(1);
}

fn with_cause(reason: String, hopeless: &str) -> String {
    if hopeless.is_empty() { reason } else { format!("{reason}\n{hopeless}") }
}

/// The result of a command that was not run.
pub(super) fn skipped(command: &Command, reason: &str) -> CommandResult {
    Done::skipped(command.text.clone(), reason.to_string()).result(command)
}

/// Whether a command can be run again: it only reads, and ends.
fn repeats(command: &Command) -> bool {
    command.effect == Effect::Read && command.run == RunKind::Ends
}

/// Whether a command that never ends is of use to those after it.
fn stays(command: &str) -> bool {
    command.contains("port-forward") || command.contains("kubectl proxy")
}

fn stream_kind(stream: Stream) -> StreamKind {
    match stream {
        Stream::Stdout => StreamKind::Stdout,
        Stream::Stderr => StreamKind::Stderr,
    }
}
