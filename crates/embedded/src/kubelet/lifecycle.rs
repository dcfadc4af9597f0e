//! Hooks of containers (`postStart`, `preStop`), and commands that the kubelet runs in them.

use std::sync::Arc;

use serde_json::Value;

use super::probes;
use crate::runtime::command::StartError;
use crate::runtime::container::Container;
use crate::runtime::process::{CANNOT_RUN, NOT_FOUND, Process};
use crate::runtime::stream::{Input, Output};

/// What runc says of a command that cannot be run in a container that runs, around its own words.
pub fn exec_error(error: &StartError) -> String {
    format!("OCI runtime exec failed: exec failed: unable to start container process: {error}: unknown")
}

/// A Pod as messages name it: `name_namespace(uid)`.
pub fn whole_name(pod: &Value) -> String {
    let meta = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    format!("{}_{}({})", meta("name"), meta("namespace"), meta("uid"))
}

/// Runs a command in a container: exit code, and what it printed on both streams.
pub async fn exec(container: &Arc<Container>, command: &[String]) -> (i32, String) {
    let (output, kept) = Output::kept();
    let process = Process {
        pid: 0,
        arguments: command.to_vec(),
        environment: container.setup.environment.clone(),
        directory: container.setup.directory.clone(),
        stdin: Input::empty(),
        stdout: output.clone(),
        stderr: output,
        terminal: None,
        container: Arc::clone(container),
    };
    match container.spawn(process) {
        Ok(mut exit) => {
            let code = exit.wait_for(Option::is_some).await.ok().and_then(|code| *code).unwrap_or(NOT_FOUND);
            (code, kept.text())
        }
        Err(error) => (CANNOT_RUN, exec_error(&error)),
    }
}

/// Runs a hook. `Err` says why it failed.
pub async fn run(container: &Arc<Container>, pod: &Value, spec: &Value, hook: &Value) -> Result<(), String> {
    let place = format!("for Container {:?} in Pod {:?}", spec["name"].as_str().unwrap_or_default(), whole_name(pod));
    if let Some(command) = hook["exec"]["command"].as_array() {
        let command: Vec<String> = command.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let (code, output) = exec(container, &command).await;
        let words = command.join(" ");
        return if code == 0 {
            Ok(())
        } else {
            Err(format!(
                "Exec lifecycle hook ([{words}]) {place} failed - error: command '{words}' exited with {code}: {output}, message: {output:?}"
            ))
        };
    }
    if let Some(seconds) = hook["sleep"]["seconds"].as_u64() {
        container.setup.clock.sleep(std::time::Duration::from_secs(seconds)).await;
        return Ok(());
    }
    let get = &hook["httpGet"];
    if get.is_object() {
        let host = get["host"].as_str().map_or_else(|| container.setup.network.address.to_string(), str::to_owned);
        let (port, path) = (probes::port(spec, &get["port"]), get["path"].as_str().unwrap_or("/"));
        return match probes::get_status(container, &host, port, path, get).await {
            Ok(_) => Ok(()),
            Err(why) => Err(format!(
                "HTTP lifecycle hook ({path}) {place} failed - error: Get \"http://{host}:{port}{path}\": {why}"
            )),
        };
    }
    Ok(())
}
