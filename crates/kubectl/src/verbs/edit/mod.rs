//! `kubectl edit` (kubectl: pkg/cmd/edit/edit.go).

mod file;
mod send;
mod session;

use super::create::field_validation;
use super::record;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::resource::Builder;

pub(in crate::verbs) use session::{Mode, Session};

pub(super) static COMMAND: Command = Command {
    name: "edit",
    use_line: "edit (RESOURCE/NAME | -f FILENAME)",
    short: "Edit a resource on the server",
    long: "Edit a resource of the server in an editor: the one that KUBE_EDITOR or EDITOR names, or vi.\n\n Several objects are edited together, as a list. They are shown as YAML; -o json shows them as JSON.\n\n What cannot be saved is shown again with the reason at the top. When the server refuses it because someone else changed the object meanwhile, the edited text stays in a temporary file.",
    example: "# Edit a service
kubectl edit svc/web

# With another editor
KUBE_EDITOR=\"nano\" kubectl edit svc/web

# A job of a certain API version, as JSON
kubectl edit job.v1.batch/once -o json

# Also keep what was edited as the last applied configuration
kubectl edit deployment/web -o yaml --save-config

# The status
kubectl edit deployment web --subresource='status'",
    flags: || {
        let mut flags = flags("kubectl-edit");
        flags.extend([
            Flag::bool("output-patch", "Output the patch if the resource is edited."),
            common::save_config(),
            common::subresource("If specified, edit will operate on the subresource of the requested object."),
        ]);
        flags
    },
    class: |_| Class::CHANGES.interactive_if(true),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// The flags that `edit` shares with `apply edit-last-applied`.
pub(in crate::verbs) fn flags(manager: &'static str) -> Vec<Flag> {
    let mut flags = common::filename("to use to edit the resource");
    flags.extend(common::output());
    flags.extend([
        record::flag(),
        common::validate(),
        common::field_manager(manager),
        Flag::bool("windows-line-endings", "Defaults to the line ending native to your platform."),
    ]);
    flags
}

async fn run(cx: &Context) -> Result<()> {
    let (namespace, enforce) = cx.namespace().await?;
    let subresource = cx.flags.str("subresource");
    let found = Builder::new()
        .args(true, &cx.args)
        .latest()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .subresource(subresource)
        .continue_on_error()
        .flatten()
        .find(cx)
        .await?;
    let session = Session {
        cx,
        mode: Mode::Normal,
        namespace,
        validation: field_validation(cx)?,
        annotate: cx.flags.bool("save-config"),
        output_patch: cx.flags.bool("output-patch"),
        subresource: subresource.to_string(),
    };
    let (infos, errors) = found.partition();
    Error::aggregate(errors)?;
    if infos.is_empty() {
        return Err(Error::msg("edit cancelled, no objects found"));
    }
    session.edit(infos).await
}
