//! `kubectl kuberc` (kubectl: pkg/cmd/kuberc).

mod set;
mod view;

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;

pub(super) static COMMAND: Command = Command {
    name: "kuberc",
    use_line: "kuberc SUBCOMMAND",
    short: "Manage kuberc configuration files",
    long: "Show and change the file of the user's preferences, kuberc.\n\n It has aliases of commands, and values of flags that are not given.",
    example: "# What the file says\nkubectl kuberc view\n\n# A flag's value, unless it is given\nkubectl kuberc set --section defaults --command get --option output=wide\n\n# A command of one's own\nkubectl kuberc set --section aliases --name getn --command get --prependarg nodes --option output=wide",
    subcommands: &[&set::COMMAND, &view::COMMAND],
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(async { cx.default_subcommand_run() })),
    ..Command::NEW
};

fn flag() -> Flag {
    Flag::string(
        "kuberc",
        "",
        "Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off.",
    )
}

/// The file, and whether somebody asked for it.
fn location(cx: &Context) -> Result<(String, bool)> {
    let found = crate::preferences::location(cx.flags.str("kuberc"), &cx.env)?;
    found.ok_or_else(|| Error::msg("KUBERC is disabled via KUBERC=off environment variable"))
}
