//! Indented, tabbed text (kubectl: pkg/describe/describe.go `PrefixWriter`, `tabbedString`).

use crate::printers::tabwriter::TabWriter;
use crate::text::display;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::fmt::Arguments;

/// Where the text goes.
enum Sink {
    /// Into columns.
    Aligned(TabWriter),
    /// As it is, with its tabs.
    Plain(String),
}

impl Sink {
    fn write(&mut self, text: &str) {
        match self {
            Sink::Aligned(tabs) => tabs.write(text),
            Sink::Plain(out) => out.push_str(text),
        }
    }
}

/// A describer's output. Levels indent by two spaces; what a terminal would obey is escaped.
pub(super) struct Writer {
    sink: Sink,
    /// How many levels deeper everything stands (`NestedPrefixWriter`).
    base: usize,
    zone: TimeZone,
    now: Timestamp,
}

impl Writer {
    /// Times are shown in this zone; ages are counted until now.
    pub(super) fn new(zone: TimeZone, now: Timestamp) -> Self {
        Writer { sink: Sink::Aligned(TabWriter::new(0, 2)), base: 0, zone, now }
    }

    /// One that leaves tabs as they are, for what has no times in it.
    pub(super) fn unaligned() -> Self {
        let sink = Sink::Plain(String::new());
        Writer { sink, base: 0, zone: TimeZone::UTC, now: Timestamp::UNIX_EPOCH }
    }

    /// What is written inside stands so many levels deeper. Every write is indented, also those within a line.
    pub(super) fn nested(&mut self, levels: usize, write: impl FnOnce(&mut Self)) {
        self.base += levels;
        write(self);
        self.base -= levels;
    }

    /// Text, without a newline.
    pub(super) fn text(&mut self, level: usize, text: Arguments<'_>) {
        let text = format!("{}{text}", "  ".repeat(self.base + level));
        self.sink.write(&text.replace('\x1b', "^[").replace('\r', "\\r"));
    }

    /// A whole line.
    pub(super) fn line(&mut self, level: usize, text: Arguments<'_>) {
        self.text(level, text);
        self.sink.write("\n");
    }

    /// A line `label:  value`, if there is a value.
    pub(super) fn some(&mut self, level: usize, label: &str, value: &Value) {
        let text = str_of(value);
        if !text.is_empty() {
            self.line(level, format_args!("{label}:\t{text}"));
        }
    }

    /// A line `label:  value`, with `<unset>` where there is none.
    pub(super) fn or_unset(&mut self, level: usize, label: &str, value: &Value) {
        let text = if value.is_null() { "<unset>".to_string() } else { display(value) };
        self.line(level, format_args!("{label}:\t{text}"));
    }

    /// A line `label:  True`, with `<unset>` where there is no value.
    pub(super) fn flag(&mut self, level: usize, label: &str, value: &Value) {
        let text = match value {
            Value::Bool(true) => "True",
            Value::Bool(false) => "False",
            _ => "<unset>",
        };
        self.line(level, format_args!("{label}:\t{text}"));
    }

    /// A line `label:  value`, if the field is set at all, whatever its type.
    pub(super) fn if_set(&mut self, level: usize, label: &str, value: &Value) {
        if !value.is_null() {
            self.line(level, format_args!("{label}:\t{}", display(value)));
        }
    }

    /// `NAME: a=b`, a line for each label, sorted (`printLabelsMultiline`).
    pub(super) fn labels(&mut self, title: &str, labels: &Value) {
        self.labels_indented("", title, labels);
    }

    /// The same, every line with this in front (`printLabelsMultilineWithIndent`).
    pub(super) fn labels_indented(&mut self, indent: &str, title: &str, labels: &Value) {
        let lines: Vec<String> = pairs(labels).map(|(key, value)| format!("{key}={value}")).collect();
        self.column(0, indent, title, &lines);
    }

    /// `NAME: first`, and the others below it; `<none>` when there are none.
    pub(super) fn listed(&mut self, title: &str, lines: &[String]) {
        self.column(0, "", title, lines);
    }

    /// The same at a level; `indent` stands in front of every line.
    pub(super) fn column(&mut self, level: usize, indent: &str, title: &str, lines: &[String]) {
        self.text(level, format_args!("{indent}{title}:\t"));
        if lines.is_empty() {
            self.line(0, format_args!("<none>"));
        }
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                // Upstream indents the indentation and the tab each on its own where it is nested.
                self.text(level, format_args!("{indent}"));
                self.text(0, format_args!("\t"));
            }
            self.line(0, format_args!("{line}"));
        }
    }

    /// Annotations, long ones shortened, on lines of their own (`printAnnotationsMultiline`).
    pub(super) fn annotations(&mut self, title: &str, annotations: &Value) {
        const MAX: usize = 140;
        const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
        self.text(0, format_args!("{title}:\t"));
        let mut first = true;
        for (key, value) in pairs(annotations).filter(|(key, _)| *key != LAST_APPLIED) {
            if !first {
                self.text(0, format_args!("\t"));
            }
            first = false;
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 > MAX || value.contains('\n') {
                self.line(0, format_args!("{key}:"));
                for line in value.split('\n') {
                    self.line(0, format_args!("\t  {}", shorten(line, MAX - 2)));
                }
            } else {
                self.line(0, format_args!("{key}: {value}"));
            }
        }
        if first {
            self.line(0, format_args!("<none>"));
        }
    }

    /// `Name:`, `Namespace:`.
    pub(super) fn name_and_namespace(&mut self, object: &Value) {
        self.line(0, format_args!("Name:\t{}", str_of(&object["metadata"]["name"])));
        self.line(0, format_args!("Namespace:\t{}", str_of(&object["metadata"]["namespace"])));
    }

    /// `Labels:`, `Annotations:`.
    pub(super) fn labels_and_annotations(&mut self, object: &Value) {
        self.labels("Labels", &object["metadata"]["labels"]);
        self.annotations("Annotations", &object["metadata"]["annotations"]);
    }

    /// `Controlled By:`, if there is a controller.
    pub(super) fn controller(&mut self, object: &Value) {
        if let Some(of) = apimachinery::meta::controller_of(object) {
            self.line(0, format_args!("Controlled By:\t{}/{}", str_of(&of["kind"]), str_of(&of["name"])));
        }
    }

    /// A workload's conditions: type, status, reason.
    pub(super) fn conditions_with_reasons(&mut self, conditions: &Value) {
        let conditions = list(conditions);
        if conditions.is_empty() {
            return;
        }
        self.line(0, format_args!("Conditions:\n  Type\tStatus\tReason"));
        self.line(1, format_args!("----\t------\t------"));
        for c in conditions {
            let (kind, status, reason) = (str_of(&c["type"]), str_of(&c["status"]), str_of(&c["reason"]));
            self.line(1, format_args!("{kind} \t{status}\t{reason}"));
        }
    }

    /// Conditions with the time of their last change, if there are any.
    pub(super) fn conditions_with_times(&mut self, conditions: &Value) {
        let conditions = list(conditions);
        if conditions.is_empty() {
            return;
        }
        self.line(0, format_args!("Conditions:"));
        self.line(1, format_args!("Type\tStatus\tLastTransitionTime\tReason\tMessage"));
        self.line(1, format_args!("----\t------\t------------------\t------\t-------"));
        for c in conditions {
            let [kind, status, reason, message] =
                ["type", "status", "reason", "message"].map(|field| str_of(&c[field]));
            let time = self.time(&c["lastTransitionTime"]);
            self.line(1, format_args!("{kind}\t{status}\t{time}\t{reason}\t{message}"));
        }
    }

    /// `Status:`, of what has a phase and may be going away.
    pub(super) fn phase(&mut self, object: &Value) {
        let deleted = &object["metadata"]["deletionTimestamp"];
        if deleted.is_string() {
            self.line(0, format_args!("Status:\tTerminating (lasts {})", self.since(deleted)));
        } else {
            self.line(0, format_args!("Status:\t{}", str_of(&object["status"]["phase"])));
        }
    }

    /// `CreationTimestamp:`.
    pub(super) fn created(&mut self, object: &Value) {
        self.line(0, format_args!("CreationTimestamp:\t{}", self.time(&object["metadata"]["creationTimestamp"])));
    }

    /// A point in time, as Go's `RFC1123Z`; Go's zero time where there is none.
    pub(super) fn time(&self, value: &Value) -> String {
        match str_of(value).parse::<Timestamp>() {
            Ok(time) => time.to_zoned(self.zone.clone()).strftime("%a, %d %b %Y %H:%M:%S %z").to_string(),
            Err(_) => "Mon, 01 Jan 0001 00:00:00 +0000".into(),
        }
    }

    /// A point in time as Go prints it by itself.
    pub(super) fn plain_time(&self, value: &Value) -> String {
        match str_of(value).parse::<Timestamp>() {
            Ok(time) => time.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %z %Z").to_string(),
            Err(_) => "0001-01-01 00:00:00 +0000 UTC".into(),
        }
    }

    /// How long ago that was: `5m`, or `<unknown>`.
    pub(super) fn since(&self, value: &Value) -> String {
        since(value, self.now)
    }

    /// The present.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Everything that was written.
    pub(super) fn finish(self) -> String {
        match self.sink {
            Sink::Aligned(mut tabs) => tabs.flush(),
            Sink::Plain(out) => out,
        }
    }
}

/// How long ago that was: `5m`, or `<unknown>` (`translateTimestampSince`).
pub(super) fn since(value: &Value, now: Timestamp) -> String {
    match str_of(value).parse::<Timestamp>() {
        Ok(time) => apimachinery::duration::human_duration(now.duration_since(time)),
        Err(_) => "<unknown>".into(),
    }
}

/// At most so many bytes, whole characters only.
fn shorten(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_string();
    }
    format!("{}...", &text[..text.floor_char_boundary(max)])
}

/// A string, or nothing.
pub(super) fn str_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A number, or zero.
pub(super) fn int_of(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// A boolean, or false.
pub(super) fn bool_of(value: &Value) -> bool {
    value.as_bool().unwrap_or_default()
}

/// A string if it is one and not empty, else this.
pub(super) fn or<'a>(value: &'a Value, otherwise: &'a str) -> &'a str {
    value.as_str().filter(|text| !text.is_empty()).unwrap_or(otherwise)
}

/// A list's items, or none.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A map's strings, sorted by key.
pub(super) fn pairs(value: &Value) -> impl Iterator<Item = (&str, &str)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(key, value)| (key.as_str(), str_of(value)))
}

/// A list of strings, joined.
pub(super) fn joined(value: &Value, separator: &str) -> String {
    list(value).iter().map(str_of).collect::<Vec<_>>().join(separator)
}

/// `a=b,c=d`, sorted; `<none>` where there is none (apimachinery: labels.FormatLabels).
pub(super) fn format_labels(labels: &Value) -> String {
    let labels: Vec<String> = pairs(labels).map(|(key, value)| format!("{key}={value}")).collect();
    if labels.is_empty() { "<none>".into() } else { labels.join(",") }
}

/// Go's `%v` of a list of strings, which is never nil for a reader: `[a b]`, `[]`.
pub(super) fn bracketed(value: &Value) -> String {
    format!("[{}]", joined(value, " "))
}
