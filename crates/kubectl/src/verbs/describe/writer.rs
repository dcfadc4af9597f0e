//! Indented, tabbed text (kubectl: pkg/describe/describe.go `PrefixWriter`, `tabbedString`).

use crate::printers::tabwriter::TabWriter;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::fmt::Arguments;

/// A describer's output. Levels indent by two spaces; what a terminal would obey is escaped.
pub(super) struct Writer {
    tabs: TabWriter,
    zone: TimeZone,
    now: Timestamp,
}

impl Writer {
    /// Times are shown in this zone; ages are counted until now.
    pub(super) fn new(zone: TimeZone, now: Timestamp) -> Self {
        Writer { tabs: TabWriter::new(0, 2), zone, now }
    }

    /// Text, without a newline.
    pub(super) fn text(&mut self, level: usize, text: Arguments<'_>) {
        let text = format!("{}{text}", "  ".repeat(level));
        self.tabs.write(&text.replace('\x1b', "^[").replace('\r', "\\r"));
    }

    /// A whole line.
    pub(super) fn line(&mut self, level: usize, text: Arguments<'_>) {
        self.text(level, text);
        self.tabs.write("\n");
    }

    /// A line `label:  value`, if there is a value.
    pub(super) fn some(&mut self, level: usize, label: &str, value: &Value) {
        let text = str_of(value);
        if !text.is_empty() {
            self.line(level, format_args!("{label}:\t{text}"));
        }
    }

    /// `NAME: a=b`, a line for each label, sorted (`printLabelsMultiline`).
    pub(super) fn labels(&mut self, title: &str, labels: &Value) {
        let lines: Vec<String> = pairs(labels).map(|(key, value)| format!("{key}={value}")).collect();
        self.listed(title, &lines);
    }

    /// `NAME: first`, and the others below it; `<none>` when there are none.
    pub(super) fn listed(&mut self, title: &str, lines: &[String]) {
        if lines.is_empty() {
            self.line(0, format_args!("{title}:\t<none>"));
        }
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                self.line(0, format_args!("{title}:\t{line}"));
            } else {
                self.line(0, format_args!("\t{line}"));
            }
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

    /// A point in time, as Go's `RFC1123Z`; Go's zero time where there is none.
    pub(super) fn time(&self, value: &Value) -> String {
        match str_of(value).parse::<Timestamp>() {
            Ok(time) => time.to_zoned(self.zone.clone()).strftime("%a, %d %b %Y %H:%M:%S %z").to_string(),
            Err(_) => "Mon, 01 Jan 0001 00:00:00 +0000".into(),
        }
    }

    /// How long ago that was: `5m`, or `<unknown>`.
    pub(super) fn since(&self, value: &Value) -> String {
        match str_of(value).parse::<Timestamp>() {
            Ok(time) => apimachinery::duration::human_duration(self.now.duration_since(time)),
            Err(_) => "<unknown>".into(),
        }
    }

    /// Everything, aligned.
    pub(super) fn finish(mut self) -> String {
        self.tabs.flush()
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
