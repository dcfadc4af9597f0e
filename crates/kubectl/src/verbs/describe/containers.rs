//! Containers, of pods and of pod templates (kubectl: pkg/describe/describe.go `describeContainers`).

use super::env;
use super::writer::{Writer, bool_of, int_of, list, or, str_of};
use crate::text::{display, quote};
use serde_json::Value;

/// Where the containers are.
pub(super) struct Place<'a> {
    /// In this pod; `None` in a template.
    pub pod: Option<&'a Value>,
    /// What stands in front of titles.
    pub space: &'a str,
}

pub(super) fn describe(w: &mut Writer, title: &str, containers: &Value, statuses: &Value, place: &Place<'_>) {
    let (containers, space) = (list(containers), place.space);
    let none = if containers.is_empty() { " <none>" } else { "" };
    w.line(0, format_args!("{space}{title}:{none}"));
    for container in containers {
        let status = list(statuses).iter().rfind(|status| status["name"] == container["name"]);
        basics(w, container, status, space);
        command(w, "Command", &container["command"]);
        command(w, "Args", &container["args"]);
        if let Some(status) = status {
            state(w, "State", &status["state"]);
            if status["lastState"]["terminated"].is_object() {
                state(w, "Last State", &status["lastState"]);
            }
            w.line(2, format_args!("Ready:\t{}", if bool_of(&status["ready"]) { "True" } else { "False" }));
            w.line(2, format_args!("Restart Count:\t{}", int_of(&status["restartCount"])));
        }
        resources(w, 2, &container["resources"]);
        for (title, field) in
            [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")]
        {
            if container[field].is_object() {
                w.line(2, format_args!("{title}:\t{}", probe(&container[field])));
            }
        }
        env::sources(w, container);
        env::variables(w, container, place.pod);
        mounts(w, container);
    }
}

fn basics(w: &mut Writer, container: &Value, status: Option<&Value>, space: &str) {
    let indent = if space.is_empty() { "" } else { " " };
    w.line(1, format_args!("{indent}{}:", str_of(&container["name"])));
    if let Some(status) = status {
        w.line(2, format_args!("Container ID:\t{}", str_of(&status["containerID"])));
    }
    w.line(2, format_args!("Image:\t{}", str_of(&container["image"])));
    if let Some(status) = status {
        w.line(2, format_args!("Image ID:\t{}", str_of(&status["imageID"])));
    }
    for (title, field) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
        let texts: Vec<String> = list(&container["ports"]).iter().map(|port| port_text(port, field)).collect();
        match texts.as_slice() {
            [] => w.line(2, format_args!("{title}:\t<none>")),
            [one] => w.line(2, format_args!("{title}:\t{one}")),
            many => w.line(2, format_args!("{title}s:\t{}", many.join(", "))),
        }
    }
    seccomp(w, 2, 3, &container["securityContext"]);
}

fn port_text(port: &Value, field: &str) -> String {
    let text = format!("{}/{}", int_of(&port[field]), str_of(&port["protocol"]));
    match str_of(&port["name"]) {
        "" => text,
        name => format!("{text} ({name})"),
    }
}

/// `SeccompProfile:`, if the security context has one.
pub(super) fn seccomp(w: &mut Writer, level: usize, level_of_path: usize, context: &Value) {
    let profile = &context["seccompProfile"];
    if profile.is_object() {
        w.line(level, format_args!("SeccompProfile:\t{}", str_of(&profile["type"])));
        if profile["type"] == "Localhost" {
            w.line(level_of_path, format_args!("LocalhostProfile:\t{}", str_of(&profile["localhostProfile"])));
        }
    }
}

fn command(w: &mut Writer, title: &str, words: &Value) {
    if !list(words).is_empty() {
        w.line(2, format_args!("{title}:"));
    }
    for line in list(words).iter().flat_map(|word| str_of(word).split('\n')) {
        w.line(3, format_args!("{line}"));
    }
}

/// `Limits:` and `Requests:`, those that there are.
pub(super) fn resources(w: &mut Writer, level: usize, resources: &Value) {
    for (title, field) in [("Limits", "limits"), ("Requests", "requests")] {
        let Some(amounts) = resources[field].as_object().filter(|amounts| !amounts.is_empty()) else { continue };
        w.line(level, format_args!("{title}:"));
        for (name, amount) in amounts {
            w.line(level + 1, format_args!("{name}:\t{}", display(amount)));
        }
    }
}

fn state(w: &mut Writer, title: &str, state: &Value) {
    let (running, waiting, terminated) = (&state["running"], &state["waiting"], &state["terminated"]);
    if running.is_object() {
        w.line(2, format_args!("{title}:\tRunning"));
        w.line(3, format_args!("Started:\t{}", w.time(&running["startedAt"])));
    } else if terminated.is_object() && !waiting.is_object() {
        w.line(2, format_args!("{title}:\tTerminated"));
        w.some(3, "Reason", &terminated["reason"]);
        w.some(3, "Message", &terminated["message"]);
        w.line(3, format_args!("Exit Code:\t{}", int_of(&terminated["exitCode"])));
        if int_of(&terminated["signal"]) > 0 {
            w.line(3, format_args!("Signal:\t{}", int_of(&terminated["signal"])));
        }
        w.line(3, format_args!("Started:\t{}", w.time(&terminated["startedAt"])));
        w.line(3, format_args!("Finished:\t{}", w.time(&terminated["finishedAt"])));
    } else {
        w.line(2, format_args!("{title}:\tWaiting"));
        w.some(3, "Reason", &waiting["reason"]);
    }
}

/// `http-get http://:80/ delay=0s …` (`DescribeProbe`).
fn probe(probe: &Value) -> String {
    let number = |field: &str| int_of(&probe[field]);
    let attributes = format!(
        "delay={}s timeout={}s period={}s successThreshold={} failureThreshold={}",
        number("initialDelaySeconds"),
        number("timeoutSeconds"),
        number("periodSeconds"),
        number("successThreshold"),
        number("failureThreshold")
    );
    let (exec, http, tcp, grpc) = (&probe["exec"], &probe["httpGet"], &probe["tcpSocket"], &probe["grpc"]);
    if exec.is_object() {
        let command = list(&exec["command"]).iter().map(str_of).collect::<Vec<_>>().join(" ");
        format!("exec [{command}] {attributes}")
    } else if http.is_object() {
        format!("http-get {} {attributes}", url(http))
    } else if tcp.is_object() {
        format!("tcp-socket {}:{} {attributes}", str_of(&tcp["host"]), display(&tcp["port"]))
    } else if grpc.is_object() {
        format!("grpc <pod>:{} {} {attributes}", int_of(&grpc["port"]), str_of(&grpc["service"]))
    } else {
        format!("unknown {attributes}")
    }
}

/// As Go's `url.URL` prints it.
fn url(http: &Value) -> String {
    let (scheme, host, port) = (str_of(&http["scheme"]).to_lowercase(), str_of(&http["host"]), display(&http["port"]));
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
    let mut path = String::new();
    for byte in str_of(&http["path"]).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => path.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'~' | b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'@' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{host}:{port}{slash}{path}")
}

fn mounts(w: &mut Writer, container: &Value) {
    let mut mounts: Vec<&Value> = list(&container["volumeMounts"]).iter().collect();
    mounts.sort_by_key(|mount| str_of(&mount["mountPath"]));
    let none = if mounts.is_empty() { "\t<none>" } else { "" };
    w.line(2, format_args!("Mounts:{none}"));
    for mount in mounts {
        let mut flags = if bool_of(&mount["readOnly"]) { "ro".to_string() } else { "rw".to_string() };
        let sub_path = or(&mount["subPath"], "");
        if !sub_path.is_empty() {
            flags.push_str(&format!(",path={}", quote(sub_path)));
        }
        w.line(3, format_args!("{} from {} ({flags})", str_of(&mount["mountPath"]), str_of(&mount["name"])));
    }
    let mut devices: Vec<&Value> = list(&container["volumeDevices"]).iter().collect();
    devices.sort_by_key(|device| str_of(&device["devicePath"]));
    if !devices.is_empty() {
        // Upstream takes over the word about the mounts.
        w.line(2, format_args!("Devices:{none}"));
    }
    for device in devices {
        w.line(3, format_args!("{} from {}", str_of(&device["devicePath"]), str_of(&device["name"])));
    }
}
