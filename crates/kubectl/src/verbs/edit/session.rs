//! Edit, save, and edit again until it is right (kubectl: pkg/cmd/util/editor/editoptions.go).

use super::file::{self, Reason};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::printers::{json, kyaml, omit_managed_fields, yaml};
use crate::resource::{Builder, Info, validation_fault, yaml_to_json};
use crate::text::quote;
use crate::verbs::{last_applied, record};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is edited, and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verbs) enum Mode {
    /// Objects of the server, which are patched.
    Normal,
    /// Their last applied configurations, which are put into the annotation.
    LastApplied,
    /// Objects of files, which are created.
    BeforeCreate,
}

/// An edit under way (`EditOptions`).
pub(in crate::verbs) struct Session<'a> {
    pub cx: &'a Context,
    pub mode: Mode,
    /// The namespace of the command line; an object may not leave it.
    pub namespace: String,
    /// `fieldValidation` of what is sent.
    pub validation: &'static str,
    /// `--save-config`.
    pub annotate: bool,
    /// `--output-patch`.
    pub output_patch: bool,
    /// `--subresource`.
    pub subresource: String,
}

/// What came of one round (`editResults`).
#[derive(Debug, Default)]
pub(super) struct Results {
    /// Why the next round has to be.
    pub reasons: Vec<Reason>,
    /// Objects that the server did not take, and may take later.
    pub retryable: usize,
    /// Objects that are not there any more.
    pub not_found: usize,
    /// Objects that are wrong.
    pub invalid: usize,
    file: Option<PathBuf>,
}

impl Results {
    fn of(file: &Path) -> Self {
        Results { file: Some(file.to_path_buf()), ..Results::default() }
    }

    /// Takes a refusal down: what is said of it.
    pub(super) fn refuse(&mut self, error: &Error, info: &Info) -> String {
        let (resource, name) = (info.mapping.qualified(), quote(&info.name));
        match error.api() {
            Some(api) if api.reason() == "Invalid" => {
                self.invalid += 1;
                self.reasons
                    .push(Reason { head: format!("{resource} {name} was not valid"), details: api.cause_lines() });
                format!("error: {resource} {name} is invalid")
            }
            Some(_) if error.is_not_found() => {
                self.not_found += 1;
                format!("error: {resource} {name} could not be found on the server")
            }
            _ => {
                self.retryable += 1;
                format!("error: {resource} {name} could not be patched: {error}")
            }
        }
    }
}

impl Session<'_> {
    /// Lets a person edit the objects, as a list if they are several, until they are saved or the person gives up.
    ///
    /// # Errors
    /// Where the text is kept in a file, that has been said.
    pub(in crate::verbs) async fn edit(&self, infos: Vec<Info>) -> Result<()> {
        let mut results = Results::default();
        let (mut original, mut edited, mut again) = (String::new(), String::new(), false);
        loop {
            let mut text = if self.shows_json() { String::new() } else { file::header(self.mode, &results.reasons) };
            if !again {
                match self.show(&infos) {
                    Ok(objects) => text.push_str(&objects),
                    Err(error) => return self.preserved(results.file.as_deref(), error).await,
                }
                if self.cx.flags.bool("windows-line-endings") {
                    text = text.replace('\n', "\r\n");
                }
                original.clone_from(&text);
            } else {
                text.push_str(&file::without_comment_lines(&edited));
            }
            let before = std::mem::take(&mut edited);
            let suffix = if self.shows_json() { ".json" } else { ".yaml" };
            let (after, path) = match file::edit(self.cx, suffix, &text).await {
                Ok(edited) => edited,
                Err(error) => return self.preserved(results.file.as_deref(), error).await,
            };
            edited = after;
            if again && file::without_comments(&before) == file::without_comments(&edited) {
                let error = Error::msg("Edit cancelled, no valid changes were saved.");
                return self.preserved(Some(&path), error).await;
            }
            if let Some(old) = results.file.take() {
                self.remove(&old).await;
            }
            if let Some(fault) = self.fault(&edited) {
                results = Results::of(&path);
                again = true;
                let (resource, name) = (infos[0].mapping.qualified(), quote(&infos[0].name));
                let details = vec![format!("<nil>: Invalid value: \"The edited file failed validation\": {fault}")];
                results.reasons.push(Reason { head: format!("{resource} {name} was not valid"), details });
                writeln!(self.cx.err, "error: {resource} {name} is invalid")?;
                continue;
            }
            if file::without_comments(&original) == file::without_comments(&edited) {
                self.remove(&path).await;
                writeln!(self.cx.err, "Edit cancelled, no changes made.")?;
                return Ok(());
            }
            if !file::has_lines(&edited) {
                self.remove(&path).await;
                writeln!(self.cx.err, "Edit cancelled, saved file was empty.")?;
                return Ok(());
            }
            results = Results::of(&path);
            let found = Builder::new()
                .subresource(&self.subresource)
                .continue_on_error()
                .flatten()
                .find_in(self.cx, "edited-file", edited.as_bytes())
                .await;
            let (updated, errors) = found.partition();
            if let Err(error) = Error::aggregate(errors) {
                again = true;
                let head = format!("The edited file had a syntax error: {error}");
                results.reasons.push(Reason { head, details: Vec::new() });
                continue;
            }
            if let Err(error) = self.save(&infos, updated, &mut results).await {
                return self.preserved(Some(&path), error).await;
            }
            let exit = Err(Error::Exit { code: 1, message: String::new() });
            let shown = path.to_string_lossy();
            if results.retryable > 0 {
                writeln!(self.cx.err, "You can run `kubectl replace -f {shown}` to try this update again.")?;
                return exit;
            }
            if results.not_found > 0 {
                let shown = quote(&shown);
                writeln!(self.cx.err, "The edits you made on deleted resources have been saved to {shown}")?;
                return exit;
            }
            if results.invalid == 0 {
                self.remove(&path).await;
                return Ok(());
            }
            again = true;
        }
    }

    fn shows_json(&self) -> bool {
        self.cx.flags.str("output") == "json"
    }

    /// The objects as the person sees them.
    fn show(&self, infos: &[Info]) -> Result<String> {
        let mut object = match infos {
            [info] => info.object.clone(),
            _ => {
                let items: Vec<&Value> = infos.iter().map(|info| &info.object).collect();
                json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items})
            }
        };
        omit_managed_fields(&mut object);
        match self.cx.flags.str("output") {
            "json" => Ok(json::pretty(&object)),
            "kyaml" => Ok(kyaml::to_string(&object)),
            "" | "yaml" => Ok(yaml::to_string(&object)),
            other => Err(Error::msg(format!(
                "unable to match a printer suitable for the output format {}, allowed formats are: json,kyaml,yaml",
                quote(other)
            ))),
        }
    }

    /// What is wrong with a text before the server sees it.
    fn fault(&self, edited: &str) -> Option<String> {
        if self.validation == "Ignore" {
            return None;
        }
        let json = match yaml_to_json(&file::without_comments(edited)) {
            Ok(json) => json,
            Err(error) => return Some(error),
        };
        match apimachinery::json::parse(&json) {
            Ok(object) => validation_fault(&object),
            Err(error) => Some(error),
        }
    }

    /// Does with the edited objects what the mode says.
    async fn save(&self, originals: &[Info], mut updated: Vec<Info>, results: &mut Results) -> Result<()> {
        for info in &mut updated {
            // The person did not see them, and does not remove them.
            let same = |original: &&Info| original.object["metadata"]["uid"] == info.object["metadata"]["uid"];
            let fields = originals.iter().find(same).map(|original| &original.object["metadata"]["managedFields"]);
            match fields {
                Some(fields) if !fields.is_null() => info.object["metadata"]["managedFields"] = fields.clone(),
                _ => drop(apimachinery::meta::remove(&mut info.object, &["metadata", "managedFields"])),
            }
            self.require_namespace(info)?;
        }
        for info in &mut updated {
            if self.annotate {
                last_applied::save_config(true, &mut info.object);
            }
            record::record(self.cx, &mut info.object);
        }
        // As upstream: what became of the last object counts.
        let mut last = Ok(());
        for info in updated {
            last = match self.mode {
                Mode::Normal => self.patch(originals, info, results).await,
                Mode::LastApplied => self.set_last_applied(originals, info).await,
                Mode::BeforeCreate => self.create(info).await,
            };
        }
        last
    }

    /// cli-runtime: resource/visitor.go `RequireNamespace`.
    fn require_namespace(&self, info: &mut Info) -> Result<()> {
        if !info.mapping.namespaced {
            return Ok(());
        }
        if info.namespace.is_empty() {
            info.namespace.clone_from(&self.namespace);
            info.object["metadata"]["namespace"] = json!(self.namespace);
        }
        if info.namespace != self.namespace {
            return Err(Error::msg(format!(
                "the namespace from the provided object {} does not match the namespace {}. You must pass '--namespace={}' to perform this operation.",
                quote(&info.namespace),
                quote(&self.namespace),
                info.namespace
            )));
        }
        Ok(())
    }

    /// Says where the edited text is, if it is anywhere, and fails.
    async fn preserved(&self, file: Option<&Path>, error: Error) -> Result<()> {
        if let Some(file) = file
            && self.cx.env.files.kind(file).await.is_ok()
        {
            let file = quote(&file.to_string_lossy());
            writeln!(self.cx.err, "A copy of your changes has been stored to {file}")?;
        }
        Err(error)
    }

    async fn remove(&self, file: &Path) {
        // As upstream: what cannot be removed stays, and is no error.
        let _ = self.cx.env.files.remove(file).await;
    }
}
