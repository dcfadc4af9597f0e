//! The word lists and patterns of `data/`, read once.

use super::model::SectionKind;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

/// Reads a data file that is part of the program.
fn data<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> T {
    // The files are compiled in, and the tests of this module read each of them.
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("src/lesson/data/{name}: {error}"))
}

fn patterns(sources: &[String], anchored: bool) -> Vec<Regex> {
    let build = |source: &String| {
        let source = if anchored { format!(r"\A(?:{source})") } else { source.clone() };
        // Compiled-in data; the tests of this module compile every pattern.
        RegexBuilder::new(&source)
            .case_insensitive(!anchored)
            .build()
            .unwrap_or_else(|error| panic!("{source}: {error}"))
    };
    sources.iter().map(build).collect()
}

/// `headings.yaml`.
#[derive(Deserialize)]
pub(super) struct Headings {
    theory: Vec<String>,
    assumptions: Vec<String>,
    initial_state: Vec<String>,
    clean_up: Vec<String>,
    key_observation: Vec<String>,
    exercise: Vec<String>,
    hint: Vec<String>,
    solution: Vec<String>,
    other: Vec<String>,
    changed: Vec<String>,
    unchanged: Vec<String>,
}

/// Whether a heading in its plain form is one of `entries`.
fn names(entries: &[String], heading: &str) -> bool {
    entries.iter().any(|entry| match entry.strip_suffix('…') {
        Some(beginning) => heading.strip_prefix(beginning).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)),
        None => heading == entry,
    })
}

impl Headings {
    /// The kind that `heading` (plain form) says, if it says one.
    pub(super) fn kind(&self, heading: &str) -> Option<SectionKind> {
        let table = [
            (&self.other, SectionKind::Other),
            (&self.theory, SectionKind::Theory),
            (&self.assumptions, SectionKind::Assumptions),
            (&self.initial_state, SectionKind::InitialState),
            (&self.clean_up, SectionKind::CleanUp),
            (&self.key_observation, SectionKind::KeyObservation),
            (&self.exercise, SectionKind::Exercise),
            (&self.hint, SectionKind::Hint),
            (&self.solution, SectionKind::Solution),
        ];
        table.into_iter().find(|(entries, _)| names(entries, heading)).map(|(_, kind)| kind)
    }

    /// Whether `line` (plain form) begins claims of what changed.
    pub(super) fn is_changed(&self, line: &str) -> bool {
        names(&self.changed, line)
    }

    /// Whether `line` (plain form) begins claims of what did not change.
    pub(super) fn is_unchanged(&self, line: &str) -> bool {
        names(&self.unchanged, line)
    }

    /// Whether `line` (plain form) begins assumptions.
    pub(super) fn is_assumptions(&self, line: &str) -> bool {
        names(&self.assumptions, line)
    }
}

pub(super) static HEADINGS: LazyLock<Headings> =
    LazyLock::new(|| data("headings.yaml", include_str!("data/headings.yaml")));

/// `commands.yaml`.
#[derive(Deserialize)]
pub(super) struct CommandWords {
    pub(super) strong: HashSet<String>,
    pub(super) weak: HashSet<String>,
    pub(super) prefixes: HashSet<String>,
}

pub(super) static COMMANDS: LazyLock<CommandWords> =
    LazyLock::new(|| data("commands.yaml", include_str!("data/commands.yaml")));

/// `fences.yaml`.
#[derive(Deserialize)]
pub(super) struct Fences {
    pub(super) commands: HashSet<String>,
    pub(super) output: HashSet<String>,
    pub(super) file: HashSet<String>,
    pub(super) query: HashSet<String>,
    pub(super) cel: HashSet<String>,
    pub(super) display: HashSet<String>,
}

pub(super) static FENCES: LazyLock<Fences> = LazyLock::new(|| data("fences.yaml", include_str!("data/fences.yaml")));

#[derive(Deserialize)]
struct PhraseSources {
    output_follows: Vec<String>,
    similar: Vec<String>,
    inside: Vec<String>,
    leave: Vec<String>,
    own_shell: Vec<String>,
    other_terminal: Vec<String>,
    first_terminal: Vec<String>,
    file_named: Vec<String>,
    imperative: Vec<String>,
    run_inline: Vec<String>,
}

/// `phrases.yaml`: what sentences around a block say about it.
pub(crate) struct Phrases {
    output_follows: Vec<Regex>,
    similar: Vec<Regex>,
    inside: Vec<Regex>,
    leave: Vec<Regex>,
    own_shell: Vec<Regex>,
    other_terminal: Vec<Regex>,
    first_terminal: Vec<Regex>,
    file_named: Vec<Regex>,
    imperative: Vec<Regex>,
    run_inline: Vec<Regex>,
}

/// What a sentence can say about the block that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phrase {
    OutputFollows,
    Similar,
    Inside,
    Leave,
    OwnShell,
    OtherTerminal,
    FirstTerminal,
    FileNamed,
    Imperative,
    RunInline,
}

impl Phrases {
    /// Whether `text` says `phrase`.
    pub(crate) fn says(&self, phrase: Phrase, text: &str) -> bool {
        let list = match phrase {
            Phrase::OutputFollows => &self.output_follows,
            Phrase::Similar => &self.similar,
            Phrase::Inside => &self.inside,
            Phrase::Leave => &self.leave,
            Phrase::OwnShell => &self.own_shell,
            Phrase::OtherTerminal => &self.other_terminal,
            Phrase::FirstTerminal => &self.first_terminal,
            Phrase::FileNamed => &self.file_named,
            Phrase::Imperative => &self.imperative,
            Phrase::RunInline => &self.run_inline,
        };
        list.iter().any(|pattern| pattern.is_match(text))
    }
}

pub(crate) static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let sources: PhraseSources = data("phrases.yaml", include_str!("data/phrases.yaml"));
    Phrases {
        output_follows: patterns(&sources.output_follows, false),
        similar: patterns(&sources.similar, false),
        inside: patterns(&sources.inside, false),
        leave: patterns(&sources.leave, false),
        own_shell: patterns(&sources.own_shell, false),
        other_terminal: patterns(&sources.other_terminal, false),
        first_terminal: patterns(&sources.first_terminal, false),
        file_named: patterns(&sources.file_named, false),
        imperative: patterns(&sources.imperative, false),
        run_inline: patterns(&sources.run_inline, false),
    }
});

#[derive(Deserialize)]
struct PromptSources {
    shell: Vec<String>,
    program: Vec<String>,
    root: Vec<String>,
}

/// `prompts.yaml`.
pub(super) struct Prompts {
    pub(super) shell: Vec<Regex>,
    pub(super) program: Vec<Regex>,
    pub(super) root: Vec<Regex>,
}

pub(super) static PROMPTS: LazyLock<Prompts> = LazyLock::new(|| {
    let sources: PromptSources = data("prompts.yaml", include_str!("data/prompts.yaml"));
    Prompts {
        shell: patterns(&sources.shell, true),
        program: patterns(&sources.program, true),
        root: patterns(&sources.root, true),
    }
});

/// What stands for a shortcode in plain text (`shortcodes.yaml`).
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ShortcodeRule {
    pub(super) text: Vec<String>,
    pub(super) value: BTreeMap<String, String>,
    pub(super) sample: Option<String>,
    pub(super) mark: bool,
    pub(super) drop: bool,
    pub(super) tab: bool,
    pub(super) tabs: bool,
}

pub(super) static SHORTCODES: LazyLock<BTreeMap<String, ShortcodeRule>> =
    LazyLock::new(|| data("shortcodes.yaml", include_str!("data/shortcodes.yaml")));

/// What value a control takes (`controls.yaml`).
#[derive(Deserialize)]
pub(super) struct ControlRule {
    pub(super) value: Vec<String>,
}

pub(super) static CONTROLS: LazyLock<BTreeMap<String, ControlRule>> =
    LazyLock::new(|| data("controls.yaml", include_str!("data/controls.yaml")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_file_reads_and_every_pattern_compiles() {
        LazyLock::force(&HEADINGS);
        LazyLock::force(&COMMANDS);
        LazyLock::force(&FENCES);
        LazyLock::force(&PHRASES);
        LazyLock::force(&PROMPTS);
        LazyLock::force(&SHORTCODES);
        LazyLock::force(&CONTROLS);
    }

    #[test]
    fn headings_match_wholly_or_by_their_beginning() {
        assert_eq!(HEADINGS.kind("short theory"), Some(SectionKind::Theory));
        assert_eq!(HEADINGS.kind("cleaning up the cluster"), Some(SectionKind::CleanUp));
        assert_eq!(HEADINGS.kind("cleaning upstream"), None);
        assert!(HEADINGS.is_unchanged("what did not change"));
        assert!(!HEADINGS.is_changed("what did not change"));
    }
}
