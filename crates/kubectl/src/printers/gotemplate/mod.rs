//! Go templates over objects (`-o go-template`): Go's text/template, as far as JSON goes.

mod exec;
mod funcs;
mod lex;
mod parse;
mod printf;
mod value;

use serde_json::Value;

/// A parsed template.
#[derive(Debug, Clone)]
pub struct GoTemplate {
    templates: parse::Templates,
    text: String,
    missing_keys: bool,
}

/// A template that could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// What was written before.
    pub partial: String,
    /// Go's message.
    pub message: String,
}

const NAME: &str = "output";

impl GoTemplate {
    /// Parses a template; the error is Go's. With `missing_keys`, a key that is not there is `<no value>`.
    pub fn parse(text: &str, missing_keys: bool) -> Result<Self, String> {
        Ok(GoTemplate { templates: parse::parse(NAME, text)?, text: text.to_string(), missing_keys })
    }

    /// What the template makes of an object.
    pub fn render(&self, object: &Value) -> Result<String, TemplateError> {
        exec::execute(&self.templates, NAME, &self.text, object, self.missing_keys)
    }

    /// What upstream prints on stdout when a template fails, behind what it had printed (`GoTemplatePrinter`).
    pub fn explain(&self, object: &Value, error: &TemplateError) -> String {
        format!(
            "{}Error executing template: {}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
            error.partial,
            error.message,
            self.text,
            super::json::compact(object),
            crate::text::display(&value::floats(object))
        )
    }
}

#[cfg(test)]
mod tests;
