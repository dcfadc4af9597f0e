//! From arguments to a command and its flags (spf13/cobra: command.go `Find`, `legacyArgs`, `SuggestionsFor`).

use crate::command::Command;
use crate::error::UsageError;
use crate::flags::{self, Flag, Parsed, global};
use crate::text::quote;

/// A command line understood.
pub(crate) struct Found {
    /// The command.
    pub command: &'static Command,
    /// `kubectl create deployment`.
    pub path: String,
    /// Its flags, the global ones included, and its arguments.
    pub parsed: Parsed,
}

/// A command, how it is called, and what stands behind it.
pub(crate) struct Located {
    /// The command.
    pub command: &'static Command,
    /// `kubectl create deployment`.
    pub path: String,
    /// The arguments and flags behind it, and the flags in front.
    pub rest: Vec<String>,
}

/// The command that the arguments mean, before any flag is parsed; `None` if the first word is no command.
pub(crate) fn locate(root: &'static Command, args: &[String]) -> Option<Located> {
    let (command, path, rest) = descend(root, root.name.to_string(), args.to_vec());
    let unknown = std::ptr::eq(command, root) && !strip_flags(&rest, root).is_empty();
    (!unknown).then_some(Located { command, path, rest })
}

/// Finds the command and parses the rest. `--help` is found, not an error.
pub(crate) fn find(root: &'static Command, args: &[String]) -> Result<Found, UsageError> {
    find_with(root, args, &[])
}

/// [`find`], with flags that are as good as given before those that are.
pub(crate) fn find_with(
    root: &'static Command,
    args: &[String],
    presets: &[(String, String)],
) -> Result<Found, UsageError> {
    let (command, path, rest) = descend(root, root.name.to_string(), args.to_vec());
    if std::ptr::eq(command, root)
        && let Some(word) = strip_flags(&rest, root).first()
    {
        let suggestions = suggestions(root, word);
        let mut message = format!("unknown command {} for {}", quote(word), quote(root.name));
        if !suggestions.is_empty() {
            message.push_str("\n\nDid you mean this?\n");
            suggestions.iter().for_each(|name| message.push_str(&format!("\t{name}\n")));
        }
        return Err(UsageError { message, suggestions, exit_code: 1 });
    }
    let flags = all_flags(command);
    let offset = command.flag_error_offset;
    let usage = |text: String| UsageError {
        suggestions: nearest_flags(&flags, &text),
        message: match offset {
            0 => format!("{text}\nSee '{path} --help' for usage."),
            _ => format!("{text}\nSee '{path} -h' for help and examples"),
        },
        exit_code: 1 + offset,
    };
    let parsed = flags::parse_with(&flags, &rest, command.interspersed, presets).map_err(usage)?;
    if !parsed.help
        && let Some(message) = flags::missing_required(&parsed.values)
    {
        return Err(UsageError { message, suggestions: Vec::new(), exit_code: 1 });
    }
    Ok(Found { command, path, parsed })
}

/// The command's own flags and the global ones.
pub(crate) fn all_flags(command: &Command) -> Vec<Flag> {
    let mut all = (command.flags)();
    for flag in global::flags() {
        if !all.iter().any(|own| own.name == flag.name) {
            all.push(flag);
        }
    }
    all.push(Flag::bool("help", "help for the command").short('h').hidden());
    all
}

fn descend(command: &'static Command, path: String, args: Vec<String>) -> (&'static Command, String, Vec<String>) {
    let words = strip_flags(&args, command);
    let next = words.first().and_then(|word| command.find(word).map(|found| (found, word.clone())));
    let Some((found, word)) = next else { return (command, path, args) };
    let rest = without_first(&args, &word, command);
    descend(found, format!("{path} {}", found.name), rest)
}

/// Whether a flag takes the next argument as its value.
fn takes_value(flags: &[Flag], arg: &str) -> bool {
    let known = if let Some(name) = arg.strip_prefix("--") {
        flags.iter().find(|flag| flag.name == name.replace('_', "-"))
    } else {
        arg.chars().nth(1).and_then(|letter| flags.iter().find(|flag| flag.short == Some(letter)))
    };
    known.is_none_or(|flag| flag.no_opt.is_none())
}

fn is_flag_with_separate_value(flags: &[Flag], arg: &str) -> bool {
    let long = arg.starts_with("--") && !arg.contains('=');
    let short = arg.starts_with('-') && !arg.starts_with("--") && !arg.contains('=') && arg.chars().count() == 2;
    (long || short) && takes_value(flags, arg)
}

/// The arguments that are neither flags nor their values, up to `--`.
fn strip_flags(args: &[String], command: &Command) -> Vec<String> {
    let flags = all_flags(command);
    let (mut words, mut rest) = (Vec::new(), args);
    while let Some((arg, tail)) = rest.split_first() {
        rest = tail;
        if arg == "--" {
            break;
        }
        if is_flag_with_separate_value(&flags, arg) {
            if rest.len() <= 1 {
                break;
            }
            rest = &rest[1..];
        } else if !arg.is_empty() && !arg.starts_with('-') {
            words.push(arg.clone());
        }
    }
    words
}

/// The arguments without the first that is `word` and no flag's value (`argsMinusFirstX`).
fn without_first(args: &[String], word: &str, command: &Command) -> Vec<String> {
    let flags = all_flags(command);
    let mut position = 0;
    while position < args.len() {
        let arg = &args[position];
        if arg == "--" {
            break;
        }
        if is_flag_with_separate_value(&flags, arg) {
            position += 2;
            continue;
        }
        if arg == word {
            let mut rest = args.to_vec();
            rest.remove(position);
            return rest;
        }
        position += 1;
    }
    args.to_vec()
}

/// The commands that a word may have meant, in the order in which the help's groups list them.
fn suggestions(root: &Command, word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let mut commands: Vec<&Command> = crate::verbs::groups().into_iter().flat_map(|(_, commands)| commands).collect();
    commands.retain(|c| !c.hidden && root.find(c.name).is_some());
    let mut out = Vec::new();
    for command in commands {
        if distance(&word, command.name) <= 2 || command.name.starts_with(&word) {
            out.push(command.name.to_string());
        }
        if command.suggest_for.iter().any(|other| other.eq_ignore_ascii_case(&word)) {
            out.push(command.name.to_string());
        }
    }
    out
}

/// The flags nearest to an unknown one, for linters; kubectl itself proposes none.
fn nearest_flags(flags: &[Flag], message: &str) -> Vec<String> {
    let Some(name) = message.strip_prefix("unknown flag: --") else { return Vec::new() };
    let mut near: Vec<(usize, &str)> = flags.iter().map(|flag| (distance(name, flag.name), flag.name)).collect();
    near.retain(|(distance, flag)| *distance <= 2 || flag.starts_with(name));
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| format!("--{name}")).collect()
}

/// The Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<Found, UsageError> {
        let args: Vec<String> = text.split_whitespace().map(String::from).collect();
        find(crate::verbs::root(), &args)
    }
    fn error(text: &str) -> String {
        line(text).err().map(|error| error.message).unwrap_or_default()
    }

    #[test]
    fn global_flags_may_come_first() {
        let found = line("-n kube-system get pods -o wide").expect("understood");
        assert_eq!((found.path.as_str(), found.parsed.args.as_slice()), ("kubectl get", &["pods".to_string()][..]));
        assert_eq!(found.parsed.values.str("namespace"), "kube-system");
    }

    #[test]
    fn unknown_words() {
        assert_eq!(error("gte pods"), "unknown command \"gte\" for \"kubectl\"\n\nDid you mean this?\n\tget\n");
        assert_eq!(error("frobnicate"), "unknown command \"frobnicate\" for \"kubectl\"");
        assert_eq!(error("get --foo"), "unknown flag: --foo\nSee 'kubectl get --help' for usage.");
        assert_eq!(line("get --sho-labels").err().map(|e| e.suggestions), Some(vec!["--show-labels".to_string()]));
    }
}
