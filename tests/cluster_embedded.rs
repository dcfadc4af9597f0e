//! The shell and kubectl on the embedded cluster, on virtual time.

use kubectl_lesson::cluster::{self, Selection};
use kubectl_lesson::shell::{Shell, ShellOptions, programs};

/// Runs commands: exit codes and what a terminal shows.
fn on_embedded(commands: &[&str]) -> Vec<String> {
    let selection = Selection::default();
    cluster::runtime(&selection).expect("a runtime").block_on(async {
        let cluster = cluster::open(&selection, |_| {}).await.expect("a cluster");
        let options = ShellOptions { programs: programs::all(&cluster), ..Default::default() };
        let shell = Shell::new(options).expect("memory");
        let mut shown = Vec::new();
        for command in commands {
            let finished = shell.run(command).await;
            let code = if finished.exit_code == 0 { String::new() } else { format!("[exit {}]", finished.exit_code) };
            shown.push(finished.transcript.combined() + &code);
        }
        cluster.close().await.expect("closed");
        shown
    })
}

#[test]
fn the_namespace_is_empty_at_the_start() {
    let shown = on_embedded(&[
        "kubectl get svc",
        "kubectl get pods nothing",
        "kubectl get ns -o name",
        "kubectl create deployment demo --image=nginx",
        "sleep 20; kubectl get pods",
    ]);
    assert_eq!(
        shown[..4],
        [
            "No resources found in default namespace.\n",
            "Error from server (NotFound): pods \"nothing\" not found\n[exit 1]",
            "namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n",
            "deployment.apps/demo created\n",
        ]
    );
    assert!(shown[4].contains("demo-"), "{}", shown[4]);
    assert_eq!(
        shown,
        on_embedded(&[
            "kubectl get svc",
            "kubectl get pods nothing",
            "kubectl get ns -o name",
            "kubectl create deployment demo --image=nginx",
            "sleep 20; kubectl get pods",
        ]),
        "the same seed gives the same bytes"
    );
    eprintln!("{}", shown[4]);
}

#[test]
fn curl_reaches_a_node_port_from_outside_and_nothing_else() {
    let shown = on_embedded(&[
        "kubectl create deployment demo --image=nginx && kubectl expose deployment demo --port=80 --type=NodePort",
        "sleep 30; PORT=$(kubectl get svc demo -o jsonpath='{.spec.ports[0].nodePort}'); \
         NODE=$(kubectl get nodes -o jsonpath='{.items[0].status.addresses[0].address}')",
        "curl -s http://$NODE:$PORT | grep title",
        "curl -s -o /dev/null -w '%{http_code}\\n' $NODE:$PORT/nothing",
        "curl -s http://demo || echo exit $?",
        "curl http://$NODE:1 2>&1 | grep -o '^curl: (7)'",
    ]);
    assert_eq!(shown[2..], ["<title>Welcome to nginx!</title>\n", "404\n", "exit 6\n", "curl: (7)\n"]);
}
