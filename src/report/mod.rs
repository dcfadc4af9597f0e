//! Results to text, JSON and JUnit; one file each. What is printed while a lesson runs is in `progress`.

pub mod json;
pub mod junit;
pub mod problems;
pub mod progress;
pub mod prose;
pub mod style;
pub mod text;
