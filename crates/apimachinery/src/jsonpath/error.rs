//! Why a template was refused or could not be carried out.

/// A template that cannot be parsed or evaluated; the text is upstream's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonPathError(pub String);

impl JsonPathError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}
