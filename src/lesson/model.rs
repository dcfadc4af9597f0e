//! The parsed lesson: sections in the order of the page, each with its prose, blocks and claims.

use super::Span;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A lesson as its markdown says it. Nothing is interpreted beyond the page: what to run and when is the plan's.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Where it was read from, as named by the caller.
    pub file: PathBuf,
    /// The whole text; all spans index it.
    pub source: String,
    /// `key: value` lines at the top.
    pub front_matter: FrontMatter,
    /// From the front matter, or the first heading, or the file's name.
    pub title: String,
    /// Every section in the order of the page; the text before the first heading is a section with an empty heading.
    pub sections: Vec<Section>,
}

impl Lesson {
    /// The sections of one kind, in order.
    pub fn sections_of(&self, kind: SectionKind) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(move |section| section.kind == kind)
    }

    /// The words of the lesson's blocks: names and values that may stand in its sentences without backticks.
    pub fn words(&self) -> BTreeSet<String> {
        let blocks = self.sections.iter().flat_map(|section| section.blocks());
        let texts = blocks.filter(|block| block.kind != BlockKind::Display).map(|block| block.text.as_str());
        let split =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | '{' | '}' | '[' | ']' | '(' | ')');
        let words = texts.flat_map(|text| text.split(split)).flat_map(|word| {
            let trimmed = word.trim_matches([':', ';', '.']);
            let parts = trimmed.rsplit('/').next().filter(|part| *part != trimmed);
            [Some(trimmed), parts].into_iter().flatten()
        });
        words.filter(|word| !word.is_empty()).map(str::to_string).collect()
    }

    /// The sections that hold what a learner does, in order: those of kind [`SectionKind::Step`].
    pub fn steps(&self) -> impl Iterator<Item = &Section> {
        self.sections_of(SectionKind::Step)
    }
}

/// The lines between `---` and the closing dashes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrontMatter {
    /// From the opening dashes to the end of the closing ones; empty where there is none.
    pub span: Span,
    /// Top-level keys in order. Unknown keys are kept.
    pub entries: Vec<FrontMatterEntry>,
}

/// A key of the front matter with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatterEntry {
    /// The key as written.
    pub key: String,
    /// The rest of the line, trimmed and unquoted.
    pub value: String,
    /// Continuation lines: nested keys, list items.
    pub children: Vec<FrontMatterEntry>,
    /// Line number, from 1.
    pub line: usize,
    /// The line's bytes.
    pub span: Span,
}

impl FrontMatter {
    /// The value of the top-level `key`, if it is there.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
    }

    /// The values of `key`: list items below it, or its own value split at commas.
    pub fn list(&self, key: &str) -> Vec<String> {
        let Some(entry) = self.entries.iter().find(|entry| entry.key == key) else {
            return Vec::new();
        };
        if !entry.children.is_empty() {
            return entry.children.iter().map(|child| child.value.clone()).collect();
        }
        let value = entry.value.trim_start_matches('[').trim_end_matches(']');
        value.split(',').map(|item| item.trim().to_string()).filter(|item| !item.is_empty()).collect()
    }
}

/// What a section is for; decided by its heading (synonyms: `data/headings.yaml`) and by what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// Text to read before anything is run.
    Theory,
    /// What has to be there before: checked where checkable, listed where not.
    Assumptions,
    /// The state that the first step starts from.
    InitialState,
    /// Something to do: "Step 2: …", or any heading with commands below it.
    Step,
    /// Removes what the lesson made.
    CleanUp,
    /// What to remember.
    KeyObservation,
    /// For the learner to do alone.
    Exercise,
    /// Help for an exercise.
    Hint,
    /// The answer of an exercise.
    Solution,
    /// Nothing of the above: introductions, headings that only group others, links.
    Other,
}

/// A heading and all up to the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What it is for.
    pub kind: SectionKind,
    /// The heading's text without markup; empty for the text before the first heading.
    pub heading: String,
    /// 1 to 6; 0 for the text before the first heading.
    pub level: u8,
    /// Line of the heading (or of the first text), from 1.
    pub line: usize,
    /// From the heading to the next one.
    pub span: Span,
    /// What stands in it, in order.
    pub items: Vec<Item>,
}

impl Section {
    /// The section's code blocks, in order.
    pub fn blocks(&self) -> impl DoubleEndedIterator<Item = &Block> {
        self.items.iter().filter_map(|item| if let Item::Block(block) = item { Some(block) } else { None })
    }

    /// The section's claims, in order.
    pub fn claims(&self) -> impl Iterator<Item = &ClaimText> {
        self.items.iter().filter_map(|item| if let Item::Claim(claim) = item { Some(claim) } else { None })
    }
}

/// One thing in a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A paragraph, a list item, a quote, a table.
    Prose(Prose),
    /// A fence or an indented code block.
    Block(Block),
    /// A bullet under "What changed:" or "What did not change:", or a sentence of the initial state.
    Claim(ClaimText),
    /// `<!-- lesson: … -->`.
    Control(Control),
    /// `{{% code_sample file="pods/x.yaml" %}}`: a file that stands beside the page.
    Sample(Sample),
}

/// Running text.
#[derive(Debug, Clone, PartialEq)]
pub struct Prose {
    /// Paragraph, bullet, …
    pub kind: ProseKind,
    /// The text as markdown, shortcodes resolved, without bullets and quote marks; lines joined by `\n` as in the page.
    pub text: String,
    /// Line of its first character, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
}

/// The form of running text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProseKind {
    /// A paragraph.
    Paragraph,
    /// A bullet at this depth, from 0.
    Bullet(u8),
    /// A numbered item at this depth, from 0, with its number.
    Numbered(u8, u64),
    /// A line of a quote or of a note.
    Quote,
    /// A table, as written.
    Table,
}

/// A code block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// What it is, decided by its info string, its first line and its surroundings.
    pub kind: BlockKind,
    /// The info string as written; `None` for an indented code block.
    pub info: Option<String>,
    /// Its text without the fence and without the indentation of what surrounds it; every line ends with `\n`.
    pub text: String,
    /// Line of its first line of text (not of the fence), from 1.
    pub line: usize,
    /// The bytes of the whole block, fence included.
    pub span: Span,
}

/// What a code block is.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// Commands, and outputs where the block mixes both.
    Console(Vec<Entry>),
    /// The output of the commands before it.
    Output,
    /// A file's content, with its name where one was found nearby.
    File {
        /// Relative path, as the page has it.
        name: Option<String>,
    },
    /// Lines for an interactive program that is not a shell (SQL, redis).
    Query,
    /// An expression over `before`, `after`, `changes`, `events` that must be true.
    Cel,
    /// Something to look at.
    Display,
}

/// A command or an output in a console block.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Which of the two.
    pub kind: EntryKind,
    /// A command without its prompt (continuation lines, heredocs, quotes over several lines kept: one logical command),
    /// without a final line end; or the output's lines, each with `\n`.
    pub text: String,
    /// Line of its first character, from 1.
    pub line: usize,
    /// Its bytes, from the first character to the last (prompts of continuation lines included).
    pub span: Span,
}

/// Which part of a console block an [`Entry`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// What the learner types, and the prompt that stood before it (`$`, `/ #`, `mysql>`).
    Command {
        /// The prompt without spaces around it, if there was one.
        prompt: Option<String>,
    },
    /// What is printed.
    Output,
}

/// A sentence that has to be proved.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimText {
    /// Which heading it stands under.
    pub section: ClaimSection,
    /// The sentence, on one line; backticks kept, other markup removed.
    pub text: String,
    /// Line of its first character, from 1.
    pub line: usize,
    /// Column of its first character, in bytes, from 1.
    pub column: usize,
    /// Its bytes.
    pub span: Span,
}

/// What a claim is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimSection {
    /// "What changed:": false before the step, true after it (or it happened in between).
    Changed,
    /// "What did not change:": true before, after and at every moment in between.
    Unchanged,
    /// "Initial state": true before the first command.
    Initial,
    /// "Assume:", "Before you begin": checked where it is understood, listed where it is not.
    Assumption,
}

/// An author's control, from `<!-- lesson: skip reason="…" timeout=90s -->`.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// The words in order: `skip`, `reason="…"`, `timeout=90s`.
    pub words: Vec<ControlWord>,
    /// Line, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
}

/// A word of a control.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlWord {
    /// `timeout`.
    pub key: String,
    /// `90s`, unquoted; `None` for a bare word.
    pub value: Option<String>,
    /// Its bytes.
    pub span: Span,
}

/// A file beside the page that the page shows by a shortcode.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The path as written in `file="…"`, relative to the site's examples.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Its bytes.
    pub span: Span,
}
