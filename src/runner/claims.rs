//! Claims of a step to verdicts: what the assertion room needs of a running lesson, and what it answers in the report's words.

use super::observe::Observer;
use super::result::{ClaimResult, CommandResult, Evidence, UnlistedChange, Verdict};
use super::run::NAMESPACE;
use crate::assertion::{
    self, Claim, Context, NotUnderstood, Origin, Outcome, ParseContext, Probe, Question, Section, Seen,
};
use crate::cluster::Cluster;
use crate::diff::{Explained, History, is_noise, unlisted};
use crate::lesson::{ClaimSection, ClaimText, Lesson};
use crate::plan::CelClaim;
use crate::snapshot::{ObjectKey, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::timeout;

/// A connection that takes longer is none.
const CONNECT: Duration = Duration::from_secs(2);

/// What a run remembers of earlier steps.
#[derive(Default)]
pub(super) struct Memory {
    words: ParseContext,
    known: BTreeSet<ObjectKey>,
}

impl Memory {
    /// A memory of a lesson that has not begun.
    pub(super) fn of(lesson: &Lesson) -> Memory {
        Memory { words: ParseContext { words: lesson.words() }, known: BTreeSet::new() }
    }

    fn context(&self) -> Context {
        Context { namespace: NAMESPACE.to_string(), known: self.known.clone() }
    }

    /// Judges sentences about the state before the first command.
    pub(super) fn initial(&self, claims: &[ClaimText], state: &Snapshot) -> Vec<ClaimResult> {
        let history = History::new(state.clone(), Vec::new());
        self.judge(claims, &[], &history, &Reach::default(), &Reach::default())
    }

    /// Judges a step's sentences and expressions over its history.
    pub(super) fn judge(
        &self,
        claims: &[ClaimText],
        cel: &[CelClaim],
        history: &History,
        before: &Reach,
        after: &Reach,
    ) -> Vec<ClaimResult> {
        let tried = Tried { before, after };
        let context = self.context();
        let sentences = claims.iter().map(|text| {
            let section = section(text.section);
            let verdict = match assertion::parse(&text.text, section, &self.words) {
                Ok(claim) => assertion::judge(&claim, history, &context, &tried),
                Err(error) => assertion::Verdict::not_understood(explain(&error)),
            };
            result(text.line, &text.text, text.section, verdict)
        });
        let expressions = cel.iter().map(|cel| {
            let verdict = assertion::cel(&cel.expression, history, &context);
            result(cel.line, cel.expression.trim(), ClaimSection::Changed, verdict)
        });
        sentences.chain(expressions).collect()
    }

    /// What the step changed beyond what the lesson says: in outputs that it shows, commands that name the object, claims.
    pub(super) fn unlisted(
        &self,
        history: &History,
        commands: &[CommandResult],
        claims: &[ClaimResult],
        alone: bool,
    ) -> Vec<UnlistedChange> {
        let mut said: BTreeSet<(String, String)> = BTreeSet::new();
        for command in commands {
            match &command.expected {
                Some(_) if command.matched == Some(true) => said.extend(named_objects(&command.stdout)),
                Some(_) => {}
                None => {
                    let named = |name: &str| command.text.contains(name);
                    said.extend(named_objects(&command.stdout).into_iter().filter(|(_, name)| named(name)));
                }
            }
        }
        let proved = claims.iter().filter(|claim| claim.verdict == Verdict::Proved && claim.section == "changed");
        for evidence in proved.flat_map(|claim| &claim.evidence) {
            if let Some((kind, name)) = evidence.object.split_once('/') {
                said.insert((kind.to_lowercase(), name.to_string()));
            }
        }
        let keys = history.before().iter().chain(history.after().iter()).map(|(key, _)| key);
        let gone = history.events().iter().map(|change| &change.key);
        let objects = keys.chain(gone).filter(|key| said.contains(&(key.kind.to_lowercase(), key.name.clone())));
        let explained = Explained { objects: objects.cloned().collect(), cluster_scoped: alone };
        let changes = unlisted(history, &explained, NAMESPACE).into_iter();
        changes.map(|change| UnlistedChange { object: change.object, change: change.change.to_string() }).collect()
    }

    /// Keeps what this step brought up.
    pub(super) fn remember(&mut self, history: &History) {
        let before = history.before();
        let new = history.events().iter().map(|change| &change.key);
        self.known.extend(new.filter(|key| !before.contains(key) && !is_noise(key)).cloned());
    }
}

/// What was reached, at one moment.
#[derive(Debug, Default)]
pub(super) struct Reach(BTreeMap<Question, bool>);

impl Reach {
    /// Tries what the claims ask for.
    pub(super) async fn observe(
        cluster: &dyn Cluster,
        observer: &Observer,
        memory: &Memory,
        claims: &[ClaimText],
    ) -> Reach {
        let mut answers = BTreeMap::new();
        for text in claims {
            let Ok(claim) = assertion::parse(&text.text, section(text.section), &memory.words) else { continue };
            for question in Claim::questions(&claim) {
                if let Some(answer) = answer(cluster, observer, &question).await {
                    answers.insert(question, answer);
                }
            }
        }
        Reach(answers)
    }
}

/// Tries a connection. `None` where it cannot be tried from here: the objects decide.
async fn answer(cluster: &dyn Cluster, observer: &Observer, question: &Question) -> Option<bool> {
    let Question::Reaches { service, from: Origin::Outside } = question else { return None };
    let snapshot = observer.snapshot();
    let services: Vec<_> = snapshot
        .of_kind("Service", Some(NAMESPACE))
        .filter(|(key, _)| service.as_ref().is_none_or(|wanted| wanted.name == key.name))
        .map(|(_, service)| service.clone())
        .collect();
    let address = snapshot.of_kind("Node", None).find_map(|(_, node)| {
        let addresses = node["status"]["addresses"].as_array()?;
        let internal = addresses.iter().find(|address| address["type"] == "InternalIP")?;
        internal["address"].as_str().map(str::to_string)
    })?;
    for service in services {
        for port in service["spec"]["ports"].as_array().into_iter().flatten() {
            let Some(node_port) = port["nodePort"].as_u64().and_then(|port| u16::try_from(port).ok()) else { continue };
            if matches!(timeout(CONNECT, cluster.connect(&address, node_port)).await, Ok(Ok(_))) {
                return Some(true);
            }
        }
    }
    Some(false)
}

struct Tried<'a> {
    before: &'a Reach,
    after: &'a Reach,
}

impl Probe for Tried<'_> {
    fn seen(&self, question: &Question) -> Option<Seen> {
        Some(Seen { before: *self.before.0.get(question)?, after: *self.after.0.get(question)? })
    }
}

fn section(section: ClaimSection) -> Section {
    match section {
        ClaimSection::Changed => Section::Changed,
        ClaimSection::Unchanged => Section::Unchanged,
        ClaimSection::Initial | ClaimSection::Assumption => Section::Initial,
    }
}

fn explain(error: &NotUnderstood) -> String {
    match &error.nearest {
        Some(nearest) => format!("{}; the nearest sentence that is understood: \"{nearest}\"", error.reason),
        None => error.reason.clone(),
    }
}

fn result(line: usize, text: &str, section: ClaimSection, verdict: assertion::Verdict) -> ClaimResult {
    ClaimResult {
        line,
        text: text.to_string(),
        section: match section {
            ClaimSection::Changed => "changed",
            ClaimSection::Unchanged => "unchanged",
            ClaimSection::Initial | ClaimSection::Assumption => "initial",
        },
        verdict: match verdict.verdict {
            Outcome::Proved => Verdict::Proved,
            Outcome::Refuted => Verdict::Refuted,
            Outcome::NotUnderstood => Verdict::NotUnderstood,
        },
        reason: verdict.reason,
        evidence: verdict.evidence.into_iter().map(evidence).collect(),
    }
}

fn evidence(evidence: assertion::Evidence) -> Evidence {
    Evidence {
        object: evidence.object,
        path: evidence.path,
        before: evidence.before,
        after: evidence.after,
        at: evidence.at.map(|at| at.to_string()).unwrap_or_default(),
        by: evidence.by,
    }
}

/// Objects that kubectl's own messages name: `deployment.apps/demo created`, `pod "curl" deleted from default namespace`;
/// kind in lower case, name.
fn named_objects(output: &str) -> Vec<(String, String)> {
    let of_line = |line: &str| {
        let mut words = line.split_whitespace();
        let first = words.next()?;
        if let Some((kind, name)) = first.split_once('/') {
            let kind = kind.split('.').next().unwrap_or(kind);
            return words.next().map(|_| (kind.to_lowercase(), name.to_string()));
        }
        let name = words.next()?.strip_prefix('"')?.strip_suffix('"')?;
        let kind = first.split('.').next().unwrap_or(first);
        Some((kind.to_lowercase(), name.to_string()))
    };
    output.lines().filter_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubectl_names_what_it_changed() {
        let output =
            "deployment.apps/demo created\nservice/demo exposed\npod \"curl\" deleted from default namespace\n";
        let named = named_objects(output);
        let wanted = [("deployment", "demo"), ("service", "demo"), ("pod", "curl")];
        assert_eq!(named, wanted.map(|(kind, name)| (kind.to_string(), name.to_string())));
        assert!(named_objects("NAME READY\ndemo 1/1\n<html>\n").is_empty());
    }
}
