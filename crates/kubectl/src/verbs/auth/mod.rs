//! `kubectl auth` (kubectl: pkg/cmd/auth).

mod can_i;
mod reconcile;
mod whoami;

use crate::command::{Class, Command};

pub(super) static COMMAND: Command = Command {
    name: "auth",
    use_line: "auth",
    bare_use_line: false,
    short: "Inspect authorization",
    long: "Inspect authorization.",
    subcommands: &[&can_i::COMMAND, &reconcile::COMMAND, &whoami::COMMAND],
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(async { cx.default_subcommand_run() })),
    ..Command::NEW
};
