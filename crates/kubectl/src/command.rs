//! A verb as data ([`Command`]) and a verb at work ([`Context`]).

use crate::clients::Connection;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::flags::{Flag, Parsed, Values};
use crate::io::{Io, Sink, TerminalInfo};
use crate::mapper::RestMapper;
use crate::request::Requests;
use futures::future::BoxFuture;
use std::sync::{Mutex, PoisonError};
use tokio::io::AsyncRead;
use tokio::sync::OnceCell;

/// What runs a verb: options, validation, work, in this order.
pub type Run = for<'a> fn(&'a Context) -> BoxFuture<'a, Result<()>>;

/// One verb: cobra's `Command`. A verb's file has one as a `static` named `COMMAND`.
pub struct Command {
    /// The word on the command line.
    pub name: &'static str,
    /// cobra's `Use`: name, arguments, `[flags]`, without `kubectl` and the parents in front.
    pub use_line: &'static str,
    /// cobra's `DisableFlagsInUseLine`: the usage does not get ` [flags]` appended.
    pub bare_use_line: bool,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// Unknown words for which this verb is proposed.
    pub suggest_for: &'static [&'static str],
    /// The line in the list of commands.
    pub short: &'static str,
    /// The help's prose; lines are printed with one space in front.
    pub long: &'static str,
    /// The help's examples, unindented.
    pub example: &'static str,
    /// Its own flags, without the global ones.
    pub flags: fn() -> Vec<Flag>,
    /// Flags may follow arguments; false where arguments are a remote command (`exec`).
    pub interspersed: bool,
    /// Verbs beneath it (`create deployment`).
    pub subcommands: &'static [&'static Command],
    /// What it does to the cluster, given its flags.
    pub class: fn(&Parsed) -> Class,
    /// The work; a mere group of subcommands has none and prints its help.
    pub run: Option<Run>,
    /// Not listed in the help.
    pub hidden: bool,
    /// What is added to the exit code when flags are wrong, which are errors of usage then (cobra's `SetFlagErrorFunc`
    /// of `diff`, whose 1 is a result).
    pub flag_error_offset: i32,
}

impl Command {
    /// The defaults, for `..Command::NEW`.
    pub const NEW: Command = Command {
        name: "",
        use_line: "",
        bare_use_line: true,
        aliases: &[],
        suggest_for: &[],
        short: "",
        long: "",
        example: "",
        flags: Vec::new,
        interspersed: true,
        subcommands: &[],
        class: |_| Class::READS,
        run: None,
        hidden: false,
        flag_error_offset: 0,
    };

    /// The command named or aliased so beneath this one.
    pub fn find(&self, word: &str) -> Option<&'static Command> {
        self.subcommands.iter().copied().find(|c| c.name == word || c.aliases.contains(&word))
    }
}

/// What a command does to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing is sent, or only what has no bearing on objects (`config`, `version --client`, `--help`).
    Local,
    /// It reads.
    Reads,
    /// It changes, or may change, objects or what runs in containers.
    Changes,
}

/// [`Effect`], and how long and for whom the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// What it does to the cluster.
    pub effect: Effect,
    /// It does not end by itself (`-w`, `logs -f`, `port-forward`).
    pub endless: bool,
    /// It reads what a person types (`-it`, `edit`).
    pub interactive: bool,
}

impl Class {
    /// Nothing to do with the cluster.
    pub const LOCAL: Class = Class { effect: Effect::Local, endless: false, interactive: false };
    /// Reads.
    pub const READS: Class = Class { effect: Effect::Reads, endless: false, interactive: false };
    /// Changes.
    pub const CHANGES: Class = Class { effect: Effect::Changes, endless: false, interactive: false };
    /// Changes, unless the command has `--dry-run` and it says otherwise.
    pub fn changes_unless_dry_run(parsed: &Parsed) -> Class {
        let dry = parsed.values.has("dry-run") && parsed.values.str("dry-run") != "none";
        if dry { Class::READS } else { Class::CHANGES }
    }
    /// Does not end by itself if so.
    pub fn endless_if(self, endless: bool) -> Class {
        Class { endless, ..self }
    }
    /// Reads what a person types if so.
    pub fn interactive_if(self, interactive: bool) -> Class {
        Class { interactive, ..self }
    }
}

/// A verb at work: its flags and arguments, its streams, and the cluster when it asks for it.
pub struct Context {
    /// Variables, files, clock.
    pub env: Environment,
    /// Standard output.
    pub out: Sink,
    /// Standard error.
    pub err: Sink,
    /// The terminal, where there is one.
    pub tty: Option<TerminalInfo>,
    /// All flags, the global ones too.
    pub flags: Values,
    /// The arguments behind the verb.
    pub args: Vec<String>,
    /// How many of `args` stood before `--`.
    pub dash: Option<usize>,
    /// The verb.
    pub command: &'static Command,
    /// `kubectl create deployment`.
    pub path: String,
    stdin: Mutex<Option<Box<dyn AsyncRead + Send + Unpin>>>,
    connection: OnceCell<Connection>,
    requests: OnceCell<Requests>,
    mapper: OnceCell<RestMapper>,
}

impl Context {
    pub(crate) fn new(env: Environment, io: Io, command: &'static Command, path: String, parsed: Parsed) -> Self {
        Context {
            env,
            out: io.stdout,
            err: io.stderr,
            tty: io.tty,
            flags: parsed.values,
            args: parsed.args,
            dash: parsed.dash,
            command,
            path,
            stdin: Mutex::new(Some(io.stdin)),
            connection: OnceCell::new(),
            requests: OnceCell::new(),
            mapper: OnceCell::new(),
        }
    }

    /// Standard input, once; afterwards it reads as empty.
    pub fn take_stdin(&self) -> Box<dyn AsyncRead + Send + Unpin> {
        let taken = self.stdin.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.unwrap_or_else(|| Box::new(tokio::io::empty()))
    }

    /// The cluster: client, namespace, address. No request is sent by asking.
    pub async fn connection(&self) -> Result<&Connection> {
        self.connection.get_or_try_init(|| self.env.clients.connect(&self.flags, &self.env)).await
    }

    /// The cluster, for verbs that ask for it before they ask for the namespace: clientcmd has other words about a
    /// missing context then (client-go: tools/clientcmd `ConfirmUsable`).
    pub async fn client_config(&self) -> Result<&Connection> {
        self.connection().await.map_err(|error| match &error {
            Error::Configuration(text) => match text.strip_prefix("context was not found for specified context: ") {
                Some(name) => Error::msg(format!("context {} does not exist", crate::text::quote(name))),
                None => error,
            },
            _ => error,
        })
    }

    /// The namespace (`-n`, or the context's, or `default`), and whether `-n` was given.
    pub async fn namespace(&self) -> Result<(String, bool)> {
        let connection = self.connection().await?;
        Ok((connection.namespace.clone(), !self.flags.str("namespace").is_empty()))
    }

    /// Requests to the cluster.
    pub async fn requests(&self) -> Result<Requests> {
        let connect = || async {
            let connection = self.connection().await?;
            let requests = Requests::new(connection, self.err.clone(), self.request_timeout()?);
            let compressed = !self.flags.bool("disable-compression");
            Ok(requests.verbose(self.flags.int("v"), &self.env.clock).compressed(compressed).colored(self.color()))
        };
        self.requests.get_or_try_init(connect).await.cloned()
    }

    /// How many different warnings the server gave.
    pub(crate) fn warnings(&self) -> usize {
        self.requests.get().map_or(0, Requests::warnings)
    }

    /// Which resources the cluster has.
    pub async fn mapper(&self) -> Result<&RestMapper> {
        self.mapper.get_or_try_init(|| async { Ok(RestMapper::new(self.requests().await?)) }).await
    }

    /// Logs what upstream's discovery does when the server cannot be reached.
    pub(crate) async fn log_discovery_failure(&self, error: &Error, times: usize) -> Result<()> {
        match self.requests.get() {
            Some(requests) => requests.log_discovery_failure(self.env.clock.as_ref(), error, times),
            None => Ok(()),
        }
    }

    /// `--request-timeout`: a duration or whole seconds; zero is none.
    fn request_timeout(&self) -> Result<Option<std::time::Duration>> {
        let text = self.flags.str("request-timeout");
        if let Ok(seconds) = text.parse::<u64>() {
            return Ok((seconds > 0).then(|| std::time::Duration::from_secs(seconds)));
        }
        let parsed = apimachinery::duration::parse_go(text).ok().and_then(|d| std::time::Duration::try_from(d).ok());
        match parsed {
            Some(duration) => Ok((!duration.is_zero()).then_some(duration)),
            None => Err(Error::msg(
                "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
            )),
        }
    }

    /// `Warning: …` on stderr, as the server's warnings are printed (cli-runtime: printers/warningprinter.go).
    pub fn warn(&self, text: &str) -> Result<()> {
        writeln!(self.err, "{}", crate::text::warning(text, self.color()))?;
        Ok(())
    }

    /// Whether standard error shows colours (cli-runtime: printers/terminal.go `AllowsColorOutput`).
    fn color(&self) -> bool {
        let terminal = self.tty.as_ref().is_some_and(|terminal| terminal.stderr);
        terminal && self.env.var("TERM") != Some("dumb") && !self.env.vars.contains_key("NO_COLOR")
    }

    /// `cmdutil.UsageErrorf`: the text, and where help is.
    pub fn usage_error(&self, text: impl std::fmt::Display) -> Error {
        Error::msg(format!("{text}\nSee '{} -h' for help and examples", self.path))
    }

    /// What a command with subcommands does when it is called without one: its help on stderr, exit code 1
    /// (`cmdutil.DefaultSubCommandRun`).
    pub fn default_subcommand_run(&self) -> Result<()> {
        self.default_subcommand_run_to(&self.err)
    }

    /// The same, with the help on another stream.
    pub fn default_subcommand_run_to(&self, sink: &Sink) -> Result<()> {
        if !self.args.is_empty() {
            return Err(self.usage_error(format!("unknown command {}", crate::text::quote(&self.args.join(" ")))));
        }
        write!(sink, "{}", crate::help::help(self.command, &self.path))?;
        Err(Error::Exit { code: 1, message: String::new() })
    }

    /// A line as klog writes warnings: `W1123 15:04:05.000000       1 file.go:1] text`.
    pub fn klog_warning(&self, place: &str, text: &str) -> Result<()> {
        self.klog('W', place, text)
    }

    /// A line as klog writes it; `level` is its first letter (`I`, `W`, `E`).
    pub fn klog(&self, level: char, place: &str, text: &str) -> Result<()> {
        let now = self.env.clock.now().to_zoned(jiff::tz::TimeZone::UTC);
        let stamp = now.strftime("%m%d %H:%M:%S%.6f");
        writeln!(self.err, "{level}{stamp} {:>7} {place}] {text}", 1)?;
        Ok(())
    }
}
