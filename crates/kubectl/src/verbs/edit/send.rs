//! What is sent of what was edited (editoptions.go `visitToPatch`, `visitToApplyEditPatch`, `visitToCreate`).

use super::session::{Results, Session};
use crate::error::{Error, Result};
use crate::printers::PrintFlags;
use crate::resource::{Helper, Info};
use crate::text::go_syntax;
use crate::verbs::change;
use crate::verbs::last_applied::LAST_APPLIED;
use apimachinery::go;
use serde_json::{Value, json};

impl Session<'_> {
    /// Patches the object on the server; refusals are taken down in `results`.
    pub(super) async fn patch(&self, originals: &[Info], mut info: Info, results: &mut Results) -> Result<()> {
        let original = original(originals, &info.object)?;
        if original.object == info.object {
            return self.print(info.object, "skipped").await;
        }
        let (patch, content_type) = change::between(&original.object, &info.object)?;
        let unchanged = |value: &Value, key: &str| value.get(key).is_none();
        let kept = ["apiVersion", "kind", "managedFields"].iter().all(|key| unchanged(&patch, key));
        if !kept || !unchanged(&patch["metadata"], "name") {
            return Err(Error::msg("At least one of apiVersion, kind and name was changed"));
        }
        if self.output_patch {
            writeln!(self.cx.out, "Patch: {}", go::json(&patch))?;
        }
        let helper = self.helper(&info).await?.subresource(&self.subresource);
        let body = go::json(&patch).into_bytes();
        match helper.patch(&info.namespace, &info.name, content_type, body).await {
            Ok(patched) => {
                info.refresh(patched);
                self.print(info.object, "edited").await
            }
            Err(error) => {
                writeln!(self.cx.err, "{}", results.refuse(&error, &info))?;
                Ok(())
            }
        }
    }

    /// Puts the edited configuration into the annotation of the object on the server.
    pub(super) async fn set_last_applied(&self, originals: &[Info], info: Info) -> Result<()> {
        if original(originals, &info.object)?.object == info.object {
            return self.print(info.object, "skipped").await;
        }
        let text = format!("{}\n", go::json(&info.object));
        let patch = json!({"metadata": {"annotations": {LAST_APPLIED: text}}});
        let helper = self.helper(&info).await?;
        let body = go::json(&patch).into_bytes();
        helper.patch(&self.namespace, &info.name, "application/merge-patch+json", body).await?;
        self.print(info.object, "edited").await
    }

    /// Creates the object.
    pub(super) async fn create(&self, mut info: Info) -> Result<()> {
        let created = self.helper(&info).await?.create(&info.namespace, &info.object).await?;
        info.refresh(created);
        self.print(info.object, "created").await
    }

    async fn helper(&self, info: &Info) -> Result<Helper> {
        let helper = Helper::new(&self.cx.requests().await?, &info.mapping);
        Ok(helper.field_manager(self.cx.flags.str("field-manager")).field_validation(self.validation))
    }

    async fn print(&self, object: Value, operation: &str) -> Result<()> {
        let mut printer = PrintFlags::of(self.cx, operation).printer(self.cx).await?;
        write!(self.cx.out, "{}", printer.print(object)?)?;
        Ok(())
    }
}

/// The object as it was: the one with the same uid.
fn original<'a>(originals: &'a [Info], edited: &Value) -> Result<&'a Info> {
    let uid = |object: &Value| object["metadata"]["uid"].as_str().unwrap_or_default().to_string();
    originals.iter().find(|info| uid(&info.object) == uid(edited)).ok_or_else(|| {
        let object = go_syntax(edited);
        Error::msg(format!("no original object found for &unstructured.Unstructured{{Object:{object}}}"))
    })
}
