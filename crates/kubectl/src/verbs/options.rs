//! `kubectl options`.

use crate::command::{Class, Command, Context};
use crate::error::Result;

pub(super) static COMMAND: Command = Command {
    name: "options",
    use_line: "options",
    short: "Print the list of flags inherited by all commands",
    example: "# Print flags inherited by all commands\nkubectl options",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    hidden: true,
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    write!(cx.out, "{}", crate::help::options(cx.env.var("HOME").unwrap_or_default()))?;
    Ok(())
}
