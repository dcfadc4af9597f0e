//! Where one logical command ends: quotes, continuations, heredocs, pipes, compound commands.
//!
//! Not a shell: it only tells whether what has been read so far is complete.

/// How many lines one logical command may have; what is longer is an unclosed quote.
const LONGEST: usize = 500;

/// Number of lines, from the first of `lines`, that make one logical command; at least 1.
/// A command that never becomes complete (a stray quote) is its first line only.
pub(super) fn logical_length(lines: &[&str]) -> usize {
    let mut lexer = Lexer::default();
    for (index, line) in lines.iter().take(LONGEST).enumerate() {
        lexer.read(line);
        if lexer.is_complete() {
            return index + 1;
        }
    }
    let continued = lines.iter().take_while(|line| ends_in_backslash(line)).count();
    if continued > 0 { (continued + 1).min(lines.len()) } else { 1 }
}

/// Whether `line` ends in an odd number of backslashes.
pub(super) fn ends_in_backslash(line: &str) -> bool {
    line.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

/// A heredoc that was announced: its delimiter, and whether tabs before it are ignored.
struct Heredoc {
    delimiter: String,
    tabs: bool,
}

/// Words that open a compound command, with the word that closes it.
const COMPOUND: &[(&str, &str)] = &[
    ("for", "done"),
    ("while", "done"),
    ("until", "done"),
    ("select", "done"),
    ("if", "fi"),
    ("case", "esac"),
    ("{", "}"),
];

#[derive(Default)]
struct Lexer {
    single: bool,
    double: bool,
    /// Open `(`, `$(`, and closing words of compound commands.
    open: Vec<String>,
    heredocs: Vec<Heredoc>,
    /// The line ended in `\`, `|`, `&&` or `||`.
    continues: bool,
    /// The next word is a command's name.
    at_command: bool,
    started: bool,
}

impl Lexer {
    fn is_complete(&self) -> bool {
        !self.single && !self.double && !self.continues && self.open.is_empty() && self.heredocs.is_empty()
    }

    /// Reads the next line: of a heredoc that is open, or of the command.
    fn read(&mut self, line: &str) {
        let Some(heredoc) = self.heredocs.first() else {
            return self.line(line);
        };
        let candidate = if heredoc.tabs { line.trim_start_matches('\t') } else { line };
        if candidate.trim_end() == heredoc.delimiter {
            self.heredocs.remove(0);
        }
    }

    fn line(&mut self, line: &str) {
        if !self.continues || !self.started {
            self.at_command = true;
        }
        self.started = true;
        self.continues = false;
        let mut announced = Vec::new();
        let mut word = String::new();
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if self.single {
                self.single = c != '\'';
                continue;
            }
            if c == '\\' {
                if chars.next().is_none() {
                    self.continues = true;
                }
                word.push('\\');
                continue;
            }
            if self.double {
                match c {
                    '"' => self.double = false,
                    '$' if line[at..].starts_with("$(") => {
                        // What stands in "$( … )" is read as if it stood outside: enough to find the end.
                    }
                    _ => {}
                }
                continue;
            }
            match c {
                '\'' => {
                    self.single = true;
                    word.push('q');
                }
                '"' => {
                    self.double = true;
                    word.push('q');
                }
                '#' if word.is_empty() => break,
                '(' => {
                    self.end_word(&mut word);
                    self.open.push(")".into());
                    self.at_command = true;
                }
                ')' => {
                    self.end_word(&mut word);
                    if self.open.last().is_some_and(|open| open == ")") {
                        self.open.pop();
                    }
                }
                '<' if line[at..].starts_with("<<<") => {
                    chars.nth(1);
                }
                '<' if line[at..].starts_with("<<") => {
                    self.end_word(&mut word);
                    let rest = &line[at + 2..];
                    if let Some((heredoc, length)) = heredoc(rest) {
                        announced.push(heredoc);
                        while chars.peek().is_some_and(|(next, _)| *next < at + 2 + length) {
                            chars.next();
                        }
                    }
                }
                ';' | '|' | '&' => {
                    self.end_word(&mut word);
                    self.at_command = true;
                }
                c if c.is_whitespace() => self.end_word(&mut word),
                c => word.push(c),
            }
        }
        self.end_word(&mut word);
        self.heredocs.extend(announced);
        if !self.single && !self.double && self.heredocs.is_empty() {
            let line = line.trim_end();
            self.continues |= line.ends_with('|') || line.ends_with("&&");
        }
    }

    fn end_word(&mut self, word: &mut String) {
        if word.is_empty() {
            return;
        }
        if self.open.last().is_some_and(|open| open == word) && self.at_command {
            self.open.pop();
        } else if self.at_command
            && let Some((_, closing)) = COMPOUND.iter().find(|(opening, _)| opening == word)
        {
            self.open.push((*closing).to_string());
        }
        let goes_on =
            matches!(word.as_str(), "do" | "then" | "else" | "elif" | "!" | "time" | "{" | "if" | "while" | "until");
        self.at_command = goes_on;
        word.clear();
    }
}

/// The delimiter after `<<`, and the bytes that it takes.
fn heredoc(rest: &str) -> Option<(Heredoc, usize)> {
    let (tabs, body) = match rest.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, rest),
    };
    let trimmed = body.trim_start_matches([' ', '\t']);
    let skipped = rest.len() - trimmed.len();
    let (delimiter, length) = match trimmed.chars().next()? {
        quote @ ('"' | '\'') => {
            let inner = &trimmed[1..];
            let end = inner.find(quote)?;
            (&inner[..end], end + 2)
        }
        _ => {
            let end = trimmed
                .find(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '<' | '>' | '(' | ')'))
                .unwrap_or(trimmed.len());
            (&trimmed[..end], end)
        }
    };
    let delimiter = delimiter.trim_start_matches('\\').to_string();
    (!delimiter.is_empty()).then_some((Heredoc { delimiter, tabs }, skipped + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> usize {
        logical_length(&text.lines().collect::<Vec<_>>())
    }

    #[test]
    fn one_line_is_one_command() {
        assert_eq!(length("kubectl get pods\nkubectl get svc"), 1);
        assert_eq!(length("kubectl describe pod <pod-name>\nnext"), 1);
        assert_eq!(length("echo hello # it's a comment\nnext"), 1);
    }

    #[test]
    fn continuations_pipes_and_quotes_go_on() {
        assert_eq!(length("kubectl create \\\n  --image=nginx\nnext"), 2);
        assert_eq!(length("kubectl get pods |\n  grep x\nnext"), 2);
        assert_eq!(length("test -f x &&\n  cat x\nnext"), 2);
        assert_eq!(length("kubectl patch svc demo -p '\nspec:\n  type: NodePort\n'\nnext"), 4);
        assert_eq!(length("echo \"a\nb\"\nnext"), 2);
    }

    #[test]
    fn heredocs_run_to_their_delimiter() {
        assert_eq!(length("cat <<EOF >./f.yaml\nit's: {{x}}\nEOF\nnext"), 3);
        assert_eq!(length("cat <<'EOF' | kubectl apply -f -\na\nEOF\nnext"), 3);
        assert_eq!(length("cat <<-END\n\ta\n\tEND\nnext"), 3);
        assert_eq!(length("cat <<< word\nnext"), 1);
    }

    #[test]
    fn compound_commands_run_to_their_end() {
        assert_eq!(length("for i in 1 2; do\n  echo $i\ndone\nnext"), 3);
        assert_eq!(length("for i in 0 1; do echo for; done\nnext"), 1);
        assert_eq!(length("while true; do date; sleep 1; done\nnext"), 1);
        assert_eq!(length("if true; then\n  echo done\nfi\nnext"), 3);
        assert_eq!(length("echo $(kubectl get pods \\\n  -o name)\nnext"), 2);
        assert_eq!(length("f() {\n echo\n}\nnext"), 3);
        assert_eq!(length("echo for the learner\nnext"), 1);
    }

    #[test]
    fn a_stray_quote_takes_one_line() {
        assert_eq!(length("echo it's\nkubectl get pods"), 1);
        assert_eq!(length("kubectl get \\\n  pods it's\nnext"), 2);
        assert_eq!(length("cat <<EOF\nnever closed"), 1);
    }
}
