//! The shell and kubectl on a real cluster, in a namespace of their own. Runs where `KUBECTL_LESSON_REAL` names a
//! kubeconfig of a cluster that tests may use.

use kubectl_lesson::cluster::{self, Kind, Selection};
use kubectl_lesson::shell::{Shell, ShellOptions, programs};

fn selection() -> Option<Selection> {
    let Some(path) = std::env::var_os("KUBECTL_LESSON_REAL") else {
        eprintln!("skipped: KUBECTL_LESSON_REAL names no kubeconfig");
        return None;
    };
    let kubeconfig = kube::config::Kubeconfig::read_from(&path).expect("a kubeconfig");
    Some(Selection {
        kind: Kind::Kubeconfig,
        context: kubeconfig.current_context,
        kubeconfig: Some(path.into()),
        ..Default::default()
    })
}

/// Runs commands on a namespace of their own: exit codes and what a terminal shows.
async fn on_real(selection: &Selection, commands: &[&str]) -> Vec<String> {
    let opened = std::time::Instant::now();
    let cluster = cluster::open(selection, |_| {}).await.expect("a cluster");
    eprintln!("opened in {:?}", opened.elapsed());
    let shell = Shell::new(ShellOptions { programs: programs::all(&cluster), ..Default::default() }).expect("memory");
    let mut shown = Vec::new();
    for command in commands {
        let finished = shell.run(command).await;
        let code = if finished.exit_code == 0 { String::new() } else { format!("[exit {}]", finished.exit_code) };
        shown.push(finished.transcript.combined() + &code);
    }
    cluster.close().await.expect("left as it was");
    shown
}

async fn namespaces(selection: &Selection) -> Vec<String> {
    let kubeconfig =
        kube::config::Kubeconfig::read_from(selection.kubeconfig.as_ref().expect("a path")).expect("a kubeconfig");
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.expect("a config");
    let client = kube::Client::try_from(config).expect("a client");
    let api = kube::Api::<k8s_openapi::api::core::v1::Namespace>::all(client);
    let list = api.list(&Default::default()).await.expect("a list");
    list.into_iter().filter_map(|namespace| namespace.metadata.name).collect()
}

#[tokio::test]
async fn the_namespace_is_seen_as_default_and_is_gone_afterwards() {
    let Some(selection) = selection() else { return };
    let before = namespaces(&selection).await;
    let shown = on_real(
        &selection,
        &[
            "kubectl get pods",
            "kubectl get pods nothing",
            "kubectl get ns -o name",
            "kubectl get ns default -o yaml | grep kubectl-lesson",
            "kubectl get sa default -o yaml | grep namespace",
            "kubectl get cm -A | head -2 | awk '{print $1}'",
            "kubectl get cm -n elsewhere",
            "kubectl get cm -n kube-public -o name",
        ],
    )
    .await;
    assert_eq!(
        shown,
        [
            "No resources found in default namespace.\n",
            "Error from server (NotFound): pods \"nothing\" not found\n[exit 1]",
            "namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n",
            "[exit 1]",
            "  namespace: default\n",
            "NAMESPACE\ndefault\n",
            "No resources found in elsewhere namespace.\n",
            "configmap/kube-root-ca.crt\n",
        ]
    );
    let mine = |names: Vec<String>| names.into_iter().filter(|name| !before.contains(name)).collect::<Vec<_>>();
    assert_eq!(mine(namespaces(&selection).await), Vec::<String>::new());
}
