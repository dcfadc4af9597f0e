//! Judges the claims of observed scenarios on their recordings, and reports how many were judged right, were not
//! understood, or were judged wrong. None may be wrong: a claim judged against its truth, or a sentence that no
//! observation decides but that passes or is refuted.
//!
//! The scenarios of this repository are in `data/claims`. More of them may lie beside it: `KUBECTL_LESSON_SHARED` names the
//! folder (default `../shared`), `CLAIMS_SET` the set in its folder `claims` (default `dev`); where that is not there, the
//! test says so and passes. `CLAIMS_VERBOSE=1` prints every verdict.

use flate2::read::GzDecoder;
use kubectl_lesson::assertion::{Context, NoProbes, Outcome, ParseContext, Section, judge, parse};
use kubectl_lesson::diff::{Change, ChangeKind, History};
use kubectl_lesson::snapshot::Snapshot;
use serde::Deserialize;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Scenario {
    id: String,
    setup: String,
    step: String,
    changed: Vec<Labelled>,
    unchanged: Vec<Labelled>,
    not_understood: Vec<String>,
}

#[derive(Deserialize)]
struct Labelled {
    claim: String,
    truth: bool,
}

#[derive(Deserialize)]
struct Recording {
    ns: String,
    before: Vec<Value>,
    watch: Vec<Watched>,
}

#[derive(Deserialize)]
struct Watched {
    r#type: String,
    object: Value,
}

#[derive(Default)]
struct Score {
    right: usize,
    not_understood: Vec<String>,
    wrong: Vec<String>,
}

fn claims_folder() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("KUBECTL_LESSON_SHARED").map(PathBuf::from).unwrap_or(default);
    let folder = shared.join("claims");
    folder.is_dir().then_some(folder)
}

fn recorded(folder: &Path, id: &str) -> (History, Context) {
    let file = File::open(folder.join(format!("observed/{id}.json.gz"))).unwrap();
    let recording: Recording = serde_json::from_reader(GzDecoder::new(file)).unwrap();
    let changes = recording.watch.into_iter().filter_map(|w| {
        let kind = match w.r#type.as_str() {
            "ADDED" => ChangeKind::Added,
            "DELETED" => ChangeKind::Deleted,
            _ => ChangeKind::Modified,
        };
        Change::new(jiff::Timestamp::UNIX_EPOCH, kind, w.object)
    });
    let history = History::new(Snapshot::from_objects(recording.before), changes.collect());
    (history, Context { namespace: recording.ns, ..Context::default() })
}

/// What came of a sentence, under one heading.
fn verdict(
    sentence: &str,
    section: Section,
    words: &ParseContext,
    history: &History,
    ctx: &Context,
) -> (Outcome, String) {
    match parse(sentence, section, words) {
        Err(why) => (Outcome::NotUnderstood, why.reason),
        Ok(claim) => {
            let verdict = judge(&claim, history, ctx, &NoProbes);
            (verdict.verdict, verdict.reason)
        }
    }
}

fn score(folder: &Path, scenario: &Scenario) -> Score {
    let words = ParseContext::from_text(&format!("{}\n{}", scenario.setup, scenario.step));
    let (history, ctx) = recorded(folder, &scenario.id);
    let mut score = Score::default();
    let claims = scenario.changed.iter().map(|c| (c, Section::Changed));
    for (claim, section) in claims.chain(scenario.unchanged.iter().map(|c| (c, Section::Unchanged))) {
        let (outcome, reason) = verdict(&claim.claim, section, &words, &history, &ctx);
        if std::env::var_os("CLAIMS_VERBOSE").is_some() {
            println!("      {outcome:?} {} | {reason}", claim.claim);
        }
        match outcome {
            Outcome::NotUnderstood => {
                score.not_understood.push(format!("{section:?}: {} ({}) | {reason}", claim.claim, claim.truth))
            }
            _ if (outcome == Outcome::Proved) == claim.truth => score.right += 1,
            _ => score
                .wrong
                .push(format!("{section:?}: {} | {outcome:?}, but it is {} | {reason}", claim.claim, claim.truth)),
        }
    }
    for sentence in &scenario.not_understood {
        let outcomes = [Section::Changed, Section::Unchanged].map(|s| verdict(sentence, s, &words, &history, &ctx));
        match outcomes.iter().find(|(outcome, _)| *outcome != Outcome::NotUnderstood) {
            None => score.right += 1,
            Some((outcome, reason)) => {
                score.wrong.push(format!("{sentence} | {outcome:?}, but nothing decides it | {reason}"))
            }
        }
    }
    score
}

/// Judges a whole set, and prints what came of it.
fn judge_set(folder: &Path, set: &str) {
    let text = std::fs::read_to_string(folder.join(format!("{set}.yaml"))).unwrap();
    let scenarios: Vec<Scenario> = serde_yaml::from_multiple(&text).unwrap();
    let (mut right, mut unknown, mut wrong) = (0, 0, 0);
    for scenario in &scenarios {
        let s = score(folder, scenario);
        println!(
            "{:28} right {:3}  not understood {:3}  wrong {:3}",
            scenario.id,
            s.right,
            s.not_understood.len(),
            s.wrong.len()
        );
        s.not_understood.iter().for_each(|line| println!("    ? {line}"));
        s.wrong.iter().for_each(|line| println!("    ! {line}"));
        (right, unknown, wrong) = (right + s.right, unknown + s.not_understood.len(), wrong + s.wrong.len());
    }
    println!("{set}: {} sentences: {right} right, {unknown} not understood, {wrong} wrong", right + unknown + wrong);
    assert!(!scenarios.is_empty());
    assert_eq!(wrong, 0, "claims judged wrong");
}

#[test]
fn no_observed_claim_is_judged_wrong() {
    judge_set(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/claims"), "scenarios");
}

#[test]
fn no_observed_claim_of_a_shared_set_is_judged_wrong() {
    match claims_folder() {
        Some(folder) => judge_set(&folder, &std::env::var("CLAIMS_SET").unwrap_or_else(|_| "dev".into())),
        None => println!("skipped: no scenarios beside the repository (set KUBECTL_LESSON_SHARED)"),
    }
}
