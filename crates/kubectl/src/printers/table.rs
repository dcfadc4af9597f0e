//! Tables from the server, and the plain NAME and AGE of objects without (cli-runtime: printers/tableprinter.go).

use super::tabwriter::TabWriter;
use crate::error::Result;
use apimachinery::duration::human_duration;
use apimachinery::table::{Column, Row, Table};
use serde_json::Value;

/// How many rows are aligned at a time; what came before keeps its widths.
const FLUSH_INTERVAL: usize = 100;

/// What a table shows.
#[derive(Debug, Clone, Default)]
pub struct TableOptions {
    /// `--no-headers`.
    pub no_headers: bool,
    /// `-o wide`.
    pub wide: bool,
    /// A NAMESPACE column (`-A`).
    pub with_namespace: bool,
    /// Names get this in front: `pod`, `deployment.apps`. Empty for none.
    pub kind_prefix: String,
    /// `-L`.
    pub column_labels: Vec<String>,
    /// `--show-labels`.
    pub show_labels: bool,
}

/// Prints tables one after the other; a header only where the columns change.
#[derive(Debug)]
pub struct TablePrinter {
    options: TableOptions,
    last_columns: Vec<Column>,
    printed_headers: bool,
    plain_headers: bool,
    now: jiff::Timestamp,
}

/// The Table in a server's answer; what is none comes back.
pub fn take_table(mut object: Value) -> std::result::Result<Table, Value> {
    let is_table =
        object["kind"] == "Table" && object["apiVersion"].as_str().is_some_and(|v| v.starts_with("meta.k8s.io/"));
    if !is_table {
        return Err(object);
    }
    let columns = serde_json::from_value(object["columnDefinitions"].take()).unwrap_or_default();
    let rows = serde_json::from_value(object["rows"].take()).unwrap_or_default();
    Ok(Table { metadata: object["metadata"].take(), columns, rows })
}

impl TablePrinter {
    /// A printer that has printed nothing; `now` is for ages.
    pub fn new(options: TableOptions, now: jiff::Timestamp) -> Self {
        TablePrinter { options, last_columns: Vec::new(), printed_headers: false, plain_headers: false, now }
    }

    /// Moves the moment that ages are counted to.
    pub fn set_now(&mut self, now: jiff::Timestamp) {
        self.now = now;
    }

    /// Prints a table into `writer`; `event` is the type of a watch event to show in front.
    pub fn print(
        &mut self,
        mut table: Table,
        event: Option<&str>,
        writer: &mut TabWriter,
        out: &mut impl FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        let same = table.columns.is_empty() || table.columns == self.last_columns;
        let no_headers = self.options.no_headers || (self.printed_headers && same);
        if table.columns.is_empty() {
            table.columns = self.last_columns.clone();
        } else if !same {
            self.last_columns = table.columns.clone();
            self.printed_headers = false;
        }
        if !table.rows.is_empty() {
            self.printed_headers = true;
        }
        self.decorate(&mut table);
        if let Some(event) = event {
            table.columns.insert(0, column("Event"));
            for row in &mut table.rows {
                row.cells.insert(0, Value::String(format!("{event:<8}")));
            }
        }
        self.write(&table, no_headers, writer, out)
    }

    /// Prints an object (or a list's items) as NAME and AGE, for servers that have no tables.
    pub fn print_plain(&mut self, objects: &[Value], event: Option<&str>, writer: &mut TabWriter) {
        let mut lines = Vec::new();
        if !self.plain_headers && !self.options.no_headers {
            let mut headers: Vec<String> = Vec::new();
            headers.extend(event.map(|_| "EVENT".to_string()));
            headers.extend(self.options.with_namespace.then(|| "NAMESPACE".to_string()));
            headers.extend(["NAME".to_string(), "AGE".to_string()]);
            headers.extend(self.options.column_labels.iter().map(|label| label_header(label)));
            headers.extend(self.options.show_labels.then(|| "LABELS".to_string()));
            lines.push(headers);
        }
        self.plain_headers = true;
        for object in objects {
            let metadata = &object["metadata"];
            let text = |key: &str| metadata[key].as_str().unwrap_or_default().to_string();
            let mut cells: Vec<String> = Vec::new();
            cells.extend(event.map(|event| format!("{event:<8}")));
            cells.extend(self.options.with_namespace.then(|| text("namespace")));
            cells.push(self.prefixed(&text("name")));
            cells.push(age(&metadata["creationTimestamp"], self.now));
            cells.extend(self.label_cells(&metadata["labels"]));
            lines.push(cells);
        }
        for line in lines {
            writer.write(&line.join("\t"));
            writer.write("\n");
        }
    }

    fn prefixed(&self, name: &str) -> String {
        match self.options.kind_prefix.as_str() {
            "" => name.to_string(),
            prefix => format!("{prefix}/{name}"),
        }
    }

    fn label_cells(&self, labels: &Value) -> Vec<String> {
        let mut cells: Vec<String> = Vec::new();
        for key in &self.options.column_labels {
            cells.push(labels[key].as_str().unwrap_or_default().to_string());
        }
        if self.options.show_labels {
            cells.push(format_labels(labels));
        }
        cells
    }

    /// Adds the NAMESPACE, label and prefix decorations (`decorateTable`).
    fn decorate(&self, table: &mut Table) {
        let options = &self.options;
        let name_column = table.columns.iter().position(|c| c.format == "name" && c.kind == "string");
        let labels = !options.column_labels.is_empty() || options.show_labels;
        let width = table.columns.len();
        for row in &mut table.rows {
            if let Some(at) = name_column.filter(|at| !options.kind_prefix.is_empty() && *at < row.cells.len()) {
                row.cells[at] = Value::String(self.prefixed(&crate::text::display(&row.cells[at])));
            }
            let metadata = &row.object["metadata"];
            if labels {
                let cells = self.label_cells(&metadata["labels"]);
                row.cells.resize(width.max(row.cells.len()), Value::Null);
                row.cells.extend(cells.into_iter().map(Value::String));
            }
            if options.with_namespace {
                let namespace = metadata["namespace"].as_str().unwrap_or_default().to_string();
                row.cells.insert(0, Value::String(namespace));
            }
        }
        table.columns.extend(options.column_labels.iter().map(|label| column(&label_header(label))));
        table.columns.extend(options.show_labels.then(|| column("Labels")));
        if options.with_namespace {
            table.columns.insert(0, column("Namespace"));
        }
    }

    /// `printTable`: cells that are wider than anything before must not shift what is already printed, so the widths
    /// of all rows are known before the first line goes out.
    fn write(
        &self,
        table: &Table,
        no_headers: bool,
        writer: &mut TabWriter,
        out: &mut impl FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        if table.rows.is_empty() {
            return Ok(());
        }
        let visible: Vec<usize> =
            (0..table.columns.len()).filter(|at| self.options.wide || table.columns[*at].priority == 0).collect();
        let texts = |row: &Row| -> Vec<Option<String>> {
            visible
                .iter()
                .filter_map(|at| row.cells.get(*at))
                .map(|cell| (!cell.is_null()).then(|| crate::text::display(cell)))
                .collect()
        };
        let mut widths = vec![0; visible.len()];
        let rows: Vec<Vec<Option<String>>> = table.rows.iter().map(texts).collect();
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.as_ref().map_or(0, String::len));
            }
        }
        let last = visible.len().saturating_sub(1);
        let pad = |text: String, length: usize, at: usize| {
            let missing = if at == last { 0 } else { widths[at].saturating_sub(length) };
            text + &" ".repeat(missing)
        };
        if !no_headers {
            let names = visible.iter().map(|at| table.columns[*at].name.to_uppercase()).enumerate();
            let line: Vec<String> = names.map(|(at, name)| pad(name.clone(), name.len(), at)).collect();
            writer.write(&line.join("\t"));
            writer.write("\n");
        }
        for (index, row) in rows.iter().enumerate() {
            let cells = row.iter().enumerate().map(|(at, cell)| {
                let length = cell.as_ref().map_or(0, String::len);
                let shown = cell.as_deref().map(sanitize).unwrap_or_default();
                if no_headers && index == 0 { pad(shown, length, at) } else { shown }
            });
            let line: Vec<String> = cells.collect();
            writer.write(&line.join("\t"));
            writer.write("\n");
            if (index + 1) % FLUSH_INTERVAL == 0 {
                out(&writer.flush())?;
            }
        }
        Ok(())
    }
}

fn column(name: &str) -> Column {
    Column { name: name.to_string(), kind: "string".to_string(), ..Column::default() }
}

fn label_header(label: &str) -> String {
    label.rsplit('/').next().unwrap_or_default().to_uppercase()
}

/// A cell ends at its first line break, and cannot control the terminal.
fn sanitize(text: &str) -> String {
    let escape = |text: &str| text.replace('\u{1b}', "^[");
    match text.find(['\u{c}', '\n', '\r']) {
        Some(at) => format!("{}...", escape(&text[..at])),
        None => escape(text),
    }
}

/// `a=b,c=d`, sorted; `<none>` without (`labels.FormatLabels`).
pub fn format_labels(labels: &Value) -> String {
    let pairs: Vec<String> = labels
        .as_object()
        .into_iter()
        .flatten()
        .map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() { "<none>".to_string() } else { pairs.join(",") }
}

/// The time since a timestamp for people; `<unknown>` without one (`translateTimestampSince`).
pub fn age(timestamp: &Value, now: jiff::Timestamp) -> String {
    match timestamp.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok()) {
        Some(then) => human_duration(now.duration_since(then)),
        None => "<unknown>".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn print(options: TableOptions, tables: Vec<Value>) -> String {
        let mut printer = TablePrinter::new(options, jiff::Timestamp::UNIX_EPOCH);
        let (mut writer, mut text) = (TabWriter::get(), String::new());
        for table in tables {
            let table = take_table(table).expect("a Table");
            printer
                .print(table, None, &mut writer, &mut |part| {
                    text.push_str(part);
                    Ok(())
                })
                .expect("prints");
            text.push_str(&writer.flush());
        }
        text
    }

    fn table() -> Value {
        json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": [
            {"name": "Name", "type": "string", "format": "name", "priority": 0},
            {"name": "Ready", "type": "string", "priority": 0},
            {"name": "IP", "type": "string", "priority": 1}],
            "rows": [{"cells": ["web", "1/1", "10.0.0.1"], "object": {"metadata": {"namespace": "ns", "labels": {"app": "web"}}}}]})
    }

    #[test]
    fn columns_and_decorations() {
        let default = TableOptions::default;
        assert_eq!(print(default(), vec![table()]), "NAME   READY\nweb    1/1\n");
        assert_eq!(
            print(TableOptions { wide: true, ..default() }, vec![table()]),
            "NAME   READY   IP\nweb    1/1     10.0.0.1\n"
        );
        let all = TableOptions { with_namespace: true, show_labels: true, kind_prefix: "pod".into(), ..default() };
        assert_eq!(
            print(all, vec![table()]),
            "NAMESPACE   NAME      READY   LABELS\nns          pod/web   1/1     app=web\n"
        );
        assert_eq!(print(default(), vec![table(), table()]), "NAME   READY\nweb    1/1\nweb    1/1\n");
    }
}
