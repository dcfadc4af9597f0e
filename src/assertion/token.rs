//! A sentence as tokens: words, and what stands in backticks or quotes as one token each. Contractions are written
//! out, possessives stand apart (`Deployment's` is `Deployment` `'s`), commas and markdown emphasis fall away.

/// One token of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As the author wrote it, without quotes.
    pub text: String,
    /// In lower case, to compare with the grammar's words.
    pub low: String,
    /// Did it stand in backticks or quotes? Such a token is a name or a value, never a word of the grammar.
    pub quoted: bool,
}

impl Token {
    fn word(text: &str) -> Self {
        Self { text: text.to_owned(), low: text.to_lowercase(), quoted: false }
    }

    fn quoted(text: &str) -> Self {
        Self { quoted: true, ..Self::word(text) }
    }
}

/// What a contraction stands for.
const CONTRACTIONS: &[(&str, &[&str])] = &[
    ("cannot", &["can", "not"]),
    ("can't", &["can", "not"]),
    ("won't", &["will", "not"]),
    ("it's", &["it", "is"]),
    ("there's", &["there", "is"]),
    ("they're", &["they", "are"]),
    ("that's", &["that", "is"]),
    ("they've", &["they", "have"]),
    ("anymore", &["any", "more"]),
    ("any-more", &["any", "more"]),
    ("dont", &["do", "not"]),
];

/// The tokens of a sentence.
pub fn tokens(sentence: &str) -> Vec<Token> {
    let plain: String = sentence
        .chars()
        .map(|c| match c {
            '’' | '‘' | '´' => '\'',
            '“' | '”' | '„' => '"',
            '\u{a0}' | '\t' | '\n' | '\r' => ' ',
            c => c,
        })
        .collect();
    let mut out = Vec::new();
    let mut rest = plain.as_str();
    while let Some(c) = rest.chars().next() {
        let quote = matches!(c, '`' | '"') || (c == '\'' && opens_a_quotation(rest));
        if quote && let Some(end) = rest[1..].find(c) {
            let inside = rest[1..1 + end].trim_matches('`').trim();
            if !inside.is_empty() {
                out.push(Token::quoted(inside));
            }
            rest = &rest[end + 2..];
        } else if c.is_whitespace() || quote {
            rest = &rest[c.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix("'s").filter(|a| !a.starts_with(char::is_alphanumeric)) {
            out.push(Token::word("'s"));
            rest = after;
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || c == '`' || c == '"').unwrap_or(rest.len());
            push_word(&rest[..end], &mut out);
            rest = &rest[end..];
        }
    }
    out
}

/// `'nginx'` is a quotation, `'s` and a lone apostrophe are not.
fn opens_a_quotation(rest: &str) -> bool {
    let body = &rest[1..];
    body.find('\'').is_some_and(|end| end > 0 && !body[..end].contains(' ') && !rest.starts_with("'s "))
}

fn push_word(raw: &str, out: &mut Vec<Token>) {
    let mut word = raw.trim_matches(['*', ',', ';', '!', '(', ')']);
    word = word.strip_prefix('_').and_then(|w| w.strip_suffix('_')).unwrap_or(word);
    word = word.trim_end_matches([':', '?', ',', ';']);
    // A full stop ends a sentence; within a word (1.16.1, .spec.replicas) it belongs to it.
    word = word.trim_end_matches('.').trim_matches(['*', ')', '(']);
    if word.is_empty() || matches!(word, "-" | "–" | "—") {
        return;
    }
    let low = word.to_lowercase();
    if let Some((_, parts)) = CONTRACTIONS.iter().find(|(c, _)| *c == low) {
        out.extend(parts.iter().map(|p| Token::word(p)));
    } else if let Some(verb) = low.strip_suffix("n't").filter(|v| v.chars().all(char::is_alphabetic)) {
        out.extend([Token::word(verb), Token::word("not")]);
    } else if let Some(owner) = word.strip_suffix("'s") {
        out.extend([Token::word(owner), Token::word("'s")]);
    } else if let Some(owner) = word.strip_suffix("s'") {
        out.extend([Token::word(&format!("{owner}s")), Token::word("'s")]);
    } else {
        out.push(Token::word(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sentence: &str) -> String {
        let show = |t: &Token| if t.quoted { format!("<{}>", t.text) } else { t.text.clone() };
        tokens(sentence).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_quotations_possessives_contractions() {
        assert_eq!(shown("The Deployment's image didn't change."), "The Deployment 's image did not change");
        assert_eq!(shown("The Pods' labels"), "The Pods 's labels");
        assert_eq!(shown("A third Pod, `web-2`, was created"), "A third Pod <web-2> was created");
        assert_eq!(shown("The schedule is still `0 3 1 1 *`"), "The schedule is still <0 3 1 1 *>");
        assert_eq!(shown("`web`'s image is **nginx:1.16.1**."), "<web> 's image is nginx:1.16.1");
        assert_eq!(shown("It can't be reached"), "It can not be reached");
        assert_eq!(shown("The key 'color' is “blue”"), "The key <color> is <blue>");
    }
}
