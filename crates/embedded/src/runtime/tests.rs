//! Containers without a cluster around them: what people type into them, and what they see.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::container::{Container, Setup, User};
use super::files::Files;
use super::image;
use super::process::Process;
use super::reference::Reference;
use super::stream::{Input, Output};
use crate::Api;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::network::{Network, Origin, Stack};
use crate::registry::Registry;
use crate::storage::Storage;

struct Host {
    network: Network,
    clock: Clock,
    entropy: Entropy,
}

impl Host {
    fn new() -> Self {
        let clock = Clock::starting_at("2026-01-01T00:00:00Z".parse().unwrap());
        let entropy = Entropy::seeded(1);
        let api = Api::new(Storage::default(), Registry::builtin(), clock, entropy.clone());
        Self { network: Network::new(&api), clock, entropy }
    }

    /// A container of `image` that runs `command`, or what the image says.
    fn container(&self, image: &str, command: &[&str], interactive: bool) -> Arc<Container> {
        let image = image::find(&Reference::parse(image).unwrap()).unwrap();
        let id = self.entropy.hex(64);
        let address = self.network.add_pod(0, &id);
        let description = image.description;
        let words: Vec<String> = if command.is_empty() {
            [description.entrypoint.clone(), description.cmd.clone()].concat()
        } else {
            [description.entrypoint.clone(), command.iter().map(|word| (*word).to_owned()).collect()].concat()
        };
        let origin = Origin::Pod { namespace: "default".into(), name: "test".into(), ip: address };
        let is_curl = description.user.is_some();
        let container = Container::new(Setup {
            id,
            hostname: "test".into(),
            files: Files::new(image.files(self.clock.now()), vec![], self.clock),
            command: words,
            environment: BTreeMap::from([
                ("PATH".to_owned(), super::command::DEFAULT_PATH.to_owned()),
                ("HOME".to_owned(), if is_curl { "/home/curl_user" } else { "/root" }.to_owned()),
            ]),
            directory: description.workdir.clone().unwrap_or_else(|| "/".into()),
            user: if is_curl {
                User { uid: 100, gid: 101, name: Some("curl_user".into()), home: "/home/curl_user".into() }
            } else {
                User { uid: 0, gid: 0, name: Some("root".into()), home: "/root".into() }
            },
            network: Stack { network: self.network.clone(), origin, address },
            image: Arc::new(image),
            clock: self.clock,
            entropy: self.entropy.clone(),
            terminal: interactive,
            stdin: interactive,
        });
        container.start().unwrap();
        container
    }
}

/// Runs a command in a container that runs, and gives what it printed and its exit code.
async fn exec(container: &Arc<Container>, command: &[&str]) -> (String, String, i32) {
    exec_with(container, command, Input::empty()).await
}

async fn exec_with(container: &Arc<Container>, command: &[&str], stdin: Input) -> (String, String, i32) {
    let ((stdout, out), (stderr, err)) = (Output::kept(), Output::kept());
    let process = Process {
        pid: 0,
        arguments: command.iter().map(|word| (*word).to_owned()).collect(),
        environment: container.setup.environment.clone(),
        directory: container.setup.directory.clone(),
        stdin,
        stdout,
        stderr,
        terminal: None,
        container: Arc::clone(container),
    };
    let mut exit = container.spawn(process).unwrap();
    let code = exit.wait_for(Option::is_some).await.unwrap().unwrap();
    (out.text(), err.text(), code)
}

fn log(container: &Container) -> String {
    container.log.after(0).0.into_iter().map(|line| String::from_utf8(line.text).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn curl_shows_the_page_of_nginx() {
    let host = Host::new();
    let web = host.container("nginx:1.27", &[], false);
    let curl = host.container("curlimages/curl", &["sleep", "1000"], false);
    tokio::task::yield_now().await;
    let url = format!("http://{}", web.setup.network.address);
    let (out, err, code) = exec(&curl, &["curl", "-s", &url]).await;
    assert!(out.starts_with("<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n"), "{out}");
    assert_eq!((err.as_str(), code), ("", 0));
    let (out, _, _) = exec(&curl, &["curl", "-sI", &url]).await;
    assert!(out.starts_with("HTTP/1.1 200 OK\r\nServer: nginx/1.27.5\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/html\r\nContent-Length: 615\r\n"), "{out}");
    let (out, _, _) =
        exec(&curl, &["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\\n", &format!("{url}/nope")]).await;
    assert_eq!(out, "404\n");
    let log = log(&web);
    assert!(log.contains("\"GET / HTTP/1.1\" 200 615 \"-\" \"curl/8.15.0\" \"-\"\n"), "{log}");
    exec(&web, &["sh", "-c", "echo hello > /usr/share/nginx/html/index.html"]).await;
    assert_eq!(exec(&curl, &["curl", "-s", &url]).await.0, "hello\n");
}

#[tokio::test(start_paused = true)]
async fn curl_says_why_there_is_no_answer() {
    let host = Host::new();
    let curl = host.container("curlimages/curl", &["sleep", "1000"], false);
    let own = curl.setup.network.address;
    let (out, err, code) = exec(&curl, &["curl", "-sS", "http://nosuch"]).await;
    assert_eq!((out.as_str(), err.as_str(), code), ("", "curl: (6) Could not resolve host: nosuch\n", 6));
    let (_, err, code) = exec(&curl, &["curl", "-sS", &format!("http://{own}:81")]).await;
    assert_eq!(code, 7, "{err}");
    assert!(err.starts_with(&format!("curl: (7) Failed to connect to {own} port 81 after ")), "{err}");
    let (_, err, code) = exec(&curl, &["curl", "-sS", "-m", "2", "http://10.1.2.3"]).await;
    assert_eq!((err.as_str(), code), ("curl: (28) Connection timed out after 2000 milliseconds\n", 28));
    let (_, err, code) = exec(&curl, &["curl", "--nonsense"]).await;
    assert_eq!(
        (err.as_str(), code),
        ("curl: option --nonsense: is unknown\ncurl: try 'curl --help' for more information\n", 2)
    );
}

#[tokio::test(start_paused = true)]
async fn scripts_run_and_print_as_they_go() {
    let host = Host::new();
    let busy = host.container(
        "busybox",
        &["sh", "-c", "i=0; while true; do echo \"$i: $(date)\"; i=$((i+1)); sleep 10; done"],
        false,
    );
    host.clock.sleep(std::time::Duration::from_secs(25)).await;
    assert_eq!(
        log(&busy),
        "0: Thu Jan  1 00:00:00 UTC 2026\n1: Thu Jan  1 00:00:10 UTC 2026\n2: Thu Jan  1 00:00:20 UTC 2026\n"
    );
    let (out, err, code) = exec(&busy, &["sh", "-c", "ls / | head -2; nosuch; cat /nosuch; exit 5"]).await;
    assert_eq!(out, "bin\ndev\n");
    assert_eq!(err, "sh: nosuch: not found\ncat: can't open '/nosuch': No such file or directory\n");
    assert_eq!(code, 5);
    let (out, _, _) = exec_with(&busy, &["sh", "-c", "cat > /tmp/x; wc -l < /tmp/x"], Input::of("a\nb\n")).await;
    assert_eq!(out.trim(), "2");
    let (out, _, _) = exec_with(&busy, &["cat"], Input::of("typed")).await;
    assert_eq!(out, "typed");
    assert_eq!(exec(&busy, &["ls", "/tmp"]).await.0, "x\n");
    assert_eq!(exec(&busy, &["hostname"]).await.0, "test\n");
    assert!(exec(&busy, &["ps"]).await.0.starts_with("PID   USER     TIME  COMMAND\n    1 root      0:00 sh -c i=0"));
    let (out, _, code) =
        exec_with(&busy, &["sh"], Input::of("echo one\ncd /tmp\npwd\nfor i in 1 2\ndo echo $i\ndone\nexit 3\n")).await;
    assert_eq!((out.as_str(), code), ("one\n/tmp\n1\n2\n", 3));
}

#[tokio::test(start_paused = true)]
async fn a_shell_ignores_the_signal_and_nginx_obeys_it() {
    let host = Host::new();
    let (shell, web) = (host.container("busybox", &["sleep", "1000"], false), host.container("nginx", &[], false));
    tokio::task::yield_now().await;
    shell.terminate();
    web.terminate();
    assert_eq!((shell.exit_code(), web.wait().await), (None, 0));
    shell.kill();
    assert_eq!(shell.wait().await, 137);
}

#[tokio::test(start_paused = true)]
async fn a_session_in_a_terminal() {
    let host = Host::new();
    let web = host.container("nginx", &[], false);
    let curl = host.container("curlimages/curl", &["sh"], true);
    let mut screen = curl.attach();
    let terminal = curl.terminal().unwrap().clone();
    host.clock.sleep(std::time::Duration::from_millis(10)).await;
    terminal.typed(format!("curl http://{} | head -2\r", web.setup.network.address).as_bytes());
    host.clock.sleep(std::time::Duration::from_millis(10)).await;
    terminal.typed(b"id -u; cd /tmp\rsleep 100\r");
    host.clock.sleep(std::time::Duration::from_millis(10)).await;
    terminal.typed(b"\x03");
    host.clock.sleep(std::time::Duration::from_millis(10)).await;
    terminal.typed(b"exit 4\r");
    assert_eq!(curl.wait().await, 4);
    let mut seen = Vec::new();
    while let Some((_, bytes)) = screen.recv().await {
        seen.extend_from_slice(&bytes);
    }
    let seen = String::from_utf8(seen).unwrap();
    let expected = format!(
        "~ $ curl http://{} | head -2\r\n<!DOCTYPE html>\r\n<html>\r\n~ $ id -u; cd /tmp\r\n100\r\n/tmp $ sleep 100\r\n^C\r\n/tmp $ exit 4\r\n",
        web.setup.network.address
    );
    assert_eq!(seen, expected);
}
