//! What programs of images do. One file a program, or a handful of small ones that belong together.

mod agnhost;
mod curl;
mod identity;
mod names;
mod nginx;
mod pause;
mod processes;
mod static_files;
mod text;
mod web;
mod wget;

use async_trait::async_trait;

use super::process::{NOT_FOUND, Process, Program};
use super::shell::{Shell, run_command};

/// Commands that the shell language brings itself; as programs of an image they run through it.
const OF_THE_SHELL: &[&str] = &[
    "[",
    "awk",
    "base64",
    "basename",
    "chmod",
    "chown",
    "clear",
    "cmp",
    "comm",
    "cp",
    "cut",
    "dd",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "expand",
    "expr",
    "false",
    "fgrep",
    "find",
    "fold",
    "free",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "join",
    "less",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mktemp",
    "mv",
    "nl",
    "nproc",
    "od",
    "paste",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuf",
    "sort",
    "split",
    "stat",
    "tac",
    "tar",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "truncate",
    "uname",
    "unexpand",
    "uniq",
    "wc",
    "which",
    "xargs",
    "yes",
];

/// Whether a program is a command of the shell language.
pub fn is_of_the_shell(name: &str) -> bool {
    OF_THE_SHELL.contains(&name)
}

/// Whether a command reads its standard input: one that filters, called without a file.
pub fn reads_input(arguments: &[String]) -> bool {
    // Command, and how many words that are not options it has before the files.
    const FILTERS: &[(&str, usize)] = &[
        ("awk", 1),
        ("base64", 0),
        ("cut", 0),
        ("dd", usize::MAX),
        ("egrep", 1),
        ("expand", 0),
        ("fgrep", 1),
        ("fold", 0),
        ("grep", 1),
        ("gunzip", 0),
        ("gzip", 0),
        ("head", 0),
        ("md5sum", 0),
        ("nl", 0),
        ("od", 0),
        ("rev", 0),
        ("sed", 1),
        ("sha256sum", 0),
        ("sort", 0),
        ("tac", 0),
        ("tar", usize::MAX),
        ("tee", usize::MAX),
        ("tr", usize::MAX),
        ("uniq", 0),
        ("wc", 0),
        ("xargs", usize::MAX),
    ];
    let name = arguments.first().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
    let operands = arguments.iter().skip(1).filter(|word| !word.starts_with('-')).count();
    FILTERS.iter().any(|(filter, before)| *filter == name && operands <= *before)
}

struct OfTheShell;

#[async_trait]
impl Program for OfTheShell {
    async fn run(&self, process: Process) -> i32 {
        run_command(process).await
    }
}

/// A program that the true image has and that is not simulated.
struct Unsupported;

#[async_trait]
impl Program for Unsupported {
    async fn run(&self, process: Process) -> i32 {
        let name = process.arguments[0].clone();
        process.fail(format!("{name}: not simulated in the embedded cluster; run this on a real one"), NOT_FOUND)
    }
}

/// Runs the words that follow it: the entrypoint of several images.
struct Entrypoint;

#[async_trait]
impl Program for Entrypoint {
    async fn run(&self, process: Process) -> i32 {
        run_operands(process).await
    }
}

/// Becomes the program that the words after its name call, as `exec "$@"` does.
async fn run_operands(process: Process) -> i32 {
    let words: Vec<String> = process.arguments.iter().skip(1).cloned().collect();
    match super::command::resolve(&process.container, &words, &process.environment, &process.directory) {
        Ok((program, arguments)) => program.run(Process { arguments, ..process }).await,
        Err(_) => {
            let script = process.arguments[0].clone();
            process.fail(
                format!("{script}: exec: line 0: {}: not found", words.first().map_or("", String::as_str)),
                NOT_FOUND,
            )
        }
    }
}

/// The program of that name; names stand in the data of the images.
pub fn find(name: &str) -> Option<&'static dyn Program> {
    Some(match name {
        "sh" | "ash" | "dash" | "bash" => &Shell,
        "unsupported" | "vi" => &Unsupported,
        "entrypoint" => &Entrypoint,
        "pause" => &pause::Pause,
        "sleep" => &pause::Sleep,
        "cat" => &text::Cat,
        "tail" => &text::Tail,
        "date" => &identity::Date,
        "hostname" => &identity::Hostname,
        "id" => &identity::Id,
        "whoami" => &identity::WhoAmI,
        "env" | "printenv" => &identity::Environment,
        "tty" => &identity::Tty,
        "uptime" => &identity::Uptime,
        "ps" => &processes::List,
        "pgrep" => &processes::Find,
        "kill" => &processes::Kill,
        "nslookup" => &names::Lookup,
        "ping" => &names::Ping,
        "nc" => &names::Netcat,
        "curl" => &curl::Curl,
        "wget" => &wget::Wget,
        "nginx" => &nginx::Nginx,
        "nginx-entrypoint" => &nginx::EntryPoint,
        "apache" => &static_files::Apache,
        "httpd" => &static_files::Httpd,
        "agnhost" => &agnhost::Agnhost,
        name if is_of_the_shell(name) => &OfTheShell,
        name => return web::find(name),
    })
}
