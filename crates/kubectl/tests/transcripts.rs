//! The commands of documentation pages, line by line in bash, once with the real kubectl and once with ours, each in a
//! namespace of its own on a real cluster: stdout, stderr and exit code agree.
//!
//! ```sh
//! KUBECTL_LESSON_REAL=~/.kube/config cargo test -p kubectl --test transcripts -- --nocapture
//! KUBECTL_LESSON_TRANSCRIPT=scale KUBECTL_LESSON_REAL=… cargo test -p kubectl --test transcripts   # pages by part of the name
//! ```
//! The pages come as recorded transcripts (JSON, one a page) from the folder `transcripts/dev`, their manifests from
//! `corpus/kubernetes-website/content/en/examples`, both below `KUBECTL_LESSON_SHARED` (`../shared` by default). Where
//! they are not there, or no real cluster, the test is skipped and says so. Only plain commands are run: what takes a
//! terminal, an editor or a background has tests of its own. Names that the recording had generated are not put in: what
//! kubectl says of a missing object is compared as well.

mod common;

use common::{Said, difference, unify};
use regex::Regex;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often a read is compared before its difference counts, and the time between.
const ATTEMPTS: usize = 40;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);
/// As many commands may differ once and not again; more is no accident.
const RACES: usize = 5;
/// Seconds after which a command is ended: pages follow, watch and wait without end.
const LIMIT: &str = "45";

/// Commands that cannot be compared side by side, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (r"kubectl (label|annotate|taint|cordon|uncordon|drain) nodes?\b", "both sides would change the one node"),
    (r"priorityclass|mysql-pv|admin/namespace-|-n=(development|production)", "both sides would make the same object"),
    (r"(^|[|;& ])(curl|wget|nslookup|apt|pip|minikube|openssl|make|python3?|ps|cat|snap|brew)\b", "is not kubectl"),
    (r"exec \S+ -- (env|printenv|ls /|ps|cat /proc)", "shows the container, in an order of its own"),
    (r"kubectl delete pod myapp", "whether the Pod of that name before it is gone by then is a race"),
    (r"kubectl (proxy|port-forward)", "does not end"),
    (r"kubectl logs deployments?/\S*configmap", "shows the time of day"),
    (r"kubectl get events", "is in the order of the server's"),
    (r"\b(top)\b", "needs a metrics server"),
    (r"--all-namespaces|kubectl get pods? -A\b|kubectl get namespaces?|kubectl get pv\b", "shows the other side"),
    (r"kubectl config (use-context|set-context|set-cluster|set-credentials)", "leaves the side's namespace"),
    (r"--watch|(^| )-w( |$)", "does not end"),
];

/// Pages whose objects both sides would fight about, and what about.
const PAGES_LEFT_OUT: &[(&str, &str)] = &[
    ("run-single-instance-stateful-application", "one persistent volume"),
    ("cpu-default-namespace", "the node's CPU"),
];

struct Side {
    namespace: String,
    home: PathBuf,
    path: String,
    names: Vec<(String, &'static str)>,
    renamed: Vec<(String, String)>,
}

/// A line in bash, in a home of its own.
fn bash(line: &str, home: &Path, path: &str) -> Said {
    let output = Command::new("timeout")
        .args([LIMIT, "bash", "-c", line])
        .env("PATH", path)
        .env("HOME", home)
        .env("KUBECONFIG", home.join("config"))
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .expect("bash is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code().unwrap_or(-1) }
}

impl Side {
    fn bash(&self, line: &str) -> Said {
        let line = self.renamed.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
        bash(&line, &self.home, &self.path)
    }

    fn unified(&self, line: &str) -> Said {
        unify(&self.bash(line), &self.names)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let mut namespaces = vec![self.namespace.as_str()];
        namespaces.extend(self.renamed.iter().map(|(_, to)| to.as_str()).filter(|to| !to.contains('/')));
        self.bash(&format!("kubectl delete namespace --ignore-not-found --wait=false {}", namespaces.join(" ")));
    }
}

#[test]
fn pages_print_what_the_real_kubectl_prints() {
    let Ok(kubeconfig) = std::env::var("KUBECTL_LESSON_REAL") else {
        println!("skipped: KUBECTL_LESSON_REAL names no kubeconfig");
        return;
    };
    let shared = std::env::var("KUBECTL_LESSON_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let Ok(folder) = std::fs::read_dir(shared.join("transcripts/dev")) else {
        println!("skipped: no transcripts below {}", shared.display());
        return;
    };
    let only = std::env::var("KUBECTL_LESSON_TRANSCRIPT").unwrap_or_default();
    let mut pages: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    pages.retain(|path| path.to_string_lossy().contains(&only));
    pages.retain(|path| !PAGES_LEFT_OUT.iter().any(|(page, _)| path.to_string_lossy().contains(page)));
    pages.sort();
    assert!(!pages.is_empty(), "no page is named {only:?}");
    let examples = shared.join("corpus/kubernetes-website/content/en/examples");
    // Most of the time is waiting for the cluster.
    let queue = std::sync::Mutex::new(pages.into_iter());
    let again = std::sync::Mutex::new(Vec::new());
    let next = || queue.lock().expect("no panic").next();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let mut failures = Vec::new();
            while let Some(page) = next() {
                let first = compare(&page, &kubeconfig, &examples);
                if first.is_empty() {
                    continue;
                }
                // Controllers and kubelets are at work at their own speeds: what is kubectl's own comes again.
                println!("once more, for it differed: {}", first.join("\n"));
                again.lock().expect("no panic").extend(first);
                failures.extend(compare(&page, &kubeconfig, &examples));
            }
            failures
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(failures.is_empty(), "{} commands differ\n\n{}", failures.len(), failures.join("\n"));
    let again = again.into_inner().expect("no panic");
    assert!(again.len() <= RACES, "{} commands differed once, too many for races\n\n{}", again.len(), again.join("\n"));
}

fn compare(page: &Path, kubeconfig: &str, examples: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).expect("the page can be read");
    let page: Value = serde_json::from_str(&text).expect("the page is JSON");
    let commands: Vec<&Value> = page["commands"].as_array().into_iter().flatten().collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sides = sides(&commands, folder.path(), kubeconfig, examples);
    let left_out: Vec<Regex> = LEFT_OUT.iter().map(|(pattern, _)| Regex::new(pattern).expect("valid")).collect();
    let mut failures = Vec::new();
    for command in commands.iter().filter(|command| command["mode"] == "plain") {
        let line = command["command"].as_str().unwrap_or_default();
        if left_out.iter().any(|pattern| pattern.is_match(line)) {
            continue;
        }
        let attempts = if changes(line) { 1 } else { ATTEMPTS };
        let mut said = [sides[0].unified(line), sides[1].unified(line)];
        for _ in 1..attempts {
            if said[0] == said[1] {
                break;
            }
            std::thread::sleep(BETWEEN_ATTEMPTS);
            said = [sides[0].unified(line), sides[1].unified(line)];
        }
        let [real, ours] = said;
        if real != ours {
            let difference = difference(&real, &ours);
            failures.push(format!("{}:{}: {line}\n{difference}", page["page"], command["line"]));
        }
    }
    failures
}

/// Both sides of a page: the real kubectl, and ours.
fn sides(commands: &[&Value], folder: &Path, kubeconfig: &str, examples: &Path) -> [Side; 2] {
    let created = Regex::new(r"kubectl create namespace (\S+)").expect("valid");
    let made: Vec<String> = commands
        .iter()
        .filter_map(|command| Some(created.captures(command["command"].as_str()?)?[1].to_owned()))
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect();
    // `cargo test` builds the examples, and puts them beside the tests.
    let test = std::env::current_exe().expect("a path");
    let ours = test.parent().and_then(Path::parent).expect("target/debug").join("examples/kubectl");
    assert!(ours.exists(), "build it first: cargo build -p kubectl --example kubectl");
    let id =
        format!("{}-{}", std::process::id(), folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase());
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    ["real", "ours"].map(|kind| {
        let home = folder.join(kind);
        std::fs::create_dir_all(home.join("bin")).expect("a folder");
        std::fs::copy(kubeconfig, home.join("config")).expect("the kubeconfig can be read");
        let mut path = std::env::var("PATH").unwrap_or_default();
        if kind == "ours" {
            std::os::unix::fs::symlink(&ours, home.join("bin/kubectl")).expect("a link");
            path = format!("{}:{path}", home.join("bin").display());
        }
        let namespace = format!("page-{kind}-{id}");
        let mut renamed: Vec<(String, String)> =
            made.iter().map(|name| (name.clone(), format!("{name}-{kind}-{id}"))).collect();
        renamed.push(("https://k8s.io/examples/".into(), format!("{}/", examples.display())));
        let side = Side {
            names: vec![
                (home.to_string_lossy().into_owned(), "HOME"),
                (namespace.clone(), "NS"),
                (format!("-{kind}-{id}"), ""),
            ],
            namespace,
            home,
            path,
            renamed,
        };
        for line in [
            format!("kubectl create namespace {}", side.namespace),
            format!("kubectl config set-context --current --namespace={}", side.namespace),
            "kubectl wait --for=create serviceaccount/default --timeout=60s".into(),
        ] {
            // Preparing is the real kubectl's.
            let said = bash(&line, &side.home, &std::env::var("PATH").unwrap_or_default());
            assert_eq!(said.code, 0, "{line}: {}", said.stderr);
        }
        side
    })
}

/// Whether any kubectl in the line changes something.
fn changes(line: &str) -> bool {
    const READS: &[&str] = &["get", "describe", "logs", "explain", "events", "api-resources", "version", "auth"];
    let verb = Regex::new(r"kubectl\s+(-\S+\s+)*([a-z-]+)").expect("valid");
    let mut verbs = verb.captures_iter(line).map(|found| found[2].to_owned()).peekable();
    verbs.peek().is_none() || verbs.any(|verb| !READS.contains(&verb.as_str()))
}
