//! Health checks.

use http::Response;

use super::{body::Body, respond};

/// The answer of `/healthz`, `/livez` and `/readyz`.
pub(super) fn answer(path: &str) -> Option<Response<Body>> {
    let check = path.trim_start_matches('/');
    let (check, below) = check.split_once('/').unwrap_or((check, ""));
    (["healthz", "livez", "readyz"].contains(&check) && ["", "ping"].contains(&below))
        .then(|| respond::plain(200, "ok"))
}
