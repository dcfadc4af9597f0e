//! Patches: the three that the API server takes, and how kubectl makes them.

mod error;
mod json;
mod merge;
mod strategic;
mod three_way;

pub use error::PatchError;
pub use json::json_patch;
pub use merge::{create_merge, merge};
pub use strategic::{create_three_way, create_two_way, strategic};
pub use three_way::three_way_merge_json;
