//! Copies to a pod: an archive for the `tar` in its container (kubectl: pkg/cmd/cp/cp.go `copyToPod`).

use super::{Spec, archive, execute, paths};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::io::Sink;
use std::path::Path;
use std::time::Duration;

const NO_INPUT: Option<tokio::io::Empty> = None;

pub(super) async fn copy(cx: &Context, source: &str, target: &Spec) -> Result<()> {
    const BUFFER: usize = 64 * 1024;
    if cx.env.files.kind(Path::new(source)).await.is_err() {
        return Err(Error::msg(format!("{source} doesn't exist in local filesystem")));
    }
    let mut file = target.file.clone();
    if is_directory(cx, target).await? {
        file = paths::join(&file, &paths::base(source));
    }
    let folder = paths::dir(&file);
    let mut command = vec!["tar"];
    if cx.flags.bool("no-preserve") {
        command.extend(["--no-same-permissions", "--no-same-owner"]);
    }
    command.extend(["-xmf", "-", "-C", &folder]);
    let (reader, mut writer) = tokio::io::duplex(BUFFER);
    let (source, name) = (paths::clean(source), paths::base(&paths::clean(&file)));
    let files = cx.env.files.clone();
    let archived = async move {
        archive::write(files.as_ref(), source, name, &mut writer).await?;
        archive::end(&mut writer).await
    };
    let executed = execute(cx, target, &command, Some(reader), &cx.out, &cx.err);
    let (archived, executed) = tokio::join!(archived, executed);
    executed?;
    archived.map_err(|error| Error::msg(error.to_string()))
}

/// Whether the target is a directory there; what cannot be asked is none, and fails when it is copied to.
async fn is_directory(cx: &Context, target: &Spec) -> Result<bool> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let (nowhere, _) = Sink::buffer();
    let command = ["test", "-d", &target.file];
    let asked = execute(cx, target, &command, NO_INPUT, &nowhere, &nowhere);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => Ok(answer.is_ok()),
        Err(_) => Err(Error::msg("context deadline exceeded")),
    }
}
