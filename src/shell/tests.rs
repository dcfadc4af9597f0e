//! The shell as a learner sees it, on virtual time.

use super::*;
use async_trait::async_trait;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// Stands for kubectl: says what it got, on both streams.
struct Fake;

#[async_trait]
impl Program for Fake {
    fn name(&self) -> &str {
        "kubectl"
    }
    async fn run(&self, mut call: Invocation) -> i32 {
        let out = |text: String| call.output.write(Stream::Stdout, text).is_ok();
        let err = |text: String| call.output.write(Stream::Stderr, text).is_ok();
        match call.args.first().map(String::as_str) {
            Some("mixed") => {
                for number in 1..=3 {
                    out(format!("out {number}\n"));
                    err(format!("err {number}\n"));
                }
            }
            Some("wait") => {
                tokio::time::sleep(Duration::from_secs(300)).await;
                out("condition met\n".into());
            }
            Some("watch") => {
                for number in 0.. {
                    if !out(format!("event {number}\n")) {
                        return 141;
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Some("apply") => {
                let file = call.args.last().cloned().unwrap_or_default();
                let mut text = String::new();
                match file.as_str() {
                    "-" => drop(call.stdin.read_to_string(&mut text).await),
                    path => match call.files.read(path.as_ref()).await {
                        Ok(bytes) => text = String::from_utf8_lossy(&bytes).into_owned(),
                        Err(error) => {
                            err(format!("error: {path}: {}\n", error.kind()));
                            return 1;
                        }
                    },
                }
                out(format!("applied {text:?}\n"));
            }
            Some("exec") => {
                out(format!("$ terminal={} ", call.terminal.is_some()));
                let mut byte = [0];
                while call.stdin.read(&mut byte).await.is_ok_and(|count| count > 0) {
                    out(format!("<{}>", char::from(byte[0])));
                }
            }
            Some("fail") => return 3,
            _ => {
                let color = call.variables.get("COLOR").cloned().unwrap_or_default();
                out(format!("args {:?} color {color}\n", call.args));
            }
        }
        0
    }
}

fn shell() -> Shell {
    let options = ShellOptions { programs: vec![Arc::new(Fake)], ..Default::default() };
    // An empty folder in memory is always there.
    Shell::new(options).expect("memory")
}

async fn says(shell: &Shell, command: &str) -> String {
    let finished = shell.run(command).await;
    match finished.exit_code {
        0 => finished.transcript.combined(),
        code => format!("{}[exit {code}]", finished.transcript.combined()),
    }
}

#[tokio::test(start_paused = true)]
async fn both_streams_come_in_the_order_of_writing() {
    assert_eq!(says(&shell(), "kubectl mixed").await, "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
}

#[tokio::test(start_paused = true)]
async fn streams_can_be_told_apart() {
    let finished = shell().run("kubectl mixed").await;
    assert_eq!(finished.transcript.stdout(), "out 1\nout 2\nout 3\n");
    assert_eq!(finished.transcript.stderr(), "err 1\nerr 2\nerr 3\n");
}

#[tokio::test(start_paused = true)]
async fn the_shells_own_commands_keep_their_order_too() {
    assert_eq!(
        says(&shell(), "echo one; kubectl mixed; echo two").await,
        "one\nout 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\ntwo\n"
    );
}

#[tokio::test(start_paused = true)]
async fn exit_codes_come_through() {
    assert_eq!(says(&shell(), "kubectl fail").await, "[exit 3]");
    assert_eq!(says(&shell(), "kubectl fail || echo failed with $?").await, "failed with 3\n");
}

#[tokio::test(start_paused = true)]
async fn variables_and_directory_live_on() {
    let shell = shell();
    says(&shell, "export COLOR=blue; mkdir work; cd work; NAME=$(kubectl a b)").await;
    assert_eq!(
        says(&shell, "kubectl c; echo $NAME; pwd").await,
        "args [\"c\"] color blue\nargs [\"a\", \"b\"] color blue\n/home/learner/work\n"
    );
    assert_eq!(says(&shell.fork(), "kubectl c; pwd").await, "args [\"c\"] color \n/home/learner\n");
}

#[tokio::test(start_paused = true)]
async fn files_are_shared_with_programs() {
    let shell = shell();
    assert_eq!(says(&shell, "cat <<EOF | kubectl apply -f -\nkind: Pod\nEOF").await, "applied \"kind: Pod\\n\"\n");
    assert_eq!(
        says(&shell, "cat > pod.yaml <<'EOF'\nname: $HOME\nEOF\nkubectl apply -f pod.yaml").await,
        "applied \"name: $HOME\\n\"\n"
    );
    assert_eq!(says(&shell.fork(), "kubectl apply -f pod.yaml").await, "applied \"name: $HOME\\n\"\n");
    shell.files().write("k8s/a.yaml".as_ref(), b"a").await.expect("memory");
    assert_eq!(says(&shell, "cd k8s && kubectl apply -f ../k8s/a.yaml && ls").await, "applied \"a\"\na.yaml\n");
    assert_eq!(says(&shell, "kubectl apply -f none.yaml").await, "error: none.yaml: entity not found\n[exit 1]");
    assert_eq!(says(&shell, "kubectl x > out.txt 2>&1; cat out.txt").await, "args [\"x\"] color \n");
}

#[tokio::test(start_paused = true)]
async fn pipes_and_loops() {
    let shell = shell();
    assert_eq!(says(&shell, "kubectl mixed 2>/dev/null | grep 2").await, "out 2\n");
    assert_eq!(says(&shell, "for n in a b; do kubectl $n; done | awk '{print $2}'").await, "[\"a\"]\n[\"b\"]\n");
    assert_eq!(says(&shell, "echo -n c2VjcmV0 | base64 -d; echo").await, "secret\n");
    assert_eq!(says(&shell, "kubectl watch | head -2").await, "event 0\nevent 1\n");
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_takes_no_time() {
    let before = tokio::time::Instant::now();
    let wall = std::time::Instant::now();
    assert_eq!(says(&shell(), "kubectl wait; sleep 2h").await, "condition met\n");
    assert_eq!(before.elapsed().as_secs(), 7500);
    eprintln!("7500 virtual seconds took {:?}", wall.elapsed());
}

#[tokio::test(start_paused = true)]
async fn timeout_ends_what_does_not_end() {
    assert_eq!(says(&shell(), "timeout 3 kubectl watch 'a b'").await, "event 0\nevent 1\nevent 2\n[exit 124]");
    assert_eq!(says(&shell(), "timeout 3s kubectl 'a b'").await, "args [\"a b\"] color \n");
}

#[tokio::test(start_paused = true)]
async fn a_program_leaves_the_input_to_others_unless_it_reads() {
    assert_eq!(
        says(&shell(), "printf 'a\\nb\\n' | while read n; do kubectl $n; done").await,
        "args [\"a\"] color \nargs [\"b\"] color \n"
    );
}

#[tokio::test(start_paused = true)]
async fn an_endless_command_streams_until_it_is_interrupted() {
    let shell = shell();
    let mut running = shell.start("kubectl watch", Attachment::Transcript);
    let mut transcript = Transcript::default();
    while !transcript.stdout().contains("event 5") {
        transcript.push(running.output.recv().await.expect("it goes on"));
    }
    running.interrupt();
    assert_eq!(running.wait().await, 130);
    assert_eq!(says(&shell, "echo still here").await, "still here\n");
}

#[tokio::test(start_paused = true)]
async fn a_background_job_runs_beside() {
    let shell = shell();
    says(&shell, "export COLOR=red").await;
    let mut job = shell.start("kubectl watch &", Attachment::Transcript);
    assert_eq!(says(&shell, "sleep 3; kubectl x").await, "args [\"x\"] color red\n");
    let first = job.output.recv().await.expect("it streams");
    assert_eq!(first.bytes, "event 0\n");
}

#[tokio::test(start_paused = true)]
async fn a_session_reads_what_is_typed() {
    let shell = shell();
    let size = TerminalSize { width: 80, height: 24 };
    let mut running = shell.start("kubectl exec -it", Attachment::Terminal(size));
    assert_eq!(running.output.recv().await.expect("prompt").bytes, "$ terminal=true ");
    assert!(running.write("ab"));
    let mut echo = String::new();
    while !echo.ends_with("<b>") {
        echo += &String::from_utf8_lossy(&running.output.recv().await.expect("echo").bytes);
    }
    assert_eq!(echo, "<a><b>");
    running.close_stdin();
    assert_eq!(running.wait().await, 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_terminal_input_is_empty() {
    assert_eq!(says(&shell(), "kubectl exec -it").await, "$ terminal=false ");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_command_says_how_to_allow_it() {
    assert_eq!(
        says(&shell(), "helm install x").await,
        "bash: helm: command not available in a lesson; --allow-host helm lets it run\n[exit 127]"
    );
}

#[tokio::test]
async fn an_allowed_program_of_the_host_runs() {
    let options = ShellOptions { allow_host: vec!["uname".into()], ..Default::default() };
    let shell = Shell::new(options).expect("memory");
    assert_eq!(says(&shell, "\\uname | wc -l").await.trim(), "1");
}

#[tokio::test(start_paused = true)]
async fn the_lessons_folder_is_read_and_never_written() {
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("pod.yaml"), "kind: Pod\n").expect("a file");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("out")).expect("a link");
    let shell = Shell::new(ShellOptions { base: Some(folder.path().into()), ..Default::default() }).expect("a folder");
    assert_eq!(
        says(&shell, "ls; cat pod.yaml; echo more >> pod.yaml; echo new > new.yaml; cat pod.yaml new.yaml").await,
        "pod.yaml\nkind: Pod\nkind: Pod\nmore\nnew\n"
    );
    assert_eq!(says(&shell, "cat out").await, "cat: out: No such file or directory\n[exit 1]");
    assert_eq!(says(&shell, "cat /etc/hostname").await, "lesson\n");
    assert_eq!(says(&shell, "rm pod.yaml; ls").await, "new.yaml\n");
    assert_eq!(std::fs::read_to_string(folder.path().join("pod.yaml")).expect("untouched"), "kind: Pod\n");
    assert!(!folder.path().join("new.yaml").exists());
}

#[tokio::test(start_paused = true)]
async fn watch_repeats() {
    let shell = shell();
    let mut running = shell.start("watch -n 5 kubectl get pods", Attachment::Transcript);
    let mut transcript = Transcript::default();
    while transcript.stdout().matches("args").count() < 2 {
        transcript.push(running.output.recv().await.expect("it goes on"));
    }
    assert_eq!(transcript.stdout(), "Every 5.0s: kubectl get pods\n\nargs [\"get\", \"pods\"] color \n".repeat(2));
}

#[tokio::test(start_paused = true)]
async fn starting_is_cheap() {
    let wall = std::time::Instant::now();
    let shell = shell();
    let built = wall.elapsed();
    says(&shell, "kubectl x").await;
    eprintln!("built in {built:?}, first command after {:?}", wall.elapsed());
}
