//! `-o custom-columns` (kubectl: pkg/cmd/get/customcolumn.go).

use super::tabwriter::TabWriter;
use crate::error::{Error, Result};
use crate::text::display;
use apimachinery::jsonpath::{JsonPath, relaxed};
use serde_json::Value;

/// Columns that the user chose.
#[derive(Debug)]
pub struct CustomColumns {
    columns: Vec<(String, JsonPath)>,
    headers: bool,
    printed_kind: Option<bool>,
}

fn path(spec: &str) -> Result<JsonPath> {
    let spec = relaxed(spec).map_err(|error| Error::msg(error.to_string()))?;
    let path = JsonPath::parse(&spec).map_err(|error| Error::msg(error.to_string()))?;
    Ok(path.allow_missing_keys(true))
}

impl CustomColumns {
    /// `HEADER:PATH,…`.
    pub fn parse(spec: &str, headers: bool) -> Result<Self> {
        let mut columns = Vec::new();
        for part in spec.split(',') {
            let Some((header, field)) = part.split_once(':') else {
                return Err(Error::msg(format!(
                    "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
                )));
            };
            columns.push((header.to_string(), path(field)?));
        }
        Ok(CustomColumns { columns, headers, printed_kind: None })
    }

    /// A file of two lines: headers, and paths beneath them.
    pub fn from_template(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let missing = |what: &str| {
            Error::msg(format!(
                "invalid template, missing {what} line. Expected format is one line of space separated headers, one line of space separated column specs."
            ))
        };
        let headers: Vec<&str> = lines.next().ok_or_else(|| missing("header"))?.split_whitespace().collect();
        let specs: Vec<&str> = lines.next().ok_or_else(|| missing("spec"))?.split_whitespace().collect();
        if headers.len() != specs.len() {
            let (h, s) = (headers.len(), specs.len());
            return Err(Error::msg(format!("number of headers ({h}) and field specifications ({s}) don't match")));
        }
        let mut columns = Vec::new();
        for (header, spec) in headers.into_iter().zip(specs) {
            columns.push((header.to_string(), path(spec)?));
        }
        Ok(CustomColumns { columns, headers: true, printed_kind: None })
    }

    /// An object, or a list's items; the header where the kind of thing printed changes.
    pub fn print(&mut self, object: &Value) -> Result<String> {
        let mut writer = TabWriter::get();
        let items = object["items"].as_array();
        if self.headers && self.printed_kind != Some(items.is_some()) {
            let headers: Vec<&str> = self.columns.iter().map(|(header, _)| header.as_str()).collect();
            writer.write(&format!("{}\n", headers.join("\t")));
            self.printed_kind = Some(items.is_some());
        }
        match items {
            Some(items) => items.iter().try_for_each(|item| self.line(item, &mut writer))?,
            None => self.line(object, &mut writer)?,
        }
        Ok(writer.flush())
    }

    fn line(&self, object: &Value, writer: &mut TabWriter) -> Result<()> {
        let mut cells = Vec::new();
        for (_, path) in &self.columns {
            let found = path.find(object).map_err(|error| Error::msg(error.to_string()))?;
            let mut texts: Vec<String> = Vec::new();
            if found.first().is_none_or(Vec::is_empty) {
                texts.push("<none>".into());
            }
            let escape = |text: String| text.replace('\u{1b}', "^[").replace('\r', "\\r");
            texts.extend(found.iter().flatten().map(|value| escape(display(value))));
            cells.push(texts.join(","));
        }
        writer.write(&format!("{}\n", cells.join("\t")));
        Ok(())
    }
}
