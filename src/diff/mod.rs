//! What happened between two moments: the history of a step, whether it has come to rest, whether it ever will, and
//! what changed beyond what the lesson said. Pure: events come in, ordered answers go out.

mod doomed;
mod fields;
mod history;
mod settled;
mod unlisted;

pub use doomed::{Doom, doomed};
pub use fields::{FieldChange, field_changes, writer_of};
pub use history::{Change, ChangeKind, History};
pub use settled::{Settled, settled, settled_snapshot};
pub use unlisted::{Explained, UnlistedChange, is_noise, unlisted};
