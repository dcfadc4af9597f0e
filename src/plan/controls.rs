//! The author's controls, given to the block or the step that they are about.

use super::model::Controls;
use crate::lesson::{self, Control, ControlWord};
use crate::output::MatchMode;
use std::time::Duration;

/// Controls that wait for the block that follows.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    pub(super) controls: Controls,
    pub(super) mode: Option<MatchMode>,
}

impl Pending {
    /// Adds the words of a control.
    pub(super) fn add(&mut self, control: &Control) {
        for word in &control.words {
            let value = word.value.as_deref();
            match word.key.as_str() {
                "skip" => self.controls.skip = Some(reason(control)),
                "timeout" => self.controls.timeout = value.and_then(lesson::duration),
                "exit" => self.controls.exit = value.and_then(|value| value.parse().ok()),
                "interactive" => self.controls.interactive = true,
                "requires" => self.controls.requires.extend(features(word)),
                "hint" => self.controls.hint = word.value.clone(),
                "match" => self.mode = value.and_then(mode),
                _ => {}
            }
        }
    }
}

/// Controls of a step.
#[derive(Debug, Clone, Default)]
pub(super) struct StepControls {
    pub(super) name: Option<String>,
    pub(super) setup: bool,
    pub(super) cleanup: bool,
    pub(super) skip: Option<String>,
    pub(super) timeout: Option<Duration>,
    pub(super) requires: Vec<String>,
}

impl StepControls {
    /// Whether the control says something that only a step can have.
    pub(super) fn is_only_for_steps(control: &Control) -> bool {
        control.words.iter().any(|word| matches!(word.key.as_str(), "name" | "setup" | "cleanup"))
    }

    /// What the controls together say.
    pub(super) fn of(controls: &[&Control]) -> StepControls {
        let mut step = StepControls::default();
        for control in controls {
            for word in &control.words {
                match word.key.as_str() {
                    "name" => step.name = word.value.clone(),
                    "setup" => step.setup = true,
                    "cleanup" => step.cleanup = true,
                    "skip" => step.skip = Some(reason(control)),
                    "timeout" => step.timeout = word.value.as_deref().and_then(lesson::duration),
                    "requires" => step.requires.extend(features(word)),
                    _ => {}
                }
            }
        }
        step
    }
}

fn features(word: &ControlWord) -> impl Iterator<Item = String> {
    let value = word.value.clone().unwrap_or_default();
    value
        .split(',')
        .map(|feature| feature.trim().to_string())
        .filter(|feature| !feature.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

fn reason(control: &Control) -> String {
    let given = control.words.iter().find(|word| word.key == "reason").and_then(|word| word.value.clone());
    given.unwrap_or_else(|| "the lesson says so".to_string())
}

fn mode(value: &str) -> Option<MatchMode> {
    Some(match value {
        "auto" => MatchMode::Auto,
        "exact" => MatchMode::Exact,
        "subset" => MatchMode::Subset,
        "contains" => MatchMode::Contains,
        "regex" => MatchMode::Regex,
        "unordered" => MatchMode::Unordered,
        _ => return None,
    })
}
