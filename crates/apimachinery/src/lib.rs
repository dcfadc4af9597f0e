//! What kubectl and the API server share: pure functions over JSON objects, in upstream's own words.
//!
//! Every module names the upstream file whose behaviour it has. Nothing here does input or output, reads a clock,
//! draws a random number or keeps state; an object is a [`serde_json::Value`].
//!
//! | module | upstream |
//! |---|---|
//! | [`duration`] | apimachinery `util/duration`, Go's `time.Duration` |
//! | [`selector`] | apimachinery `labels`, `fields` |
//! | [`quantity`] | apimachinery `api/resource` |
//! | [`jsonpath`] | client-go `util/jsonpath` |
//! | [`patch`] | RFC 7396, RFC 6902, apimachinery `util/strategicpatch`, `util/jsonmergepatch` |
//! | [`schema`] | the patch metadata of the built-in kinds |
//! | [`table`] | `meta.k8s.io/v1` Table |
//! | [`meta`], [`gvk`] | `meta/v1` accessors, `runtime/schema` |
//! | [`status`], [`field`], [`names`] | `api/errors`, `util/validation` |
//! | [`hash`], [`go`], [`json`] | Go's FNV-1a, the ways in which Go prints values, and its errors about JSON |

pub mod duration;
pub mod field;
pub mod go;
pub mod gvk;
pub mod hash;
pub mod json;
pub mod jsonpath;
pub mod meta;
pub mod names;
pub mod patch;
pub mod quantity;
pub mod schema;
pub mod selector;
pub mod status;
pub mod table;
