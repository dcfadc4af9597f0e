//! Same bytes as kubectl: runs the command lines of `tests/parity/*.txt` through the real kubectl and through this
//! crate, each in a namespace of its own on a real cluster, and compares stdout, stderr and exit code.
//!
//! ```sh
//! KUBECTL_LESSON_REAL=~/.kube/config cargo test -p kubectl --test parity -- --nocapture
//! KUBECTL_LESSON_PARITY=get KUBECTL_LESSON_REAL=… cargo test -p kubectl --test parity    # only get*.txt
//! ```
//! `KUBECTL_LESSON_REAL` names a kubeconfig whose cluster may be written to; `kubectl` is taken from `PATH`. Without it
//! the test is skipped, and says so.
//!
//! A line of a file is a command line without `kubectl`, in the words of a shell (quotes are understood; `<FILE` at the
//! end gives standard input; `NAME=VALUE` in front sets a variable). `#` starts a comment. A line that starts with `!` prepares: it runs in both namespaces by
//! the real kubectl, and nothing is compared. A line that starts with `~` compares exit code and stdout only (stderr
//! that is about the moment). Files stand in `tests/parity/files`. What no two runs have in common (ages, IPs, uids,
//! timestamps, generated names) is unified; where something was unified, column widths do not count. A line that only
//! reads and differs is asked again on both sides for a few seconds: the cluster's controllers are at work in the two
//! namespaces at their own speeds, and only a difference that stays is one of kubectl's.

mod common;

use common::{Said, difference, unify};
use kubectl::clients::KubeconfigClients;
use kubectl::{Environment, HostFiles, HostNetwork, HostPrograms, Io, SystemClock};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity");

/// Deletes the namespaces at the end, whatever became of the test and of the copies of the kubeconfig.
struct Cleanup<'a> {
    kubeconfig: &'a str,
    namespaces: [String; 2],
}

impl Drop for Cleanup<'_> {
    fn drop(&mut self) {
        let mut delete = Command::new("kubectl");
        delete.args(["delete", "namespace", "--wait=false"]).args(&self.namespaces).env("KUBECONFIG", self.kubeconfig);
        // What cannot be deleted is named by the namespace's own name; the test's verdict is another matter.
        let _ = delete.output();
    }
}

struct Side {
    namespace: String,
    kubeconfig: PathBuf,
}

impl Side {
    /// What only this side says, and what it stands for.
    fn names(&self) -> [(String, &'static str); 2] {
        [(self.namespace.clone(), "NS"), (self.kubeconfig.to_string_lossy().into_owned(), "KUBECONFIG")]
    }

    fn real(&self, args: &[String], input: Option<&Path>) -> Said {
        let (vars, args) = variables(args);
        let stdin =
            input.map_or(Stdio::null(), |path| Stdio::from(std::fs::File::open(path).expect("the input file exists")));
        let output = Command::new("kubectl")
            .args(args)
            .env("KUBECONFIG", &self.kubeconfig)
            .envs(vars)
            .current_dir(format!("{FOLDER}/files"))
            .stdin(stdin)
            .output()
            .expect("kubectl is on the PATH");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code().unwrap_or(-1) }
    }

    async fn ours(&self, args: &[String], input: Option<&Path>) -> Said {
        let (given, args) = variables(args);
        let mut vars: BTreeMap<String, String> = std::env::vars().collect();
        vars.insert("KUBECONFIG".into(), self.kubeconfig.to_string_lossy().into_owned());
        vars.extend(given);
        let env = Environment {
            vars: Arc::new(vars),
            files: Arc::new(HostFiles { directory: PathBuf::from(format!("{FOLDER}/files")) }),
            programs: Arc::new(HostPrograms { directory: PathBuf::from(format!("{FOLDER}/files")) }),
            clients: Arc::new(KubeconfigClients),
            clock: Arc::new(SystemClock),
            network: Arc::new(HostNetwork),
        };
        let (mut io, stdout, stderr) = Io::captured();
        if let Some(path) = input {
            io.stdin = Box::new(std::io::Cursor::new(std::fs::read(path).expect("the input file exists")));
        }
        let code = kubectl::run(args.to_vec(), &env, io).await;
        Said { stdout: stdout.text(), stderr: stderr.text(), code }
    }
}

#[test]
fn same_bytes_as_the_real_kubectl() {
    let Ok(kubeconfig) = std::env::var("KUBECTL_LESSON_REAL") else {
        println!("skipped: KUBECTL_LESSON_REAL names no kubeconfig");
        return;
    };
    let only = std::env::var("KUBECTL_LESSON_PARITY").unwrap_or_default();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(FOLDER).expect("the folder exists").flatten().map(|e| e.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.retain(|path| path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with(&only)));
    files.sort();
    // Most of the time is waiting for the cluster: the files run side by side.
    let again = std::sync::Mutex::new(Vec::new());
    let run = |file: &Path| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let first = runtime.block_on(compare(file, &kubeconfig, 1));
        if first.is_empty() {
            return first;
        }
        // Controllers, kubelets and Go's maps draw lots: what is kubectl's own comes again, and only that counts.
        println!("once more, for it differed: {}", first.join("\n"));
        again.lock().expect("no panic").extend(first);
        runtime.block_on(compare(file, &kubeconfig, 2))
    };
    let queue = std::sync::Mutex::new(files.into_iter());
    let next = || queue.lock().expect("no panic").next();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let work = || std::iter::from_fn(next).flat_map(|file| run(&file)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..FILES_AT_ONCE).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(failures.is_empty(), "{} lines differ\n\n{}", failures.len(), failures.join("\n"));
    let again = again.into_inner().expect("no panic");
    assert!(again.len() <= RACES, "{} lines differed once, too many for races\n\n{}", again.len(), again.join("\n"));
}

async fn compare(file: &Path, kubeconfig: &str, attempt: u32) -> Vec<String> {
    let mut failures = Vec::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stem = file.file_stem().expect("has a name").to_string_lossy().into_owned();
    let side = |kind: &str| {
        let namespace = format!("parity-{stem}-{kind}-{}-{attempt}", std::process::id());
        let path = folder.path().join(kind);
        std::fs::copy(kubeconfig, &path).expect("the kubeconfig can be read");
        Side { namespace, kubeconfig: path }
    };
    let sides = [side("real"), side("ours")];
    let _cleanup = Cleanup { kubeconfig, namespaces: sides.each_ref().map(|side| side.namespace.clone()) };
    for side in &sides {
        let words = |line: &str| line.split(' ').map(String::from).collect::<Vec<_>>();
        for line in [
            format!("create namespace {}", side.namespace),
            format!("config set-context --current --namespace={}", side.namespace),
            // until then the controllers' Pods are refused, which shows in events
            "wait --for=create serviceaccount/default --timeout=60s".into(),
        ] {
            let said = side.real(&words(&line), None);
            assert_eq!(said.code, 0, "{line}: {}", said.stderr);
        }
    }
    let text = std::fs::read_to_string(file).expect("the file can be read");
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
    {
        let (mark, line) = match line.chars().next() {
            Some(mark @ ('!' | '~')) => (mark, line[1..].trim()),
            _ => (' ', line.trim()),
        };
        let (line, input) = match line.rsplit_once(" <") {
            Some((line, name)) => (line, Some(PathBuf::from(format!("{FOLDER}/files/{name}")))),
            None => (line, None),
        };
        let args = [shell_words(line, &sides[0].namespace), shell_words(line, &sides[1].namespace)];
        if mark == '!' {
            for (side, args) in sides.iter().zip(&args) {
                let said = side.real(args, input.as_deref());
                if said.code != 0 {
                    // The rest of the file rests on it.
                    failures.push(format!("{}:{}: {line}: {}", file.display(), number + 1, said.stderr));
                    return failures;
                }
            }
            continue;
        }
        let attempts = if kubectl::is_mutation(variables(&args[0]).1) { 1 } else { ATTEMPTS };
        let mut said = both(&sides, &args, input.as_deref(), mark).await;
        for _ in 1..attempts {
            if said.0 == said.1 {
                break;
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
            said = both(&sides, &args, input.as_deref(), mark).await;
        }
        let (real, ours) = said;
        if real != ours {
            failures.push(format!("{}:{}: kubectl {line}\n{}", file.display(), number + 1, difference(&real, &ours)));
        }
    }
    failures
}

/// How often a line that only reads is compared before its difference counts, and the time between.
const ATTEMPTS: usize = 6;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);
/// As many files run side by side: a node that is short of CPU is late with everything that lines wait for.
const FILES_AT_ONCE: usize = 8;
/// As many lines may differ once and not again; more is no accident.
const RACES: usize = 5;

/// What the real kubectl and ours say to a line, unified.
async fn both(sides: &[Side; 2], args: &[Vec<String>; 2], input: Option<&Path>, mark: char) -> (Said, Said) {
    let mut real = sides[0].real(&args[0], input);
    let mut ours = sides[1].ours(&args[1], input).await;
    if mark == '~' {
        real.stderr.clear();
        ours.stderr.clear();
    }
    (unify(&real, &sides[0].names()), unify(&ours, &sides[1].names()))
}

/// The words of a line as a shell splits them; `$NS` is the namespace.
fn shell_words(line: &str, namespace: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"'), '\\') if matches!(chars.peek(), Some('"' | '\\')) => word.extend(chars.next()),
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                open = true;
            }
            (None, ' ') => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (None, c) => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words.into_iter().map(|word| word.replace("$NS", namespace).replace("\\n", "\n")).collect()
}

/// The variables in front of a command line, and the rest.
fn variables(words: &[String]) -> (BTreeMap<String, String>, &[String]) {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let pair =
        |word: &String| word.split_once('=').filter(|(name, _)| is_name(name)).map(|(n, v)| (n.into(), v.into()));
    let vars: BTreeMap<String, String> = words.iter().map_while(pair).collect();
    let count = vars.len();
    (vars, &words[count..])
}
