//! `-o` and its companions (cli-runtime: genericclioptions/print_flags.go).

use super::{json, name_of, omit_managed_fields, yaml};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::text::quote;
use serde_json::Value;

/// The formats of the verbs that create and change objects.
pub const FORMATS: [&str; 11] = [
    "json", "yaml", "kyaml", "name", "go-template", "go-template-file", "template", "templatefile", "jsonpath", "jsonpath-as-json", "jsonpath-file",
];

/// What to print after an operation: `pod/web created`, or the object as `-o` says.
#[derive(Debug, Clone)]
pub struct PrintFlags {
    operation: String,
    format: String,
    template: String,
    show_managed_fields: bool,

}

enum Form {
    Operation,
    Name,
    Json,
    Yaml,
}

/// Prints objects one after the other.
pub struct ObjectPrinter {
    form: Form,
    operation: String,
    show_managed_fields: bool,
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

        }
    }
    /// With another word.
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = operation.into();
        self
    }

    /// The printer, or why there is none.
    pub fn printer(&self) -> Result<ObjectPrinter> {
        let lower = self.format.to_lowercase();
        let form = match lower.as_str() {
            "" if self.template.is_empty() => Form::Operation,
            "name" => Form::Name,
            "json" => Form::Json,
            "yaml" => Form::Yaml,
            "kyaml" => return Err(unsupported("kyaml")),
            _ => return self.templated(&FORMATS),
        };
        Ok(self.of_form(form))
    }

    fn of_form(&self, form: Form) -> ObjectPrinter {
        let (operation, show) = (self.operation.clone(), self.show_managed_fields);
        ObjectPrinter { form, operation, show_managed_fields: show, count: 0 }
    }

    fn templated(&self, allowed: &[&str]) -> Result<ObjectPrinter> {
        let given = self.format.split_once('=').map_or(self.format.as_str(), |(name, _)| name);
        let name = if given.is_empty() { "go-template" } else { given };
        match name {
            "go-template" | "go-template-file" | "template" | "templatefile" => Err(unsupported(name)),
            "jsonpath" | "jsonpath-as-json" | "jsonpath-file" => Err(unsupported(name)),
            _ => Err(Error::msg(format!(
                "unable to match a printer suitable for the output format {}, allowed formats are: {}",
                quote(&self.format),
                allowed.join(",")
            ))),
        }
    }
}

fn unsupported(format: &str) -> Error {
    Error::msg(format!("output format {} is not supported yet; use json, yaml, name, jsonpath or custom-columns", quote(format)))
}

impl ObjectPrinter {
    /// The object, or list, as text.
    pub fn print(&mut self, mut object: Value) -> Result<String> {
        self.count += 1;
        if !self.show_managed_fields && matches!(self.form, Form::Json | Form::Yaml) {
            omit_managed_fields(&mut object);
        }
        Ok(match &self.form {
            Form::Operation if self.operation.is_empty() => format!("{}\n", name_of(&object)),
            Form::Operation => format!("{} {}\n", name_of(&object), self.operation),
            Form::Name => match object["items"].as_array() {
                Some(items) => items.iter().map(|item| format!("{}\n", name_of(item))).collect(),
                None => format!("{}\n", name_of(&object)),
            },
            Form::Json => json::pretty(&object),
            Form::Yaml if self.count > 1 => format!("---\n{}", yaml::to_string(&object)),
            Form::Yaml => yaml::to_string(&object),
        })
    }
}
