//! `kubectl config get-clusters | get-users | delete-cluster | delete-user | delete-context` (kubectl: pkg/cmd/config).

use super::file::Kubeconfig;
use super::types::Config;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};

pub(super) static GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    use_line: "get-clusters",
    bare_use_line: false,
    short: "Display clusters defined in the kubeconfig",
    long: "Display clusters defined in the kubeconfig.",
    example: "# List the clusters that kubectl knows about\nkubectl config get-clusters",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(list(cx, |config| config.clusters.iter().map(|entry| entry.name.clone()).collect()))),
    ..Command::NEW
};

pub(super) static GET_USERS: Command = Command {
    name: "get-users",
    use_line: "get-users",
    bare_use_line: false,
    short: "Display users defined in the kubeconfig",
    long: "Display users defined in the kubeconfig.",
    example: "# List the users that kubectl knows about\nkubectl config get-users",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(list(cx, |config| config.users.iter().map(|entry| entry.name.clone()).collect()))),
    ..Command::NEW
};

async fn list(cx: &Context, names: fn(&Config) -> Vec<String>) -> Result<()> {
    let mut names = names(&Kubeconfig::load(cx).await?.config);
    names.sort();
    writeln!(cx.out, "NAME")?;
    for name in names {
        writeln!(cx.out, "{name}")?;
    }
    Ok(())
}

pub(super) static DELETE_CLUSTER: Command = Command {
    name: "delete-cluster",
    use_line: "delete-cluster NAME",
    short: "Delete the specified cluster from the kubeconfig",
    long: "Delete the specified cluster from the kubeconfig.",
    example: "# Delete the minikube cluster\nkubectl config delete-cluster minikube",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(delete(cx, "cluster"))),
    ..Command::NEW
};

pub(super) static DELETE_USER: Command = Command {
    name: "delete-user",
    use_line: "delete-user NAME",
    short: "Delete the specified user from the kubeconfig",
    long: "Delete the specified user from the kubeconfig.",
    example: "# Delete the minikube user\nkubectl config delete-user minikube",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(delete(cx, "user"))),
    ..Command::NEW
};

pub(super) static DELETE_CONTEXT: Command = Command {
    name: "delete-context",
    use_line: "delete-context NAME",
    short: "Delete the specified context from the kubeconfig",
    long: "Delete the specified context from the kubeconfig.",
    example: "# Delete the context for the minikube cluster\nkubectl config delete-context minikube",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(delete(cx, "context"))),
    ..Command::NEW
};

async fn delete(cx: &Context, what: &str) -> Result<()> {
    let kubeconfig = Kubeconfig::load(cx).await?;
    let [name] = cx.args.as_slice() else {
        if what == "user" {
            return Err(cx.usage_error("user to delete is required"));
        }
        write!(cx.out, "{}", crate::help::help(cx.command, &cx.path))?;
        return Ok(());
    };
    let mut wanted = kubeconfig.config.clone();
    let count = |config: &Config| config.clusters.len() + config.users.len() + config.contexts.len();
    match what {
        "cluster" => wanted.clusters.retain(|entry| entry.name != *name),
        "user" => wanted.users.retain(|entry| entry.name != *name),
        _ => wanted.contexts.retain(|entry| entry.name != *name),
    }
    let file = kubeconfig.default_path(cx).await;
    if count(&wanted) == count(&kubeconfig.config) {
        return Err(Error::msg(format!("cannot delete {what} {name}, not in {}", file.display())));
    }
    if what == "context" && kubeconfig.config.current_context == *name {
        writeln!(
            cx.err,
            "warning: this removed your active context, use \"kubectl config use-context\" to select a different one"
        )?;
    }
    kubeconfig.modify(cx, wanted, true).await?;
    writeln!(cx.out, "deleted {what} {name} from {}", file.display())?;
    Ok(())
}
