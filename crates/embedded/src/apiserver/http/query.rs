//! The options of a request: `ListOptions`, `CreateOptions`, … of meta/v1, as they stand in the query.

use apimachinery::{
    field::{FieldError, Path},
    gvk::GroupKind,
    status::Status,
};

use crate::apiserver::{FieldValidation, Propagation, WriteOptions};

/// All options; each verb looks at its own.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) label_selector: String,
    pub(super) field_selector: String,
    pub(super) limit: Option<usize>,
    pub(super) continues: Option<String>,
    pub(super) resource_version: Option<String>,
    pub(super) resource_version_match: Option<String>,
    pub(super) watch: bool,
    pub(super) allow_bookmarks: bool,
    pub(super) send_initial_events: bool,
    pub(super) timeout_seconds: Option<u64>,
    pub(super) dry_run: bool,
    pub(super) field_manager: Option<String>,
    pub(super) field_validation: FieldValidation,
    pub(super) force: bool,
    pub(super) grace_period_seconds: Option<i64>,
    pub(super) propagation: Option<Propagation>,
    pub(super) include_object: Option<String>,
    /// All of them as they came, for subresources with options of their own.
    pub(super) pairs: Vec<(String, String)>,
}

impl Query {
    pub(super) fn parse(query: &str) -> Result<Self, Status> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut found = Self::default();
        for (key, value) in pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())) {
            found.set(key, value)?;
        }
        found.pairs = pairs;
        Ok(found)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Status> {
        let given = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match key {
            "labelSelector" => value.clone_into(&mut self.label_selector),
            "fieldSelector" => value.clone_into(&mut self.field_selector),
            "limit" => self.limit = value.parse().ok().filter(|limit| *limit > 0),
            "continue" => self.continues = given(),
            "resourceVersion" => self.resource_version = given(),
            "resourceVersionMatch" => self.resource_version_match = given(),
            "watch" => self.watch = flag(value),
            "allowWatchBookmarks" => self.allow_bookmarks = flag(value),
            "sendInitialEvents" => self.send_initial_events = flag(value),
            "timeoutSeconds" => self.timeout_seconds = value.parse().ok(),
            "dryRun" => self.dry_run = dry_run(value)?,
            "fieldManager" => self.field_manager = given(),
            "fieldValidation" => self.field_validation = field_validation(value)?,
            "force" => self.force = flag(value),
            "gracePeriodSeconds" => self.grace_period_seconds = value.parse().ok(),
            "propagationPolicy" => self.propagation = Some(propagation(value)?),
            "orphanDependents" => {
                self.propagation = Some(if flag(value) { Propagation::Orphan } else { Propagation::Background });
            }
            "includeObject" => self.include_object = given(),
            _ => {}
        }
        Ok(())
    }

    /// The first value of an option.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }

    /// Whether an option is there and not false.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(flag)
    }

    pub(super) fn write_options(&self) -> WriteOptions {
        WriteOptions { dry_run: self.dry_run, manager: None, field_validation: self.field_validation }
    }
}

/// `runtime.Convert_Slice_string_To_bool`: there and neither `false` nor `0`.
fn flag(value: &str) -> bool {
    !value.eq_ignore_ascii_case("false") && value != "0"
}

fn dry_run(value: &str) -> Result<bool, Status> {
    match value {
        "" => Ok(false),
        "All" => Ok(true),
        other => {
            let error = FieldError::not_supported(&Path::new("dryRun"), serde_json::json!([other]), &["All"]);
            Err(Status::invalid(&GroupKind::new("meta.k8s.io", "CreateOptions"), "", &[error]))
        }
    }
}

fn field_validation(value: &str) -> Result<FieldValidation, Status> {
    match value {
        "Ignore" => Ok(FieldValidation::Ignore),
        // apiserver: fieldValidation(): the default is to warn.
        "" | "Warn" => Ok(FieldValidation::Warn),
        "Strict" => Ok(FieldValidation::Strict),
        other => {
            let valid = ["Ignore", "Strict", "Warn"];
            let error = FieldError::not_supported(&Path::new("fieldValidation"), other, &valid);
            Err(Status::invalid(&GroupKind::new("meta.k8s.io", "CreateOptions"), "", &[error]))
        }
    }
}

/// The propagation policy by its name.
pub(super) fn propagation(value: &str) -> Result<Propagation, Status> {
    match value {
        "Foreground" => Ok(Propagation::Foreground),
        "Background" => Ok(Propagation::Background),
        "Orphan" => Ok(Propagation::Orphan),
        other => {
            let valid = ["Background", "Foreground", "Orphan"];
            let error = FieldError::not_supported(&Path::new("propagationPolicy"), other, &valid);
            Err(Status::invalid(&GroupKind::new("meta.k8s.io", "DeleteOptions"), "", &[error]))
        }
    }
}
