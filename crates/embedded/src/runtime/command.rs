//! From the words of a command to the program that runs it: `PATH`, scripts with `#!`, and the errors of runc.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::container::Container;
use super::files::{Entry, FileError, Files, Kind, clean};
use super::image::PROGRAM_MARK;
use super::process::Program;
use super::programs;

/// Where programs are looked for when the environment does not say (runc: libcontainer, and every image of the catalogue).
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why a process could not be started, in the words of runc.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// No such program in any folder of the path.
    #[error("exec: \"{0}\": executable file not found in $PATH")]
    NotFound(String),
    /// A path, and nothing is there.
    #[error("exec: \"{0}\": stat {0}: no such file or directory")]
    NoSuchFile(String),
    /// A folder, or a file without the permission.
    #[error("exec: \"{0}\": permission denied")]
    Denied(String),
    /// A folder.
    #[error("exec: \"{0}\": is a directory")]
    IsDirectory(String),
    /// A file that is neither a program nor a script.
    #[error("exec {0}: exec format error")]
    Format(String),
}

fn executable(files: &Files, path: &str) -> Result<Entry, StartError> {
    let entry = files.status(path).map_err(|error| match error {
        FileError::NotFound | FileError::NotDirectory => StartError::NoSuchFile(path.to_owned()),
        _ => StartError::Denied(path.to_owned()),
    })?;
    match entry.kind {
        Kind::Directory => Err(StartError::IsDirectory(path.to_owned())),
        _ if entry.mode & 0o111 == 0 => Err(StartError::Denied(path.to_owned())),
        _ => Ok(entry),
    }
}

/// The path of the program that `name` means.
///
/// # Errors
/// When there is none.
pub fn find(
    files: &Files,
    name: &str,
    environment: &BTreeMap<String, String>,
    directory: &str,
) -> Result<String, StartError> {
    if name.contains('/') {
        let path = clean(directory, name);
        return executable(files, &path).map(|_| path).map_err(|error| match error {
            StartError::NoSuchFile(_) => StartError::NoSuchFile(name.to_owned()),
            error => error,
        });
    }
    let path = environment.get("PATH").map_or(DEFAULT_PATH, String::as_str);
    path.split(':')
        .map(|folder| clean(folder, name))
        .find(|path| executable(files, path).is_ok())
        .ok_or_else(|| StartError::NotFound(name.to_owned()))
}

/// The program that a command line runs, and its words as that program gets them.
///
/// # Errors
/// In the words of runc, when the command cannot be run.
pub fn resolve(
    container: &Arc<Container>,
    words: &[String],
    environment: &BTreeMap<String, String>,
    directory: &str,
) -> Result<(&'static dyn Program, Vec<String>), StartError> {
    let files = &container.setup.files;
    let name = words.first().cloned().unwrap_or_default();
    let mut path = find(files, &name, environment, directory)?;
    let mut words = words.to_vec();
    // A script may be run by a script; the kernel gives up after a few.
    for _ in 0..4 {
        let content = files.text(&path).unwrap_or_default();
        if let Some(program) = content.strip_prefix(PROGRAM_MARK) {
            let program = program.split_whitespace().next().unwrap_or_default();
            let program = programs::find(program).ok_or_else(|| StartError::Format(path.clone()))?;
            return Ok((program, words));
        }
        let Some(line) = content.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
            return Err(StartError::Format(path));
        };
        let mut interpreter: Vec<String> =
            line.trim().splitn(2, [' ', '\t']).map(|word| word.trim().to_owned()).collect();
        // `#!/usr/bin/env sh` names what stands in the path.
        if interpreter.first().is_some_and(|first| first.ends_with("/env")) && interpreter.len() > 1 {
            interpreter.remove(0);
        }
        let next = interpreter.first().cloned().unwrap_or_default();
        interpreter.push(path.clone());
        interpreter.extend(words.drain(1..));
        words = interpreter;
        path = find(files, &next, environment, directory).map_err(|_| StartError::NoSuchFile(path.clone()))?;
    }
    Err(StartError::Format(path))
}

/// Whether a command line runs a shell.
pub fn is_shell(words: &[String]) -> bool {
    words
        .first()
        .and_then(|name| name.rsplit('/').next())
        .is_some_and(|name| matches!(name.trim_start_matches('-'), "sh" | "ash" | "bash" | "dash"))
}

/// Splits a shell command that is one plain command into its words, so that it can be run without a shell (as bash and dash do for the last
/// command of `-c`). `None` where it needs a shell.
pub fn plain_words(script: &str) -> Option<Vec<String>> {
    let script = script.trim();
    let script = script.strip_prefix("exec ").unwrap_or(script);
    let special = |letter: char| "|&;<>()$`\\\"'*?[]#~={}!\n".contains(letter);
    if script.is_empty() || script.contains(special) {
        // Quotes alone do not need a shell.
        return quoted_words(script);
    }
    let words: Vec<String> = script.split_whitespace().map(str::to_owned).collect();
    (!is_builtin(&words[0])).then_some(words)
}

fn quoted_words(script: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = script.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        end if end == letter => break,
                        '$' | '`' | '\\' if letter == '"' => return None,
                        inside => word.push(inside),
                    }
                }
            }
            letter if "|&;<>()$`\\*?[]#~={}!\n".contains(letter) => return None,
            letter if letter.is_whitespace() => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words.first().is_some_and(|first| !is_builtin(first)).then_some(words)
}

/// Words that only a shell understands (POSIX: special built-in utilities and reserved words), and built-ins that need its state.
fn is_builtin(word: &str) -> bool {
    const WORDS: &[&str] = &[
        ".", ":", "alias", "bg", "break", "case", "cd", "command", "continue", "declare", "do", "done", "echo", "elif",
        "else", "esac", "eval", "exec", "exit", "export", "fg", "fi", "for", "function", "getopts", "hash", "if", "in",
        "jobs", "kill", "let", "local", "printf", "pwd", "read", "readonly", "return", "select", "set", "shift",
        "source", "test", "then", "time", "times", "trap", "type", "ulimit", "umask", "unalias", "unset", "until",
        "wait", "while", "[", "true", "false",
    ];
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_commands_need_no_shell() {
        let words = |script: &str| plain_words(script).map(|words| words.join("|"));
        assert_eq!(words("sleep 3600").as_deref(), Some("sleep|3600"));
        assert_eq!(words("exec nginx -g 'daemon off;'").as_deref(), Some("nginx|-g|daemon off;"));
        assert_eq!(words("echo hi; sleep 1"), None);
        assert_eq!(words("echo hi"), None);
        assert_eq!(words("A=1 env"), None);
        assert_eq!(words("cat \"$FILE\""), None);
    }
}
