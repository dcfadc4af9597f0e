//! `kubectl create secret generic` (kubectl: pkg/cmd/create/create_secret.go).

use super::{create, generated, sources};
use crate::command::{Class, Command, Context};
use crate::error::Result;
use crate::flags::Flag;

pub(super) static COMMAND: Command = Command {
    name: "generic",
    use_line: "generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a secret from a local file, directory, or literal value",
    long: "Create a secret from files, directories, or literal values.\n\n One secret may hold several pairs. A file's key is its name, unless another is given in front; of a directory, each file with a name that may be a key is taken.",
    example: "# With a key for each file of a folder
kubectl create secret generic my-secret --from-file=path/to/bar

# With keys of your own
kubectl create secret generic my-secret --from-file=ssh-privatekey=path/to/id_rsa

# With literal values
kubectl create secret generic my-secret --from-literal=key1=supersecret --from-literal=key2=topsecret

# From a file of KEY=value lines
kubectl create secret generic my-secret --from-env-file=path/to/foo.env",
    flags: || {
        let mut flags = generated::flags();
        flags.extend(sources::flags("secret", "Key files can be specified using their file path, in which case a default name will be given to them, or optionally with a name and file path, in which case the given name will be used.  Specifying a directory will iterate each named file in the directory that is a valid secret key."));
        flags.push(Flag::string("type", "", "The type of secret to create"));
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    generated::name(cx)?;
    sources::validate(cx)?;
    let mut pairs = sources::literals(cx.flags.strings("from-literal"))?;
    pairs.extend(sources::files(cx, cx.flags.strings("from-file")).await?);
    pairs.extend(sources::env_files(cx, cx.flags.strings("from-env-file"), "secret").await?);
    create(cx, cx.flags.str("type"), pairs).await
}
