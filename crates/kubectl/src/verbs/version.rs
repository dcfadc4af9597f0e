//! `kubectl version` (kubectl: pkg/cmd/version).

use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::printers::yaml;
use crate::request::Call;
use serde::{Deserialize, Serialize};

/// The version of kubectl whose behaviour this is.
pub const VERSION: &str = "v1.37.2";

pub(super) static COMMAND: Command = Command {
    name: "version",
    use_line: "version",
    bare_use_line: false,
    short: "Print the client and server version information",
    long: "Print the versions of the client and of the server that the current context points to.",
    example: "# Print the client and server versions for the current context\nkubectl version",
    flags: || {
        vec![
            Flag::bool("client", "If true, shows client version only (no server required)."),
            Flag::string("output", "", "One of 'yaml' or 'json'.").short('o'),
        ]
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// `version.Info`, in the order in which it is written.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Info {
    major: String,
    minor: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    emulation_major: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    emulation_minor: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    min_compatibility_major: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    min_compatibility_minor: String,
    git_version: String,
    git_commit: String,
    git_tree_state: String,
    build_date: String,
    go_version: String,
    compiler: String,
    platform: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    client_version: Info,
    kustomize_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_version: Option<Info>,
}

fn client() -> Info {
    Info {
        major: "1".into(),
        minor: "37".into(),
        git_version: VERSION.into(),
        git_tree_state: "clean".into(),
        compiler: "rustc".into(),
        platform: format!(
            "{}/{}",
            std::env::consts::OS,
            match std::env::consts::ARCH {
                "x86_64" => "amd64",
                "aarch64" => "arm64",
                other => other,
            }
        ),
        ..Info::default()
    }
}

async fn run(cx: &Context) -> Result<()> {
    if !cx.args.is_empty() {
        return Err(Error::msg(format!("extra arguments: [{}]", cx.args.join(" "))));
    }
    let output = cx.flags.str("output");
    if !["", "yaml", "json"].contains(&output) {
        return Err(Error::msg("--output must be 'yaml' or 'json'"));
    }
    let mut versions =
        Versions { client_version: client(), kustomize_version: crate::kustomize::VERSION, server_version: None };
    let mut server_error = None;
    if !cx.flags.bool("client") {
        match cx.requests().await?.json(Call::get("/version")).await {
            Ok(found) => versions.server_version = serde_json::from_value(found).ok(),
            Err(error) => server_error = Some(error),
        }
    }
    match output {
        "" => {
            writeln!(cx.out, "Client Version: {}", versions.client_version.git_version)?;
            writeln!(cx.out, "Kustomize Version: {}", versions.kustomize_version)?;
            if let Some(server) = &versions.server_version {
                writeln!(cx.out, "Server Version: {}", server.git_version)?;
            }
        }
        "yaml" => {
            let value = serde_json::to_value(&versions).map_err(|error| Error::msg(error.to_string()))?;
            writeln!(cx.out, "{}", yaml::to_string(&value))?;
        }
        _ => {
            let text = serde_json::to_string_pretty(&versions).map_err(|error| Error::msg(error.to_string()))?;
            writeln!(cx.out, "{text}")?;
        }
    }
    if let Some(server) = &versions.server_version
        && let Some(warning) = skew(&versions.client_version, server)
    {
        if cx.flags.bool("warnings-as-errors") {
            return Err(Error::msg(warning));
        }
        writeln!(cx.err, "Warning: {warning}")?;
    }
    server_error.map_or(Ok(()), Err)
}

/// kubectl: pkg/cmd/version/skew_warning.go.
fn skew(client: &Info, server: &Info) -> Option<String> {
    let digits = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<i64>().ok();
    let (client_minor, server_minor) = (digits(&client.minor)?, digits(&server.minor)?);
    let far = digits(&client.major)? != digits(&server.major)? || (client_minor - server_minor).abs() > 1;
    let short = |info: &Info, minor: i64| format!("{}.{minor}", info.major);
    far.then(|| {
        format!(
            "version difference between client ({}) and server ({}) exceeds the supported minor version skew of +/-1",
            short(client, client_minor),
            short(server, server_minor)
        )
    })
}
