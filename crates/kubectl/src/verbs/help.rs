//! `kubectl help [COMMAND…]` (spf13/cobra: command.go `InitDefaultHelpCmd`).

use crate::command::{Class, Command, Context};
use crate::error::Result;

pub(super) static COMMAND: Command = Command {
    name: "help",
    use_line: "help [command]",
    bare_use_line: false,
    short: "Help about any command",
    long: "Shows the help of a command. Type kubectl help and the command, with its subcommand if it has one.",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    hidden: true,
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let (mut command, mut path) = (super::root(), String::from("kubectl"));
    for (depth, word) in cx.args.iter().enumerate() {
        let Some(next) = command.find(word) else {
            // What is behind a command may be anything.
            if depth == 0 {
                let typed: Vec<String> = cx.args.iter().map(|word| format!("`{word}`")).collect();
                writeln!(cx.err, "Unknown help topic [{}]", typed.join(" "))?;
                write!(cx.err, "{}", crate::help::usage(command, &path))?;
                return Ok(());
            }
            break;
        };
        path = format!("{path} {}", next.name);
        command = next;
    }
    write!(cx.out, "{}", crate::help::help(command, &path))?;
    Ok(())
}
