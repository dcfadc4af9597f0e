//! Every mutant of the reference lesson is refuted or rejected, at the right line, with a reason; the lesson itself never is.

mod common;

use common::{Cluster, Tool};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Mutant {
    name: String,
    edit: BTreeMap<usize, String>,
    at: usize,
    says: String,
}

fn mutants() -> Vec<Mutant> {
    serde_yaml::from_str(include_str!("data/mutants.yaml")).expect("mutants.yaml is valid")
}

fn apply(lesson: &str, mutant: &Mutant) -> String {
    let mut text = String::new();
    for (index, line) in lesson.lines().enumerate() {
        match mutant.edit.get(&(index + 1)).map(String::as_str) {
            Some("") => {}
            Some(new) => text.push_str(&format!("{new}\n")),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    text
}

fn every_mutant_is_found(cluster: Cluster) {
    let lesson = std::fs::read_to_string("lessons/service-types.md").unwrap();
    let tool = Tool::new();
    let mutants = mutants();
    for (index, mutant) in mutants.iter().enumerate() {
        let text = apply(&lesson, mutant);
        assert_ne!(text, lesson, "{}: nothing was changed", mutant.name);
        tool.write(&format!("{index:02}.md"), &text);
    }
    let run = tool.verify(&["."], cluster);
    assert!(matches!(run.exit, 1 | 3), "exit code {}\n{}", run.exit, run.stderr);
    let mut survivors = Vec::new();
    for (index, mutant) in mutants.iter().enumerate() {
        let findings = run.findings(&format!("{index:02}.md"));
        let hit = findings.iter().any(|finding| finding.line == mutant.at && finding.why.contains(&mutant.says));
        if !hit {
            survivors.push(format!(
                "{}: wanted line {} with {:?}, found {findings:#?}",
                mutant.name, mutant.at, mutant.says
            ));
        }
    }
    assert!(survivors.is_empty(), "{} of {} mutants:\n{}", survivors.len(), mutants.len(), survivors.join("\n"));
}

#[test]
fn every_mutant_is_found_on_the_embedded_cluster() {
    every_mutant_is_found(Cluster::Embedded);
}

#[test]
fn every_mutant_is_found_on_a_real_cluster() {
    if let Some(real) = Cluster::real() {
        every_mutant_is_found(real);
    }
}

#[test]
fn the_untouched_lesson_is_proved_with_fifty_seeds() {
    let tool = Tool::in_project();
    for seed in 1..=50 {
        let seed = seed.to_string();
        let run = tool.verify(&["lessons/service-types.md", "--seed", &seed], Cluster::Embedded);
        assert_eq!(run.exit, 0, "seed {seed}: {:#?}", run.findings("lessons/service-types.md"));
    }
}

#[test]
fn the_untouched_lesson_is_proved_ten_times_on_a_real_cluster() {
    let Some(real) = Cluster::real() else { return };
    let tool = Tool::in_project();
    for run in 1..=10 {
        let result = tool.verify(&["lessons/service-types.md"], real.clone());
        assert_eq!(result.exit, 0, "run {run}: {:#?}", result.findings("lessons/service-types.md"));
    }
}
