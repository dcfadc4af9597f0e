//! What is typed into a session: opening it, its lines, its end.

use super::event::{Event, StreamKind};
use super::group::{Observed, set_mismatch, unify};
use super::patience::{Next, Patience, Source};
use super::result::CommandResult;
use super::run::{NAMESPACE, Run, Stop};
use super::session::Session;
use crate::diff;
use crate::plan::{CloseSession, Effect, Group, OpenSession, SessionId};
use crate::shell::{Attachment, TerminalSize};
use std::time::Duration;

/// How long a program may think before the cluster is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Wide enough that no line of a lesson is broken.
const TERMINAL: TerminalSize = TerminalSize { width: 250, height: 50 };

impl Run<'_> {
    /// Opens a session. False where it was skipped or did not open; the result says why.
    pub(super) async fn open_session(
        &mut self,
        open: &OpenSession,
        results: &mut Vec<CommandResult>,
    ) -> Result<bool, Stop> {
        let text = self.bindings.resolve(&open.command.text);
        if let Some(reason) = self.before(&open.command, &text, None).await? {
            results.push(super::group::skipped(&open.command, &reason));
            return Ok(false);
        }
        let running = self.shell(open.shell).start(&text, Attachment::Terminal(TERMINAL));
        let mut session = Session::new(running, session_name(&text));
        let mut result = super::group::skipped(&open.command, "");
        result.skipped = None;
        let deadline = tokio::time::Instant::now() + self.timeout;
        let opened = loop {
            if let Some(answer) = session.ready(LOOK).await {
                result.stdout = answer.text;
                if answer.ended {
                    result.exit_code = session.exit_code();
                    result.reason = Some("the session ended before anything was typed into it".into());
                }
                break !answer.ended;
            }
            let snapshot = self.observer.snapshot();
            let doom = diff::doomed(&snapshot, Some(NAMESPACE)).map(|doom| doom.to_string());
            let late = tokio::time::Instant::now() >= deadline;
            if doom.is_some() || late {
                let why = doom.unwrap_or_else(|| format!("no prompt after {} s", self.timeout.as_secs()));
                result.stdout = session.abandon().await;
                result.reason = Some(why);
                break false;
            }
            if let diff::Settled::Waiting(what) = diff::settled_snapshot(&snapshot, Some(NAMESPACE)) {
                self.conductor.event(&Event::Waiting(&what.join(", ")));
            }
        };
        if !opened {
            result.succeeded = false;
            result.reason_line = open.command.line;
        }
        self.conductor.event(&Event::Output { stream: StreamKind::Stdout, text: &result.stdout });
        if let (Some(expected), true) = (&open.expected, opened) {
            let outcome = unify(expected, &[Observed::on_terminal(&text, &result.stdout)], &mut self.bindings);
            result.expected = Some(expected.text.clone());
            result.expected_line = expected.line;
            result.matched = Some(outcome.matched);
            set_mismatch(&mut result, Some(expected), &outcome, "");
        }
        self.conductor.event(&Event::CommandFinished(&result));
        results.push(result);
        if opened {
            self.sessions.insert(open.id, session);
        }
        Ok(opened)
    }

    /// Types a group's lines into a session and compares what it shows.
    pub(super) async fn type_group(
        &mut self,
        id: SessionId,
        group: &Group,
        results: &mut Vec<CommandResult>,
    ) -> Result<(), Stop> {
        let expected = group.expected.as_ref();
        let Some(mut session) = self.sessions.remove(&id) else {
            for command in &group.commands {
                results.push(super::group::skipped(command, "the session did not open"));
            }
            return Ok(());
        };
        let name = session.name.clone();
        let mut answers: Vec<(String, String)> = Vec::new();
        let mut skipped: Vec<Option<String>> = Vec::new();
        for command in &group.commands {
            let text = self.bindings.resolve(&command.text);
            let reason = self.before(command, &text, Some(&mut session)).await?;
            let answer = match reason {
                Some(_) => String::new(),
                None => session.type_line(&text, self.timeout).await.text,
            };
            skipped.push(reason);
            answers.push((text, answer));
        }
        let repeatable = group.commands.iter().all(|command| command.effect == Effect::Read);
        let mut hopeless = String::new();
        if let Some(expected) = expected.filter(|_| skipped.iter().all(Option::is_none)) {
            let mut patience =
                Patience::new(&self.observer, NAMESPACE, Source::Container, Some(&expected.text), self.timeout);
            loop {
                let observed: Vec<Observed> = answers.iter().map(|(c, a)| Observed::on_terminal(c, a)).collect();
                if !repeatable || unify(expected, &observed, &mut self.bindings.clone()).matched {
                    break;
                }
                let seen = self.observer.count();
                let conductor = &mut self.conductor;
                match patience.next(seen, |what| conductor.event(&Event::Waiting(what))).await {
                    Next::Retry => {}
                    Next::GiveUp(why) => {
                        hopeless = why;
                        break;
                    }
                }
                for (text, answer) in &mut answers {
                    *answer = session.type_line(text, self.timeout).await.text;
                }
            }
        }
        for (_, answer) in &answers {
            self.conductor.event(&Event::Output { stream: StreamKind::Stdout, text: answer });
        }
        let names: Vec<String> = self.bindings.iter().map(|binding| binding.name.clone()).collect();
        let observed: Vec<Observed> = answers.iter().map(|(c, a)| Observed::on_terminal(c, a)).collect();
        let outcome = expected.map(|expected| unify(expected, &observed, &mut self.bindings));
        let last = group.commands.len() - 1;
        for (index, (command, (_, answer))) in group.commands.iter().zip(&answers).enumerate() {
            let mut result = super::group::skipped(command, "");
            result.skipped = skipped[index].clone();
            result.session = Some(name.clone());
            result.stdout = answer.clone();
            if let (true, Some(expected), Some(outcome), None) = (index == last, expected, &outcome, &skipped[index]) {
                result.expected = Some(expected.text.clone());
                result.expected_line = expected.line;
                result.matched = Some(outcome.matched);
                set_mismatch(&mut result, Some(expected), outcome, &hopeless);
                let new = self.bindings.iter().filter(|binding| !names.contains(&binding.name));
                result.bindings = new.map(|binding| (binding.name.clone(), binding.observed.clone())).collect();
            }
            self.conductor.event(&Event::CommandFinished(&result));
            results.push(result);
        }
        self.sessions.insert(id, session);
        Ok(())
    }

    /// Ends a session; what its command says at the end, and its exit code, belong to the result of its opening.
    pub(super) async fn close_session(&mut self, close: &CloseSession, opened: Option<&mut CommandResult>) {
        let Some(mut session) = self.sessions.remove(&close.id) else { return };
        let shown = session.close().await;
        self.conductor.event(&Event::Output { stream: StreamKind::Stdout, text: &shown });
        let Some(result) = opened else { return };
        result.exit_code = session.exit_code();
        if let Some(expected) = &close.expected {
            let outcome = unify(expected, &[Observed::on_terminal(&result.text, &shown)], &mut self.bindings);
            result.expected = Some(expected.text.clone());
            result.matched = Some(outcome.matched && result.matched != Some(false));
            set_mismatch(result, Some(expected), &outcome, "");
        }
        result.stdout.push_str(&shown);
    }
}

/// What a session is called in reports: the Pod that `kubectl run NAME`, `exec NAME` or `attach NAME` names.
fn session_name(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().take_while(|word| *word != "--").collect();
    let after_verb = words.iter().skip_while(|word| !["run", "exec", "attach", "debug"].contains(word)).skip(1);
    let mut name = after_verb.filter(|word| !word.starts_with('-'));
    name.next().map_or_else(|| command.to_string(), |name| (*name).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_called_by_its_pod() {
        assert_eq!(session_name("kubectl run curl --image=curlimages/curl -it --rm -- sh"), "curl");
        assert_eq!(session_name("kubectl exec -it web-0 -- bash"), "web-0");
    }
}
