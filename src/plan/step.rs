//! The items of a section into the actions of a step.

use super::build::Sessions;
use super::command::{Nature, nature};
use super::controls::{Pending, StepControls};
use super::model::*;
use crate::lesson::{
    Block, BlockKind, Entry, EntryKind, Item, PHRASES, Phrase, Problem, Prose, Reporter, Sample, Section,
    is_program_prompt,
};

/// Builds one step.
pub(super) struct StepBuilder<'a> {
    step: Step,
    sessions: &'a mut Sessions,
    reporter: &'a Reporter<'a>,
    problems: &'a mut Vec<Problem>,
    requires: Vec<String>,
    shell: u32,
    /// What the sentences since the last block say about the next one.
    intro: Intro,
}

#[derive(Debug, Clone, Copy, Default)]
struct Intro {
    inside: bool,
    own: bool,
    similar: bool,
}

impl<'a> StepBuilder<'a> {
    pub(super) fn new(
        step: Step,
        sessions: &'a mut Sessions,
        reporter: &'a Reporter<'a>,
        problems: &'a mut Vec<Problem>,
    ) -> StepBuilder<'a> {
        StepBuilder { step, sessions, reporter, problems, requires: Vec::new(), shell: 0, intro: Intro::default() }
    }

    pub(super) fn controls(&mut self, controls: StepControls) {
        if let Some(name) = controls.name {
            self.step.id = name;
        }
        self.step.skip = controls.skip.or(self.step.skip.take());
        self.step.timeout = controls.timeout.or(self.step.timeout);
        self.requires = controls.requires;
    }

    pub(super) fn finish(self) -> Step {
        self.step
    }

    /// Whether what is typed first in `section` goes into a session that an earlier step opened.
    pub(super) fn goes_on_inside(section: &Section) -> bool {
        let mut inside = false;
        for item in &section.items {
            match item {
                Item::Prose(prose) => {
                    inside |= PHRASES.says(Phrase::Inside, &prose.text) || PHRASES.says(Phrase::Leave, &prose.text)
                }
                Item::Block(Block { kind: BlockKind::Console(entries), .. }) => {
                    let first = entries.iter().find(|entry| entry.kind != EntryKind::Output);
                    let own = first.is_some_and(|entry| nature(&entry.text).own);
                    let leaves = first.is_some_and(|entry| nature(&entry.text).leaves);
                    return !own && (inside || leaves || first.is_some_and(is_inner_prompt));
                }
                Item::Block(Block { kind: BlockKind::Query, .. }) => return true,
                _ => {}
            }
        }
        inside
    }

    pub(super) fn section(&mut self, section: &Section, mut pending: Pending) {
        self.step.span.end = self.step.span.end.max(section.span.end);
        let leading = section.items.iter().take_while(|item| matches!(item, Item::Control(_))).count();
        let before_block = matches!(section.items.get(leading), Some(Item::Block(_)));
        for (index, item) in section.items.iter().enumerate() {
            match item {
                Item::Control(control) if index >= leading || before_block => pending.add(control),
                Item::Control(_) => {}
                Item::Prose(prose) => self.prose(prose),
                Item::Claim(claim) => {
                    if claim.section != crate::lesson::ClaimSection::Assumption {
                        self.step.claims.push(claim.clone());
                    }
                }
                Item::Sample(sample) => self.sample(sample),
                Item::Block(block) => {
                    self.block(block, std::mem::take(&mut pending));
                    self.intro = Intro::default();
                }
            }
        }
    }

    fn prose(&mut self, prose: &Prose) {
        let text = &prose.text;
        self.intro.inside |= PHRASES.says(Phrase::Inside, text);
        self.intro.own |= PHRASES.says(Phrase::OwnShell, text);
        self.intro.similar = PHRASES.says(Phrase::Similar, text);
        if PHRASES.says(Phrase::OtherTerminal, text) {
            self.shell = 1;
            self.intro.own = true;
        } else if PHRASES.says(Phrase::FirstTerminal, text) {
            self.shell = 0;
        }
        let say = Say { text: text.clone(), line: prose.line, span: prose.span };
        self.step.actions.push(Action::Say(say));
        if self.sessions.open.is_some() && PHRASES.says(Phrase::Leave, text) {
            self.close(CloseReason::Sentence, prose.line);
            self.sessions.just_left = true;
            self.intro.inside = false;
        }
    }

    fn sample(&mut self, sample: &Sample) {
        let name = sample.path.rsplit('/').next().unwrap_or(&sample.path).to_string();
        let content = FileContent::Sample(sample.path.clone());
        self.step.actions.push(Action::WriteFile(WriteFile { name, content, line: sample.line, span: sample.span }));
    }

    fn block(&mut self, block: &Block, pending: Pending) {
        match &block.kind {
            BlockKind::Console(entries) => self.console(entries, &pending),
            BlockKind::Output => {
                let expected = Expected {
                    text: block.text.clone(),
                    line: block.line,
                    span: block.span,
                    mode: pending.mode.unwrap_or_default(),
                    similar: self.intro.similar,
                };
                if !self.expect(expected, pending.mode.is_some()) && block.info.as_deref() == Some("output") {
                    let help = "put it behind the command that prints it".to_string();
                    self.problems.push(self.reporter.problem(
                        "L010",
                        block.span,
                        "no command stands before this output",
                        Some(help),
                    ));
                }
            }
            BlockKind::File { name: Some(name) } => {
                let content = FileContent::Inline(block.text.clone());
                let file = WriteFile { name: name.clone(), content, line: block.line, span: block.span };
                self.step.actions.push(Action::WriteFile(file));
            }
            BlockKind::File { name: None } => self.edited(&block.text),
            BlockKind::Query => self.query(block, &pending),
            BlockKind::Cel => {
                let expression = block.text.trim().to_string();
                self.step.cel.push(CelClaim { expression, line: block.line, span: block.span });
            }
            BlockKind::Display => {}
        }
    }

    /// A file without a name after `kubectl edit` is its new text; the output may follow it.
    fn edited(&mut self, text: &str) {
        if let Some(Action::Run(group)) = self.last_action()
            && let Some(Command { run: RunKind::Edit { text: new }, .. }) = group.commands.last_mut()
            && new.is_none()
        {
            *new = Some(text.to_string());
        }
    }

    /// The last action that is not text.
    fn last_action(&mut self) -> Option<&mut Action> {
        self.step.actions.iter_mut().rev().find(|action| !matches!(action, Action::Say(_)))
    }

    /// Gives an output to the commands before it; false where none wait for one.
    fn expect(&mut self, expected: Expected, told: bool) -> bool {
        let slot = match self.last_action() {
            Some(Action::Run(group)) => &mut group.expected,
            Some(Action::OpenSession(open)) => &mut open.expected,
            Some(Action::CloseSession(close)) => &mut close.expected,
            _ => return false,
        };
        match slot {
            // The control stood before the command.
            Some(waiting) if waiting.text.is_empty() => {
                let mode = if told { expected.mode } else { waiting.mode };
                *waiting = Expected { mode, ..expected };
                true
            }
            Some(_) => false,
            None => {
                *slot = Some(expected);
                true
            }
        }
    }

    fn console(&mut self, entries: &[Entry], pending: &Pending) {
        let mut group: Option<Group> = None;
        let last = entries.iter().rposition(|entry| entry.kind != EntryKind::Output);
        for (index, entry) in entries.iter().enumerate() {
            let EntryKind::Command { prompt } = &entry.kind else {
                self.end_group(group.take());
                let mode = pending.mode.unwrap_or_default();
                let text = entry.text.clone();
                self.expect(
                    Expected { text, line: entry.line, span: entry.span, mode, similar: self.intro.similar },
                    true,
                );
                continue;
            };
            let nature = nature(&entry.text);
            let place = self.place(entry, &nature, index > 0);
            if group.as_ref().is_some_and(|group| group.place != place) {
                self.end_group(group.take());
            }
            if nature.leaves && !prompt.as_deref().is_some_and(is_own_prompt) {
                self.end_group(group.take());
                match place {
                    Place::Session(_) => self.close(CloseReason::Command, entry.line),
                    // The session has ended already, or never was one: a learner's own shell stays open.
                    Place::Shell(_) => self.sessions.just_left = false,
                }
                continue;
            }
            let command = self.command(entry, &nature, pending, last == Some(index));
            match place {
                Place::Shell(shell) if nature.opens => {
                    self.end_group(group.take());
                    let id = self.sessions.open(shell);
                    self.step.actions.push(Action::OpenSession(OpenSession { id, shell, command, expected: None }));
                }
                _ => group
                    .get_or_insert_with(|| Group { place, commands: Vec::new(), expected: None })
                    .commands
                    .push(command),
            }
        }
        if let (Some(group), Some(mode)) = (&mut group, pending.mode) {
            // The mode waits for the output block that follows.
            let line = group.commands.last().map_or(0, |command| command.line);
            group.expected =
                Some(Expected { text: String::new(), line, span: Default::default(), mode, similar: false });
        }
        self.end_group(group);
    }

    fn end_group(&mut self, group: Option<Group>) {
        if let Some(group) = group.filter(|group| !group.commands.is_empty()) {
            self.step.actions.push(Action::Run(group));
        }
    }

    /// Where a command is typed; ends the session that it does not belong to.
    fn place(&mut self, entry: &Entry, nature: &Nature, within_block: bool) -> Place {
        let Some((id, from)) = self.sessions.open else {
            return Place::Shell(self.shell);
        };
        if is_inner_prompt(entry) {
            return Place::Session(id);
        }
        if self.intro.own && !within_block || self.shell != from {
            return Place::Shell(self.shell);
        }
        if nature.own && !self.intro.inside {
            self.close(CloseReason::OwnCommand, entry.line);
            return Place::Shell(self.shell);
        }
        Place::Session(id)
    }

    fn command(&self, entry: &Entry, nature: &Nature, pending: &Pending, last: bool) -> Command {
        let mut controls = pending.controls.clone();
        controls.exit = controls.exit.filter(|_| last);
        controls.requires.extend(self.requires.iter().cloned());
        Command {
            text: entry.text.clone(),
            line: entry.line,
            span: entry.span,
            run: nature.run.clone(),
            effect: nature.effect,
            controls,
        }
    }

    /// Lines for an interactive program, typed into the session that is open.
    fn query(&mut self, block: &Block, pending: &Pending) {
        let Some((id, _)) = self.sessions.open else { return };
        let info = block.info.as_deref().unwrap_or_default().to_lowercase();
        let statements: Vec<(usize, String)> = if info.starts_with("redis") {
            let lines = block.text.lines().enumerate();
            lines.filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| (at, line.trim().to_string())).collect()
        } else {
            vec![(0, block.text.trim().to_string())]
        };
        let command = |(at, text): (usize, String)| Command {
            text,
            line: block.line + at,
            span: block.span,
            run: RunKind::Ends,
            effect: Effect::Mutate,
            controls: pending.controls.clone(),
        };
        let commands = statements.into_iter().map(command).collect();
        self.end_group(Some(Group { place: Place::Session(id), commands, expected: None }));
    }

    fn close(&mut self, reason: CloseReason, line: usize) {
        if let Some((id, _)) = self.sessions.open.take() {
            self.step.actions.push(Action::CloseSession(CloseSession { id, reason, line, expected: None }));
        }
    }
}

/// A prompt that only stands inside of a container or a program.
fn is_inner_prompt(entry: &Entry) -> bool {
    let EntryKind::Command { prompt: Some(prompt) } = &entry.kind else {
        return false;
    };
    is_program_prompt(prompt)
        || prompt.contains("root@")
        || prompt.starts_with('/')
        || prompt.starts_with("sh-")
        || prompt.starts_with("bash-")
}

/// A prompt of a node or of the learner's machine.
fn is_own_prompt(prompt: &str) -> bool {
    prompt.starts_with("PS ") || prompt.starts_with("node")
}
