//! What is not plain in ConfigMaps and Secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The bytes behind base64; none if it is not.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_default()
}
