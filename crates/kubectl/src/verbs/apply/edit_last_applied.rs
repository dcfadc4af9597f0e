//! `kubectl apply edit-last-applied` (kubectl: pkg/cmd/apply/apply_edit_last_applied.go).

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::resource::Builder;
use crate::verbs::create::field_validation;
use crate::verbs::edit::{self, Mode, Session};
use crate::verbs::last_applied;

pub(super) static COMMAND: Command = Command {
    name: "edit-last-applied",
    use_line: "edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    short: "Edit latest last-applied-configuration annotations of a resource/object",
    long: "Edit what was last applied to an object, as its annotation has it, in an editor: the one that KUBE_EDITOR or EDITOR names, or vi. Nothing else of the object is changed.\n\n It is shown as YAML; -o json shows it as JSON.",
    example: "# What was last applied to a deployment
kubectl apply edit-last-applied deployment/web

# By file, as JSON
kubectl apply edit-last-applied -f deploy.yaml -o json",
    flags: || edit::flags("kubectl-client-side-apply"),
    class: |_| Class::CHANGES.interactive_if(true),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .args(true, &cx.args)
        .latest()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .continue_on_error()
        .flatten()
        .find(cx)
        .await?;
    let validation = field_validation(cx)?;
    let (infos, errors) = found.partition();
    Error::aggregate(errors)?;
    let mut configurations = Vec::new();
    for text in infos.iter().filter_map(|info| last_applied::original(&info.object)) {
        let found = Builder::new().continue_on_error().flatten().find_in(cx, "edited-file", text.as_bytes()).await;
        let (found, errors) = found.partition();
        Error::aggregate(errors)?;
        configurations.extend(found.into_iter().next());
    }
    if configurations.is_empty() {
        return Err(Error::msg(
            "no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`",
        ));
    }
    let session = Session {
        cx,
        mode: Mode::LastApplied,
        namespace,
        validation,
        annotate: false,
        output_patch: false,
        subresource: String::new(),
    };
    session.edit(configurations).await
}
