//! Sections into steps.

use super::controls::{Pending, StepControls};
use super::model::*;
use super::step::StepBuilder;
use crate::lesson::{self, ClaimSection, Control, Item, Lesson, LineIndex, Problem, Reporter, Section, SectionKind};

/// Plans a lesson: what is run, in which order, typed into what, and what the page shows for it.
/// What the page does not make clear comes back as problems beside the plan.
pub fn plan(lesson: &Lesson) -> (Plan, Vec<Problem>) {
    let lines = LineIndex::new(&lesson.source);
    let reporter = Reporter { file: &lesson.file, lines: &lines };
    let mut planner = Planner { reporter, steps: Vec::new(), sessions: Sessions::default(), problems: Vec::new() };
    let mut carried: Vec<&Control> = Vec::new();
    for section in &lesson.sections {
        let mut controls = std::mem::take(&mut carried);
        controls.extend(leading_controls(section));
        carried = trailing_controls(section);
        if is_step(section) {
            planner.section(section, StepControls::of(&controls));
        }
    }
    planner.end_sessions();
    let (mut steps, mut problems) = (planner.steps, planner.problems);
    name_steps(&mut steps, &mut problems, &reporter);
    for step in &steps {
        let judged =
            step.claims.iter().find(|claim| matches!(claim.section, ClaimSection::Changed | ClaimSection::Unchanged));
        if let (Some(claim), false) = (judged, step.runs()) {
            let message = format!("\"{}\" claims a change, and its step runs no command", claim.text);
            problems.push(reporter.problem(
                "L007",
                claim.span,
                message,
                Some("put it below the commands that it is about".into()),
            ));
        }
    }
    if !steps.iter().any(Step::runs) && !lesson.source.trim().is_empty() {
        let help = "put commands into fences: ```shell".to_string();
        problems.push(reporter.problem("L014", lines.span_of_line(1), "the lesson has nothing to run", Some(help)));
    }
    problems.sort_by_key(|problem| (problem.span.start, problem.code.clone()));
    let plan = Plan {
        title: lesson.title.clone(),
        steps,
        requires: lesson.front_matter.list("requires"),
        assumptions: claims_of(lesson, ClaimSection::Assumption),
        timeout: lesson.front_matter.get("timeout").and_then(lesson::duration),
    };
    (plan, problems)
}

fn claims_of(lesson: &Lesson, wanted: ClaimSection) -> Vec<lesson::ClaimText> {
    lesson.sections.iter().flat_map(Section::claims).filter(|claim| claim.section == wanted).cloned().collect()
}

/// Whether a section is done, not only read.
fn is_step(section: &Section) -> bool {
    let by_kind = matches!(
        section.kind,
        SectionKind::InitialState
            | SectionKind::Step
            | SectionKind::CleanUp
            | SectionKind::Exercise
            | SectionKind::Solution
    );
    let claims = section.claims().any(|claim| claim.section != ClaimSection::Assumption);
    by_kind || claims || lesson::has_commands(section)
}

/// Controls that stand before everything else in their section.
fn leading_controls(section: &Section) -> Vec<&Control> {
    let leading: Vec<&Control> = section
        .items
        .iter()
        .map_while(|item| if let Item::Control(control) = item { Some(control) } else { None })
        .collect();
    let before_block = matches!(section.items.get(leading.len()), Some(Item::Block(_)));
    let all = leading.len() == section.items.len();
    leading.into_iter().filter(|control| !all && (!before_block || StepControls::is_only_for_steps(control))).collect()
}

/// Controls that nothing follows in their section: they stand before the next heading.
fn trailing_controls(section: &Section) -> Vec<&Control> {
    section
        .items
        .iter()
        .rev()
        .map_while(|item| if let Item::Control(control) = item { Some(control) } else { None })
        .collect()
}

struct Planner<'a> {
    reporter: Reporter<'a>,
    steps: Vec<Step>,
    sessions: Sessions,
    problems: Vec<Problem>,
}

/// The sessions of the plan so far.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    last: u32,
    /// The one that is open, and the shell that it was opened from.
    pub(super) open: Option<(SessionId, u32)>,
    /// A sentence has just closed one: an `exit` that follows is that one.
    pub(super) just_left: bool,
}

impl Sessions {
    /// Opens the next one from `shell`.
    pub(super) fn open(&mut self, shell: u32) -> SessionId {
        self.last += 1;
        let id = SessionId(self.last);
        self.open = Some((id, shell));
        id
    }
}

impl Planner<'_> {
    fn section(&mut self, section: &Section, controls: StepControls) {
        let merged = self.belongs_to_last(section);
        let step = if merged { self.steps.pop() } else { None };
        if step.is_none() && self.sessions.open.is_some() && !StepBuilder::goes_on_inside(section) {
            self.end_sessions();
        }
        let step = step.unwrap_or_else(|| Step {
            id: String::new(),
            kind: kind(section, &controls),
            heading: section.heading.clone(),
            level: section.level,
            line: section.line,
            span: section.span,
            actions: Vec::new(),
            claims: Vec::new(),
            cel: Vec::new(),
            skip: None,
            timeout: None,
        });
        let mut builder = StepBuilder::new(step, &mut self.sessions, &self.reporter, &mut self.problems);
        builder.controls(controls);
        builder.section(section, Pending::default());
        self.steps.push(builder.finish());
    }

    /// A heading below a numbered step is a part of it.
    fn belongs_to_last(&self, section: &Section) -> bool {
        let Some(last) = self.steps.last() else {
            return false;
        };
        let part = matches!(section.kind, SectionKind::Step | SectionKind::Other);
        part && lesson::is_numbered(&last.heading)
            && !lesson::is_numbered(&section.heading)
            && last.level < section.level
    }

    /// Ends the session that is open, at the end of the last step.
    fn end_sessions(&mut self) {
        let Some((id, _)) = self.sessions.open.take() else {
            return;
        };
        let Some(step) = self.steps.last_mut() else { return };
        let line = self.reporter.lines.line(step.span.end.saturating_sub(1));
        step.actions.push(Action::CloseSession(CloseSession {
            id,
            reason: CloseReason::StepEnd,
            line,
            expected: None,
        }));
    }
}

fn kind(section: &Section, controls: &StepControls) -> StepKind {
    if controls.setup {
        return StepKind::Initial;
    }
    if controls.cleanup {
        return StepKind::CleanUp;
    }
    match section.kind {
        SectionKind::InitialState => StepKind::Initial,
        SectionKind::CleanUp => StepKind::CleanUp,
        SectionKind::Exercise => StepKind::Exercise,
        SectionKind::Solution | SectionKind::Hint => StepKind::Solution,
        _ => StepKind::Step,
    }
}

/// Gives every step a name of its own: from its control, or from its heading.
fn name_steps(steps: &mut [Step], problems: &mut Vec<Problem>, reporter: &Reporter<'_>) {
    let mut seen = std::collections::HashSet::new();
    for step in steps {
        let named = !step.id.is_empty();
        let name = if named { step.id.clone() } else { slug(&step.heading) };
        if named && seen.contains(&name) {
            let message = format!("another step has the name `{name}`");
            problems.push(reporter.problem(
                "L015",
                reporter.lines.span_of_line(step.line),
                message,
                Some("give it another one".into()),
            ));
        }
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        // The numbers never end, so one of them is free.
        step.id = std::iter::once(name.clone()).chain(numbered).find(|name| !seen.contains(name)).unwrap_or_default();
        seen.insert(step.id.clone());
    }
}

fn slug(heading: &str) -> String {
    let words: Vec<String> =
        heading.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    if words.is_empty() { "step".to_string() } else { words.join("-") }
}
