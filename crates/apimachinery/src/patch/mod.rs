//! Patches: the three that the API server takes, and how kubectl makes them.

mod error;
mod json;
mod merge;
mod three_way;

pub use error::PatchError;
pub use json::json_patch;
pub use merge::{create_merge, merge};
pub use three_way::three_way_merge_json;
