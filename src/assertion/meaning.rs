//! From the grammar's JSON to forms: the loose pieces that a reading collects are put in place, contradictions refused.

use super::claim::{Aspect, Compare, Event, FieldRef, Form, Given, Literal, Np, Rel, Relation, Test};
use serde::Deserialize;
use serde_json::Value;

/// What a clause's reading may have collected.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Clause {
    np: Option<Np>,
    nps: Vec<Np>,
    terms: Vec<Term>,
    implicit: Option<String>,
    owner: Option<Np>,
    event: Option<String>,
    present: bool,
    agent: Option<Np>,
    by: Option<Np>,
    with: Option<Np>,
    related: Option<Np>,
    times: Option<Times>,
    to: Option<String>,
    samename: bool,
    loose: bool,
    r#where: Option<String>,
    also: Option<String>,
    asp: Vec<String>,
    pred: Option<Pred>,
    same: bool,
    bare: bool,
    keeps: Vec<FieldRef>,
    change: Option<Change>,
    vanish: bool,
    happens: Option<Happens>,
    rollout: Option<String>,
    external: bool,
    reach: Option<String>,
    may: Vec<String>,
    resource: Option<Np>,
    r#in: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Term {
    np: Option<Np>,
    field: Option<FieldRef>,
    fields: Vec<FieldRef>,
    n: Option<u64>,
    value: Option<Literal>,
    q: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Times {
    op: String,
    n: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Change {
    field: Option<FieldRef>,
    from: Option<Literal>,
    to: Option<Literal>,
    dir: Option<String>,
    by: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Happens {
    id: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Pred {
    exists: bool,
    state: Option<String>,
    both: Vec<Pred>,
    field: Option<FieldRef>,
    op: Option<String>,
    value: Option<Given>,
    values: Vec<String>,
    n: Option<u64>,
    pair: Option<String>,
    rel: Option<String>,
    other: Option<Np>,
    to: Option<Np>,
    host: Option<Literal>,
    port: Option<u64>,
    grants: Vec<String>,
    resource: Option<Np>,
    allows: Option<Np>,
}

type Read<T> = Result<T, String>;

/// The forms of a reading: one for each thing that the sentence claims.
pub fn forms(reading: &Value) -> Read<Vec<Form>> {
    let clauses: Vec<Clause> =
        serde_json::from_value(reading.clone()).map_err(|e| format!("grammar: {e}: {reading}"))?;
    let mut out: Vec<Form> = Vec::new();
    let mut subject: Option<Np> = None;
    for mut clause in clauses {
        // "it" is whoever the sentence spoke of before.
        if let (Some(np), Some(before)) = (&clause.np, &subject)
            && np.pronoun
        {
            clause.np = Some(before.clone());
        }
        if let (Some(np), Some(before)) = (&mut clause.np, &subject)
            && np.ones
        {
            (np.kind, np.ones) = (before.kind.clone(), false);
        }
        if let (Some(place), Some(np)) = (clause.r#where.take(), &mut clause.np) {
            np.rel.push(Rel { ns: Some(place), ..Rel::default() });
        }
        subject = clause.np.clone().or(subject);
        out.extend(clause_forms(clause)?);
    }
    match out.is_empty() {
        true => Err("the sentence claims nothing".into()),
        false => Ok(out),
    }
}

fn clause_forms(clause: Clause) -> Read<Vec<Form>> {
    if clause.r#where.is_some() {
        return Err("what is in that namespace is not said".into());
    }
    if !clause.nps.is_empty() {
        let each = clause.nps.iter().map(|np| Clause { np: Some(np.clone()), nps: vec![], ..clause.clone() });
        return Ok(each.map(clause_forms).collect::<Read<Vec<_>>>()?.concat());
    }
    let said = Said::of(&clause)?;
    if !clause.terms.is_empty() {
        return term_forms(&clause, said);
    }
    if let Some(np) = &clause.np {
        refuse_vague(np)?;
    }
    if let Some(verb) = &clause.event {
        return event_forms(&clause, verb, said);
    }
    if clause.external {
        return Ok(vec![Form::External { negated: said.negated, aspect: said.aspect }]);
    }
    if let Some(what) = &clause.rollout {
        return Ok(vec![Form::Rollout { np: clause.np, what: what.clone(), negated: said.negated }]);
    }
    if let Some(happens) = &clause.happens {
        let negated = said.negated || clause.np.as_ref().is_some_and(|np| np.q == "no");
        let id = happens.id.clone().unwrap_or_else(|| "probe".into());
        return Ok(vec![Form::Happens { id, np: clause.np, negated }]);
    }
    if let Some(from) = &clause.reach {
        let np = clause.np.ok_or("who is reached is not said")?;
        if is_generic(&np) {
            return Err("this says how such things are in general, not what is so here".into());
        }
        return Ok(vec![Form::Reach { np, from: from.clone(), negated: said.negated, aspect: said.aspect }]);
    }
    if !clause.may.is_empty() {
        let np = clause.np.ok_or("who may is not said")?;
        if is_generic(&np) {
            return Err("this says how such things are in general, not what is so here".into());
        }
        let kind = clause.resource.and_then(|r| r.kind).ok_or("what may be done to is not said")?;
        let (negated, aspect) = (said.negated, said.aspect);
        return Ok(vec![Form::May { np, verbs: clause.may, kind, namespace: clause.r#in, negated, aspect }]);
    }
    if !clause.keeps.is_empty() {
        let keep = |field: &FieldRef| Form::Same {
            np: clause.np.clone(),
            field: Some(field.clone()),
            value: None,
            bare: false,
        };
        return Ok(clause.keeps.iter().map(keep).collect());
    }
    if let Some(change) = clause.change {
        return Ok(vec![change_form(clause.np, change, said)?]);
    }
    if clause.same {
        return same_object(clause.np, clause.bare, said);
    }
    let pred = clause.pred.ok_or("nothing is said of it")?;
    if let (Some(field), Some(op @ ("same" | "new"))) = (&pred.field, pred.op.as_deref()) {
        let keeps = (op == "same") != said.negated;
        let (np, field) = (clause.np, Some(field.clone()));
        return Ok(vec![match keeps {
            true => Form::Same { np, field, value: None, bare: false },
            false => Form::Change { np, field, from: None, to: None, direction: None, by: None },
        }]);
    }
    // A Service with "the value large": values belong to keys and fields.
    let (test, unset) = test_of(pred)?;
    // "A Service has a ClusterIP", "Deployments manage ReplicaSets": true of every cluster.
    let general = matches!(test, Test::Field(..) | Test::Relation(_) | Test::Grants(..));
    if general && said.aspect == Aspect::Plain && clause.np.as_ref().is_some_and(is_generic) {
        return Err("this says how such things are in general, not what is so here".into());
    }
    let implicit = clause.implicit.map(|kind| Np { kind: Some(kind), q: "the".into(), ..Np::default() });
    Ok(vec![state(clause.np.or(implicit), test, said, unset)])
}

/// Bare "Pods" under a heading is fine, "a Pod" alone says nothing.
fn same_object(np: Option<Np>, bare: bool, said: Said) -> Read<Vec<Form>> {
    let np = np.ok_or("what stayed the same is not said")?;
    let vague = bare && (np.q == "a" || np.q == "no" || np.q == "count");
    if vague || said.negated {
        return Err("a noun phrase alone has to name what did or did not change".into());
    }
    Ok(vec![Form::Same { np: Some(np), field: None, value: None, bare }])
}

/// "A Pod", "Pods": said of nobody in particular.
fn is_generic(np: &Np) -> bool {
    let plain =
        np.names.is_empty() && np.adj.is_empty() && np.ord.is_none() && np.rel.iter().all(|r| r.field.is_some());
    plain && (np.q == "a" || np.q == "bare")
}

fn refuse_vague(np: &Np) -> Read<()> {
    if np.ones {
        return Err("\"ones\" of what is not said".into());
    }
    if np.pronoun {
        return Err("who is meant is not said in this sentence".into());
    }
    Ok(())
}

fn event_forms(clause: &Clause, verb: &str, said: Said) -> Read<Vec<Form>> {
    let np = clause.np.clone().ok_or("to whom it happened is not said")?;
    let part = np.kind.as_deref().and_then(|k| super::vocabulary::VOCABULARY.kind(k)).is_some_and(|k| k.part);
    // Containers come and go with their Pods: only their restarts are events of their own.
    if part && verb != "restarted" {
        return Err(format!("what it means that a part of a Pod was {verb} is not defined"));
    }
    if clause.present && is_generic(&np) {
        return Err("this says what happens in general, not what happened here".into());
    }
    // "was never deleted" is "was not deleted".
    let never = said.negated && clause.asp.iter().any(|a| a == "always");
    if (said.aspect == Aspect::Still && !never) || (said.aspect == Aspect::Now && said.negated) {
        return Err("something that happened is not \"still\" happening".into());
    }
    let times = clause.times.as_ref().map(|t| (t.op.clone(), t.n));
    if times.is_some() && verb != "restarted" {
        return Err("how many times is only observed for restarts".into());
    }
    Ok(vec![Form::Event(Box::new(Event {
        verb: if verb == "started" { "created".into() } else { verb.to_owned() },
        negated: said.negated || np.q == "no",
        agent: clause.agent.clone().or_else(|| clause.by.clone()),
        related: clause.related.clone(),
        to: clause.to.clone(),
        same_name: clause.samename,
        loose: clause.loose,
        times,
        np,
    }))])
}

fn term_forms(clause: &Clause, said: Said) -> Read<Vec<Form>> {
    let mut out = Vec::new();
    for term in &clause.terms {
        let fields: Vec<&FieldRef> = term.field.iter().chain(&term.fields).collect();
        let np = term.np.clone().or_else(|| clause.owner.clone());
        if let Some(np) = &np {
            refuse_vague(np)?;
        }
        for field in fields {
            out.push(term_form(clause, term, np.clone(), field.clone(), said)?);
        }
    }
    Ok(out)
}

fn term_form(clause: &Clause, term: &Term, np: Option<Np>, field: FieldRef, mut said: Said) -> Read<Form> {
    if term.q.as_deref() == Some("no") {
        said.negated = !said.negated;
    }
    if clause.same {
        if said.negated {
            return Err("\"no\" and \"the same\" do not go together".into());
        }
        let value = term.value.clone().or_else(|| term.n.map(|n| Literal { v: n.to_string(), bare: false }));
        return Ok(Form::Same { np, field: Some(field), value, bare: clause.bare });
    }
    if term.value.is_some() {
        return Err("a field with its value, and more said of it".into());
    }
    if let Some(change) = &clause.change {
        return change_form(np, Change { field: Some(field), ..change.clone() }, said);
    }
    let pred = clause.pred.clone().ok_or("nothing is said of it")?;
    // "The target is a CPU utilization of 50%": the two have to be words for the same field.
    if let Some(also) = &clause.also
        && field != FieldRef::Field(also.clone())
    {
        return Err(format!("it is not a {also}"));
    }
    if clause.vanish {
        said.aspect = Aspect::Now;
    }
    let (test, unset) = test_of(Pred { field: pred.field.clone().or(Some(field)), ..pred })?;
    Ok(state(np, test, said, unset))
}

fn change_form(np: Option<Np>, change: Change, said: Said) -> Read<Form> {
    let Change { field, from, to, dir, by } = change;
    if said.negated {
        return match (&from, &to, &by) {
            (None, None, None) => Ok(Form::Same { np, field, value: None, bare: false }),
            _ => Err("that a field did not change to a value says little: say what it is".into()),
        };
    }
    if let Some(none) = np.as_ref().filter(|np| np.q == "no") {
        let all = Np { q: "the".into(), plural: true, ..none.clone() };
        return match (&from, &to, &by, &dir) {
            (None, None, None, None) => Ok(Form::Same { np: Some(all), field, value: None, bare: false }),
            _ => Err("that of none it changed so: say what stayed the same".into()),
        };
    }
    if field.is_none() && (by.is_some() || (from.is_none() && to.is_none())) {
        return Err("which field changed is not said".into());
    }
    Ok(Form::Change { np, field, from, to, direction: dir, by })
}

fn state(np: Option<Np>, test: Test, said: Said, unset: bool) -> Form {
    let denies = unset || np.as_ref().is_some_and(|np| np.q == "no") || denies_relation(&test);
    // "has no endpoints any more" says "no" in one place and "any more" in another.
    let aspect = match (said.aspect, said.negated, said.any_more) {
        (_, false, true) if denies => Aspect::Now,
        (aspect, ..) => aspect,
    };
    Form::State { np, test, negated: said.negated, aspect }
}

fn denies_relation(test: &Test) -> bool {
    matches!(test, Test::Relation(r) if r.other.q == "no")
}

/// The test of a predicate, and whether it says that something is not there.
fn test_of(pred: Pred) -> Read<(Test, bool)> {
    let unset = pred.op.as_deref() == Some("unset");
    if pred.exists {
        return Ok((Test::Exists, false));
    }
    if let Some(state) = pred.state {
        return Ok((Test::State(state), false));
    }
    if !pred.both.is_empty() {
        let tests = pred.both.into_iter().map(|p| test_of(p).map(|(t, _)| t)).collect::<Read<Vec<_>>>()?;
        return Ok((Test::All(tests), false));
    }
    if let Some(name) = pred.rel {
        let other = pred.other.ok_or("the other side is not said")?;
        refuse_vague(&other)?;
        let (host, port) = (pred.host.map(|h| h.v), pred.port);
        return Ok((Test::Relation(Box::new(Relation { name, other, host, port, to: pred.to })), false));
    }
    if let Some(pair) = pred.pair {
        let Some(Given::Pair { k, v }) = pred.value else { return Err("a pair needs key=value".into()) };
        let field = match pair.as_str() {
            "label" => FieldRef::Label(k),
            "annotation" => FieldRef::Annotation(k),
            _ => FieldRef::Env(k),
        };
        return Ok((Test::Field(field, Compare::Is(Literal { v, bare: false })), false));
    }
    if !pred.grants.is_empty() {
        let kind = pred.resource.and_then(|r| r.kind).ok_or("on what is not said")?;
        return Ok((Test::Grants(pred.grants, kind), false));
    }
    if let Some(np) = pred.allows {
        return Ok((Test::Allows(Box::new(np)), false));
    }
    let field = pred.field.ok_or("which field is not said")?;
    let compare = match (pred.op.as_deref(), pred.value, pred.n) {
        (Some("set"), None, _) => Compare::Set,
        (Some("unset"), None, _) => Compare::Unset,
        (Some("has"), Some(v), _) => Compare::Has(v.literal()),
        (Some("exactly"), None, _) => Compare::Exactly(pred.values),
        (Some("eq") | None, Some(v), None) => Compare::Is(v.literal()),
        (Some("same" | "new"), ..) => return Err("whether it is another one is said of the value itself".into()),
        (op, None, Some(n)) => Compare::Number(op.unwrap_or("eq").to_owned(), n),
        _ => return Err("a comparison that says nothing".into()),
    };
    Ok((Test::Field(field, compare), unset))
}

/// What adverbs say.
#[derive(Debug, Clone, Copy)]
struct Said {
    negated: bool,
    aspect: Aspect,
    any_more: bool,
}

impl Said {
    fn of(clause: &Clause) -> Read<Self> {
        let has = |word: &str| clause.asp.iter().any(|a| a == word);
        let negations = clause.asp.iter().filter(|a| *a == "not").count();
        if negations > 1 {
            return Err("two negations".into());
        }
        let negated = negations == 1;
        let any_more = has("any more");
        let no_longer = has("no longer") || (negated && any_more);
        let still = has("still") || has("always");
        let now = has("now") || has("again");
        if [no_longer, still, now].iter().filter(|x| **x).count() > 1 && !(now && still && has("again")) {
            return Err("\"now\", \"still\" and \"no longer\" contradict each other".into());
        }
        let aspect = match (no_longer, still, now, has("ever")) {
            (true, ..) => Aspect::NoLonger,
            (_, true, ..) => Aspect::Still,
            (_, _, true, _) => Aspect::Now,
            (_, _, _, true) => Aspect::Ever,
            _ => Aspect::Plain,
        };
        Ok(Self { negated: negated && !no_longer, aspect, any_more })
    }
}
