//! The interactive session: events are shown, the learner's lines become choices.

mod keys;
mod learner;

pub use keys::{Keys, Line};
pub use learner::Learner;
