//! Lessons named on the command line: files, and folders with markdown in them.

use super::exit::UsageError;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The markdown files that `paths` mean, folders searched to the bottom, in order.
///
/// # Errors
/// [`UsageError`] where a path does not exist or a folder holds no markdown.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            collect(path, &mut files)?;
            if files.len() == before {
                return Err(UsageError(format!("{}: no markdown files in this folder", path.display())).into());
            }
        } else if path.exists() {
            files.push(path.clone());
        } else {
            return Err(UsageError(format!("{}: no such file or folder", path.display())).into());
        }
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read folder {}", folder.display()))?;
    let mut entries: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for entry in entries {
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if entry.is_dir() && !hidden {
            collect(&entry, files)?;
        } else if entry.extension().is_some_and(|extension| extension == "md" || extension == "markdown") {
            files.push(entry);
        }
    }
    Ok(())
}

/// A lesson's text.
///
/// # Errors
/// [`UsageError`] where it cannot be read or is no UTF-8.
pub fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|error| UsageError(format!("{}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|error| {
        let before = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..before].iter().filter(|byte| **byte == b'\n').count() + 1;
        UsageError(format!("{}:{line}: this is not UTF-8 text; save the lesson as UTF-8", path.display())).into()
    })
}
