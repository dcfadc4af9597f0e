//! What sentences mean: every line of `data/claims/sentences.txt` is `heading | sentence | meaning`, the meaning `-`
//! where the sentence is not to be understood. `UPDATE=1` writes what the grammar says; review it as a diff.

use kubectl_lesson::assertion::{ParseContext, Section, examples, parse};
use proptest::prelude::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/claims/sentences.txt");

fn heading(word: &str) -> Section {
    match word {
        "initial" => Section::Initial,
        "unchanged" => Section::Unchanged,
        _ => Section::Changed,
    }
}

fn meaning(sentence: &str, section: Section) -> String {
    parse(sentence, section, &ParseContext::default()).map_or("-".into(), |claim| claim.to_string())
}

#[test]
fn sentences_mean_what_the_file_says() {
    let text = std::fs::read_to_string(FILE).unwrap();
    let mut out = String::new();
    let mut wrong = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, " | ");
        let (word, sentence, wanted) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or_default());
        let found = meaning(sentence, heading(word));
        if found != wanted {
            wrong.push(format!("{sentence}\n  wanted {wanted}\n  found  {found}"));
        }
        out.push_str(&format!("{word} | {sentence} | {found}\n"));
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, out).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{} sentences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_example_shown_to_authors_is_understood() {
    for section in [Section::Initial, Section::Changed, Section::Unchanged] {
        for example in examples(section) {
            let words = ParseContext::from_text("web app ops platform");
            if let Err(why) = parse(example, section, &words) {
                panic!("{example}: {}", why.reason);
            }
        }
    }
}

fn lines() -> Vec<(String, Section)> {
    let text = std::fs::read_to_string(FILE).unwrap();
    let understood = text.lines().filter(|l| !l.ends_with("| -"));
    understood
        .map(|l| {
            let mut parts = l.splitn(3, " | ");
            let section = heading(parts.next().unwrap());
            (parts.next().unwrap().to_owned(), section)
        })
        .collect()
}

/// Capitals of words that are neither quoted nor a value.
fn shout(sentence: &str, upper: bool) -> String {
    let mut quoted = false;
    let mut out = String::new();
    for word in sentence.split_inclusive(' ') {
        let plain = !quoted && !word.contains('`') && word.trim_end().chars().all(|c| c.is_alphabetic());
        quoted ^= word.matches('`').count() % 2 == 1;
        match plain {
            true if upper => out.push_str(&word.to_uppercase()),
            true => out.push_str(&word.to_lowercase()),
            false => out.push_str(word),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,80}") {
        let _ = parse(&text, Section::Changed, &ParseContext::default());
    }

    #[test]
    fn words_in_any_order_never_panic(words in proptest::collection::vec(
        proptest::sample::select(vec!["the", "Pod", "Pods", "was", "not", "no", "two", "`x`", "of", "'s", "is", "now", "image", "nginx:1",
            "Service", "a", "new", "created", "to", "from", "3", "and", "has", "all", "`a=b`", "label", "in", "namespace", "which", "by"]), 0..14)) {
        let sentence = words.join(" ");
        let first = meaning(&sentence, Section::Changed);
        prop_assert_eq!(&first, &meaning(&sentence, Section::Changed));
    }

    #[test]
    fn capitals_and_full_stops_do_not_change_the_meaning(pick in any::<prop::sample::Index>()) {
        let lines = lines();
        let (sentence, section) = pick.get(&lines);
        let wanted = meaning(sentence, *section).to_lowercase();
        for variant in [shout(sentence, true), shout(sentence, false), format!("{sentence}."), format!("  {sentence} ")] {
            prop_assert_eq!(&meaning(&variant, *section).to_lowercase(), &wanted, "{}", variant);
        }
    }

    #[test]
    fn backticks_around_kinds_and_values_do_not_change_the_meaning(pick in any::<prop::sample::Index>()) {
        let lines = lines();
        let (sentence, section) = pick.get(&lines);
        let wanted = meaning(sentence, *section);
        let mark = |w: &str| match w.contains(':') && !w.contains('`') {
            true => format!("`{w}`"),
            false => w.to_owned(),
        };
        let variant = sentence.split(' ').map(mark).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(meaning(&variant, *section), wanted, "{}", variant);
    }
}
