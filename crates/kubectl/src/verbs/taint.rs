//! `kubectl taint` (kubectl: pkg/cmd/taint).

use super::change;
use super::create::field_validation;
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Errors, Helper, Info};
use crate::text::quote;
use apimachinery::names::{is_qualified_name, is_valid_label_value};
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "taint",
    use_line: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    short: "Update the taints on one or more nodes",
    long: "Update the taints of nodes.\n\n  *  A taint is a key, a value and an effect, written key=value:effect.\n  *  Key and value consist of letters, numbers, hyphens, dots, and underscores and begin with a letter or number; a key has up to 253 characters, a value up to 63. A value may be missing.\n  *  The key may have a DNS subdomain and a '/' in front, like example.com/my-app.\n  *  The effect is NoSchedule, PreferNoSchedule or NoExecute.\n  *  Only nodes have taints.",
    example: "# Keep pods away that do not tolerate it; a taint with the same key and effect gets the new value
kubectl taint nodes foo dedicated=special-user:NoSchedule

# Away with it, by key and effect, or by key alone
kubectl taint nodes foo dedicated:NoSchedule-
kubectl taint nodes foo dedicated-

# On all nodes with a label
kubectl taint node -l myLabel=X dedicated=foo:PreferNoSchedule",
    flags: || {
        let mut flags = common::output();
        flags.extend([
            common::dry_run(),
            common::validate(),
            common::selector(),
            common::field_manager("kubectl-taint"),
            Flag::bool("all", "Select all nodes in the cluster"),
            Flag::bool("overwrite", "If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

impl Taint {
    /// `key=value:effect`, `key:effect` or `key` (`parseTaint`).
    fn parse(text: &str) -> Result<Taint, String> {
        let invalid = || format!("invalid taint spec: {text}");
        let parts: Vec<&str> = text.split(':').collect();
        let (pair, effect) = match parts.as_slice() {
            [key] => (vec![*key], ""),
            [pair, effect] => {
                if !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(effect) {
                    return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
                }
                (pair.split('=').collect(), *effect)
            }
            _ => return Err(invalid()),
        };
        let (key, value) = match pair.as_slice() {
            [key] => (*key, ""),
            [key, value] => (*key, *value),
            _ => return Err(invalid()),
        };
        for faults in [is_valid_label_value(value), is_qualified_name(key)] {
            if !faults.is_empty() {
                return Err(format!("{}, {}", invalid(), faults.join("; ")));
            }
        }
        Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
    }

    fn json(&self) -> Value {
        match self.value.as_str() {
            "" => json!({"key": self.key, "effect": self.effect}),
            value => json!({"key": self.key, "value": value, "effect": self.effect}),
        }
    }

    /// The same key and effect; without an effect, the same key.
    fn matches(&self, taint: &Value) -> bool {
        taint["key"] == self.key.as_str() && (self.effect.is_empty() || taint["effect"] == self.effect.as_str())
    }
}

/// What is asked for.
struct Changes {
    add: Vec<Taint>,
    remove: Vec<Taint>,
}

/// `parseTaints`.
fn parse(words: &[String]) -> Result<Changes, String> {
    let mut changes = Changes { add: Vec::new(), remove: Vec::new() };
    for word in words {
        if let Some(word) = word.strip_suffix('-') {
            changes.remove.push(Taint::parse(word)?);
            continue;
        }
        let taint = Taint::parse(word)?;
        if taint.effect.is_empty() {
            return Err(format!("invalid taint spec: {word}"));
        }
        if changes.add.iter().any(|other| other.key == taint.key && other.effect == taint.effect) {
            let Taint { key, value, effect } = taint;
            return Err(format!("duplicated taints with the same key and effect: {{{key} {value} {effect} <nil>}}"));
        }
        changes.add.push(taint);
    }
    Ok(changes)
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let (namespace, _) = cx.namespace().await?;
    let dry_run = DryRun::of(cx)?;
    field_validation(cx)?;
    let is_taint = |word: &String| word.contains(['=', ':']) || word.ends_with('-');
    let first = cx.args.iter().position(is_taint).unwrap_or(cx.args.len());
    let (resources, words) = cx.args.split_at(first);
    if let Some(late) = words.iter().find(|word| !is_taint(word)) {
        return Err(Error::msg(format!("all resources must be specified before taint changes: {late}")));
    }
    let Some((kind, names)) = resources.split_first() else {
        return Err(Error::msg("one or more resources must be specified as <resource> <name>"));
    };
    if words.is_empty() {
        return Err(Error::msg("at least one taint update is required"));
    }
    let changes = parse(words).map_err(|why| cx.usage_error(why))?;
    validate(cx, &kind.to_lowercase(), names, &changes).await?;
    let by_name = names.iter().map(|name| if name.contains('/') { name.clone() } else { format!("node/{name}") });
    let selected = flags.bool("all") || !flags.str("selector").is_empty();
    let args: Vec<String> = if selected { vec!["node".into()] } else { by_name.collect() };
    let builder = Builder::new().continue_on_error().namespace(&namespace, false).flatten().latest();
    let builder = builder.label_selector(flags.str("selector")).select_all(flags.bool("all")).args(false, &args);
    let mut errors = Errors::default();
    for item in builder.find(cx).await?.items {
        errors.keep(match item {
            Ok(info) => taint(cx, &info, &changes, dry_run).await,
            Err(error) => Err(error),
        })?;
    }
    errors.finish()
}

async fn validate(cx: &Context, kind: &str, names: &[String], changes: &Changes) -> Result<()> {
    let mapping = cx.mapper().await?.resource(kind).await.map_err(|error| match error {
        Error::Message(text) => Error::NoMatch(text),
        error => error,
    })?;
    if mapping.kind != "Node" {
        return Err(Error::msg(format!("invalid resource type {kind}, only node types are supported")));
    }
    let mut conflicts = Vec::new();
    for add in &changes.add {
        for remove in changes.remove.iter().filter(|remove| remove.matches(&add.json())) {
            conflicts.push(format!("{}={}", remove.key, remove.effect));
        }
    }
    let (all, selector) = (cx.flags.bool("all"), cx.flags.str("selector"));
    if !conflicts.is_empty() {
        let conflicts = conflicts.join(", ");
        let text = format!("can not both modify and remove the following taint(s) in the same command: {conflicts}");
        return Err(Error::msg(text));
    }
    if all && !selector.is_empty() {
        return Err(Error::msg("setting 'all' parameter with a non empty selector is prohibited"));
    }
    if !all && selector.is_empty() && names.is_empty() {
        return Err(Error::msg("at least one resource name must be specified since 'all' parameter is not set"));
    }
    Ok(())
}

async fn taint(cx: &Context, info: &Info, changes: &Changes, dry_run: DryRun) -> Result<()> {
    if info.mapping.kind != "Node" {
        let (version, kind) = (&info.mapping.version, &info.mapping.kind);
        return Err(Error::msg(format!("unexpected type *{version}.{kind}, expected Node")));
    }
    let mut after = info.object.clone();
    let operation = update(cx, &mut after, changes)?;
    // Upstream forgets that it is a dry run when it changes the word.
    let flags = PrintFlags::of(cx, operation);
    if dry_run == DryRun::Client {
        write!(cx.out, "{}", flags.printer(cx).await?.print(after)?)?;
        return Ok(());
    }
    let (patch, content_type) = change::between(&info.object, &after)?;
    let helper = Helper::new(&cx.requests().await?, &info.mapping).dry_run(dry_run);
    let validation = field_validation(cx)?;
    let helper = helper.field_manager(cx.flags.str("field-manager")).field_validation(validation);
    let object = helper.patch("", &info.name, content_type, patch.to_string().into_bytes()).await?;
    write!(cx.out, "{}", flags.typed().printer(cx).await?.print(object)?)?;
    Ok(())
}

/// Changes the node and says what that was: `tainted`, `untainted`, `modified` (`updateTaints`, `reorganizeTaints`).
fn update(cx: &Context, node: &mut Value, changes: &Changes) -> Result<&'static str> {
    let overwrite = cx.flags.bool("overwrite");
    let old = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
    let there = |add: &Taint| old.iter().filter(|taint| add.matches(taint)).map(|_| add.key.clone()).collect();
    let existing: Vec<String> = changes.add.iter().flat_map(|add| -> Vec<String> { there(add) }).collect();
    if !overwrite && !existing.is_empty() {
        let (name, keys) = (node["metadata"]["name"].as_str().unwrap_or_default(), existing.join(","));
        let text = format!("node {name} already has {keys} taint(s) with same effect(s) and --overwrite is false");
        return Err(Error::msg(text));
    }
    let mut taints: Vec<Value> = changes.add.iter().map(Taint::json).collect();
    for taint in &old {
        if !changes.add.iter().any(|add| add.matches(taint)) {
            taints.push(taint.clone());
        }
    }
    let added = old.len() != taints.len();
    let (mut deleted, mut errors) = (false, Vec::new());
    for remove in &changes.remove {
        let before = taints.len();
        taints.retain(|taint| !remove.matches(taint));
        deleted = taints.len() != before;
        if !deleted {
            let separator = if remove.effect.is_empty() { "" } else { ":" };
            let shown = format!("{}{separator}{}", remove.key, remove.effect);
            errors.push(Error::msg(format!("taint {} not found", quote(&shown))));
        }
    }
    Error::aggregate(errors)?;
    match taints.is_empty() {
        true => drop(node["spec"].as_object_mut().and_then(|spec| spec.remove("taints"))),
        false => node["spec"]["taints"] = Value::Array(taints),
    }
    Ok(match (added, deleted) {
        _ if overwrite => "modified",
        (true, true) => "modified",
        (true, false) => "tainted",
        (false, _) => "untainted",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs() {
        let error = |text: &str| parse(&[text.to_string()]).err().unwrap_or_default();
        assert_eq!(error("a"), "invalid taint spec: a");
        assert_eq!(error("a=b:No"), "invalid taint effect: No, unsupported taint effect");
        assert_eq!(error("a=b=c:NoSchedule"), "invalid taint spec: a=b=c:NoSchedule");
        assert_eq!(error("a:b:c"), "invalid taint spec: a:b:c");
        let twice = ["a=1:NoExecute".to_string(), "a=2:NoExecute".to_string()];
        let why = parse(&twice).err().unwrap_or_default();
        assert_eq!(why, "duplicated taints with the same key and effect: {a 2 NoExecute <nil>}");
    }
}
