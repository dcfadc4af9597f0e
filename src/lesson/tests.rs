//! The parser on whole pages.

use super::*;
use crate::testing;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;

/// A lesson as text, to be read in a diff.
fn shown(lesson: &Lesson) -> String {
    let mut text = format!("title: {}\n", lesson.title);
    for entry in &lesson.front_matter.entries {
        let children: Vec<_> = entry.children.iter().map(|child| format!("{}={}", child.key, child.value)).collect();
        let _ = writeln!(text, "front matter: {} = {:?} {:?} (line {})", entry.key, entry.value, children, entry.line);
    }
    for section in &lesson.sections {
        let _ = writeln!(text, "\n{:?} h{} {:?} (line {})", section.kind, section.level, section.heading, section.line);
        for item in &section.items {
            let _ = writeln!(text, "  {}", shown_item(item));
        }
    }
    text
}

fn shown_item(item: &Item) -> String {
    match item {
        Item::Prose(prose) => format!("{:>4} {:?} {:?}", prose.line, prose.kind, prose.text),
        Item::Claim(claim) => format!("{:>4}:{} claim {:?} {:?}", claim.line, claim.column, claim.section, claim.text),
        Item::Control(control) => format!("{:>4} control {:?}", control.line, control.words),
        Item::Sample(sample) => format!("{:>4} sample {}", sample.line, sample.path),
        Item::Block(block) => match &block.kind {
            BlockKind::Console(entries) => {
                let lines: Vec<_> = entries
                    .iter()
                    .map(|entry| match &entry.kind {
                        EntryKind::Command { prompt } => {
                            format!("{:>4} command {:?} {:?}", entry.line, prompt, entry.text)
                        }
                        EntryKind::Output => format!("{:>4} printed {:?}", entry.line, entry.text),
                    })
                    .collect();
                lines.join("\n  ")
            }
            kind => format!("{:>4} {:?} {:?}", block.line, kind, block.text),
        },
    }
}

#[test]
fn the_reference_lesson() {
    let path = testing::repository("lessons/service-types.md");
    let text = std::fs::read_to_string(&path).expect("the reference lesson is here");
    let (lesson, problems) = parse(&text, Path::new("lessons/service-types.md"));
    assert_eq!(problems, []);
    testing::golden("service-types.lesson.txt", &shown(&lesson));
    for section in &lesson.sections {
        for claim in section.claims() {
            assert_eq!(claim.span.of(&text), claim.text, "spans point at the words");
        }
        for block in section.blocks() {
            if let BlockKind::Console(entries) = &block.kind {
                assert!(entries.iter().all(|entry| entry.span.of(&text) == entry.text));
            }
        }
    }
}

/// What must be true of the parse of any text.
fn holds(text: &str) {
    let (lesson, problems) = parse(text, Path::new("any.md"));
    let inside = |span: Span| text.get(span.start..span.end).is_some();
    for section in &lesson.sections {
        assert!(inside(section.span), "section {section:?}");
        for item in &section.items {
            let spans = match item {
                Item::Prose(prose) => vec![prose.span],
                Item::Claim(claim) => vec![claim.span],
                Item::Control(control) => control.words.iter().map(|word| word.span).chain([control.span]).collect(),
                Item::Sample(sample) => vec![sample.span],
                Item::Block(block) => match &block.kind {
                    BlockKind::Console(entries) => entries.iter().map(|entry| entry.span).chain([block.span]).collect(),
                    _ => vec![block.span],
                },
            };
            assert!(spans.into_iter().all(inside), "{item:?}");
        }
    }
    assert!(problems.iter().all(|problem| inside(problem.span) && problem.line >= 1), "{problems:?}");
}

#[test]
fn real_pages_and_their_mutants_are_read() {
    let Some(folder) = testing::shared("corpus") else {
        return;
    };
    let mut seed = 1u64;
    let mut random = move |below: usize| {
        // xorshift: mutants need no better randomness.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below.max(1) as u64) as usize
    };
    for file in testing::files(&folder, "md") {
        let text = std::fs::read_to_string(&file).expect("pages are UTF-8");
        holds(&text);
        let mut lines: Vec<&str> = text.lines().collect();
        for _ in 0..8 {
            let (a, b) = (random(lines.len()), random(lines.len()));
            match random(3) {
                0 => lines.swap(a, b),
                1 => drop(lines.remove(a)),
                _ => lines[a] = lines[b].get(random(9)..).unwrap_or("```"),
            }
            holds(&lines.join("\n"));
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn anything_that_looks_like_a_page_is_read(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "---\n", "title: a: b\n", "# H\n", "### Step 1: é\n", "```\n", "```shell\n", "~~~\n", "    ", "> ", "* ", "1. ", "\n", "\t", "  ",
            "kubectl get pods\n", "$ ls\n", "What changed:\n", "* A Pod was created\n", "<!-- lesson: skip reason=\"x -->", "<!--", "-->", "`", "``",
            "{{< note >}}", "{{% code_sample file=\"a\" %}}", "{{execute}}", "```{{exec}}\n", "cat <<EOF\n", "EOF\n", "'", "\"", "\\\n", "|\n", "|a|b|\n|-|-|\n",
            "<details>\n<summary>Hint</summary>\n", "ünïcode…", "\r\n", "Initial state\n===\n", "text. Text: text", "$(", "mysql> select 1;\n", "\u{feff}", "\u{0}",
        ]), 0..40)
    ) {
        holds(&pieces.concat());
    }
}
