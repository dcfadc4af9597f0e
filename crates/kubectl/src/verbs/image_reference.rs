//! Image references: `[registry[:port]/]path[:tag][@digest]` (github.com/distribution/reference).

use crate::error::{Error, Result};
use crate::text::quote;
use regex::Regex;
use std::sync::LazyLock;

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    let host = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    let domain = format!("(?:{host}(?:\\.{host})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?");
    let tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9a-fA-F]{32,}";
    let pattern = format!("^(?:{domain}/)?{component}(?:/{component})*(?::{tag})?(?:@{digest})?$");
    // a constant, and every test that runs a pod compiles it
    Regex::new(&pattern).expect("the pattern is valid")
});

/// An error if `image` is none; `of` completes "invalid image name … for container …".
pub(super) fn check(image: &str, of: Option<&str>) -> Result<()> {
    if REFERENCE.is_match(image) {
        return Ok(());
    }
    let of = of.map(|container| format!(" for container {}", quote(container))).unwrap_or_default();
    Err(Error::msg(format!("invalid image name {}{of}: invalid reference format", quote(image))))
}
