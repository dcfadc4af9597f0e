//! Paths in the temporary directory (Go: os.CreateTemp, os.MkdirTemp).

use crate::command::Context;
use std::path::PathBuf;

/// A path at which there is nothing yet: prefix, a number, suffix.
pub(super) async fn path(cx: &Context, prefix: &str, suffix: &str) -> PathBuf {
    let directory = PathBuf::from(cx.env.var("TMPDIR").unwrap_or("/tmp"));
    // The number only has to be one that is free.
    let mut number = u32::try_from(cx.env.clock.now().subsec_nanosecond()).unwrap_or_default();
    loop {
        let path = directory.join(format!("{prefix}{number}{suffix}"));
        if cx.env.files.kind(&path).await.is_err() {
            return path;
        }
        number = number.wrapping_add(1);
    }
}
