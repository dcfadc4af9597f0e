//! What the end-to-end tests share: the program in a folder of its own, and its report.

#![allow(dead_code)] // every test file uses a part of it

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Which cluster a test runs on.
#[derive(Debug, Clone)]
pub enum Cluster {
    /// In the process.
    Embedded,
    /// Of this kubeconfig.
    Real(PathBuf),
}

impl Cluster {
    /// The real cluster that `KUBECTL_LESSON_REAL` names; a note where there is none.
    pub fn real() -> Option<Cluster> {
        match std::env::var_os("KUBECTL_LESSON_REAL").filter(|path| !path.is_empty()) {
            Some(path) => Some(Cluster::Real(path.into())),
            None => {
                eprintln!("not run: KUBECTL_LESSON_REAL names no kubeconfig");
                None
            }
        }
    }

    /// The embedded one, and the real one where there is one.
    pub fn all() -> Vec<Cluster> {
        [Some(Cluster::Embedded), Cluster::real()].into_iter().flatten().collect()
    }

    /// The arguments that select it.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Cluster::Embedded => vec!["--cluster".into(), "embedded".into()],
            Cluster::Real(path) => {
                let context = current_context(path);
                vec!["--kubeconfig".into(), path.display().to_string(), "--context".into(), context]
            }
        }
    }
}

fn current_context(kubeconfig: &Path) -> String {
    let text = std::fs::read_to_string(kubeconfig).expect("the kubeconfig of KUBECTL_LESSON_REAL can be read");
    let line = text.lines().find_map(|line| line.strip_prefix("current-context:"));
    line.expect("it has a current context").trim().trim_matches('"').to_string()
}

/// The program, run in a folder.
pub struct Tool {
    folder: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Tool {
    /// In an empty folder.
    pub fn new() -> Tool {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        Tool { folder: temporary.path().to_path_buf(), _temporary: Some(temporary) }
    }

    /// In the project's folder.
    pub fn in_project() -> Tool {
        Tool { folder: env!("CARGO_MANIFEST_DIR").into(), _temporary: None }
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).expect("the folder can be written");
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).expect("the file is there")
    }

    /// The program's command, with a plain environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-lesson"));
        command.current_dir(&self.folder).env_remove("KUBECONFIG").env("NO_COLOR", "1");
        command
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command().args(arguments).output().expect("the program starts"))
    }

    /// Runs `verify --output json`.
    pub fn verify(&self, arguments: &[&str], cluster: Cluster) -> Ran {
        let mut command = self.command();
        command.arg("verify").args(arguments).args(["--output", "json", "--jobs", "4"]).args(cluster.arguments());
        Ran::of(command.output().expect("the program starts"))
    }
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; -1 for a signal.
    pub exit: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Something that is not proved.
#[derive(Debug)]
pub struct Finding {
    /// Line in the lesson.
    pub line: usize,
    /// The reason, with what it is about.
    pub why: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Everything about a file that is not proved.
    pub fn findings(&self, file: &str) -> Vec<Finding> {
        let report = self.json();
        let is_file = |value: &Value| value["file"].as_str().is_some_and(|name| name.trim_start_matches("./") == file);
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let mut findings = Vec::new();
        for problem in list(&report["problems"]).iter().filter(|problem| is_file(problem)) {
            findings.push(Finding { line: number(&problem["line"]), why: text(&problem["message"]) });
        }
        for lesson in list(&report["lessons"]).iter().filter(|lesson| is_file(lesson)) {
            for step in list(&lesson["steps"]) {
                for command in list(&step["commands"]).iter().filter(|command| !command["reason"].is_null()) {
                    let why = format!("{}\n{}", text(&command["reason"]), text(&command["text"]));
                    findings.push(Finding { line: number(&command["reason_line"]), why });
                }
                for claim in list(&step["claims"]).iter().filter(|claim| claim["verdict"] != "proved") {
                    let why = format!("{} {}", text(&claim["text"]), text(&claim["reason"]));
                    findings.push(Finding { line: number(&claim["line"]), why });
                }
            }
        }
        findings
    }
}

fn number(value: &Value) -> usize {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}
