//! The shell and kubectl on a real cluster, in a namespace of their own. Runs where `KUBECTL_LESSON_REAL` names a
//! kubeconfig of a cluster that tests may use.

use kubectl_lesson::cluster::{self, Kind, Selection};
use kubectl_lesson::shell::{Attachment, Shell, ShellOptions, TerminalSize, programs};

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

/// Runs commands on a namespace of their own: exit codes and what a terminal shows, and the namespace's real name.
async fn on_real(selection: &Selection, commands: &[&str]) -> (Vec<String>, String) {
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
    let real = cluster.names().expect("a namespace of its own").real().to_owned();
    cluster.close().await.expect("left as it was");
    (shown, real)
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
    let (shown, real) = on_real(
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
    assert!(!namespaces(&selection).await.iter().any(|name| name.contains(&real)));
}

#[tokio::test]
async fn namespaces_and_cluster_scoped_objects_of_the_lesson_are_its_own() {
    let Some(selection) = selection() else { return };
    let role = "cat <<'EOF' | kubectl create -f -\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n\
        metadata:\n  name: lesson-test-reader\nrules: []\n---\napiVersion: rbac.authorization.k8s.io/v1\n\
        kind: ClusterRoleBinding\nmetadata:\n  name: lesson-test-reader\nroleRef: {apiGroup: rbac.authorization.k8s.io, \
        kind: ClusterRole, name: lesson-test-reader}\nsubjects: [{kind: ServiceAccount, name: default, namespace: default}]\nEOF";
    let (shown, real) = on_real(&selection, &[
        "echo '{apiVersion: v1, kind: Namespace, metadata: {name: team-blue}}' > ns.yaml; kubectl create -f ns.yaml",
        "kubectl create -f ns.yaml",
        "kubectl get ns team-blue -o name; kubectl get ns -o name | wc -l",
        "kubectl create deployment demo --image=nginx -n team-blue",
        "kubectl get deploy -A | awk '{print $1, $2}' | grep -v kube-system",
        "kubectl create deployment demo --image=nginx -n kube-system",
        role,
        "kubectl get clusterrolebinding lesson-test-reader -o yaml | grep -A9 subjects",
        "kubectl patch clusterrole view -p '{\"metadata\":{\"labels\":{\"a\":\"b\"}}}'",
        "kubectl patch node node-1 -p '{\"metadata\":{\"labels\":{\"a\":\"b\"}}}'",
        "kubectl patch clusterrole lesson-test-reader -p '{\"metadata\":{\"labels\":{\"a\":\"b\"}}}'",
    ]).await;
    assert_eq!(
        shown,
        [
            "namespace/team-blue created\n",
            "Error from server (AlreadyExists): error when creating \"ns.yaml\": namespaces \"team-blue\" already exists\n[exit 1]",
            "namespace/team-blue\n5\n",
            "deployment.apps/demo created\n",
            "NAMESPACE NAME\nteam-blue demo\n",
            "error: failed to create deployment: deployments.apps is forbidden: namespace kube-system belongs to the cluster, not to the lesson\n[exit 1]",
            "clusterrole.rbac.authorization.k8s.io/lesson-test-reader created\nclusterrolebinding.rbac.authorization.k8s.io/lesson-test-reader created\n",
            "subjects:\n- kind: ServiceAccount\n  name: default\n  namespace: default\n",
            "Error from server (Forbidden): clusterroles.rbac.authorization.k8s.io \"view\" is forbidden: the lesson did not create it, and changes nothing else on a cluster that others use\n[exit 1]",
            "Error from server (Forbidden): nodes \"node-1\" is forbidden: a lesson does not change the nodes of a cluster that others use; --allow-nodes lets it, and on the embedded cluster nodes are the lesson's own\n[exit 1]",
            "clusterrole.rbac.authorization.k8s.io/lesson-test-reader patched\n",
        ]
    );
    assert!(!namespaces(&selection).await.iter().any(|name| name.contains(&real)));
}

#[tokio::test]
async fn what_containers_print_and_what_is_typed_into_them_speak_of_default() {
    let Some(selection) = selection() else { return };
    let cluster = cluster::open(&selection, |_| {}).await.expect("a cluster");
    let shell = Shell::new(ShellOptions { programs: programs::all(&cluster), ..Default::default() }).expect("memory");
    let mut shown = Vec::new();
    for command in [
        "kubectl run web --image=nginx --restart=Never && kubectl expose pod web --port=80",
        "kubectl wait --for=condition=Ready pod/web --timeout=60s",
        "kubectl exec web -- cat /var/run/secrets/kubernetes.io/serviceaccount/namespace",
        "kubectl exec web -- grep search /etc/resolv.conf",
        "kubectl describe pod web | grep -E '^(Name|Namespace):'",
        "kubectl get events --field-selector involvedObject.namespace=default -o name | wc -l",
        "kubectl exec web -- curl --retry 20 --retry-delay 1 --retry-all-errors -s -o /dev/null -w '%{http_code}' http://web.default.svc.cluster.local",
    ] {
        let finished = shell.run(command).await;
        let code = if finished.exit_code == 0 { String::new() } else { format!("[exit {}]", finished.exit_code) };
        shown.push(finished.transcript.combined() + &code);
    }
    let size = TerminalSize { width: 80, height: 24 };
    let mut session = shell.start("kubectl exec -it web -- sh", Attachment::Terminal(size));
    let mut screen = String::new();
    session.write("curl -s -o /dev/null -w '%{http_code}.' web.default; cat /etc/resolv.conf | grep search\nexit\n");
    while let Some(chunk) = session.output.recv().await {
        screen += &String::from_utf8_lossy(&chunk.bytes);
    }
    let code = session.wait().await;
    let mut run = shell
        .start("kubectl run curl --image=curlimages/curl -it --rm --restart=Never -- sh", Attachment::Terminal(size));
    let mut ended = String::new();
    run.write("exit\n");
    while let Some(chunk) = run.output.recv().await {
        ended += &String::from_utf8_lossy(&chunk.bytes);
    }
    run.wait().await;
    cluster.close().await.expect("left as it was");
    let search = "search default.svc.cluster.local svc.cluster.local cluster.local";
    assert_eq!(shown[0], "pod/web created\nservice/web exposed\n");
    assert_eq!(shown[1], "pod/web condition met\n");
    assert_eq!(shown[2], "default");
    assert!(shown[3].starts_with(search), "{}", shown[3]);
    assert_eq!(shown[4], "Name:             web\nNamespace:        default\n");
    assert_ne!(shown[5], "0\n");
    assert_eq!(shown[6], "200");
    assert!(screen.contains("200.") && screen.contains(search), "{screen}");
    assert_eq!(code, 0);
    assert!(ended.ends_with("pod \"curl\" deleted from default namespace\n"), "{ended}");
}
