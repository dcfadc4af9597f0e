//! A command line into words and operators: just enough to tell what it runs.

/// A word with its quotes taken off, or an operator (`|`, `&&`, `;`, `>`, `&`, a line end).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    Operator(String),
}

/// The tokens of the first line and its continuations; heredoc bodies are left out.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let text = text.replace("\\\n", " ");
    let mut tokens = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let inner = word.get_or_insert_default();
                inner.extend(chars.by_ref().take_while(|&c| c != '\''));
            }
            '"' => {
                let inner = word.get_or_insert_default();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => inner.extend(chars.next()),
                        c => inner.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            '#' if word.is_none() => {
                while chars.peek().is_some_and(|&c| c != '\n') {
                    chars.next();
                }
            }
            '\n' => {
                tokens.extend(word.take().map(Token::Word));
                if tokens.iter().any(|token| *token == Token::Operator("<<".into())) {
                    break;
                }
                tokens.push(Token::Operator("\n".into()));
            }
            c if c.is_whitespace() => tokens.extend(word.take().map(Token::Word)),
            '|' | '&' | ';' | '<' | '>' => {
                // A placeholder, `<pod-name>`, is a word.
                if c == '<' && placeholder(&mut chars, &mut word) {
                    continue;
                }
                let descriptor = word.as_deref().is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()));
                if matches!(c, '<' | '>') && descriptor {
                    word = None;
                }
                tokens.extend(word.take().map(Token::Word));
                let mut operator = c.to_string();
                while chars.peek() == Some(&c) && operator.len() < 2 {
                    operator.extend(chars.next());
                }
                if c == '>' && chars.peek() == Some(&'&') {
                    operator.extend(chars.next());
                }
                tokens.push(Token::Operator(operator));
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    tokens.extend(word.take().map(Token::Word));
    while matches!(tokens.last(), Some(Token::Operator(operator)) if operator == "\n") {
        tokens.pop();
    }
    tokens
}

/// Takes `pod-name>` after `<`, if that is what follows.
fn placeholder(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut Option<String>) -> bool {
    let ahead: String = chars.clone().take_while(|&c| c != '>' && c != '\n').collect();
    let closed = chars.clone().nth(ahead.chars().count()) == Some('>');
    let name = !ahead.is_empty()
        && ahead.len() < 60
        && ahead.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.' | '\''));
    if !(closed && name) || ahead.starts_with(' ') || ahead.ends_with(' ') {
        return false;
    }
    let word = word.get_or_insert_default();
    word.push('<');
    for _ in 0..=ahead.chars().count() {
        word.extend(chars.next());
    }
    true
}

/// The simple commands of a line: the words between operators; redirections are left out of the words and told apart.
pub(crate) fn simple_commands(text: &str) -> Vec<SimpleCommand> {
    let mut commands = vec![SimpleCommand::default()];
    let mut tokens = tokens(text).into_iter();
    while let Some(token) = tokens.next() {
        // There is always a last one.
        let last = commands.len() - 1;
        match token {
            Token::Word(word) => commands[last].words.push(word),
            Token::Operator(operator) if operator.starts_with('>') => {
                let target = tokens.next();
                let discards =
                    matches!(&target, Some(Token::Word(word)) if word == "/dev/null" || operator.ends_with('&'));
                commands[last].writes |= !discards;
            }
            Token::Operator(operator) if operator.starts_with('<') => {
                tokens.next();
            }
            Token::Operator(operator) if operator == "&" && !commands[last].words.is_empty() => {
                commands[last].background = true;
                commands.push(SimpleCommand::default());
            }
            Token::Operator(_) => commands.push(SimpleCommand::default()),
        }
    }
    commands.retain(|command| !command.words.is_empty());
    for command in &mut commands {
        command.strip_prefixes();
    }
    commands.retain(|command| !command.words.is_empty());
    commands
}

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SimpleCommand {
    /// The program's name and its arguments.
    pub(crate) words: Vec<String>,
    /// Its output goes to a file.
    pub(crate) writes: bool,
    /// It is sent to the background.
    pub(crate) background: bool,
}

impl SimpleCommand {
    /// The program's name without its folder.
    pub(crate) fn program(&self) -> &str {
        let name = self.words.first().map_or("", String::as_str);
        name.rsplit('/').next().unwrap_or(name)
    }

    /// The arguments.
    pub(crate) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Passes over `NAME=value`, `sudo`, and the words of compound commands.
    fn strip_prefixes(&mut self) {
        let assignment = |word: &str| {
            word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
        };
        let skipped = self
            .words
            .iter()
            .take_while(|word| {
                assignment(word)
                    || matches!(
                        word.as_str(),
                        "sudo" | "time" | "do" | "then" | "else" | "!" | "{" | "(" | "done" | "fi" | "}"
                    )
            })
            .count();
        self.words.drain(..skipped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        simple_commands(text).into_iter().map(|command| command.words).collect()
    }

    #[test]
    fn quotes_pipes_and_continuations() {
        assert_eq!(
            words("kubectl get pods \\\n  -o name | head -1; sudo ls 'a b'"),
            [vec!["kubectl", "get", "pods", "-o", "name"], vec!["head", "-1"], vec!["ls", "a b"]]
        );
        assert_eq!(words("A=1 B=2 kubectl get svc # the Service"), [vec!["kubectl", "get", "svc"]]);
    }

    #[test]
    fn heredocs_placeholders_and_redirections() {
        assert_eq!(words("cat <<EOF >./f.yaml\nkind: Pod; rm -rf\nEOF"), [vec!["cat"]]);
        assert!(simple_commands("cat <<EOF >./f.yaml\nx\nEOF")[0].writes);
        assert_eq!(
            words("kubectl describe pod <pod-name> -n x"),
            [vec!["kubectl", "describe", "pod", "<pod-name>", "-n", "x"]]
        );
        assert!(!simple_commands("kubectl get pods 2>/dev/null")[0].writes);
        assert_eq!(words("kubectl get pods 2>/dev/null"), [vec!["kubectl", "get", "pods"]]);
        assert!(!simple_commands("kubectl get pods 2>&1")[0].writes);
    }

    #[test]
    fn background() {
        assert!(simple_commands("kubectl proxy --port=8080 &")[0].background);
        assert!(!simple_commands("kubectl get a && kubectl get b")[0].background);
    }
}
