//! `kubectl set subject` (kubectl: pkg/cmd/set/set_subject.go).

use super::{Outcome, Update, find, flags, scope, validate_local, validate_selector};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::Info;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) static COMMAND: Command = Command {
    name: "subject",
    use_line: "subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Update the user, group, or service account in a role binding or cluster role binding",
    long: "Add users, groups or service accounts to a role binding or cluster role binding.",
    example: "# One more service account for a cluster role binding
kubectl set subject clusterrolebinding admin --serviceaccount=namespace:serviceaccount1

# Two users and a group for a role binding
kubectl set subject rolebinding admin --user=user1 --user=user2 --group=group1

# See what would become of a binding, without asking the server
kubectl create rolebinding admin --role=admin --user=admin -o yaml --dry-run=client | kubectl set subject --local -f - --user=foo -o yaml",
    flags: || {
        let mut flags = flags();
        flags.extend(common::filename("the resource to update the subjects"));
        flags.extend(scope("subject"));
        flags.extend([
            common::selector(),
            Flag::string_array("user", "Usernames to bind to the role"),
            Flag::string_array("group", "Groups to bind to the role"),
            Flag::string_array("serviceaccount", "Service accounts to bind to the role"),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    DryRun::of(cx)?;
    PrintFlags::of(cx, "").printer(cx).await?;
    let (namespace, _) = cx.namespace().await?;
    let infos = find(cx, &cx.args, cx.flags.str("selector")).await?;
    validate_local(cx)?;
    validate_selector(cx)?;
    let subjects = subjects(cx, &infos, &namespace)?;
    let changes = infos.into_iter().map(|info| {
        let outcome = add(&info, &subjects);
        (info, outcome)
    });
    let changes = changes.collect();
    let update =
        Update { done: "subjects updated", failed: "failed to patch subjects to rolebinding:", even_unchanged: false };
    update.run(cx, changes, Vec::new()).await
}

/// Users, groups, service accounts, each sorted.
fn subjects(cx: &Context, infos: &[Info], namespace: &str) -> Result<Vec<Value>> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let sorted = |flag: &str| cx.flags.strings(flag).iter().cloned().collect::<BTreeSet<String>>();
    let (users, groups, accounts) = (sorted("user"), sorted("group"), sorted("serviceaccount"));
    if users.is_empty() && groups.is_empty() && accounts.is_empty() {
        return Err(Error::msg("you must specify at least one value of user, group or serviceaccount"));
    }
    let mut subjects = Vec::new();
    subjects.extend(users.iter().map(|name| json!({"kind": "User", "apiGroup": GROUP, "name": name})));
    subjects.extend(groups.iter().map(|name| json!({"kind": "Group", "apiGroup": GROUP, "name": name})));
    for account in cx.flags.strings("serviceaccount") {
        let parts = account.split_once(':').filter(|(_, name)| !name.is_empty() && !name.contains(':'));
        let Some((of, _)) = parts else { return Err(Error::msg("serviceaccount must be <namespace>:<name>")) };
        if of.is_empty() && infos.iter().any(|info| info.mapping.kind == "ClusterRoleBinding") {
            return Err(Error::msg("serviceaccount must be <namespace>:<name>, namespace must be specified"));
        }
    }
    for account in &accounts {
        let (of, name) = account.split_once(':').unwrap_or_default();
        let of = if of.is_empty() { namespace } else { of };
        subjects.push(json!({"kind": "ServiceAccount", "namespace": of, "name": name}));
    }
    Ok(subjects)
}

fn add(info: &Info, subjects: &[Value]) -> Outcome {
    let mapping = &info.mapping;
    if mapping.group != "rbac.authorization.k8s.io"
        || !["RoleBinding", "ClusterRoleBinding"].contains(&mapping.kind.as_str())
    {
        return Err("setting subjects is only supported for RoleBinding/ClusterRoleBinding".into());
    }
    let mut object = info.object.clone();
    let mut all = object["subjects"].as_array().cloned().unwrap_or_default();
    let existing = all.len();
    for subject in subjects {
        if !all[..existing].contains(subject) {
            all.push(subject.clone());
        }
    }
    if all.len() == existing {
        return Ok(None);
    }
    object["subjects"] = Value::Array(all);
    Ok(Some(object))
}
