//! Hugo shortcodes of the Kubernetes site: `{{< name args >}}` and `{{% name args %}}`.

use super::words::SHORTCODES;
use regex::Regex;
use std::sync::LazyLock;

// A literal pattern.
static SHORTCODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{[<%](?s:(.*?))[%>]\}\}").expect("pattern compiles"));
static ARGUMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:([\w-]+)\s*=\s*)?(?:"([^"]*)"|`([^`]*)`|([^\s"`=]+))"#).expect("pattern compiles")
});

/// What a shortcode asks of the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// A file beside the page.
    Sample(String),
    /// Alternatives begin or end.
    Tabs { closes: bool },
    /// One of them begins or ends.
    Tab { closes: bool },
}

/// Replaces all shortcodes of `text` by what they stand for; says what else they ask, each with its byte offset in `text`.
pub(super) fn resolve(text: &str) -> (String, Vec<(usize, Effect)>) {
    if !text.contains("{{") {
        return (text.to_string(), Vec::new());
    }
    let mut effects = Vec::new();
    let mut plain = String::with_capacity(text.len());
    let mut done = 0;
    for found in SHORTCODE.captures_iter(text) {
        let (Some(whole), Some(body)) = (found.get(0), found.get(1)) else {
            continue;
        };
        plain.push_str(&text[done..whole.start()]);
        done = whole.end();
        let (value, effect) = one(body.as_str());
        plain.push_str(&value);
        effects.extend(effect.map(|effect| (whole.start(), effect)));
    }
    plain.push_str(&text[done..]);
    (plain, effects)
}

fn one(body: &str) -> (String, Option<Effect>) {
    let body = body.trim().trim_end_matches('/');
    let (closes, body) = match body.strip_prefix('/') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, body),
    };
    let (name, arguments) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
    let Some(rule) = SHORTCODES.get(name) else {
        return (String::new(), None);
    };
    let arguments: Vec<(Option<&str>, &str)> = ARGUMENT
        .captures_iter(arguments)
        .filter_map(|found| {
            let value = found.get(2).or(found.get(3)).or(found.get(4))?;
            Some((found.get(1).map(|key| key.as_str()), value.as_str()))
        })
        .collect();
    let named =
        |wanted: &str| arguments.iter().find(|(key, _)| *key == Some(wanted)).map(|(_, value)| value.to_string());
    if rule.tabs {
        return (String::new(), Some(Effect::Tabs { closes }));
    }
    if rule.tab {
        return (String::new(), Some(Effect::Tab { closes }));
    }
    if rule.mark || rule.drop || closes {
        return (String::new(), None);
    }
    if let Some(key) = &rule.sample {
        return (String::new(), named(key).map(Effect::Sample));
    }
    let positional = arguments.iter().find(|(key, _)| key.is_none()).map(|(_, value)| *value);
    let value = positional.and_then(|value| rule.value.get(value).cloned());
    (value.or_else(|| rule.text.iter().find_map(|key| named(key))).unwrap_or_default(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_themselves() {
        let (text, effects) = resolve(
            "A {{< glossary_tooltip text=\"Pod\" term_id=\"pod\" >}} of {{<glossary_tooltip term_id=\"node\">}}, v{{< skew currentVersion >}}.",
        );
        assert_eq!(text, "A Pod of node, v1.37.");
        assert!(effects.is_empty());
    }

    #[test]
    fn notes_keep_their_content_and_samples_are_files() {
        let (text, effects) = resolve("{{< note >}}\nMind.\n{{< /note >}}\n{{% code_sample file=\"pods/a.yaml\" %}}");
        assert_eq!(text.trim(), "Mind.");
        assert_eq!(effects[0].1, Effect::Sample("pods/a.yaml".into()));
    }

    #[test]
    fn go_templates_are_left_alone() {
        let text = "kubectl get pods -o go-template='{{range .items}}{{.metadata.name}}{{end}}'";
        assert_eq!(resolve(text).0, text);
    }

    #[test]
    fn unknown_ones_vanish() {
        assert_eq!(resolve("a {{% thing %}}b").0, "a b");
    }
}
