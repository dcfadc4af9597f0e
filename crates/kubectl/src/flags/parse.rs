//! pflag's argument parsing (spf13/pflag: flag.go `parseArgs`), with its error texts.

use super::{Flag, Values};

/// A parsed command line.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The flags.
    pub values: Values,
    /// What is not a flag.
    pub args: Vec<String>,
    /// pflag's `ArgsLenAtDash`: how many of `args` stood before `--`.
    pub dash: Option<usize>,
    /// `-h` or `--help` was given.
    pub help: bool,
    /// Warnings about deprecated flags, a line each.
    pub warnings: Vec<String>,
}

/// Reads `args` (without the command's name) against `flags`. With `interspersed` false the first argument ends the
/// flags, as `kubectl exec` wants it. The error is pflag's text, without cobra's `See … --help` line.
pub fn parse(flags: &[Flag], args: &[String], interspersed: bool) -> Result<Parsed, String> {
    parse_with(flags, args, interspersed, &[])
}

/// [`parse`], with flags that are as good as given before those that are.
pub fn parse_with(
    flags: &[Flag],
    args: &[String],
    interspersed: bool,
    presets: &[(String, String)],
) -> Result<Parsed, String> {
    let mut parsed = Parsed { values: Values::new(flags), ..Parsed::default() };
    for (name, value) in presets {
        parsed.values.set(name, value)?;
    }
    let mut rest = args;
    while let Some((arg, tail)) = rest.split_first() {
        rest = tail;
        if arg == "--" {
            parsed.dash = Some(parsed.args.len());
            parsed.args.extend_from_slice(rest);
            break;
        }
        if let Some(body) = arg.strip_prefix("--") {
            long(flags, body, arg, &mut rest, &mut parsed)?;
        } else if arg.len() > 1 && arg.starts_with('-') {
            short(flags, &arg[1..], &mut rest, &mut parsed)?;
        } else {
            parsed.args.push(arg.clone());
            if !interspersed {
                parsed.args.extend_from_slice(rest);
                break;
            }
        }
    }
    if parsed.args.iter().any(|arg| arg == "-") {
        parsed.values.note_stdin();
    }
    parsed.help = parsed.values.has("help") && parsed.values.bool("help");
    Ok(parsed)
}

/// What cobra says when required flags are missing, or nothing.
pub(crate) fn missing_required(values: &Values) -> Option<String> {
    let names = values.missing_required();
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    (!names.is_empty()).then(|| format!("required flag(s) {} not set", quoted.join(", ")))
}

fn long(flags: &[Flag], body: &str, whole: &str, rest: &mut &[String], parsed: &mut Parsed) -> Result<(), String> {
    if body.is_empty() || body.starts_with(['-', '=']) {
        return Err(format!("bad flag syntax: {whole}"));
    }
    let (typed, given) = match body.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (body, None),
    };
    // cliflag.WordSepNormalizeFunc: underscores are dashes.
    let name = typed.replace('_', "-");
    let Some(flag) = flags.iter().find(|flag| flag.name == name) else {
        return Err(format!("unknown flag: --{typed}"));
    };
    let value = match (given, flag.no_opt) {
        (Some(value), _) => value.to_string(),
        (None, Some(value)) => value.to_string(),
        (None, None) => take(rest).ok_or_else(|| format!("flag needs an argument: --{typed}"))?,
    };
    set(flag, &value, parsed)
}

fn short(flags: &[Flag], letters: &str, rest: &mut &[String], parsed: &mut Parsed) -> Result<(), String> {
    let mut letters = letters;
    while let Some(letter) = letters.chars().next() {
        let tail = &letters[letter.len_utf8()..];
        let Some(flag) = flags.iter().find(|flag| flag.short == Some(letter)) else {
            return Err(format!("unknown shorthand flag: '{letter}' in -{letters}"));
        };
        let (value, next) = match (tail.strip_prefix('='), flag.no_opt) {
            (Some(value), _) if !value.is_empty() => (value.to_string(), ""),
            (_, Some(value)) => (value.to_string(), tail),
            _ if !tail.is_empty() => (tail.to_string(), ""),
            _ => (take(rest).ok_or_else(|| format!("flag needs an argument: '{letter}' in -{letters}"))?, ""),
        };
        if let Some(instead) = flag.deprecated {
            warn(parsed, format!("Flag shorthand -{letter} has been deprecated, {instead}"));
        }
        set(flag, &value, parsed)?;
        letters = next;
    }
    Ok(())
}

fn take(rest: &mut &[String]) -> Option<String> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    Some(first.clone())
}

fn set(flag: &Flag, value: &str, parsed: &mut Parsed) -> Result<(), String> {
    parsed.values.set(flag.name, value)?;
    if let Some(instead) = flag.deprecated {
        warn(parsed, format!("Flag --{} has been deprecated, {instead}", flag.name));
    }
    Ok(())
}

fn warn(parsed: &mut Parsed, warning: String) {
    if !parsed.warnings.contains(&warning) {
        parsed.warnings.push(warning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags() -> Vec<Flag> {
        vec![
            Flag::string("namespace", "", "").short('n'),
            Flag::bool("stdin", "").short('i'),
            Flag::bool("tty", "").short('t'),
            Flag::bool("rm", ""),
            Flag::string("dry-run", "none", "").no_opt("unchanged"),
            Flag::string_slice("filename", "").short('f'),
            Flag::int32("replicas", "1", ""),
        ]
    }
    fn run(line: &str) -> Result<Parsed, String> {
        let args: Vec<String> = line.split_whitespace().map(String::from).collect();
        parse(&flags(), &args, true)
    }

    #[test]
    fn reads_every_spelling() {
        for line in ["-n ns", "-nns", "-n=ns", "--namespace ns", "--namespace=ns"] {
            assert_eq!(run(line).unwrap().values.str("namespace"), "ns", "{line}");
        }
        let parsed = run("-it web --rm=false --dry-run x -f a,b -f c -- sh -c").unwrap();
        assert!(parsed.values.bool("stdin") && parsed.values.bool("tty") && !parsed.values.bool("rm"));
        assert_eq!(parsed.values.str("dry-run"), "unchanged");
        assert_eq!(parsed.values.strings("filename"), ["a", "b", "c"]);
        assert_eq!(parsed.args, ["web", "x", "sh", "-c"]);
        assert_eq!(parsed.dash, Some(2));
    }

    #[test]
    fn says_what_pflag_says() {
        assert_eq!(run("--foo").unwrap_err(), "unknown flag: --foo");
        assert_eq!(run("-ix").unwrap_err(), "unknown shorthand flag: 'x' in -x");
        assert_eq!(run("-n").unwrap_err(), "flag needs an argument: 'n' in -n");
        assert_eq!(run("--namespace").unwrap_err(), "flag needs an argument: --namespace");
        assert_eq!(run("--=x").unwrap_err(), "bad flag syntax: --=x");
        assert_eq!(
            run("--replicas=x").unwrap_err(),
            "invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax"
        );
        assert_eq!(
            run("-i=maybe").unwrap_err(),
            "invalid argument \"maybe\" for \"-i, --stdin\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax"
        );
    }
}
