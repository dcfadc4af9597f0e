//! Reading, merging and changing kubeconfig files (client-go: tools/clientcmd/loader.go, config.go `ModifyConfig`).

use super::types::Config;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::resource::{go_error, parse_yaml};
use base64::Engine;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The files that count, and what they say together.
pub(super) struct Kubeconfig {
    paths: Vec<PathBuf>,
    /// `--kubeconfig` names the one file.
    pub explicit: bool,
    /// All of it merged: of an entry that stands in several files the first counts.
    pub config: Config,
}

impl Kubeconfig {
    /// Finds the files and reads them; files that are not there are empty.
    pub(super) async fn load(cx: &Context) -> Result<Self> {
        let (paths, explicit) = crate::clients::paths(&cx.flags, &cx.env);
        let mut config = Config::default();
        for path in &paths {
            let Some(next) = read(cx, path).await? else { continue };
            merge(&mut config, next, path);
        }
        Ok(Kubeconfig { paths, explicit, config })
    }

    /// The one explicit file as it stands, its paths not made absolute.
    pub(super) async fn load_explicit(cx: &Context) -> Result<Config> {
        let (paths, _) = crate::clients::paths(&cx.flags, &cx.env);
        Ok(read(cx, &paths.first().cloned().unwrap_or_default()).await?.unwrap_or_default())
    }

    /// Where new entries go: the first file that exists, or the last.
    pub(super) async fn default_path(&self, cx: &Context) -> PathBuf {
        for path in &self.paths {
            if self.paths.len() == 1 || cx.env.files.kind(path).await.is_ok() {
                return path.clone();
            }
        }
        self.paths.last().cloned().unwrap_or_default()
    }

    /// Makes the files say what `wanted` says, each entry in the file where it stood. With `relative`, paths beneath a
    /// file's directory are written relative to it.
    pub(super) async fn modify(&self, cx: &Context, wanted: Config, relative: bool) -> Result<()> {
        let default = self.default_path(cx).await.to_string_lossy().into_owned();
        if wanted.current_context != self.config.current_context {
            let path = if wanted.current_context.is_empty() && !self.explicit {
                self.sets_current_context(cx).await?
            } else {
                default.clone()
            };
            rewrite(cx, &path, |config| config.current_context = wanted.current_context.clone()).await?;
        }
        if wanted.preferences != self.config.preferences {
            rewrite(cx, &default, |config| config.preferences = wanted.preferences.clone()).await?;
        }
        let shorten = |file: &mut Option<String>, origin: &str| {
            let directory = Path::new(origin).parent().unwrap_or(Path::new(""));
            let short = file.as_ref().and_then(|file| Path::new(file).strip_prefix(directory).ok());
            if let Some(short) = short.filter(|_| relative).map(|short| short.to_string_lossy().into_owned()) {
                *file = Some(short);
            }
        };
        macro_rules! entries {
            ($list:ident, |$entry:ident, $origin:ident| $shorten:expr) => {
                for entry in &wanted.$list {
                    let before = self.config.$list.iter().find(|old| old.name == entry.name);
                    if before == Some(entry) {
                        continue;
                    }
                    let $origin = if entry.origin.is_empty() { &default } else { &entry.origin };
                    let mut $entry = entry.clone();
                    $shorten;
                    rewrite(cx, $origin, |config| {
                        config.$list.retain(|old| old.name != $entry.name);
                        config.$list.push($entry);
                    })
                    .await?;
                }
                for entry in &self.config.$list {
                    if !wanted.$list.iter().any(|new| new.name == entry.name) {
                        rewrite(cx, &entry.origin, |config| config.$list.retain(|old| old.name != entry.name)).await?;
                    }
                }
            };
        }
        entries!(clusters, |entry, path| shorten(&mut entry.cluster.certificate_authority, path));
        entries!(contexts, |entry, path| entry.origin.clone_from(path));
        entries!(users, |entry, path| {
            shorten(&mut entry.user.client_certificate, path);
            shorten(&mut entry.user.client_key, path);
            shorten(&mut entry.user.token_file, path);
        });
        Ok(())
    }

    async fn sets_current_context(&self, cx: &Context) -> Result<String> {
        for path in &self.paths {
            if read(cx, path).await?.is_some_and(|config| !config.current_context.is_empty()) {
                return Ok(path.to_string_lossy().into_owned());
            }
        }
        Err(Error::msg("no config found to write context"))
    }
}

/// A file's content; `None` if there is no such file.
async fn read(cx: &Context, path: &Path) -> Result<Option<Config>> {
    let shown = path.to_string_lossy();
    let bytes = match cx.env.files.read(path).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let text = go_error("open", &shown, &error);
            return Err(Error::msg(format!("error loading config file {}: {text}", crate::text::quote(&shown))));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    if text.trim().is_empty() {
        return Ok(Some(Config::default()));
    }
    let wrong =
        |error: String| Error::msg(format!("error loading config file {}: {error}", crate::text::quote(&shown)));
    let value = parse_yaml(&text).map_err(|error| wrong(format!("yaml: {error}")))?;
    serde_json::from_value(value).map(Some).map_err(|error| wrong(error.to_string()))
}

fn merge(into: &mut Config, next: Config, path: &Path) {
    let origin = path.to_string_lossy().into_owned();
    let directory = path.parent().unwrap_or(Path::new(""));
    let absolute = |file: &mut Option<String>| {
        if let Some(file) = file.as_mut().filter(|file| !file.is_empty() && !file.starts_with('/')) {
            *file = directory.join(&*file).to_string_lossy().into_owned();
        }
    };
    for mut entry in next.clusters {
        entry.origin.clone_from(&origin);
        absolute(&mut entry.cluster.certificate_authority);
        if !into.clusters.iter().any(|known| known.name == entry.name) {
            into.clusters.push(entry);
        }
    }
    for mut entry in next.users {
        entry.origin.clone_from(&origin);
        absolute(&mut entry.user.client_certificate);
        absolute(&mut entry.user.client_key);
        absolute(&mut entry.user.token_file);
        if !into.users.iter().any(|known| known.name == entry.name) {
            into.users.push(entry);
        }
    }
    for mut entry in next.contexts {
        entry.origin.clone_from(&origin);
        if !into.contexts.iter().any(|known| known.name == entry.name) {
            into.contexts.push(entry);
        }
    }
    if into.current_context.is_empty() {
        into.current_context = next.current_context;
    }
    if into.preferences.is_none() {
        into.preferences = next.preferences;
    }
    if into.extensions.is_none() {
        into.extensions = next.extensions;
    }
}

/// Changes one file.
async fn rewrite(cx: &Context, path: &str, change: impl FnOnce(&mut Config)) -> Result<()> {
    let mut config = read(cx, Path::new(path)).await?.unwrap_or_default();
    change(&mut config);
    let text = crate::printers::yaml::to_string(&config.external());
    let failed = |error| Error::msg(go_error("open", path, &error));
    cx.env.files.write(Path::new(path), text.as_bytes()).await.map_err(failed)
}

/// A file of certificates or keys must be there to be embedded.
pub(super) async fn stat(cx: &Context, flag: &str, path: &str) -> Result<()> {
    let missing = |error| Error::msg(format!("could not stat {flag} file {path}: {}", go_error("stat", path, &error)));
    cx.env.files.kind(Path::new(path)).await.map(drop).map_err(missing)
}

/// Takes over what the flag says of a certificate or key: the file's content with `--embed-certs`, otherwise its path.
pub(super) async fn certificate(cx: &Context, flag: &str, path: &mut Option<String>, data: &mut Option<String>) {
    let given = cx.flags.str(flag);
    if cx.flags.bool("embed-certs") {
        // Upstream takes what cannot be read for empty.
        let bytes = cx.env.files.read(Path::new(given)).await.unwrap_or_default();
        *data = (!bytes.is_empty()).then(|| base64::engine::general_purpose::STANDARD.encode(bytes));
        *path = None;
    } else {
        *path = Some(cx.env.files.absolute(Path::new(given)).to_string_lossy().into_owned());
        *data = None;
    }
}
