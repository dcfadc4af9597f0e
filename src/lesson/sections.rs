//! What sections are for, and which lines begin claims.

use super::markdown::plain;
use super::model::{BlockKind, ClaimSection, EntryKind, Item, Section, SectionKind};
use super::span::Span;
use super::words::HEADINGS;
use regex::Regex;
use std::sync::LazyLock;

// Literal patterns.
static NUMBERING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:step|part|task|stage)\s+\d+[a-z]?\s*[:.)–—-]*\s*|\d+(?:\.\d+)*[.):]?\s+)")
        .expect("pattern compiles")
});
static SENTENCE_END: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[.!?:](?:[`*_)]*)(?:\s+|$)").expect("pattern compiles"));

/// A heading or a lead-in to compare: lower case, no markup, no numbering, no closing punctuation.
pub(super) fn plain_form(text: &str) -> String {
    let text = plain(text).replace(['`', '’'], "'").replace("''", "").to_lowercase();
    let text = NUMBERING.replace(text.trim(), "");
    let text = text.trim().trim_end_matches([':', '.', '…', '!', '?']).trim();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a heading is numbered as a step: "Step 2: …", "2. …".
pub(crate) fn is_numbered(heading: &str) -> bool {
    NUMBERING.is_match(&plain(heading).to_lowercase())
}

/// What a heading says its section is for.
pub(super) fn kind_by_heading(heading: &str) -> Option<SectionKind> {
    let by_name = HEADINGS.kind(&plain_form(heading));
    by_name.or_else(|| is_numbered(heading).then_some(SectionKind::Step))
}

/// The claims that a heading begins.
pub(super) fn claim_heading(heading: &str) -> Option<ClaimSection> {
    claim_words(&plain_form(heading))
}

fn claim_words(plain: &str) -> Option<ClaimSection> {
    if HEADINGS.is_changed(plain) {
        Some(ClaimSection::Changed)
    } else if HEADINGS.is_unchanged(plain) {
        Some(ClaimSection::Unchanged)
    } else {
        None
    }
}

/// The claims that a paragraph begins, and what it says after its colon.
pub(super) fn claim_intro(text: &str) -> Option<(ClaimSection, &str)> {
    let (lead, rest) = match text.find(':') {
        Some(colon) => (&text[..colon], text[colon + 1..].trim_start_matches(['*', '_', ':']).trim()),
        None => (text, ""),
    };
    // Without a colon a lead-in stands alone and in bold: "**What changed**".
    if !text.contains(':') && !text.starts_with("**") && !text.starts_with("__") {
        return None;
    }
    let lead = plain_form(lead.trim_matches(['*', '_']));
    if let Some(section) = claim_words(&lead) {
        return Some((section, rest));
    }
    (rest.is_empty() && HEADINGS.is_assumptions(&lead)).then_some((ClaimSection::Assumption, ""))
}

/// The sentences in the bytes `span`, without the white space between them; the closing period is not part of it.
pub(super) fn sentences(source: &str, span: Span) -> Vec<Span> {
    let text = span.of(source);
    let mut found = Vec::new();
    let mut start = 0;
    let mut push = |from: usize, to: usize| {
        let part = &text[from..to];
        let from = from + part.len() - part.trim_start().len();
        let to = from + part.trim().len();
        if to > from {
            found.push(Span::new(span.start + from, span.start + to));
        }
    };
    for end in SENTENCE_END.find_iter(text) {
        let inside_code = text[start..end.start()].matches('`').count() % 2 == 1;
        if inside_code {
            continue;
        }
        let keep = usize::from(!end.as_str().starts_with('.'));
        push(start, end.start() + keep);
        start = end.end();
    }
    push(start, text.len());
    found
}

/// Decides the kinds of sections whose heading does not say: by what stands in them, and by the section around them.
pub(super) fn settle(sections: &mut [Section]) {
    let mut around: Vec<(u8, SectionKind)> = Vec::new();
    for section in sections.iter_mut() {
        around.retain(|(level, _)| *level < section.level);
        let told = kind_by_heading(&section.heading);
        let runs = has_commands(section);
        let inherited = around.last().map(|(_, kind)| *kind).filter(|kind| inherits(*kind, runs));
        section.kind = match (told, inherited) {
            (Some(SectionKind::Other), _) if runs => SectionKind::Step,
            (Some(kind), _) => kind,
            (None, Some(kind)) => kind,
            (None, None) if runs => SectionKind::Step,
            (None, None) if section.level <= 1 && has_prose(section) => SectionKind::Theory,
            (None, None) => SectionKind::Other,
        };
        if section.level > 1 {
            let kind = if told.is_some() { section.kind } else { inherited.unwrap_or(SectionKind::Other) };
            around.push((section.level, kind));
        }
    }
}

/// Whether a section of `kind` gives its kind to those below it that have no name of their own.
fn inherits(kind: SectionKind, runs: bool) -> bool {
    match kind {
        SectionKind::CleanUp | SectionKind::Exercise | SectionKind::Solution | SectionKind::Hint => true,
        SectionKind::Theory | SectionKind::KeyObservation | SectionKind::Assumptions => !runs,
        SectionKind::InitialState | SectionKind::Step | SectionKind::Other => false,
    }
}

/// Whether anything in the section is run.
pub(crate) fn has_commands(section: &Section) -> bool {
    section.blocks().any(|block| match &block.kind {
        BlockKind::Console(entries) => entries.iter().any(|entry| matches!(entry.kind, EntryKind::Command { .. })),
        BlockKind::Query => true,
        _ => false,
    })
}

fn has_prose(section: &Section) -> bool {
    section.items.iter().any(|item| matches!(item, Item::Prose(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lose_numbers_and_markup() {
        assert_eq!(plain_form("Step 2: Expose as ClusterIP"), "expose as clusterip");
        assert_eq!(plain_form("2. **Clean up**:"), "clean up");
        assert_eq!(plain_form("What didn’t change:"), "what didn't change");
        assert_eq!(kind_by_heading("3) Scale"), Some(SectionKind::Step));
        assert_eq!(kind_by_heading("Step 4: Clean up"), Some(SectionKind::CleanUp));
        assert_eq!(kind_by_heading("Kubernetes 2"), None);
    }

    #[test]
    fn lead_ins_of_claims() {
        assert_eq!(claim_intro("What changed:"), Some((ClaimSection::Changed, "")));
        assert_eq!(claim_intro("**What did not change:**"), Some((ClaimSection::Unchanged, "")));
        assert_eq!(claim_intro("**What changed**"), Some((ClaimSection::Changed, "")));
        assert_eq!(
            claim_intro("What changed: A Pod was created."),
            Some((ClaimSection::Changed, "A Pod was created."))
        );
        assert_eq!(claim_intro("Assume:"), Some((ClaimSection::Assumption, "")));
        assert_eq!(claim_intro("What changed is hard to see."), None);
        assert_eq!(claim_intro("Notice what changed"), None);
    }

    #[test]
    fn sentences_do_not_end_in_code_or_numbers() {
        let text = "No Services exist. Version 1.37 of `a. b` runs. Check it:\n";
        let found: Vec<_> = sentences(text, Span::new(0, text.len())).into_iter().map(|span| span.of(text)).collect();
        assert_eq!(found, ["No Services exist", "Version 1.37 of `a. b` runs", "Check it:"]);
    }
}
