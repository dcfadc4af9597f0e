//! What names, labels and ports may look like, and what upstream says when they do not.
//!
//! Each check returns the list of what is wrong, empty when nothing is.
//! Upstream: `k8s.io/apimachinery/pkg/util/validation/validation.go`, `pkg/api/validate/content`.

use std::sync::LazyLock;

use regex::Regex;

pub use crate::hash::{ALPHANUMS, safe_encode};

/// The longest label value and the longest DNS label.
pub const DNS1123_LABEL_MAX_LENGTH: usize = 63;
/// The longest DNS subdomain.
pub const DNS1123_SUBDOMAIN_MAX_LENGTH: usize = 253;

/// A pattern with what is said where it does not match.
struct Format {
    pattern: &'static str,
    regex: LazyLock<Regex>,
    message: &'static str,
    examples: &'static [&'static str],
}

macro_rules! format_of {
    ($name:ident, $pattern:expr, $message:expr, $examples:expr) => {
        static $name: Format = Format {
            pattern: $pattern,
            // The pattern is a constant of this file, and the tests use each one.
            regex: LazyLock::new(|| Regex::new(concat!("^(?:", $pattern, ")$")).expect("a constant pattern")),
            message: $message,
            examples: $examples,
        };
    };
}

format_of!(
    DNS1123_LABEL,
    "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    &["my-name", "123-abc"]
);
format_of!(
    DNS1123_SUBDOMAIN,
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    &["example.com"]
);
format_of!(
    DNS1035_LABEL,
    "[a-z]([-a-z0-9]*[a-z0-9])?",
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    &["my-name", "abc-123"]
);
format_of!(
    WILDCARD_SUBDOMAIN,
    r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    &["*.example.com"]
);
format_of!(
    LABEL_KEY,
    "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    &["MyName", "my.name", "123-abc"]
);
format_of!(
    LABEL_VALUE,
    "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    &["MyValue", "my_value", "12345"]
);
format_of!(
    CONFIG_MAP_KEY,
    "[-._a-zA-Z0-9]+",
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    &["key.name", "KEY_NAME", "key-name"]
);
format_of!(
    ENV_VAR_NAME,
    "[-._a-zA-Z][-._a-zA-Z0-9]*",
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
    &["my.env-name", "MY_ENV.NAME", "MyEnvName1"]
);
format_of!(
    C_IDENTIFIER,
    "[A-Za-z_][A-Za-z0-9_]*",
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
    &["my_name", "MY_NAME", "MyName"]
);
format_of!(
    PERCENT,
    "[0-9]+%",
    "a valid percent string must be a numeric string followed by an ending '%'",
    &["1%", "93%"]
);
format_of!(
    HTTP_HEADER_NAME,
    "[-A-Za-z0-9]+",
    "a valid HTTP header must consist of alphanumeric characters or '-'",
    &["X-Header-Name"]
);

impl Format {
    fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }

    fn error(&self) -> String {
        regex_error(self.message, self.pattern, self.examples)
    }
}

/// `msg (e.g. 'a',  or 'b', regex used for validation is 'fmt')`, comma and all.
pub fn regex_error(message: &str, pattern: &str, examples: &[&str]) -> String {
    if examples.is_empty() {
        return format!("{message} (regex used for validation is '{pattern}')");
    }
    let examples: Vec<String> = examples.iter().map(|e| format!("'{e}', ")).collect();
    format!("{message} (e.g. {}regex used for validation is '{pattern}')", examples.join(" or "))
}

/// `must be no more than 63 characters`.
pub fn max_len_error(length: usize) -> String {
    format!("must be no more than {length} characters")
}

/// `must be between 1 and 65535, inclusive`.
pub fn inclusive_range_error(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

/// A name of most objects: lower-case labels joined by dots.
pub fn is_dns1123_subdomain(value: &str) -> Vec<String> {
    limited(value, DNS1123_SUBDOMAIN_MAX_LENGTH, &DNS1123_SUBDOMAIN)
}

/// A name of a namespace, a container or a volume: one lower-case label.
pub fn is_dns1123_label(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > DNS1123_LABEL_MAX_LENGTH {
        errors.push(max_len_error(DNS1123_LABEL_MAX_LENGTH));
    }
    if !DNS1123_LABEL.matches(value) {
        let dots = DNS1123_SUBDOMAIN.matches(value);
        errors.push(if dots { "must not contain dots".to_string() } else { DNS1123_LABEL.error() });
    }
    errors
}

/// A name of a Service: one lower-case label that starts with a letter.
pub fn is_dns1035_label(value: &str) -> Vec<String> {
    limited(value, DNS1123_LABEL_MAX_LENGTH, &DNS1035_LABEL)
}

/// A host of an Ingress that stands for many: `*.example.com`.
pub fn is_wildcard_dns1123_subdomain(value: &str) -> Vec<String> {
    limited(value, DNS1123_SUBDOMAIN_MAX_LENGTH, &WILDCARD_SUBDOMAIN)
}

fn limited(value: &str, max: usize, format: &Format) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > max {
        errors.push(max_len_error(max));
    }
    if !format.matches(value) {
        errors.push(format.error());
    }
    errors
}

/// A key of a label, an annotation or a taint: `name` or `prefix/name`.
pub fn is_qualified_name(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let parts: Vec<&str> = value.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_string());
            } else {
                // Here upstream counts bytes, and says so.
                if prefix.len() > DNS1123_SUBDOMAIN_MAX_LENGTH {
                    errors.push(format!("prefix part must be no more than {DNS1123_SUBDOMAIN_MAX_LENGTH} bytes"));
                }
                if !DNS1123_SUBDOMAIN.matches(prefix) {
                    errors.push(format!("prefix part {}", DNS1123_SUBDOMAIN.error()));
                }
            }
            name
        }
        _ => {
            return vec![format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                LABEL_KEY.error()
            )];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_string());
    } else if name.len() > DNS1123_LABEL_MAX_LENGTH {
        errors.push(format!("name part must be no more than {DNS1123_LABEL_MAX_LENGTH} bytes"));
    }
    if !LABEL_KEY.matches(name) {
        errors.push(format!("name part {}", LABEL_KEY.error()));
    }
    errors
}

/// A value of a label.
pub fn is_valid_label_value(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > DNS1123_LABEL_MAX_LENGTH {
        errors.push(format!("must be no more than {DNS1123_LABEL_MAX_LENGTH} bytes"));
    }
    if !LABEL_VALUE.matches(value) {
        errors.push(LABEL_VALUE.error());
    }
    errors
}

/// A name of a container's or a Service's port.
pub fn is_valid_port_name(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 15 {
        errors.push(max_len_error(15));
    }
    let in_charset = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if value.is_empty() || !value.chars().all(in_charset) {
        errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_string());
    }
    if !value.chars().any(|c| c.is_ascii_lowercase()) {
        errors.push("must contain at least one letter (a-z)".to_string());
    }
    if value.contains("--") {
        errors.push("must not contain consecutive hyphens".to_string());
    }
    if value.starts_with('-') || value.ends_with('-') {
        errors.push("must not begin or end with a hyphen".to_string());
    }
    errors
}

/// A port number.
pub fn is_valid_port_num(port: i64) -> Vec<String> {
    is_in_range(port, 1, 65535)
}

/// A number from `low` to `high`.
pub fn is_in_range(value: i64, low: i64, high: i64) -> Vec<String> {
    if (low..=high).contains(&value) { Vec::new() } else { vec![inclusive_range_error(low, high)] }
}

/// A key of a ConfigMap or a Secret.
pub fn is_config_map_key(value: &str) -> Vec<String> {
    let mut errors = limited(value, DNS1123_SUBDOMAIN_MAX_LENGTH, &CONFIG_MAP_KEY);
    errors.extend(parent_directory_error(value));
    errors
}

/// A name of an environment variable, in the strict form.
pub fn is_env_var_name(value: &str) -> Vec<String> {
    let mut errors = limited(value, usize::MAX, &ENV_VAR_NAME);
    errors.extend(parent_directory_error(value));
    errors
}

/// A name of an environment variable, in the relaxed form that Pods may use: printable ASCII without `=`.
pub fn is_relaxed_env_var_name(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.is_empty() {
        errors.push("environment variable name must be non-empty".to_string());
    }
    if value.chars().any(|c| !(' '..='~').contains(&c) || c == '=') {
        errors.push(
            "a valid environment variable name must consist only of printable ASCII characters other than '='"
                .to_string(),
        );
    }
    errors
}

/// An identifier of the language C.
pub fn is_c_identifier(value: &str) -> Vec<String> {
    limited(value, usize::MAX, &C_IDENTIFIER)
}

/// A percentage: `25%`.
pub fn is_valid_percent(value: &str) -> Vec<String> {
    limited(value, usize::MAX, &PERCENT)
}

/// A name of an HTTP header.
pub fn is_http_header_name(value: &str) -> Vec<String> {
    limited(value, usize::MAX, &HTTP_HEADER_NAME)
}

/// A name that may stand in a URL path: what every object's name must be at least.
pub fn is_path_segment_name(value: &str) -> Vec<String> {
    if value == "." || value == ".." {
        return vec![format!("may not be '{value}'")];
    }
    let illegal = ["/", "%"].iter().filter(|part| value.contains(**part));
    illegal.map(|part| format!("may not contain '{part}'")).collect()
}

fn parent_directory_error(value: &str) -> Option<String> {
    match value {
        "." => Some("must not be '.'".to_string()),
        ".." => Some("must not be '..'".to_string()),
        v if v.starts_with("..") => Some("must not start with '..'".to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_have_no_errors() {
        for (check, values) in [
            (is_dns1123_subdomain as fn(&str) -> Vec<String>, &["a", "a.b-c.1", "0"][..]),
            (is_dns1123_label, &["web", "1-a"]),
            (is_dns1035_label, &["web", "a1"]),
            (is_qualified_name, &["app", "App_1.x", "example.com/MyName", "app.kubernetes.io/name"]),
            (is_valid_label_value, &["", "MyValue", "a_b.c-9"]),
            (is_valid_port_name, &["http", "a-1"]),
            (is_config_map_key, &["a.b", "..."][..1]),
            (is_env_var_name, &["PATH", "my.env-name"]),
            (is_relaxed_env_var_name, &["1 a"]),
            (is_c_identifier, &["_x1"]),
            (is_valid_percent, &["25%"]),
            (is_http_header_name, &["X-A"]),
            (is_wildcard_dns1123_subdomain, &["*.example.com"]),
            (is_path_segment_name, &["a.b"]),
        ] {
            for value in values {
                assert_eq!(check(value), Vec::<String>::new(), "{value}");
            }
        }
    }

    #[test]
    fn bad_names_are_told_what_would_be_good() {
        assert_eq!(
            is_dns1123_subdomain("Web_1"),
            [
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ]
        );
        assert_eq!(
            is_dns1035_label("1web"),
            [
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
            ]
        );
        assert_eq!(is_dns1123_label("a.b"), ["must not contain dots"]);
        assert_eq!(is_dns1123_label(&"a".repeat(64)), ["must be no more than 63 characters"]);
        assert_eq!(is_valid_label_value(&"a".repeat(64)), ["must be no more than 63 bytes"]);
        assert_eq!(is_qualified_name("/a"), ["prefix part must be non-empty"]);
        assert!(is_qualified_name("a/b/c")[0].ends_with("'/' (e.g. 'example.com/MyName')"));
        assert_eq!(is_valid_port_num(0), ["must be between 1 and 65535, inclusive"]);
        assert_eq!(
            is_valid_port_name("-8080"),
            ["must contain at least one letter (a-z)", "must not begin or end with a hyphen"]
        );
        assert_eq!(is_config_map_key("..a"), ["must not start with '..'"]);
        assert_eq!(is_path_segment_name("a/b%"), ["may not contain '/'", "may not contain '%'"]);
        // A pattern ends at the end of the text, not at the end of a line.
        assert_eq!(is_dns1123_label("web\n").len(), 1);
    }
}
