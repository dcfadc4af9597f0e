//! `kubectl create secret tls` (kubectl: pkg/cmd/create/create_secret_tls.go).

use super::{create, generated};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::resource::go_error;
use std::path::Path;

pub(super) static COMMAND: Command = Command {
    name: "tls",
    use_line: "tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    short: "Create a TLS secret",
    long: "Create a secret of a certificate and its private key.\n\n Both must be there, PEM encoded, and belong together.",
    example: "# From a key pair
kubectl create secret tls tls-secret --cert=path/to/tls.crt --key=path/to/tls.key",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string("cert", "", "Path to PEM encoded public key certificate."),
            Flag::string("key", "", "Path to private key associated with given certificate."),
            Flag::bool("append-hash", "Append a hash of the secret to its name."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    generated::name(cx)?;
    let (cert, key) = (cx.flags.str("cert"), cx.flags.str("key"));
    if cert.is_empty() || key.is_empty() {
        return Err(Error::msg("key and cert must be specified"));
    }
    let (cert, key) = (read(cx, cert).await?, read(cx, key).await?);
    // Whether the two belong together is for those to say who use them; that they are PEM can be seen.
    for (bytes, label, what) in [(&cert, "CERTIFICATE-----", "certificate"), (&key, "PRIVATE KEY-----", "key")] {
        if !String::from_utf8_lossy(bytes).lines().any(|line| line.starts_with("-----BEGIN ") && line.ends_with(label))
        {
            return Err(Error::msg(format!("tls: failed to find any PEM data in {what} input")));
        }
    }
    create(cx, "kubernetes.io/tls", vec![("tls.crt".into(), cert), ("tls.key".into(), key)]).await
}

async fn read(cx: &Context, path: &str) -> Result<Vec<u8>> {
    let read = cx.env.files.read(Path::new(path)).await;
    read.map_err(|error| Error::msg(format!("Cannot read file {path}, {}", go_error("open", path, &error))))
}
