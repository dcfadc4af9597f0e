//! kubectl as a library: its verbs over a [`kube::Client`], with the same bytes as kubectl v1.37 on stdout and stderr
//! and the same exit codes. Nothing here exits the process, reads its environment or holds a global: streams, files,
//! variables, clock and cluster come in with [`Environment`] and [`Io`].
//!
//! # Map
//!
//! * [`command`]: [`Command`](command::Command) is a verb as data, [`Context`](command::Context) a verb at work
//! * [`flags`]: pflag: declare, parse, ask; `flags::common` has the flags that verbs share
//! * `cobra`: from arguments to a command; [`help`]: `--help`
//! * [`environment`], [`io`], [`clients`], [`network`]: what the caller gives
//! * [`mapper`]: which resource a word means; [`resource`]: from arguments and files to objects; [`request`]: HTTP
//! * [`kustomize`]: what `kubectl kustomize` and `-k` build
//! * `preferences`: the user's file `kuberc`: aliases, defaults of flags
//! * [`printers`]: tables, JSON, YAML, names, JSONPath, custom columns; [`error`]: what kubectl says when it fails
//! * [`verbs`]: the verbs, one file each
//!
//! # How to add a verb
//!
//! 1. Write `src/verbs/NAME.rs` (or `verbs/NAME/mod.rs` when it takes several files; a group such as `create` is a
//!    folder with one file a subcommand). It has a `pub static COMMAND: Command = Command { …, ..Command::NEW }`:
//!    upstream's use line, flags with upstream's defaults and usage texts (those are facts), and `short`, `long` and
//!    `example` in our own words. `class` says what it does to the cluster.
//! 2. `run: Some(|cx| Box::pin(run(cx)))` with `async fn run(cx: &Context) -> Result<()>`. Work in upstream's order:
//!    options from `cx.flags` and `cx.args`, validation, then requests. Errors are returned: [`Error::msg`] prints
//!    `error: …`, [`Context::usage_error`](command::Context::usage_error) adds the `See … -h` line, an error of the
//!    API server prints itself. `Error::Exit` ends with another code.
//! 3. Find objects with [`resource::Builder`] (`cli-runtime`'s, same words), change them with [`resource::Helper`],
//!    gather errors over many in [`resource::Errors`], print with [`printers::PrintFlags`]. Write to `cx.out` and `cx.err` with
//!    `write!`/`writeln!` and `?`. Sleep with `tokio::time`, ask `cx.env.clock` for the time.
//! 4. List it in `verbs/mod.rs`: in the root's subcommands and in its help group.
//! 5. Record what the real kubectl says: add command lines to `tests/parity/*.txt` and run
//!    `cargo test -p kubectl --test parity` with `KUBECTL_LESSON_REAL` naming a kubeconfig (see `tests/parity.rs`).
//!
//! `verbs/version.rs` is a short example, `verbs/get/` a long one.

pub mod clients;
mod cobra;
pub mod command;
pub mod dry_run;
pub mod environment;
pub mod error;
pub mod flags;
pub mod help;
pub mod io;
pub mod kustomize;
pub mod mapper;
pub mod network;
mod preferences;
pub mod printers;
pub mod request;
pub mod resource;
pub mod text;
pub mod verbs;

pub use command::{Class, Effect};
pub use environment::{
    Attributes, Clock, Environment, FileKind, Files, HostFiles, HostPrograms, NoPrograms, Program, Programs,
    SystemClock,
};
pub use error::{Error, Result, UsageError};
pub use io::{Io, Sink, Terminal, TerminalInfo, TerminalSize};
pub use network::{HostNetwork, Loopback, Network};

use command::Context;

/// Runs a command line (without `kubectl` itself in front) and returns its exit code. Everything that it says is on
/// the streams when it returns.
pub async fn run(args: Vec<String>, env: &Environment, io: Io) -> i32 {
    let stderr = io.stderr.clone();
    let result = execute(args, env, io).await;
    let Err(error) = result else { return 0 };
    let (text, code) = error.report();
    // If even stderr is closed there is nobody left to tell.
    let _ = stderr.write(text.as_bytes());
    code
}

async fn execute(args: Vec<String>, env: &Environment, io: Io) -> Result<()> {
    let root = verbs::root();
    if let Some((word, words)) = args.split_first()
        && ["__complete", "__completeNoDesc"].contains(&word.as_str())
    {
        return verbs::complete(root, words, word == "__complete", env, io).await;
    }
    // The streams apart: standard input cannot be shared while somebody waits.
    let (stdout, stderr) = (io.stdout.clone(), io.stderr.clone());
    let preferences::Applied { args, presets, alias } = preferences::apply(root, args, env, &stderr).await?;
    if let Some(code) = verbs::run_plugin(&args, env, &stdout, &stderr).await? {
        return if code == 0 { Ok(()) } else { Err(Error::Exit { code, message: String::new() }) };
    }
    let mut found = cobra::find_with(root, &args, &presets).map_err(|error| match error.exit_code {
        1 => Error::msg(error.message),
        code => Error::Exit { code, message: format!("error: {}", error.message) },
    })?;
    if let Some(alias) = alias {
        found.path = format!("{} {alias}", root.name);
    }
    for warning in &found.parsed.warnings {
        writeln!(io.stderr, "{warning}")?;
    }
    if found.parsed.help {
        write!(io.stdout, "{}", help::help(found.command, &found.path))?;
        return Ok(());
    }
    let Some(run) = found.command.run else {
        let root = std::ptr::eq(found.command, root);
        if !root && !found.parsed.args.is_empty() {
            let text = format!("unknown command {}", text::quote(&found.parsed.args.join(" ")));
            return Err(Error::msg(format!("{text}\nSee '{} -h' for help and examples", found.path)));
        }
        let sink = if root { &io.stdout } else { &io.stderr };
        write!(sink, "{}", help::help(found.command, &found.path))?;
        return if root { Ok(()) } else { Err(Error::Exit { code: 1, message: String::new() }) };
    };
    let as_errors = found.parsed.values.bool("warnings-as-errors");
    let cx = Context::new(env.clone(), io, found.command, found.path, found.parsed);
    run(&cx).await?;
    match cx.warnings() {
        1 if as_errors => Err(Error::msg("1 warning received")),
        n if n > 1 && as_errors => Err(Error::msg(format!("{n} warnings received"))),
        _ => Ok(()),
    }
}

/// What a command line is, as far as can be told without running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandClass {
    /// The verb with its subcommand: `get`, `create deployment`; `None` if it cannot be understood.
    pub verb: Option<String>,
    /// What it does, for how long, for whom.
    pub class: Class,
}

/// Classifies a command line (without `kubectl` itself in front).
pub fn classify(args: &[String]) -> CommandClass {
    let Ok(found) = cobra::find(verbs::root(), args) else {
        return CommandClass { verb: None, class: Class::LOCAL };
    };
    let verb = found.path.split_once(' ').map(|(_, verb)| verb.to_string());
    let class = if found.parsed.help || found.command.run.is_none() {
        Class::LOCAL
    } else {
        (found.command.class)(&found.parsed)
    };
    CommandClass { verb, class }
}

/// Whether the command line changes, or may change, the cluster.
pub fn is_mutation(args: &[String]) -> bool {
    classify(args).class.effect == Effect::Changes
}

/// Parses a command line (without `kubectl` itself in front) without running it: an unknown verb or flag, a flag's
/// value that cannot be, a missing required flag.
pub fn check(args: &[String]) -> Result<(), UsageError> {
    let found = cobra::find(verbs::root(), args)?;
    if !found.command.subcommands.is_empty() && !found.parsed.args.is_empty() {
        let message =
            format!("unknown command {} for {}", text::quote(&found.parsed.args[0]), text::quote(&found.path));
        return Err(UsageError { message, suggestions: Vec::new(), exit_code: 1 });
    }
    Ok(())
}
