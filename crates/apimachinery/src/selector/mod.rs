//! Label and field selectors: which objects are meant.

mod error;
mod field;
mod label;
mod lexer;
mod parser;
mod requirement;

pub use error::SelectorError;
pub use field::{FieldRequirement, FieldSelector};
pub use label::{LabelSelector, format_label_selector};
pub use requirement::{Operator, Requirement};
