//! `kubectl completion`, and `kubectl __complete`, which its scripts ask (kubectl: pkg/cmd/completion; spf13/cobra:
//! completions.go). The scripts are our own; the questions and answers are cobra's.

mod candidates;

pub(crate) use candidates::complete;

use crate::command::{Class, Command, Context};
use crate::error::Result;
use crate::text::quote;

pub(super) static COMMAND: Command = Command {
    name: "completion",
    use_line: "completion SHELL",
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    long: "Print a script that lets a shell (bash, zsh, fish, or powershell) complete kubectl's command lines. The shell must read it, most conveniently whenever it starts.\n\n zsh must be of version 5.2 or newer.",
    example: "# bash, now and in every shell to come
source <(kubectl completion bash)
echo 'source <(kubectl completion bash)' >>~/.bashrc

# zsh
source <(kubectl completion zsh)
kubectl completion zsh > \"${fpath[1]}/_kubectl\"

# fish
kubectl completion fish | source
kubectl completion fish > ~/.config/fish/completions/kubectl.fish

# PowerShell
kubectl completion powershell | Out-String | Invoke-Expression",
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let shell = match cx.args.as_slice() {
        [] => return Err(cx.usage_error("Shell not specified.")),
        [shell] => shell,
        _ => return Err(cx.usage_error("Too many arguments. Expected only the shell type.")),
    };
    let script = match shell.as_str() {
        "bash" => include_str!("scripts/kubectl.bash"),
        "zsh" => include_str!("scripts/kubectl.zsh"),
        "fish" => include_str!("scripts/kubectl.fish"),
        "powershell" => include_str!("scripts/kubectl.ps1"),
        other => return Err(cx.usage_error(format!("Unsupported shell type {}.", quote(other)))),
    };
    write!(cx.out, "{script}")?;
    Ok(())
}
