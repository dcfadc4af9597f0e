//! `kubectl kuberc view` (kubectl: pkg/cmd/kuberc/view.go).

use super::{flag, location};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::common;
use crate::preferences::{CommandDefaults, OptionDefault, Preference, load, save};
use crate::printers::PrintFlags;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};

pub(super) static COMMAND: Command = Command {
    name: "view",
    use_line: "view",
    short: "Display the current kuberc configuration",
    long: "Show what the kuberc file says.",
    example: "# As YAML\nkubectl kuberc view\n\n# As JSON\nkubectl kuberc view --output json\n\n# Another file\nkubectl kuberc view --kuberc /path/to/kuberc",
    flags: || {
        let mut flags = common::output();
        if let Some(output) = flags.iter_mut().find(|flag| flag.name == "output") {
            output.default = "yaml".into();
        }
        flags.push(flag());
        flags
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let (path, explicit) = location(cx)?;
    let loaded = load(&path, &cx.env).await;
    let loaded = loaded.map_err(|error| Error::msg(format!("error reading kuberc file: {error}")))?;
    let mut preference = match loaded {
        Some(loaded) => match loaded.strict {
            Some(strict) => return Err(Error::msg(format!("error reading kuberc file: {strict}"))),
            None => loaded.preference.unwrap_or_default(),
        },
        None if explicit => return Err(Error::msg(format!("kuberc file not found at {path}"))),
        None => {
            writeln!(cx.out, "kuberc file not found at {path}")?;
            write!(cx.out, "Would you like to generate a default kuberc file with recommended options? (y/N): ")?;
            return generate(cx, &path).await;
        }
    };
    preference.aliases.get_or_insert_default();
    preference.defaults.get_or_insert_default();
    let mut printer = PrintFlags::of(cx, "").printer(cx).await?;
    let broken = |error: serde_json::Error| Error::msg(error.to_string());
    if cx.flags.str("output").eq_ignore_ascii_case("json") {
        write!(cx.out, "{}", ordered_json(&preference).map_err(broken)?)?;
        return Ok(());
    }
    write!(cx.out, "{}", printer.print(serde_json::to_value(&preference).map_err(broken)?)?)?;
    Ok(())
}

/// JSON in the order of the fields' declaration, with Go's escapes.
fn ordered_json(preference: &Preference) -> serde_json::Result<String> {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    preference.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter))?;
    // These three stand only inside strings.
    let text = String::from_utf8_lossy(&out).replace('<', "\\u003c").replace('>', "\\u003e");
    Ok(text.replace('&', "\\u0026") + "\n")
}

/// Writes the file that upstream recommends, if the user says yes.
async fn generate(cx: &Context, path: &str) -> Result<()> {
    let mut line = String::new();
    let read = BufReader::new(cx.take_stdin()).read_line(&mut line).await;
    if read.is_err() || !line.trim().eq_ignore_ascii_case("y") {
        return Ok(());
    }
    let defaults = |command: &str, flag: &str| CommandDefaults {
        command: command.into(),
        options: Some(vec![OptionDefault { name: flag.into(), default: "true".into() }]),
    };
    let recommended = vec![defaults("apply", "server-side"), defaults("delete", "interactive")];
    let preference = Preference { defaults: Some(recommended), ..Preference::default() };
    save(&preference, path, &cx.env).await?;
    writeln!(cx.out, "Updated {path}")?;
    Ok(())
}
