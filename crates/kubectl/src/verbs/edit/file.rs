//! The text that is edited (kubectl: pkg/cmd/util/editor/editor.go, editoptions.go).

use super::session::Mode;
use crate::command::Context;
use crate::environment::Program;
use crate::error::{Error, Result};
use crate::resource::yaml_to_json;
use crate::verbs::temporary;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why a text has to be edited again.
#[derive(Debug, Default)]
pub(super) struct Reason {
    pub head: String,
    pub details: Vec<String>,
}

/// The comment at the top.
pub(super) fn header(mode: Mode, reasons: &[Reason]) -> String {
    let mut out = String::from(match mode {
        Mode::LastApplied => {
            "# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
"
        }
        Mode::Normal | Mode::BeforeCreate => {
            "# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
"
        }
    });
    for reason in reasons {
        let colon = if reason.details.is_empty() { "" } else { ":" };
        out.push_str(&format!("# {}{colon}\n", commented(&reason.head)));
        for detail in &reason.details {
            out.push_str(&format!("# * {}\n", commented(detail)));
        }
        out.push_str("#\n");
    }
    out
}

/// The text with every further line a comment, too.
fn commented(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\n' && chars.peek().is_some_and(|next| *next != '#') {
            out.push_str("# ");
        }
    }
    out
}

/// What counts of a text: its JSON, or, where it has none, its lines that are no comments (`StripComments`).
pub(super) fn without_comments(text: &str) -> String {
    yaml_to_json(text).unwrap_or_else(|_| without_comment_lines(text))
}

/// The lines that are no comments (`ManualStrip`).
pub(super) fn without_comment_lines(text: &str) -> String {
    let is_comment = |line: &&str| {
        let line = line.trim();
        line.starts_with('#') && !line.starts_with("#!")
    };
    text.split_inclusive('\n').filter(|line| !is_comment(line)).collect()
}

/// Whether there is anything but comments.
pub(super) fn has_lines(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Lets a person edit a text in a temporary file: what became of it, and the file.
pub(super) async fn edit(cx: &Context, suffix: &str, text: &str) -> Result<(String, PathBuf)> {
    let path = temporary::path(cx, "kubectl-edit-", suffix).await;
    let unable = |error: std::io::Error| Error::msg(crate::resource::go_error("open", &path.to_string_lossy(), &error));
    cx.env.files.write(&path, text.as_bytes()).await.map_err(unable)?;
    launch(cx, &path).await?;
    let bytes = cx.env.files.read(&path).await.map_err(unable)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), path))
}

async fn launch(cx: &Context, path: &Path) -> Result<()> {
    let (words, shell) = editor(cx);
    let shown = words.join(" ");
    let mut argv = words;
    let path = path.to_string_lossy();
    match argv.last_mut() {
        Some(line) if shell => line.push_str(&format!(" {}", crate::text::quote(&path))),
        _ => argv.push(path.into_owned()),
    }
    let program = Program { argv, interactive: true, stdout: cx.out.clone(), stderr: cx.err.clone() };
    match cx.env.programs.run(program).await {
        Ok(0) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound && !shown.contains('/') => {
            Err(Error::msg(format!("unable to launch the editor {}", crate::text::quote(&shown))))
        }
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            Err(Error::msg(format!("unable to launch the editor {}: {error}", crate::text::quote(&shown))))
        }
        _ => Err(Error::msg(format!("there was a problem with the editor {}", crate::text::quote(&shown)))),
    }
}

/// The editor's command line, and whether it is one for a shell, which is to find the file at the end of its last word.
fn editor(cx: &Context) -> (Vec<String>, bool) {
    let line = cx.env.var("KUBE_EDITOR").or_else(|| cx.env.var("EDITOR")).unwrap_or("vi");
    if !line.contains(['"', '\'', '\\']) || !line.contains(' ') {
        return (line.split(' ').map(String::from).collect(), false);
    }
    let shell = cx.env.var("SHELL").unwrap_or("/bin/bash");
    (vec![shell.to_string(), "-c".to_string(), line.to_string()], true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_do_not_count() {
        assert_eq!(without_comments("# hello\na: 1\n"), without_comments("a:   1\n"));
        assert_eq!(without_comment_lines("# x\n  # y\n#!z\na: : 1"), "#!z\na: : 1");
        assert!(!has_lines("# x\n\n  \n") && has_lines("# x\na"));
    }

    #[test]
    fn reasons_stand_at_the_top() {
        let reason = Reason { head: "x was not valid".into(), details: vec!["a: b\nc".into()] };
        let text = header(Mode::Normal, &[reason]);
        assert!(text.ends_with("#\n# x was not valid:\n# * a: b\n# c\n#\n"), "{text}");
    }
}
