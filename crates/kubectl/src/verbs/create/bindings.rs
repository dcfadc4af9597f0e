//! `kubectl create rolebinding` and `clusterrolebinding` (kubectl: pkg/cmd/create/create_rolebinding.go,
//! create_clusterrolebinding.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use serde_json::{Value, json};

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) static ROLE_BINDING: Command = Command {
    name: "rolebinding",
    use_line: "rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a role binding for a particular role or cluster role",
    long: "Create a role binding for a particular role or cluster role.",
    example: "# Give a cluster role to users and a group, in this namespace
kubectl create rolebinding admin --clusterrole=admin --user=user1 --user=user2 --group=group1

# Give a role to a service account
kubectl create rolebinding admin-binding --role=admin --serviceaccount=monitoring:sa-dev",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string("clusterrole", "", "ClusterRole this RoleBinding should reference"),
            Flag::string("role", "", "Role this RoleBinding should reference"),
        ]);
        flags.extend(subject_flags("role"));
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(role_binding(cx))),
    ..Command::NEW
};

pub(super) static CLUSTER_ROLE_BINDING: Command = Command {
    name: "clusterrolebinding",
    use_line: "clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a cluster role binding for a particular cluster role",
    long: "Create a cluster role binding for a particular cluster role.",
    example: "# Give a cluster role to users and a group, in all namespaces
kubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1 --group=group1",
    flags: || {
        let mut flags = generated::flags();
        flags.push(Flag::string("clusterrole", "", "ClusterRole this ClusterRoleBinding should reference").required());
        flags.extend(subject_flags("clusterrole"));
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(cluster_role_binding(cx))),
    ..Command::NEW
};

fn subject_flags(role: &str) -> Vec<Flag> {
    vec![
        Flag::string_array(
            "user",
            format!("Usernames to bind to the {role}. The flag can be repeated to add multiple users."),
        ),
        Flag::string_array(
            "group",
            format!("Groups to bind to the {role}. The flag can be repeated to add multiple groups."),
        ),
        Flag::string_array(
            "serviceaccount",
            format!(
                "Service accounts to bind to the {role}, in the format <namespace>:<name>. The flag can be repeated to add multiple service accounts."
            ),
        ),
    ]
}

fn subjects(cx: &Context) -> Result<Vec<Value>> {
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        let names = cx.flags.strings(flag).iter();
        subjects.extend(names.map(|name| json!({"apiGroup": GROUP, "kind": kind, "name": name})));
    }
    for account in cx.flags.strings("serviceaccount") {
        match account.split(':').collect::<Vec<_>>()[..] {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                subjects.push(json!({"kind": "ServiceAccount", "namespace": namespace, "name": name}));
            }
            _ => return Err(Error::msg("serviceaccount must be <namespace>:<name>")),
        }
    }
    Ok(subjects)
}

fn binding(cx: &Context, kind: &str, role_kind: &str, role: &str) -> Result<Value> {
    let mut binding = json!({
        "apiVersion": format!("{GROUP}/v1"),
        "kind": kind,
        "metadata": {"name": generated::name(cx)?},
        "roleRef": {"apiGroup": GROUP, "kind": role_kind, "name": role},
    });
    let subjects = subjects(cx)?;
    if !subjects.is_empty() {
        binding["subjects"] = Value::Array(subjects);
    }
    Ok(binding)
}

async fn role_binding(cx: &Context) -> Result<()> {
    generated::name(cx)?;
    let (cluster_role, role) = (cx.flags.str("clusterrole"), cx.flags.str("role"));
    if cluster_role.is_empty() == role.is_empty() {
        return Err(Error::msg("exactly one of clusterrole or role must be specified"));
    }
    let (kind, name) = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    let binding = binding(cx, "RoleBinding", kind, name)?;
    generated::create(cx, "failed to create rolebinding:", binding).await
}

async fn cluster_role_binding(cx: &Context) -> Result<()> {
    let binding = binding(cx, "ClusterRoleBinding", "ClusterRole", cx.flags.str("clusterrole"))?;
    generated::create(cx, "failed to create clusterrolebinding:", binding).await
}
