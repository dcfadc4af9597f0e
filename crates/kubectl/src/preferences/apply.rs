//! Preferences applied to a command line (kubectl: pkg/kuberc/kuberc.go).

use super::{AllowlistEntry, OptionDefault, Preference, file};
use crate::cobra;
use crate::command::Command;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::io::Sink;
use crate::text::quote;

/// A command line with the user's preferences in it.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// The arguments.
    pub(crate) args: Vec<String>,
    /// Flags that are as good as given, before those that are.
    pub(crate) presets: Vec<(String, String)>,
    /// The alias that stands for the command.
    pub(crate) alias: Option<String>,
}

/// Looks for the preferences and applies them.
pub(crate) async fn apply(
    root: &'static Command,
    args: Vec<String>,
    env: &Environment,
    stderr: &Sink,
) -> Result<Applied> {
    let plain = |args| Ok(Applied { args, ..Applied::default() });
    if args.is_empty() || env.var("KUBECTL_KUBERC") == Some("false") {
        return plain(args);
    }
    let path = explicit(&args)?;
    let Some(preference) = preference(&path, &args, env, stderr).await? else { return plain(args) };
    validate(&preference)?;
    let mut applied = aliased(root, &preference, args, stderr)?;
    if applied.alias.is_none() {
        applied.presets = defaults(root, &preference, &applied.args, stderr)?;
    }
    Ok(applied)
}

/// `--kuberc`, before flags are parsed.
fn explicit(args: &[String]) -> Result<String> {
    let missing = || Error::msg("kuberc file is not found");
    let mut rest = args.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = rest.next() {
        if arg == "--kuberc" {
            return rest.next().cloned().ok_or_else(missing);
        }
        if arg.contains("--kuberc=") {
            let path = arg.split('=').nth(1).filter(|path| !path.is_empty());
            return path.map(String::from).ok_or_else(missing);
        }
    }
    Ok(String::new())
}

/// `DefaultGetPreferences`: what is wrong with a file that nobody asked for is only told.
async fn preference(path: &str, args: &[String], env: &Environment, stderr: &Sink) -> Result<Option<Preference>> {
    let wrong = |error: Error| Error::msg(format!("kuberc error {error}"));
    let Some((path, explicit)) = file::location(path, env).map_err(wrong)? else { return Ok(None) };
    match file::load(&path, env).await {
        Ok(None) if explicit => Err(Error::msg(format!("kuberc error kuberc: open {path}: no such file or directory"))),
        Ok(None) => Ok(None),
        Ok(Some(loaded)) => {
            if let Some(strict) = loaded.strict {
                write!(stderr, "kuberc: ignoring strict decoding error in {path}: {strict}")?;
            }
            if loaded.preference.is_none() && verbose(args) {
                let now = env.clock.now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%m%d %H:%M:%S%.6f");
                writeln!(stderr, "I{now} {:>7} marshal.go:104] kuberc: no preferences found in {path}", 1)?;
            }
            Ok(loaded.preference)
        }
        Err(error) if explicit => Err(Error::msg(format!("kuberc error kuberc: {error}"))),
        Err(error) => {
            write!(stderr, "kuberc: no preferences loaded from {path}: {error}")?;
            Ok(None)
        }
    }
}

/// `-v=5` or more.
fn verbose(args: &[String]) -> bool {
    let level = |text: &str| text.parse::<u8>().is_ok_and(|level| level >= 5);
    args.iter().enumerate().any(|(index, arg)| match arg.as_str() {
        "-v" | "--v" => args.get(index + 1).is_some_and(|text| level(text)),
        arg => ["-v=", "--v=", "-v"].iter().any(|prefix| arg.strip_prefix(prefix).is_some_and(level)),
    })
}

fn validate(preference: &Preference) -> Result<()> {
    let check = |options: &[OptionDefault]| match options.iter().find(|option| option.name.starts_with('-')) {
        Some(option) => {
            let name = &option.name;
            Err(Error::msg(format!("flag name {name} should be in long form without dashes")))
        }
        None => Ok(()),
    };
    let aliases = preference.aliases.as_deref().unwrap_or_default();
    for (index, alias) in aliases.iter().enumerate() {
        if alias.name.is_empty() || !alias.name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(Error::msg("invalid alias name, can only include alphabetical characters"));
        }
        check(&alias.options)?;
        if aliases[..index].iter().any(|other| other.name == alias.name) {
            return Err(Error::msg(format!("duplicate alias name {}", alias.name)));
        }
    }
    for defaults in preference.defaults.iter().flatten() {
        check(defaults.options.as_deref().unwrap_or_default())?;
    }
    validate_plugins(&preference.credential_plugin_policy, preference.credential_plugin_allowlist.as_deref())
}

/// `exec.ValidatePluginPolicy`.
fn validate_plugins(policy: &str, allowlist: Option<&[AllowlistEntry]>) -> Result<()> {
    let text = match (policy, allowlist) {
        ("" | "AllowAll" | "DenyAll", None) => return Ok(()),
        ("" | "AllowAll" | "DenyAll", Some(_)) => {
            let policy = quote(policy);
            format!("misconfigured credential plugin allowlist: plugin policy is {policy} but allowlist is non-nil")
        }
        ("Allowlist", None) => {
            "credential plugin policy set to \"Allowlist\", but allowlist is unspecified".to_string()
        }
        ("Allowlist", Some([])) => {
            "credential plugin policy set to \"Allowlist\", but allowlist is empty; use \"DenyAll\" policy instead"
                .into()
        }
        ("Allowlist", Some(entries)) => match entries.iter().position(|entry| entry.command.is_empty()) {
            Some(index) => {
                format!("misconfigured credential plugin allowlist: empty allowlist entry #{}", index + 1)
            }
            None => return Ok(()),
        },
        (policy, _) => format!("unknown plugin policy: {}", quote(policy)),
    };
    Err(Error::msg(text))
}

/// Replaces an alias by what it stands for (`applyAliases`).
fn aliased(root: &'static Command, preference: &Preference, args: Vec<String>, stderr: &Sink) -> Result<Applied> {
    let plain = |args| Ok(Applied { args, ..Applied::default() });
    if cobra::locate(root, &args).is_some() {
        return plain(args);
    }
    let Some(index) = args.iter().position(|arg| !arg.starts_with('-') && !arg.starts_with("__complete")) else {
        return plain(args);
    };
    let aliases = preference.aliases.iter().flatten();
    let Some(alias) = aliases.into_iter().find(|alias| alias.name == args[index]) else { return plain(args) };
    if root.find(&alias.name).is_some() {
        writeln!(stderr, "Warning: Setting alias {} to a built-in command is not supported", quote(&alias.name))?;
        return plain(args);
    }
    let words: Vec<String> = alias.command.split_whitespace().map(String::from).collect();
    let Some(located) = cobra::locate(root, &words) else {
        let (command, name) = (quote(&alias.command), quote(&alias.name));
        let words = words.join(" ");
        return Err(Error::msg(format!("command {command} not found to set alias {name}: [{words}]")));
    };
    let flags = cobra::all_flags(located.command);
    let mut presets = Vec::new();
    for option in &alias.options {
        let Some(flag) = flags.iter().find(|flag| flag.name == option.name) else {
            return Err(Error::msg(format!("invalid alias flag {} in alias kubectl", option.name)));
        };
        if !is_given(flag, &args) {
            presets.push((option.name.clone(), option.default.clone()));
        }
    }
    let mut expanded = args[..index].to_vec();
    expanded.extend(words);
    expanded.extend(alias.prepend_args.clone());
    expanded.extend(args[index + 1..].to_vec());
    expanded.extend(alias.append_args.clone());
    Ok(Applied { args: expanded, presets, alias: Some(alias.name.clone()) })
}

/// The defaults of the command's flags that are not given (`applyOverrides`).
fn defaults(
    root: &'static Command,
    preference: &Preference,
    args: &[String],
    stderr: &Sink,
) -> Result<Vec<(String, String)>> {
    let Some(located) = cobra::locate(root, args) else { return Ok(Vec::new()) };
    let flags = cobra::all_flags(located.command);
    let mut presets = Vec::new();
    for defaults in preference.defaults.iter().flatten() {
        let words: Vec<String> = defaults.command.split_whitespace().map(String::from).collect();
        let Some(meant) = cobra::locate(root, &words) else {
            writeln!(stderr, "Warning: command {} not found to set kuberc override", quote(&defaults.command))?;
            continue;
        };
        // Upstream compares the last word of the command only.
        if meant.command.name != located.command.name {
            continue;
        }
        for option in defaults.options.iter().flatten() {
            let Some(flag) = flags.iter().find(|flag| flag.name == option.name) else {
                let text = format!("invalid flag {} for command {}", option.name, defaults.command);
                return Err(Error::msg(text));
            };
            if !is_given(flag, args) {
                presets.push((option.name.clone(), option.default.clone()));
            }
        }
    }
    Ok(presets)
}

/// Whether the flag stands among the arguments, in any of its spellings (`searchInArgs`).
fn is_given(flag: &Flag, args: &[String]) -> bool {
    let long = format!("--{}", flag.name);
    args.iter().any(|arg| {
        if *arg == long || arg.starts_with(&format!("{long}=")) {
            return true;
        }
        let Some(letter) = flag.short else { return false };
        let letters = arg.strip_prefix('-').filter(|letters| !letters.is_empty());
        letters.is_some_and(|letters| {
            letters.starts_with(letter) || letters.chars().all(|c| c.is_ascii_alphabetic()) && letters.contains(letter)
        })
    })
}
