//! Ctrl-C at any moment of a run on a real cluster leaves nothing. Runs where `KUBECTL_LESSON_REAL` names a kubeconfig
//! of a cluster that tests may use.

use std::process::{Command, Stdio};
use std::time::Duration;

const LESSON: &str = "# Slow\n\n## Step 1: Make something\n\n```\nkubectl create deployment demo --image=nginx\n\
    kubectl create namespace team-blue\nkubectl get pods -A\nsleep 60\n```\n";

/// Moments after the start, in milliseconds: before the cluster is asked, while the namespace is made, in the step.
const MOMENTS: &[u64] = &[5, 20, 40, 60, 80, 100, 150, 250, 600, 1500];

fn kubeconfig() -> Option<(std::path::PathBuf, String)> {
    let Some(path) = std::env::var_os("KUBECTL_LESSON_REAL") else {
        eprintln!("skipped: KUBECTL_LESSON_REAL names no kubeconfig");
        return None;
    };
    let kubeconfig = kube::config::Kubeconfig::read_from(&path).expect("a kubeconfig");
    Some((path.into(), kubeconfig.current_context.expect("a context")))
}

/// Namespaces that this process made.
async fn left_by(path: &std::path::Path, pid: u32) -> Vec<String> {
    let kubeconfig = kube::config::Kubeconfig::read_from(path).expect("a kubeconfig");
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.expect("a config");
    let api =
        kube::Api::<k8s_openapi::api::core::v1::Namespace>::all(kube::Client::try_from(config).expect("a client"));
    let ours = kube::api::ListParams::default().labels("app.kubernetes.io/managed-by=kubectl-lesson");
    let owner = |namespace: &k8s_openapi::api::core::v1::Namespace| {
        namespace
            .metadata
            .annotations
            .as_ref()
            .and_then(|all| all.get("kubectl-lesson/owner").cloned())
            .unwrap_or_default()
    };
    let list = api.list(&ours).await.expect("a list");
    let mine = list.into_iter().filter(|namespace| owner(namespace).ends_with(&format!(":{pid}")));
    mine.filter_map(|namespace| namespace.metadata.name).collect()
}

#[tokio::test]
async fn an_interrupted_run_leaves_no_namespace() {
    let Some((path, context)) = kubeconfig() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let lesson = folder.path().join("slow.md");
    std::fs::write(&lesson, LESSON).expect("a lesson");
    let ends =
        MOMENTS.iter().flat_map(|moment| ["-INT", "-TERM"].map(|signal| (*moment, signal))).map(|(moment, signal)| {
            let (path, context, lesson) = (&path, &context, &lesson);
            async move {
                let mut child = Command::new(env!("CARGO_BIN_EXE_kubectl-lesson"))
                    .args(["verify", "--context", context, "--kubeconfig"])
                    .args([path.as_os_str(), lesson.as_os_str()])
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("the program");
                let pid = child.id();
                tokio::time::sleep(Duration::from_millis(moment)).await;
                Command::new("kill").args([signal, &pid.to_string()]).status().expect("kill");
                let ended = tokio::task::spawn_blocking(move || child.wait()).await.expect("a thread").expect("an end");
                (moment, signal, ended.code(), left_by(path, pid).await)
            }
        });
    for (moment, signal, code, left) in futures::future::join_all(ends).await {
        // Before it listens, the system ends it: then it has made nothing.
        assert!(matches!(code, Some(130) | None), "{signal} after {moment} ms: exit code {code:?}");
        assert_eq!(left, Vec::<String>::new(), "{signal} after {moment} ms");
    }
}

#[test]
fn a_context_that_does_not_look_local_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let (config, lesson) = (folder.path().join("config"), folder.path().join("lesson.md"));
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: production\n\
        clusters: [{name: c, cluster: {server: 'https://203.0.113.7:6443'}}]\nusers: [{name: u, user: {token: x}}]\n\
        contexts: [{name: production, context: {cluster: c, user: u}}]\n";
    std::fs::write(&config, text).expect("a kubeconfig");
    std::fs::write(&lesson, LESSON).expect("a lesson");
    for args in [vec!["verify", "--cluster", "kubeconfig", lesson.to_str().expect("a path")], vec!["cleanup"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_kubectl-lesson")).args(args).env("KUBECONFIG", &config).output();
        let output = output.expect("the program");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{errors}");
        assert!(errors.contains("\"production\"") && errors.contains("203.0.113.7"), "{errors}");
        assert!(errors.contains("--context production"), "{errors}");
    }
}
