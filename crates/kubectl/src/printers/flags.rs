//! `-o` and its companions (cli-runtime: genericclioptions/print_flags.go; kubectl: pkg/cmd/get/get_flags.go).

use super::columns::CustomColumns;
use super::gotemplate::GoTemplate;
use super::{json, kyaml, name_of, omit_managed_fields, typed, yaml};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::io::Sink;
use crate::text::{go_syntax, quote};
use apimachinery::jsonpath::JsonPath;
use serde_json::Value;
use std::path::Path;

/// The formats of the verbs that create and change objects, in the order of the help.
pub const FORMATS: [&str; 11] = [
    "json",
    "yaml",
    "kyaml",
    "name",
    "go-template",
    "go-template-file",
    "template",
    "templatefile",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
];

/// What `get` has besides.
const GET_FORMATS: [&str; 3] = ["custom-columns", "custom-columns-file", "wide"];

/// What to print after an operation: `pod/web created`, or the object as `-o` says.
#[derive(Debug, Clone)]
pub struct PrintFlags {
    operation: String,
    format: String,
    template: String,
    show_managed_fields: bool,
    allow_missing_keys: bool,
    custom_columns: Option<bool>,
    typed: bool,
}

enum Form {
    Operation,
    Name,
    Json,
    Yaml,
    Kyaml,
    JsonPath { template: String, path: Box<JsonPath> },
    GoTemplate { template: Box<GoTemplate>, text: String },
    Columns(CustomColumns),
}

/// Prints objects one after the other.
pub struct ObjectPrinter {
    form: Form,
    /// Where a failed template leaves what it had written.
    out: Sink,
    operation: String,
    show_managed_fields: bool,
    typed: bool,
    count: usize,
}

impl PrintFlags {
    /// Reads the flags of [`crate::flags::common::output`]; `operation` is the word behind the name (`created`,
    /// `configured (dry run)`), printed when there is no `-o`.
    pub fn of(cx: &Context, operation: impl Into<String>) -> Self {
        let flags = &cx.flags;
        PrintFlags {
            operation: operation.into(),
            format: flags.str("output").to_string(),
            template: flags.str("template").to_string(),
            show_managed_fields: flags.bool("show-managed-fields"),
            allow_missing_keys: flags.bool("allow-missing-template-keys"),
            custom_columns: None,
            typed: false,
        }
    }
    /// With another word.
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = operation.into();
        self
    }
    /// As if `-o` said so where it says nothing (`WithDefaultOutput`).
    pub fn default_output(mut self, format: &str) -> Self {
        if self.format.is_empty() {
            self.format = format.into();
        }
        self
    }
    /// The objects are typed in upstream: their JSON comes in the order of Go's struct fields ([`typed`]).
    pub fn typed(mut self) -> Self {
        self.typed = true;
        self
    }
    /// `get` knows custom columns too.
    pub(crate) fn with_custom_columns(mut self, headers: bool) -> Self {
        self.custom_columns = Some(headers);
        self
    }

    /// The printer, or why there is none. Template files are read.
    pub async fn printer(&self, cx: &Context) -> Result<ObjectPrinter> {
        let form = match self.format.to_lowercase().as_str() {
            "" if self.template.is_empty() => Form::Operation,
            "name" => Form::Name,
            "json" => Form::Json,
            "yaml" => Form::Yaml,
            "kyaml" => Form::Kyaml,
            _ => self.templated(cx).await?,
        };
        let (operation, show) = (self.operation.clone(), self.show_managed_fields);
        Ok(ObjectPrinter {
            form,
            out: cx.out.clone(),
            operation,
            show_managed_fields: show,
            typed: self.typed,
            count: 0,
        })
    }

    async fn templated(&self, cx: &Context) -> Result<Form> {
        let given = if self.format.is_empty() { "go-template" } else { &self.format };
        // With --template the whole of -o is the format's name.
        let (name, template) = match given.split_once('=') {
            Some((name, inline)) if self.template.is_empty() => (name, inline),
            _ => (given, self.template.as_str()),
        };
        let file = |error: std::io::Error| crate::resource::go_error("open", template, &error);
        let read = async || {
            cx.env.files.read(Path::new(template)).await.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        match name {
            "go-template" | "go-template-file" | "template" | "templatefile" => {
                if template.is_empty() {
                    return Err(Error::msg("template format specified but no template given"));
                }
                let text = match name {
                    "go-template-file" | "templatefile" => read()
                        .await
                        .map_err(|error| Error::msg(format!("error reading --template {template}, {}", file(error))))?,
                    _ => template.to_string(),
                };
                let template = GoTemplate::parse(&text, self.allow_missing_keys)
                    .map_err(|error| Error::msg(format!("error parsing template {text}, {error}")))?;
                Ok(Form::GoTemplate { template: Box::new(template), text })
            }
            "jsonpath" | "jsonpath-as-json" | "jsonpath-file" => {
                if template.is_empty() {
                    return Err(Error::msg("template format specified but no template given"));
                }
                let text = match name {
                    "jsonpath-file" => read()
                        .await
                        .map_err(|error| Error::msg(format!("error reading --template {template}, {}", file(error))))?,
                    _ => template.to_string(),
                };
                let path = JsonPath::parse(&text)
                    .map_err(|error| Error::msg(format!("error parsing jsonpath {text}, {error}")))?;
                let path = path.allow_missing_keys(self.allow_missing_keys).json_output(name == "jsonpath-as-json");
                Ok(Form::JsonPath { template: text, path: Box::new(path) })
            }
            "custom-columns" | "custom-columns-file" if self.custom_columns.is_some() => {
                if template.is_empty() {
                    return Err(Error::msg("custom-columns format specified but no custom columns given"));
                }
                if name == "custom-columns" {
                    return Ok(Form::Columns(CustomColumns::parse(template, self.custom_columns == Some(true))?));
                }
                let text = read()
                    .await
                    .map_err(|error| Error::msg(format!("error reading template {template}, {}\n", file(error))))?;
                Ok(Form::Columns(CustomColumns::from_template(&text)?))
            }
            _ => {
                let extra: &[&str] = if self.custom_columns.is_some() { &GET_FORMATS } else { &[] };
                let mut allowed: Vec<&str> = FORMATS.iter().chain(extra).copied().collect();
                allowed.sort_unstable();
                Err(Error::msg(format!(
                    "unable to match a printer suitable for the output format {}, allowed formats are: {}",
                    quote(&self.format),
                    allowed.join(",")
                )))
            }
        }
    }
}

impl ObjectPrinter {
    /// The object, or list, as text.
    pub fn print(&mut self, mut object: Value) -> Result<String> {
        self.count += 1;
        if !self.show_managed_fields && matches!(self.form, Form::Json | Form::Yaml | Form::Kyaml) {
            omit_managed_fields(&mut object);
        }
        Ok(match &mut self.form {
            Form::Operation if self.operation.is_empty() => format!("{}\n", name_of(&object)),
            Form::Operation => format!("{} {}\n", name_of(&object), self.operation),
            Form::Name if self.typed && object["items"].is_array() => {
                let version = object["apiVersion"].as_str().and_then(|version| version.rsplit('/').next());
                let (version, kind) = (version.unwrap_or_default(), object["kind"].as_str().unwrap_or_default());
                return Err(Error::msg(format!("list types are not supported by name printing: *{version}.{kind}")));
            }
            Form::Name => match object["items"].as_array() {
                Some(items) => items.iter().map(|item| format!("{}\n", name_of(item))).collect(),
                None => format!("{}\n", name_of(&object)),
            },
            Form::Json if self.typed => typed::pretty(&object),
            Form::Json => json::pretty(&object),
            Form::Kyaml if self.typed => kyaml::typed(&object),
            Form::Kyaml => kyaml::to_string(&object),
            Form::Yaml => format!("{}{}", if self.count > 1 { "---\n" } else { "" }, yaml::to_string(&object)),
            Form::JsonPath { template, path } => path.render(&object).map_err(|error| {
                Error::msg(format!(
                    "error executing jsonpath {}: Error executing template: {error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
                    quote(template),
                    go_syntax(&object)
                ))
            })?,
            Form::GoTemplate { template, text } => match template.render(&object) {
                Ok(text) => text,
                Err(error) => {
                    self.out.write(template.explain(&object, &error).as_bytes())?;
                    return Err(Error::msg(format!("error executing template {}: {}", quote(text), error.message)));
                }
            },
            Form::Columns(columns) => columns.print(&object)?,
        })
    }

    /// A watch event as an object (`--output-watch-events`); JSON on one line. Managed fields are shown: upstream looks
    /// for them in the event's own metadata.
    pub fn print_event(&mut self, kind: &str, object: Value) -> Result<String> {
        let event = serde_json::json!({"type": kind, "object": object});
        self.count += 1;
        match &mut self.form {
            // metav1.WatchEvent is a struct: its fields come in their order, not sorted.
            Form::Json => Ok(format!(
                "{{\"type\":{},\"object\":{}}}\n",
                json::compact(&event["type"]),
                json::compact(&event["object"])
            )),
            Form::Yaml => Ok(format!("{}{}", if self.count > 1 { "---\n" } else { "" }, yaml::to_string(&event))),
            Form::Kyaml => Ok(kyaml::to_string(&event)),
            Form::Name => Ok(format!("{}\n", name_of(&event["object"]))),
            _ => {
                self.count -= 1;
                self.print(event)
            }
        }
    }
}
