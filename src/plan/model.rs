//! The plan: steps with ordered actions, ready for a runner.

use crate::lesson::{ClaimText, Span};
use crate::output::MatchMode;
use std::time::Duration;

/// What to do to run a lesson, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The lesson's title.
    pub title: String,
    /// Steps in the order of the page. The initial state is the first one where the page has it.
    pub steps: Vec<Step>,
    /// What the lesson needs of a cluster: `requires` of front matter and controls (`metrics-server`, `nodes=3`).
    pub requires: Vec<String>,
    /// Assumptions of the page, for a person to read.
    pub assumptions: Vec<ClaimText>,
    /// `timeout` of the front matter: for a step that has none of its own.
    pub timeout: Option<Duration>,
}

/// What a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// The state before the first step: its commands are run and its claims are of kind initial.
    Initial,
    /// A step of the lesson.
    Step,
    /// Removes what the lesson made: run at the end, its failures do not refute.
    CleanUp,
    /// For the learner to do: shown, not run.
    Exercise,
    /// The answer of an exercise: run after it.
    Solution,
}

/// A step: actions in order, then claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Stable name: the control `name=…`, or the heading in lower case with dashes; unique in the plan.
    pub id: String,
    /// What it is for.
    pub kind: StepKind,
    /// The heading's text.
    pub heading: String,
    /// Level of the heading, 1 to 6; 0 for the text before the first heading.
    pub level: u8,
    /// Line of the heading, from 1.
    pub line: usize,
    /// The section's bytes, those of the headings below it included.
    pub span: Span,
    /// In the order of the page.
    pub actions: Vec<Action>,
    /// Bullets of "What changed" and "What did not change", sentences of the initial state.
    pub claims: Vec<ClaimText>,
    /// Expressions that must be true after the step.
    pub cel: Vec<CelClaim>,
    /// Why it is not run, where a control says so.
    pub skip: Option<String>,
    /// How long its waits may take, where a control says so.
    pub timeout: Option<Duration>,
}

impl Step {
    /// Whether the step runs anything.
    pub fn runs(&self) -> bool {
        self.actions.iter().any(|action| matches!(action, Action::Run(_) | Action::OpenSession(_)))
    }

    /// All commands of the step in order, those that open sessions among them.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.actions.iter().flat_map(|action| match action {
            Action::Run(group) => group.commands.as_slice(),
            Action::OpenSession(open) => std::slice::from_ref(&open.command),
            _ => &[],
        })
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Shows text to the learner (markdown). `verify` passes over it.
    Say(Say),
    /// Runs commands, one after the other, and compares what they print.
    Run(Group),
    /// Opens an interactive session by its command; what follows with this session's id is typed into it.
    OpenSession(OpenSession),
    /// Ends a session.
    CloseSession(CloseSession),
    /// Puts a file into the learner's folder.
    WriteFile(WriteFile),
}

/// Running text between the commands.
#[derive(Debug, Clone, PartialEq)]
pub struct Say {
    /// Markdown.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
}

/// Where commands are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The learner's shell; 0 is the first, "in another terminal" opens 1.
    Shell(u32),
    /// The session with this id.
    Session(SessionId),
}

/// Number of a session in the plan, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u32);

/// Commands that stand together, and the output that the page shows for them: run all of them, then compare once.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Where they are typed.
    pub place: Place,
    /// At least one.
    pub commands: Vec<Command>,
    /// What the page shows, if it does.
    pub expected: Option<Expected>,
}

/// One logical command line: continuations, heredocs and pipes kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What is typed, without prompt and final line end.
    pub text: String,
    /// Line of its first character, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
    /// How it ends.
    pub run: RunKind,
    /// Whether it can be repeated until the output agrees.
    pub effect: Effect,
    /// The author's controls on it.
    pub controls: Controls,
}

/// How a command ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunKind {
    /// By itself.
    Ends,
    /// Never: `-w`, `logs -f`, `port-forward`, `proxy`, `top`. It is interrupted when its expected output has been seen
    /// or the cluster has settled; a proxy or port-forward stays up to the end of the step.
    Endless,
    /// It is sent to the background with `&`.
    Background,
    /// It opens an editor (`kubectl edit`).
    Edit {
        /// The new text, or the changed part of it, from the YAML fence that follows; `None`: a task for the learner.
        text: Option<String>,
    },
}

/// What a command does to the cluster, by its verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Only reads (`kubectl get`, `curl`): repeated until its output unifies or the time is up.
    Read,
    /// Changes something, or nobody knows: run once.
    Mutate,
}

/// The author's controls on a command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Controls {
    /// Not run, with the reason.
    pub skip: Option<String>,
    /// How long to wait for the output.
    pub timeout: Option<Duration>,
    /// The exit code that it must end with; `None`: 0, or not 0 where the expected output is an error.
    pub exit: Option<i32>,
    /// The learner types it (`interactive`); `verify` skips it.
    pub interactive: bool,
    /// Cluster features without which it is skipped.
    pub requires: Vec<String>,
    /// Text shown when the learner asks for help.
    pub hint: Option<String>,
}

/// What the page shows as output.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Every line ends with `\n`.
    pub text: String,
    /// Line of its first line, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
    /// How it is compared.
    pub mode: MatchMode,
    /// The page says "similar to this": fewer literals bind.
    pub similar: bool,
}

/// Opens a session.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenSession {
    /// Its number.
    pub id: SessionId,
    /// The shell that it is typed into.
    pub shell: u32,
    /// `kubectl run -it … -- sh`.
    pub command: Command,
    /// What the page shows after it (a banner, a prompt), if it does.
    pub expected: Option<Expected>,
}

/// Ends a session.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseSession {
    /// Its number.
    pub id: SessionId,
    /// What says so.
    pub reason: CloseReason,
    /// Line of that, from 1.
    pub line: usize,
    /// What the page shows after the end, if it does.
    pub expected: Option<Expected>,
}

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// "Exit the Pod."
    Sentence,
    /// The learner types `exit`.
    Command,
    /// A command that belongs to the learner's own shell follows.
    OwnCommand,
    /// The step is over.
    StepEnd,
}

/// Puts a file into the learner's folder.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteFile {
    /// Relative path.
    pub name: String,
    /// Where its text is.
    pub content: FileContent,
    /// Line, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
}

/// A file's text.
#[derive(Debug, Clone, PartialEq)]
pub enum FileContent {
    /// In the page.
    Inline(String),
    /// In the examples beside the page: the path of `code_sample file="…"`.
    Sample(String),
}

/// A ```cel fence.
#[derive(Debug, Clone, PartialEq)]
pub struct CelClaim {
    /// The expression.
    pub expression: String,
    /// Line, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
}
