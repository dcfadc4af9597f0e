//! Why a patch was refused.

/// A patch that cannot be made or applied; the texts are upstream's (`util/mergepatch/errors.go`,
/// `evanphx/json-patch`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// Patch or object is not a JSON object.
    #[error("invalid JSON document")]
    BadJsonDoc,
    /// A merging list holds lists.
    #[error("lists of lists are not supported")]
    ListOfLists,
    /// A `$deleteFromPrimitiveList` directive that is no list.
    #[error("invalid patch format of primitive list")]
    BadPrimitiveList,
    /// A `$retainKeys` directive that is no list, or lacks a key that the patch sets.
    #[error("invalid patch format of retainKeys")]
    BadRetainKeys,
    /// A `$setElementOrder` directive that is no list.
    #[error("invalid patch format of setElementOrder list")]
    BadSetElementOrder,
    /// A list item without the key that the list is merged by.
    #[error("map: {map} does not contain declared merge key: {key}")]
    NoMergeKey {
        /// The item, as Go prints it.
        map: String,
        /// The merge key.
        key: String,
    },
    /// A value of another type than the schema says.
    #[error("expected a {expected}, but received a {actual}")]
    BadType {
        /// The Go type that was expected.
        expected: &'static str,
        /// The Go type that was there.
        actual: &'static str,
    },
    /// A `$patch` directive that is none of `replace`, `delete`, `merge`.
    #[error("unknown patch type: {directive} in map: {map}")]
    BadPatchType {
        /// The directive, as Go prints it.
        directive: String,
        /// The map in which it stands, as Go prints it.
        map: String,
    },
    /// What the patch sets was also changed by someone else.
    #[error("patch:\n{patch}\nconflicts with changes made from original to current:\n{current}\n")]
    Conflict {
        /// The patch.
        patch: String,
        /// The changes of the others.
        current: String,
    },
    /// Anything else, in upstream's words.
    #[error("{0}")]
    Other(String),
}
