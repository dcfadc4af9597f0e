//! `kubectl plugin`, and commands that are programs on the PATH (kubectl: pkg/cmd/plugin/plugin.go, pkg/cmd/plugin.go).

use crate::cobra;
use crate::command::{Class, Command, Context};
use crate::environment::{Environment, Program};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::io::Sink;
use crate::resource::go_error;
use crate::text::quote;
use std::path::{Path, PathBuf};

pub(super) static COMMAND: Command = Command {
    name: "plugin",
    use_line: "plugin [flags]",
    short: "Provides utilities for interacting with plugins",
    long: "Work with plugins: commands that are programs of their own.\n\n The documentation says how to write one. The easiest way to find and install them is krew: [krew.sigs.k8s.io]. To install krew, see https://krew.sigs.k8s.io/docs/user-guide/setup/install",
    example: "# All plugins\nkubectl plugin list\n\n# Their names, without paths\nkubectl plugin list --name-only",
    subcommands: &[&LIST],
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(async { cx.default_subcommand_run() })),
    ..Command::NEW
};

static LIST: Command = Command {
    name: "list",
    use_line: "list",
    bare_use_line: false,
    short: "List all visible plugin executables on a user's PATH",
    long: "List the plugins on the PATH: executable files whose names begin with \"kubectl-\". With --name-only their names alone.",
    example: "# All plugins\nkubectl plugin list\n\n# Their names, without paths\nkubectl plugin list --name-only",
    flags: || {
        let usage = "If true, display only the binary name of each plugin, rather than its full path";
        vec![Flag::bool("name-only", usage)]
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(list(cx))),
    ..Command::NEW
};

/// The directories of the PATH, each once.
fn directories(env: &Environment) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for directory in env.var("PATH").unwrap_or_default().split(':').filter(|text| !text.trim().is_empty()) {
        let directory = PathBuf::from(directory);
        if !out.contains(&directory) {
            out.push(directory);
        }
    }
    out
}

async fn list(cx: &Context) -> Result<()> {
    let mut plugins = Vec::new();
    for directory in directories(&cx.env) {
        let shown = directory.to_string_lossy().into_owned();
        match cx.env.files.list(&directory).await {
            Ok(names) => {
                for name in names.into_iter().filter(|name| name.starts_with("kubectl-")) {
                    let path = directory.join(name);
                    if !cx.env.files.kind(&path).await.is_ok_and(|kind| kind == crate::FileKind::Directory) {
                        plugins.push(path);
                    }
                }
            }
            Err(error) => {
                let cause = go_error("open", &shown, &error);
                let shown = quote(&shown);
                writeln!(cx.err, "Unable to read directory {shown} from your PATH: {cause}. Skipping...")?;
            }
        }
    }
    let mut errors = String::new();
    match plugins.is_empty() {
        true => errors.push_str("error: unable to find any kubectl plugins in your PATH\n"),
        false => writeln!(cx.out, "The following compatible plugins are available:\n")?,
    }
    let mut count = 0;
    for (index, path) in plugins.iter().enumerate() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match cx.flags.bool("name-only") {
            true => writeln!(cx.out, "{name}")?,
            false => writeln!(cx.out, "{}", path.display())?,
        }
        for warning in verify(cx, path, &name, &plugins[..index]).await {
            writeln!(cx.err, "  - {warning}")?;
            count += 1;
        }
    }
    match count {
        0 => {}
        1 => errors.push_str("error: one plugin warning was found\n"),
        count => errors.push_str(&format!("error: {count} plugin warnings were found\n")),
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::msg(errors)) }
}

/// What keeps a plugin from being used.
async fn verify(cx: &Context, path: &Path, name: &str, seen: &[PathBuf]) -> Vec<String> {
    let (mut out, shown) = (Vec::new(), path.display());
    match cx.env.files.executable(path).await {
        Ok(true) => {}
        Ok(false) => out.push(format!("warning: {shown} identified as a kubectl plugin, but it is not executable")),
        Err(error) => {
            let cause = go_error("stat", &shown.to_string(), &error);
            out.push(format!("error: unable to identify {shown} as an executable file: {cause}"));
        }
    }
    if let Some(other) = seen.iter().find(|other| other.file_name() == path.file_name()) {
        out.push(format!("warning: {shown} is overshadowed by a similarly named plugin: {}", other.display()));
    }
    let words: Vec<String> = name.split('-').skip(1).map(String::from).collect();
    if let Some(located) = cobra::locate(super::root(), &words) {
        out.push(format!("warning: {name} overwrites existing command: {}", quote(&located.path)));
    }
    out
}

/// Runs the plugin that a command line means which is no command of ours; `None` if there is none.
pub(crate) async fn run(args: &[String], env: &Environment, stdout: &Sink, stderr: &Sink) -> Result<Option<i32>> {
    let least = match cobra::locate(super::root(), args) {
        None => {
            let word = args.iter().find(|arg| !arg.starts_with('-')).map(String::as_str).unwrap_or_default();
            if ["help", "__complete", "__completeNoDesc"].contains(&word) {
                return Ok(None);
            }
            1
        }
        // Of all groups only `create` may be added to.
        Some(found) if found.path == "kubectl create" => match found.rest.first() {
            Some(word) if !word.starts_with('-') => args.len() - found.rest.len() + 1,
            _ => return Ok(None),
        },
        Some(_) => return Ok(None),
    };
    let words = args.iter().take_while(|arg| !arg.starts_with('-'));
    let mut words: Vec<String> = words.map(|word| word.replace('-', "_")).collect();
    if words.is_empty() {
        let message = format!("Error: flags cannot be placed before plugin name: {}", args[0]);
        return Err(Error::Exit { code: 1, message });
    }
    while words.len() >= least {
        if let Some(path) = look_up(env, &format!("kubectl-{}", words.join("-"))).await {
            let mut argv = vec![path.to_string_lossy().into_owned()];
            argv.extend_from_slice(&args[words.len()..]);
            let (stdout, stderr) = (stdout.clone(), stderr.clone());
            let program = Program { argv, interactive: true, stdout, stderr };
            let failed = |error: std::io::Error| Error::Exit { code: 1, message: format!("Error: {error}") };
            return env.programs.run(program).await.map(Some).map_err(failed);
        }
        words.pop();
    }
    Ok(None)
}

/// `exec.LookPath`.
async fn look_up(env: &Environment, name: &str) -> Option<PathBuf> {
    for directory in directories(env) {
        let path = directory.join(name);
        if env.files.executable(&path).await.unwrap_or(false) {
            return Some(path);
        }
    }
    None
}
