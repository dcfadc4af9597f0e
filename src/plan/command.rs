//! What a command line does: whether it ends, whether it only reads, whether it opens a session.

use super::model::{Effect, RunKind};
use super::shell_words::{SimpleCommand, simple_commands};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Programs {
    kubectl_reads: HashSet<String>,
    kubectl_endless: HashSet<String>,
    reads: HashSet<String>,
    writing_arguments: HashSet<String>,
    endless: BTreeMap<String, Vec<String>>,
    shells: HashSet<String>,
    clients: BTreeMap<String, Vec<String>>,
    client_options: HashSet<String>,
    own: HashSet<String>,
    editors: HashSet<String>,
}

static PROGRAMS: LazyLock<Programs> = LazyLock::new(|| {
    // Compiled in, and read by every test of this module.
    serde_yaml::from_str(include_str!("data/programs.yaml"))
        .unwrap_or_else(|error| panic!("src/plan/data/programs.yaml: {error}"))
});

/// What is known of a command line by its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nature {
    pub(crate) run: RunKind,
    pub(crate) effect: Effect,
    /// Opens an interactive session.
    pub(crate) opens: bool,
    /// Runs a tool of the learner's own machine.
    pub(crate) own: bool,
    /// Ends the shell that it is typed into.
    pub(crate) leaves: bool,
}

/// Looks at a command line.
pub(crate) fn nature(text: &str) -> Nature {
    let commands = simple_commands(text);
    let last_background = commands.last().is_some_and(|command| command.background);
    let endless_loop = ["while true", "while sleep", "while :", "for (( ; ; ))"].iter().any(|head| text.contains(head));
    let run = if last_background {
        RunKind::Background
    } else if commands.iter().any(opens_editor) {
        RunKind::Edit { text: None }
    } else if endless_loop || commands.iter().any(is_endless) {
        RunKind::Endless
    } else {
        RunKind::Ends
    };
    let reads = !commands.is_empty() && commands.iter().all(only_reads);
    let first = commands.first();
    Nature {
        run,
        effect: if reads { Effect::Read } else { Effect::Mutate },
        opens: commands.len() == 1 && first.is_some_and(opens_session),
        own: commands.iter().any(|command| PROGRAMS.own.contains(command.program())),
        leaves: commands.len() == 1
            && first.is_some_and(|command| matches!(command.program(), "exit" | "logout" | "quit" | "\\q" | "QUIT")),
    }
}

/// kubectl's verb with its sub-command, where it has one.
fn verb(command: &SimpleCommand) -> Option<(&str, Option<&str>)> {
    if command.program() != "kubectl" {
        return None;
    }
    let mut plain = positional(command.arguments());
    Some((plain.next()?, plain.next()))
}

/// Global options of kubectl that take the next word as their value.
const VALUE_OPTIONS: &[&str] = &[
    "-n",
    "--namespace",
    "--context",
    "--kubeconfig",
    "-s",
    "--server",
    "--as",
    "--token",
    "--cluster",
    "--user",
    "--v",
];

/// The words that are no options and no values of global ones, up to `--`.
fn positional(arguments: &[String]) -> impl Iterator<Item = &str> {
    let mut skip = false;
    arguments.iter().map(String::as_str).take_while(|word| *word != "--").filter(move |word| {
        let value = std::mem::replace(&mut skip, VALUE_OPTIONS.contains(word));
        !value && !word.starts_with('-')
    })
}

/// Whether one of kubectl's own arguments (before `--`) is an option named `long`, or a bundle of letters with `short` in it.
fn has_option(command: &SimpleCommand, long: &str, short: char) -> bool {
    command.arguments().iter().take_while(|word| *word != "--").any(|word| match word.strip_prefix("--") {
        Some(name) => name == long || name == format!("{long}=true"),
        None => word.strip_prefix('-').is_some_and(|letters| {
            letters.len() <= 3 && letters.chars().all(|c| c.is_ascii_alphabetic()) && letters.contains(short)
        }),
    })
}

fn opens_editor(command: &SimpleCommand) -> bool {
    PROGRAMS.editors.contains(command.program())
        || matches!(verb(command), Some(("edit", _)) | Some(("apply", Some("edit-last-applied"))))
}

fn is_endless(command: &SimpleCommand) -> bool {
    if let Some((name, _)) = verb(command) {
        return match name {
            "get" | "events" => has_option(command, "watch", 'w') || has_option(command, "watch-only", '\0'),
            "logs" => has_option(command, "follow", 'f'),
            name => PROGRAMS.kubectl_endless.contains(name),
        };
    }
    let with_next = format!("{} {}", command.program(), command.arguments().first().map_or("", String::as_str));
    let found = PROGRAMS.endless.get(&with_next).or_else(|| PROGRAMS.endless.get(command.program()));
    found.is_some_and(|ends| {
        !command.arguments().iter().any(|argument| ends.iter().any(|end| argument.starts_with(end.as_str())))
    })
}

fn only_reads(command: &SimpleCommand) -> bool {
    if command.writes {
        return false;
    }
    if let Some((name, sub)) = verb(command) {
        let both = format!("{name} {}", sub.unwrap_or_default());
        return match name {
            "exec" => !opens_session(command) && inner(command).is_some_and(|inner| only_reads(&inner)),
            _ => PROGRAMS.kubectl_reads.contains(name) || PROGRAMS.kubectl_reads.contains(&both),
        };
    }
    if command.program() == "kubectl" {
        return true;
    }
    if PROGRAMS.shells.contains(command.program()) {
        // sh -c "…": as what stands in it.
        let mut arguments = command.arguments().iter();
        let script = arguments.by_ref().find(|argument| *argument == "-c").and_then(|_| arguments.next());
        return script.is_some_and(|script| {
            let commands = simple_commands(script);
            !commands.is_empty() && commands.iter().all(only_reads)
        });
    }
    let stdout = |pair: &[String]| {
        pair.first().is_some_and(|option| option == "-O" || option == "-o")
            && pair.get(1).is_some_and(|value| value == "-")
    };
    let to_stdout = command.arguments().windows(2).any(stdout);
    let writes = command.arguments().iter().any(|argument| PROGRAMS.writing_arguments.contains(argument)) && !to_stdout;
    let filter = matches!(
        command.program(),
        "grep" | "egrep" | "sort" | "wc" | "ls" | "ps" | "df" | "date" | "free" | "base64" | "cut"
    );
    PROGRAMS.reads.contains(command.program()) && (filter || !writes)
}

/// The command after `--` (or, as kubectl once allowed, after the Pod's name).
fn inner(command: &SimpleCommand) -> Option<SimpleCommand> {
    let at = command.words.iter().position(|word| word == "--")?;
    let words = command.words.get(at + 1..)?.to_vec();
    (!words.is_empty()).then_some(SimpleCommand { words, ..SimpleCommand::default() })
}

fn opens_session(command: &SimpleCommand) -> bool {
    let interactive = || has_option(command, "stdin", 'i') && has_option(command, "tty", 't');
    match verb(command) {
        Some(("run" | "exec" | "debug" | "attach", _)) => {
            interactive() && inner(command).is_none_or(|inner| is_typed_into(&inner))
        }
        Some(_) => false,
        None => match command.program() {
            "docker" | "podman" | "nerdctl" => {
                matches!(command.arguments().first().map(String::as_str), Some("run" | "exec"))
                    && interactive()
                    && command
                        .words
                        .last()
                        .is_some_and(|word| PROGRAMS.shells.contains(word.rsplit('/').next().unwrap_or(word)))
            }
            "ssh" => positional(command.arguments()).count() == 1,
            "minikube" => command.arguments().iter().map(String::as_str).eq(["ssh"]),
            "redis-cli" | "mysql" | "psql" | "mongosh" => is_typed_into(command),
            _ => false,
        },
    }
}

/// Whether a program reads what the learner types.
fn is_typed_into(command: &SimpleCommand) -> bool {
    if PROGRAMS.shells.contains(command.program()) {
        return command.arguments().iter().all(|argument| argument.starts_with('-') && argument != "-c");
    }
    let Some(ends) = PROGRAMS.clients.get(command.program()) else {
        return false;
    };
    let mut value = false;
    let told = command.arguments().iter().any(|argument| {
        let is_value = std::mem::replace(&mut value, PROGRAMS.client_options.contains(argument.as_str()));
        !is_value && !argument.starts_with('-') && command.program() == "redis-cli"
    });
    !told && !command.arguments().iter().any(|argument| ends.contains(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions() {
        for opens in [
            "kubectl run curl --image=curlimages/curl -it --rm --restart=Never -- sh",
            "kubectl exec -it pod/redis -- redis-cli",
            "kubectl exec --stdin --tty shell-demo -- /bin/bash",
            "kubectl run curl --image=radial/busyboxplus:curl -i --tty --rm",
            "kubectl debug -it ephemeral-demo --image=busybox:1.28 --target=ephemeral-demo",
            "kubectl run -it --rm --image=mysql:9 --restart=Never mysql-client -- mysql -h mysql -ppassword",
            "kubectl attach -ti web",
        ] {
            assert!(nature(opens).opens, "{opens}");
        }
        for ends in [
            "kubectl exec -it web -- sh -c 'ls /'",
            "kubectl exec -it web -- cat /etc/hosts",
            "kubectl exec web -- sh",
            "kubectl run web --image=nginx",
            "kubectl exec -it pod/redis -- redis-cli CONFIG GET maxmemory",
            "kubectl get pods -it",
        ] {
            assert!(!nature(ends).opens, "{ends}");
        }
    }

    #[test]
    fn endings() {
        for endless in [
            "kubectl get pods -w",
            "kubectl get pods --watch",
            "kubectl logs -f web",
            "kubectl port-forward svc/web 8080:80",
            "top",
            "watch kubectl get pods",
        ] {
            assert_eq!(nature(endless).run, RunKind::Endless, "{endless}");
        }
        for ends in [
            "kubectl top pods",
            "kubectl get pods",
            "kubectl rollout status deploy/web -w",
            "kubectl get pods -o wide",
            "ping -c 3 web",
            "kubectl logs web",
        ] {
            assert_eq!(nature(ends).run, RunKind::Ends, "{ends}");
        }
        assert_eq!(nature("kubectl proxy &").run, RunKind::Background);
        assert_eq!(nature("kubectl edit svc web").run, RunKind::Edit { text: None });
    }

    #[test]
    fn effects() {
        for reads in [
            "kubectl get svc",
            "kubectl -n x describe pod web",
            "kubectl exec web -- printenv | grep SERVICE",
            "curl http://demo",
            "wget -O- hostnames",
            "kubectl exec -it web -- sh -c 'cat /x'",
            "kubectl config view",
            "kubectl get pods | sort -o",
            "kubectl",
            "echo hi",
        ] {
            assert_eq!(nature(reads).effect, Effect::Read, "{reads}");
        }
        for writes in [
            "kubectl apply -f x",
            "kubectl get pods > x",
            "curl -X POST http://demo",
            "kubectl exec web -- rm /x",
            "kubectl config set-context x",
            "echo hi > x",
            "mytool",
            "kubectl rollout undo deploy/web",
            "kubectl run x --image=y -- cat z",
        ] {
            assert_eq!(nature(writes).effect, Effect::Mutate, "{writes}");
        }
    }

    #[test]
    fn leaving() {
        assert!(nature("exit # To quit the shell in the container").leaves);
        assert!(!nature("echo exit").leaves);
    }
}
