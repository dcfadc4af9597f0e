//! Why a selector was refused.

/// A selector that cannot be used; the text is upstream's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SelectorError(pub String);

impl SelectorError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}
