//! A learner in front of a terminal: sees prose, commands, outputs and verdicts; presses Enter, types, asks.

use super::keys::{Keys, Line};
use crate::lesson::{Prose, ProseKind, Span};
use crate::report::prose::Prosaist;
use crate::report::style::Style;
use crate::runner::{Choice, ClaimResult, CommandResult, Conductor, Event, Moment, StepResult, Verdict};
use async_trait::async_trait;
use std::io::Write;

const HELP: &str = "  Enter   run the command that is shown
  next    pass over it
  hint    what to do
  state   what is in the cluster now
  reset   start the lesson again, from an empty cluster
  quit    leave; what the lesson made is removed
  Anything else is typed into the shell: try what you like, then press Enter to go on.
";

/// Shows a run to a learner and asks.
pub struct Learner {
    prosaist: Prosaist,
    style: Style,
    /// `None`: nobody is asked, the lesson plays by itself.
    keys: Option<Keys>,
    waiting: bool,
    at_line_start: bool,
}

impl Learner {
    /// A learner who is asked through `keys`; none: the lesson plays by itself.
    pub fn new(prosaist: Prosaist, keys: Option<Keys>) -> Learner {
        Learner { prosaist, style: prosaist.style, keys, waiting: false, at_line_start: true }
    }

    fn print(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.waiting) {
            print!("\r\x1b[K");
        }
        self.at_line_start = text.ends_with('\n');
        print!("{text}");
        // a terminal that is gone ends the run by its own signal
        let _ = std::io::stdout().flush();
    }

    fn line(&mut self, text: &str) {
        if !self.at_line_start {
            self.print("\n");
        }
        self.print(&format!("{text}\n"));
    }

    fn wait(&mut self, what: &str) {
        if self.style != Style::plain() {
            let shown: String = what.chars().take(90).collect();
            print!("\r\x1b[K{}", self.style.dim(format!("  … waiting for {shown}")));
            let _ = std::io::stdout().flush();
            self.waiting = true;
        }
    }

    fn command(&mut self, result: &CommandResult) {
        let style = self.style;
        if let Some(reason) = &result.skipped {
            self.line(&style.dim(format!("  not run: {reason}")));
        } else if result.verdict() == Verdict::Refuted {
            let reason = result.reason.as_deref().unwrap_or("it failed");
            self.line(&format!("  {} line {}: {reason}", style.bad("✗"), result.reason_line));
        } else if result.matched == Some(true) {
            self.line(&style.good("  ✓ as the lesson says"));
        }
    }

    fn claim(&mut self, claim: &ClaimResult) {
        let style = self.style;
        let heading = match claim.section {
            "changed" => "changed: ",
            "unchanged" => "unchanged: ",
            _ => "",
        };
        match claim.verdict {
            Verdict::Proved => self.line(&format!("  {} {heading}{}", style.good("✓"), claim.text)),
            Verdict::Refuted | Verdict::Error => {
                self.line(&format!("  {} {heading}{}\n      {}", style.bad("✗"), claim.text, claim.reason));
            }
            Verdict::NotUnderstood => {
                self.line(&format!("  {} {heading}{}\n      {}", style.warn("?"), claim.text, claim.reason));
            }
        }
    }

    fn step_end(&mut self, step: &StepResult) {
        if step.verdict == Verdict::Refuted {
            self.line(&self.style.bad("  This step did not go as the lesson says."));
        }
    }

    async fn ask(&mut self, prompt: &str) -> Line {
        let Some(mut keys) = self.keys.take() else { return Line::Text(String::new()) };
        let prompt = prompt.to_string();
        let read = tokio::task::spawn_blocking(move || {
            let line = keys.read(&prompt);
            (keys, line)
        });
        match read.await {
            Ok((keys, line)) => {
                self.keys = Some(keys);
                self.at_line_start = true;
                line
            }
            Err(_) => Line::End,
        }
    }
}

#[async_trait]
impl Conductor for Learner {
    fn event(&mut self, event: &Event<'_>) {
        let style = self.style;
        match event {
            Event::Preparing(what) => self.wait(what),
            Event::LessonStarted { .. } | Event::LessonFinished(_) => {}
            Event::StepStarted { step, .. } => self.line(&format!("\n{}\n", style.bold(&step.heading))),
            Event::Prose(text) => {
                let paragraph =
                    Prose { kind: ProseKind::Paragraph, text: (*text).to_string(), line: 0, span: Span::default() };
                let text = self.prosaist.prose(&paragraph);
                self.line(&format!("\n{}", text.trim_end()));
            }
            Event::CommandStarted { text, session, .. } => {
                if self.keys.is_none() {
                    let prompt = session.map_or("$".to_string(), |session| format!("{session} $"));
                    self.line(&format!("\n{} {}", style.dim(prompt), style.command(text)));
                }
            }
            Event::Output { text, .. } => self.print(text),
            Event::Waiting(what) => self.wait(what),
            Event::CommandFinished(result) => self.command(result),
            Event::ClaimJudged(claim) => self.claim(claim),
            Event::Unlisted(changes) => {
                for change in *changes {
                    let what = format!("  also {}: {}", change.change, change.object);
                    self.line(&style.warn(what));
                }
            }
            Event::StepFinished(step) => self.step_end(step),
        }
    }

    async fn choose(&mut self, moment: Moment<'_>) -> Choice {
        if self.keys.is_none() {
            return Choice::Proceed;
        }
        let Moment::Command { command, text, session } = moment else { return Choice::Proceed };
        let style = self.style;
        loop {
            self.line(&format!("\n  {}", style.command(text.replace('\n', "\n  "))));
            let prompt = session.map_or("lesson".to_string(), |session| format!("lesson ({session})"));
            let line = match self.ask(&prompt).await {
                Line::Text(line) => line,
                Line::Interrupt | Line::End => return Choice::Quit,
            };
            match line.trim() {
                "" => return Choice::Proceed,
                "next" => return Choice::Skip,
                "quit" | "exit" if session.is_none() => return Choice::Quit,
                "quit" => return Choice::Quit,
                "reset" => return Choice::Reset,
                "state" => return Choice::Try("kubectl get all,configmaps,secrets".into()),
                "help" | "?" => self.line(HELP),
                "hint" => {
                    let hint = command.controls.hint.clone();
                    self.line(&format!("  {}", hint.unwrap_or_else(|| format!("press Enter, or type: {text}"))));
                }
                typed if same_command(typed, text) => return Choice::Proceed,
                typed => return Choice::Try(typed.to_string()),
            }
        }
    }
}

/// Whether a line is the lesson's command but for spaces.
fn same_command(typed: &str, command: &str) -> bool {
    typed.split_whitespace().eq(command.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_do_not_make_another_command() {
        assert!(same_command("kubectl  get svc ", "kubectl get svc"));
        assert!(!same_command("kubectl get svc -A", "kubectl get svc"));
    }
}
