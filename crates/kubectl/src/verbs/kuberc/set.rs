//! `kubectl kuberc set` (kubectl: pkg/cmd/kuberc/set.go).

use super::{flag, location};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::preferences::{AliasOverride, AllowlistEntry, CommandDefaults, OptionDefault, Preference, load, save};
use crate::text::quote;

pub(super) static COMMAND: Command = Command {
    name: "set",
    use_line: "set --section (defaults|aliases) --command COMMAND",
    short: "Set values in the kuberc configuration",
    long: "Change the kuberc file. --section says which part of it.\n\n defaults: the values of a command's flags when they are not given. --command is the command alone (\"get\", \"set env\"), without resources.\n\n aliases: another name for a command, with flags and arguments: --prependarg stands in front of what is typed, --appendarg behind it.\n\n credentialplugin: which credential plugins may run.",
    example: "# A flag's value, unless it is given
kubectl kuberc set --section defaults --command get --option output=wide

# A command of one's own
kubectl kuberc set --section aliases --name getn --command get --prependarg nodes --option output=wide

# With arguments behind those that are typed
kubectl kuberc set --section aliases --name runx --command run --option image=nginx --appendarg \"--\" --appendarg custom-arg1

# Another value
kubectl kuberc set --section defaults --command get --option output=json --overwrite

# Only this plugin
kubectl kuberc set --section credentialplugin --policy Allowlist --allowlist-entry command=cloud-credential-helper",
    flags: || {
        vec![
            flag(),
            Flag::string("section", "", "Section to modify: 'defaults', 'aliases', or 'credentialplugin'").required(),
            Flag::string("command", "", "Command to configure (e.g., 'get', 'create', 'set env')"),
            Flag::string("name", "", "Alias name (required for --section=aliases)"),
            Flag::string("policy", "", "Plugin policy to use for exec credential plugins, must be one of 'AllowAll', 'DenyAll' or 'Allowlist'"),
            Flag::string_array("option", "Flag option in the form flag=value (can be specified multiple times)"),
            Flag::string_array("prependarg", "Argument to prepend to the command (can be specified multiple times, for aliases only)"),
            Flag::string_array("appendarg", "Argument to append to the command (can be specified multiple times, for aliases only)"),
            Flag::string_array("allowlist-entry", "Allowlist entry the form field=value (can be specified multiple times)"),
            Flag::bool("overwrite", "Allow overwriting existing entries"),
        ]
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let (path, _) = location(cx)?;
    validate(cx)?;
    let reading = |error: &dyn std::fmt::Display| Error::msg(format!("error reading kuberc file: {error}"));
    let mut preference = match load(&path, &cx.env).await.map_err(|error| reading(&error))? {
        None => Preference::default(),
        Some(loaded) => match loaded.strict {
            Some(strict) => return Err(reading(&strict)),
            None => loaded.preference.unwrap_or_default(),
        },
    };
    let mut options = Vec::new();
    for option in cx.flags.strings("option") {
        let invalid = || Error::msg(format!("invalid option format {}, expected flag=value", quote(option)));
        let (name, default) = option.split_once('=').ok_or_else(invalid)?;
        options.push(OptionDefault { name: name.trim_start_matches('-').into(), default: default.into() });
    }
    match cx.flags.str("section") {
        "defaults" => set_defaults(cx, &mut preference, options)?,
        "aliases" => set_alias(cx, &mut preference, options)?,
        _ => set_plugins(cx, &mut preference)?,
    }
    save(&preference, &path, &cx.env).await?;
    writeln!(cx.out, "Updated {path}")?;
    Ok(())
}

fn validate(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let refuse = |text: String| Err(Error::msg(text));
    let section = flags.str("section");
    let arguments = !flags.strings("prependarg").is_empty() || !flags.strings("appendarg").is_empty();
    match section {
        "defaults" if !flags.str("name").is_empty() => {
            return refuse("--name should not be specified when --section=defaults".into());
        }
        "defaults" if arguments => {
            return refuse("--prependarg and --appendarg are only valid for --section=aliases".into());
        }
        "aliases" if flags.str("name").is_empty() => {
            return refuse("--name is required when --section=aliases".into());
        }
        "defaults" | "aliases" if flags.str("command").is_empty() => {
            return refuse("--command is required when --section=aliases or --section=defaults".into());
        }
        "defaults" | "aliases" => return Ok(()),
        "credentialplugin" => {}
        other => {
            let text = "--section must be \"defaults\", \"aliases\", or \"credentialplugin\", got: ";
            return refuse(format!("{text}{other}"));
        }
    }
    let entries = flags.strings("allowlist-entry");
    match flags.str("policy") {
        "" => refuse("--policy is required when --section=credentialplugin".into()),
        "AllowAll" | "DenyAll" if !entries.is_empty() => {
            refuse("--allowlist-entry may only be used when --section=credentialplugin and --policy=Allowlist".into())
        }
        "Allowlist" if entries.is_empty() => {
            refuse("--allowlist-entry is required when --section=credentialplugin and --policy=Allowlist".into())
        }
        "AllowAll" | "DenyAll" | "Allowlist" => Ok(()),
        other => refuse(format!(" --policy must be  \"AllowAll\", \"DenyAll\", or \"Allowlist\", got: {other}")),
    }
}

fn set_defaults(cx: &Context, preference: &mut Preference, options: Vec<OptionDefault>) -> Result<()> {
    let command = cx.flags.str("command");
    let list = preference.defaults.get_or_insert_default();
    let Some(existing) = list.iter_mut().find(|defaults| defaults.command == command) else {
        let options = (!options.is_empty()).then_some(options);
        list.push(CommandDefaults { command: command.into(), options });
        return Ok(());
    };
    if !cx.flags.bool("overwrite") {
        let command = quote(command);
        return Err(Error::msg(format!("defaults for command {command} already exist, use --overwrite to replace")));
    }
    if !options.is_empty() {
        existing.options = Some(options);
    }
    Ok(())
}

fn set_alias(cx: &Context, preference: &mut Preference, options: Vec<OptionDefault>) -> Result<()> {
    let flags = &cx.flags;
    let name = flags.str("name");
    let mut alias = AliasOverride {
        name: name.into(),
        command: flags.str("command").into(),
        prepend_args: flags.strings("prependarg").to_vec(),
        append_args: flags.strings("appendarg").to_vec(),
        options,
    };
    let list = preference.aliases.get_or_insert_default();
    let Some(existing) = list.iter_mut().find(|alias| alias.name == name) else {
        list.push(alias);
        return Ok(());
    };
    if !flags.bool("overwrite") {
        return Err(Error::msg(format!("alias {} already exists, use --overwrite to replace", quote(name))));
    }
    // What is not said stays as it was.
    if alias.options.is_empty() {
        alias.options.clone_from(&existing.options);
    }
    if alias.prepend_args.is_empty() {
        alias.prepend_args.clone_from(&existing.prepend_args);
    }
    if alias.append_args.is_empty() {
        alias.append_args.clone_from(&existing.append_args);
    }
    *existing = alias;
    Ok(())
}

fn set_plugins(cx: &Context, preference: &mut Preference) -> Result<()> {
    let (mut entries, mut errors) = (Vec::new(), Vec::new());
    for pair in cx.flags.strings("allowlist-entry").iter().flat_map(|pairs| pairs.split(',')) {
        let fault = match pair.split_once('=') {
            None => format!("improperly formatted allowlist entry: {}", quote(pair)),
            Some(("name", _)) => "allowlist entry field \"name\" is deprecated, use \"command\" instead".into(),
            Some(("command", value)) if value.trim().is_empty() => {
                "empty value in allowlist entry for field \"command\"".into()
            }
            Some(("command", value)) => {
                entries.push(AllowlistEntry { name: String::new(), command: value.into() });
                continue;
            }
            Some((field, _)) => format!("unrecognized allowlist entry field: {}", quote(field)),
        };
        errors.push(Error::msg(fault));
    }
    Error::aggregate(errors)?;
    let policy = cx.flags.str("policy");
    if policy == "Allowlist" {
        preference.credential_plugin_allowlist = Some(entries);
    }
    preference.credential_plugin_policy = policy.into();
    Ok(())
}
