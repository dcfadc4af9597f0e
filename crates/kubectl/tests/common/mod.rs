//! What the tests that compare two kubectls share.

use regex::Regex;

/// What a run said.
#[derive(PartialEq, Eq)]
pub struct Said {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// What differs between any two runs, by its shape, and what it becomes.
const VOLATILE: &[(&str, &str)] = &[
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} UTC", "TIME"),
    // events: the object's name and the time
    (r"\.[0-9a-f]{16}\b", ".EVENT"),
    (r"containerd://[0-9a-f]{64}", "containerd://ID"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}", "TIME"),
    (r"/tmp/(kubectl-edit|LIVE|MERGED)-\d+", "/tmp/$1-N"),
    (r"(?m)^[FIWE]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", "KLOG "),
    (r#"(resourceVersion"?: ?"?|Resource Version: +)\d+"#, "${1}RV"),
    // which name server said so
    (r"lookup (\S+) on \S+:53:", "lookup $1:"),
    (r"\b(\d{1,3}\.){3}\d{1,3}\b", "IP"),
    (r"\bfd[0-9a-f:]+:[0-9a-f:]*", "IP"),
    (r"-[bcdf0-9]{1,}[bcdfghjklmnpqrstvwxz2456789]{5,9}\b", "-HASH"),
    (r"-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-RAND"),
    (r"\b(\d+[smhdy]){1,2}\b", "AGE"),
    (r"\b3[0-2]\d{3}\b", "NODEPORT"),
];

/// What was said, without what differs between any two runs. `names` are those of this side, and what they become.
pub fn unify(said: &Said, names: &[(String, &str)]) -> Said {
    let text = |text: &str| {
        let mut out = text.to_owned();
        for (name, shown) in names {
            out = out.replace(name.as_str(), shown);
        }
        let mut changed = false;
        for (pattern, name) in VOLATILE {
            let pattern = Regex::new(pattern).expect("a valid pattern");
            let next = pattern.replace_all(&out, *name).into_owned();
            changed |= next != out;
            out = next;
        }
        // The namespaces' names are of one length, but what was unified need not be.
        if changed {
            Regex::new(r"(\S) {2,}").expect("a valid pattern").replace_all(&out, "$1  ").into_owned()
        } else {
            out
        }
    };
    // client-go logs a watch that its own caller ended, or not: the two race.
    let noise = Regex::new(r"(?m)^KLOG reflector\.go.*context canceled.*\n").expect("a valid pattern");
    let stderr = noise.replace_all(&text(&said.stderr), "").into_owned();
    Said { stdout: text(&said.stdout), stderr, code: said.code }
}

/// What differs, as unified diffs.
pub fn difference(real: &Said, ours: &Said) -> String {
    let mut out = String::new();
    if real.code != ours.code {
        out.push_str(&format!("exit code {} became {}\n", real.code, ours.code));
    }
    for (name, real, ours) in [("stdout", &real.stdout, &ours.stdout), ("stderr", &real.stderr, &ours.stderr)] {
        if real != ours {
            let diff = similar::TextDiff::from_lines(real, ours);
            out.push_str(&format!("{name} (- kubectl, + ours)\n{}", diff.unified_diff().context_radius(2)));
        }
    }
    out
}
