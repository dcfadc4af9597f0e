//! `kubectl auth reconcile` (kubectl: pkg/cmd/auth/reconcile.go; component-helpers: auth/rbac/reconciliation).

use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::mapper::guess;
use crate::printers::{ObjectPrinter, PrintFlags, typed};
use crate::request::Call;
use crate::resource::{Builder, Errors, Helper, Info};
use crate::verbs::rbac::{Rule, uncovered};
use http::Method;
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "reconcile",
    use_line: "reconcile -f FILENAME",
    short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
    long: "Bring roles, role bindings, cluster roles and cluster role bindings in line with a file.\n\n What is missing is created, a missing namespace too.\n\n Roles get the permissions that they lack; with --remove-extra-permissions they lose those that the file does not have.\n\n Bindings get the subjects that they lack; with --remove-extra-subjects they lose those that the file does not have.\n\n For these kinds that is better than 'apply': rules and subjects are compared by what they mean.",
    example: "# Bring RBAC objects in line with a file\nkubectl auth reconcile -f my-rbac-rules.yaml",
    flags: || {
        let mut flags = common::output();
        flags.extend(common::filename("identifying the resource to reconcile."));
        flags.extend([
            common::dry_run(),
            Flag::bool("remove-extra-permissions", "If true, removes extra permissions added to roles"),
            Flag::bool("remove-extra-subjects", "If true, removes extra subjects added to rolebindings"),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// What it takes to bring an object in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Nothing,
    Create,
    Update,
    Recreate,
}

/// What is to become of an object, and why.
struct Plan {
    object: Value,
    operation: Operation,
    /// The object says that it wants to be left alone.
    protected: bool,
    /// Rules or subjects, as Go prints them.
    missing: Vec<String>,
    extra: Vec<String>,
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    if flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
        return Err(Error::msg("must specify one of -f and -k"));
    }
    if !cx.args.is_empty() {
        return Err(Error::msg("no arguments are allowed"));
    }
    let dry_run = DryRun::of(cx)
        .map_err(|error| Error::msg(format!("error accessing --dry-run flag for command reconcile: {error}")))?;
    if dry_run == DryRun::Server {
        return Err(Error::msg("--dry-run=server for command reconcile is not supported yet"));
    }
    let (namespace, enforce) = cx.namespace().await?;
    let builder = Builder::new().continue_on_error().namespace(&namespace, enforce).filenames(flags).flatten();
    let found = builder.local(true).find(cx).await?;
    let operation = format!("reconciled{}", dry_run.suffix());
    let mut printer = PrintFlags::of(cx, operation).typed().printer(cx).await?;
    let mut errors = Errors::default();
    for item in found.items {
        errors.keep(match item {
            Ok(info) => reconcile(cx, info, dry_run, &mut printer).await,
            Err(error) => Err(error),
        })?;
    }
    errors.finish()
}

async fn reconcile(cx: &Context, mut info: Info, dry_run: DryRun, printer: &mut ObjectPrinter) -> Result<()> {
    const TRIES: usize = 3;
    let (group, version, kind) = (&info.mapping.group, &info.mapping.version, info.mapping.kind.clone());
    let known = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].contains(&kind.as_str());
    if group != "rbac.authorization.k8s.io" || !known {
        return Ok(());
    }
    if version != "v1" {
        let text = format!("only rbac.authorization.k8s.io/v1 is supported: not *{version}.{kind}");
        return Err(Error::msg(text));
    }
    info.mapping = guess(group, version, &kind);
    typed::canonical(&mut info.object);
    if info.mapping.namespaced && info.namespace.is_empty() {
        return Err(Error::msg("an empty namespace may not be set when a resource name is provided"));
    }
    let mut last = Err(Error::msg("exceeded maximum attempts"));
    for _ in 0..TRIES {
        last = reconcile_once(cx, &info, dry_run).await;
        // Somebody else was faster: look again.
        let again = |error: &Error| error.is_conflict() || error.is_already_exists() || error.is_not_found();
        if !last.as_ref().is_err_and(again) {
            break;
        }
    }
    let plan = last?;
    write!(cx.out, "{}", printer.print(plan.object.clone())?)?;
    report(cx, &plan, kind.ends_with("Binding"))
}

async fn reconcile_once(cx: &Context, info: &Info, dry_run: DryRun) -> Result<Plan> {
    let requests = cx.requests().await?;
    let helper = Helper::new(&requests, &info.mapping);
    let binding = info.mapping.kind.ends_with("Binding");
    let mut plan = match helper.get(&info.namespace, &info.name).await {
        Err(error) if error.is_not_found() => Plan {
            object: info.object.clone(),
            operation: Operation::Create,
            protected: false,
            missing: if binding { shown(&subjects(&info.object)) } else { shown_rules(&rules(&info.object)) },
            extra: Vec::new(),
        },
        Err(error) => return Err(error),
        Ok(existing) if binding => plan_binding(cx, &existing, &info.object),
        Ok(existing) => plan_role(cx, &existing, &info.object),
    };
    if plan.protected || dry_run == DryRun::Client {
        return Ok(plan);
    }
    if plan.operation == Operation::Recreate {
        match helper.delete(&info.namespace, &info.name, json!({"kind": "DeleteOptions", "apiVersion": "v1"})).await {
            Err(error) if !error.is_not_found() => return Err(error),
            _ => {}
        }
    }
    match plan.operation {
        Operation::Nothing => {}
        Operation::Update => plan.object = helper.replace(&info.namespace, &info.name, &plan.object).await?,
        Operation::Create | Operation::Recreate => {
            if info.mapping.namespaced {
                ensure_namespace(cx, &info.namespace).await?;
            }
            plan.object = helper.create(&info.namespace, &plan.object).await?;
        }
    }
    Ok(plan)
}

/// Makes the namespace, if it is not there and one may (`tryEnsureNamespace`).
async fn ensure_namespace(cx: &Context, namespace: &str) -> Result<()> {
    let requests = cx.requests().await?;
    let harmless = |error: &Error, reasons: &[&str]| error.api().is_some_and(|api| reasons.contains(&api.reason()));
    match requests.json(Call::get(format!("/api/v1/namespaces/{namespace}"))).await {
        Ok(_) => return Ok(()),
        Err(error) if !harmless(&error, &["NotFound", "Forbidden"]) => return Err(error),
        Err(_) => {}
    }
    let body =
        json!({"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": namespace}, "spec": {}, "status": {}});
    match requests.json(Call::new(Method::POST, "/api/v1/namespaces").json(&body)).await {
        Err(error) if !harmless(&error, &["AlreadyExists", "Forbidden"]) => Err(error),
        _ => Ok(()),
    }
}

/// The existing object with the labels and annotations of the expected one added; whether that changes it.
fn merged(existing: &Value, expected: &Value) -> (Value, bool) {
    let mut object = existing.clone();
    for field in ["annotations", "labels"] {
        let mut pairs: Map<String, Value> = expected["metadata"][field].as_object().cloned().unwrap_or_default();
        pairs.extend(existing["metadata"][field].as_object().cloned().unwrap_or_default());
        if !pairs.is_empty() {
            object["metadata"][field] = Value::Object(pairs);
        }
    }
    let changed = object != *existing;
    (object, changed)
}

fn is_protected(object: &Value) -> bool {
    object["metadata"]["annotations"]["rbac.authorization.kubernetes.io/autoupdate"] == "false"
}

fn rules(object: &Value) -> Vec<Rule> {
    object["rules"].as_array().into_iter().flatten().map(Rule::of).collect()
}

fn shown_rules(rules: &[Rule]) -> Vec<String> {
    rules.iter().map(Rule::go).collect()
}

/// `computeReconciledRole`.
fn plan_role(cx: &Context, existing: &Value, expected: &Value) -> Plan {
    const SELECTORS: &str = "clusterRoleSelectors";
    let remove = cx.flags.bool("remove-extra-permissions");
    let (mut object, mut changed) = merged(existing, expected);
    let (have, want) = (rules(existing), rules(expected));
    let (had, wanted) = (&existing["aggregationRule"], &expected["aggregationRule"]);
    let extra = if wanted.is_null() || had.is_null() { uncovered(&want, &have) } else { Vec::new() };
    let missing = uncovered(&have, &want);
    if remove && (!missing.is_empty() || !extra.is_empty()) {
        object["rules"] = expected["rules"].clone();
        changed = true;
    } else if !remove && !missing.is_empty() {
        let mut all = existing["rules"].as_array().cloned().unwrap_or_default();
        all.extend(missing.iter().map(Rule::json));
        object["rules"] = Value::Array(all);
        changed = true;
    }
    let selectors = |rule: &Value| rule[SELECTORS].as_array().cloned().unwrap_or_default();
    let (had_selectors, wanted_selectors) = (selectors(had), selectors(wanted));
    let lacks = wanted_selectors.iter().any(|selector| !had_selectors.contains(selector));
    let has_more = had_selectors.iter().any(|selector| !wanted_selectors.contains(selector));
    if wanted.is_null() && !had.is_null() {
        object.as_object_mut().map(|object| object.remove("aggregationRule"));
        changed = true;
    } else if remove && (lacks || has_more) {
        object["aggregationRule"] = wanted.clone();
        changed = true;
    } else if lacks {
        let new = wanted_selectors.into_iter().filter(|selector| !had_selectors.contains(selector));
        let all: Vec<Value> = had_selectors.iter().cloned().chain(new).collect();
        object["aggregationRule"][SELECTORS] = Value::Array(all);
        changed = true;
    }
    Plan {
        object,
        operation: if changed { Operation::Update } else { Operation::Nothing },
        protected: is_protected(existing),
        missing: shown_rules(&missing),
        extra: if remove { shown_rules(&extra) } else { Vec::new() },
    }
}

fn subjects(object: &Value) -> Vec<Value> {
    object["subjects"].as_array().cloned().unwrap_or_default()
}

/// Go's `%+v` of subjects.
fn shown(subjects: &[Value]) -> Vec<String> {
    let show = |subject: &Value| {
        let text = |field: &str| subject[field].as_str().unwrap_or_default().to_string();
        let (kind, group, name, namespace) = (text("kind"), text("apiGroup"), text("name"), text("namespace"));
        format!("{{Kind:{kind} APIGroup:{group} Name:{name} Namespace:{namespace}}}")
    };
    subjects.iter().map(show).collect()
}

/// Those of the first list that are not in the second, each once.
fn only(first: &[Value], second: &[Value]) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for subject in first {
        if !second.contains(subject) && !out.contains(subject) {
            out.push(subject.clone());
        }
    }
    out
}

/// `computeReconciledRoleBinding`.
fn plan_binding(cx: &Context, existing: &Value, expected: &Value) -> Plan {
    let remove = cx.flags.bool("remove-extra-subjects");
    let protected = is_protected(existing);
    if existing["roleRef"] != expected["roleRef"] {
        let (missing, extra) = (Vec::new(), Vec::new());
        return Plan { object: expected.clone(), operation: Operation::Recreate, protected, missing, extra };
    }
    let (mut object, mut changed) = merged(existing, expected);
    let (have, want) = (subjects(existing), subjects(expected));
    let (missing, extra) = (only(&want, &have), only(&have, &want));
    if remove && (!missing.is_empty() || !extra.is_empty()) {
        object["subjects"] = Value::Array(want);
        changed = true;
    } else if !remove && !missing.is_empty() {
        object["subjects"] = Value::Array(have.into_iter().chain(missing.clone()).collect());
        changed = true;
    }
    Plan {
        object,
        operation: if changed { Operation::Update } else { Operation::Nothing },
        protected,
        missing: shown(&missing),
        extra: if remove { shown(&extra) } else { Vec::new() },
    }
}

/// Says on stderr what had to be done.
fn report(cx: &Context, plan: &Plan, binding: bool) -> Result<()> {
    let word = match plan.operation {
        Operation::Nothing => return Ok(()),
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Recreate => "recreate",
    };
    let caveat = match plan.protected {
        true => ", but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)",
        false => "",
    };
    writeln!(cx.err, "\treconciliation required {word}{caveat}")?;
    let what = if binding { "subjects" } else { "rules" };
    for (title, lines) in [("missing", &plan.missing), ("extra", &plan.extra)] {
        if lines.is_empty() {
            continue;
        }
        writeln!(cx.err, "\t{title} {what} {}:", if title == "missing" { "added" } else { "removed" })?;
        for line in lines {
            writeln!(cx.err, "\t\t{line}")?;
        }
    }
    Ok(())
}
