//! Helpers of this package's unit tests.

use std::path::{Path, PathBuf};

/// A file of this repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A folder of material to measure against, if it is here: `$KUBECTL_LESSON_SHARED`, by default beside the repository.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("KUBECTL_LESSON_SHARED").map_or_else(|| repository("../shared"), PathBuf::from);
    let folder = folder.join(path);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not here (set KUBECTL_LESSON_SHARED)", folder.display());
    None
}

/// All files below `folder` with this ending, sorted.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Compares with a file of `tests/golden`; `UPDATE_GOLDEN=1` writes it.
pub(crate) fn golden(name: &str, text: &str) {
    let path = repository("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(repository("tests/golden")).expect("the folder can be made");
        std::fs::write(&path, text).expect("the file can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden != text {
        let difference = similar::TextDiff::from_lines(&golden, text).unified_diff().to_string();
        panic!("{} differs (UPDATE_GOLDEN=1 accepts it):\n{difference}", path.display());
    }
}
