//! `--dry-run` (kubectl: pkg/cmd/util/helpers.go `GetDryRunStrategy`).

use crate::command::Context;
use crate::error::{Error, Result};

/// How far a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DryRun {
    /// All the way.
    #[default]
    None,
    /// Nothing is sent.
    Client,
    /// The server does all but keep it.
    Server,
}

impl DryRun {
    /// What the flag says; the deprecated spellings (a bare `--dry-run`, booleans) are warned about on stderr.
    pub fn of(cx: &Context) -> Result<Self> {
        let deprecated = |spelling: &str, instead: DryRun, word: &str| {
            let text = format!("--dry-run{spelling} and can be replaced with --dry-run={word}.");
            cx.klog_warning("helpers.go:714", &text)?;
            Ok(instead)
        };
        match cx.flags.str("dry-run") {
            "none" => Ok(DryRun::None),
            "client" => Ok(DryRun::Client),
            "server" => Ok(DryRun::Server),
            "unchanged" => deprecated(" is deprecated", DryRun::Client, "client"),
            yes @ ("1" | "t" | "T" | "TRUE" | "true" | "True") => {
                deprecated(&format!("={yes} is deprecated (boolean value)"), DryRun::Client, "client")
            }
            no @ ("0" | "f" | "F" | "FALSE" | "false" | "False") => {
                deprecated(&format!("={no} is deprecated (boolean value)"), DryRun::None, "none")
            }
            other => Err(Error::msg(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }
    /// The word behind `created` and its like: ` (dry run)`, ` (server dry run)` or nothing.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}
