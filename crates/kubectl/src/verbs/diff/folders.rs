//! Two folders of files, and the program that compares them (diff.go `Differ`, `DiffProgram`).

use crate::command::Context;
use crate::environment::Program;
use crate::error::{Error, Result};
use crate::text::quote;
use crate::verbs::temporary;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The objects as they are, and as they would be: a file each.
pub(super) struct Folders<'a> {
    cx: &'a Context,
    live: PathBuf,
    merged: PathBuf,
}

impl<'a> Folders<'a> {
    pub(super) async fn new(cx: &'a Context) -> Folders<'a> {
        let live = temporary::path(cx, "LIVE-", "").await;
        let merged = temporary::path(cx, "MERGED-", "").await;
        Folders { cx, live, merged }
    }

    pub(super) async fn live(&self, name: &str, text: &str) -> Result<()> {
        self.write(&self.live.join(name), text).await
    }

    pub(super) async fn merged(&self, name: &str, text: &str) -> Result<()> {
        self.write(&self.merged.join(name), text).await
    }

    async fn write(&self, path: &Path, text: &str) -> Result<()> {
        let written = self.cx.env.files.write(path, text.as_bytes()).await;
        written.map_err(|error| Error::msg(crate::resource::go_error("open", &path.to_string_lossy(), &error)))
    }

    /// Compares: 0 if they are the same, 1 if they are not.
    pub(super) async fn compare(&self) -> Result<i32> {
        let files = &self.cx.env.files;
        let (live, merged) = (files.kind(&self.live).await.is_ok(), files.kind(&self.merged).await.is_ok());
        if !live && !merged {
            return Ok(0);
        }
        if !merged {
            // Only what would be pruned: a folder comes to be with its first file.
            self.merged("empty", "").await?;
            let _ = files.remove(&self.merged.join("empty")).await;
        }
        let argv = self.command();
        let name = quote(&argv[0]);
        let (stdout, stderr) = (self.cx.out.clone(), self.cx.err.clone());
        let failed = |reason: &dyn std::fmt::Display| Err(Error::msg(format!("failed to run {name}: {reason}")));
        match self.cx.env.programs.run(Program { argv, interactive: false, stdout, stderr }).await {
            Ok(code @ (0 | 1)) => Ok(code),
            Ok(code) => failed(&format!("exit status {code}")),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Error::Output(error)),
            Err(error) if error.kind() == ErrorKind::NotFound => failed(&"executable file not found in $PATH"),
            Err(error) => failed(&error),
        }
    }

    /// `diff -u -N`, or what `KUBECTL_EXTERNAL_DIFF` says; of its words only plain ones count.
    fn command(&self) -> Vec<String> {
        let folder = |path: &Path| path.to_string_lossy().into_owned();
        let (live, merged) = (folder(&self.live), folder(&self.merged));
        let Some(other) = self.cx.env.var("KUBECTL_EXTERNAL_DIFF") else {
            return vec!["diff".into(), "-u".into(), "-N".into(), live, merged];
        };
        let plain =
            |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '='));
        let mut words = other.split(' ');
        let mut argv = vec![words.next().unwrap_or_default().to_string(), live, merged];
        argv.extend(words.filter(plain).map(String::from));
        argv
    }

    /// Removes both.
    pub(super) async fn remove(&self) {
        // As upstream: what cannot be removed stays, and is no error.
        let _ = self.cx.env.files.remove(&self.live).await;
        let _ = self.cx.env.files.remove(&self.merged).await;
    }
}
