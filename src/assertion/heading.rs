//! What a heading asks of the sentences under it: a sentence that says the opposite of its heading is a mistake of the
//! lesson, not a claim to be refuted.

use super::Section;
use super::claim::{Aspect, Form};

/// Can the form stand under this heading?
pub fn fits(form: &Form, section: Section) -> Result<(), String> {
    match section {
        Section::Initial => match form {
            Form::State { aspect: Aspect::Plain | Aspect::Now | Aspect::Still, .. } => Ok(()),
            Form::External { .. } | Form::Reach { .. } | Form::May { .. } => Ok(()),
            _ => Err("an initial state is something that is so, not something that happened".into()),
        },
        Section::Changed => match form {
            Form::Same { bare: false, .. }
            | Form::External { aspect: Aspect::Still, .. }
            | Form::Reach { aspect: Aspect::Still, .. }
            | Form::May { aspect: Aspect::Still, .. } => {
                Err("this says that something stayed as it was: it belongs under \"What did not change\"".into())
            }
            _ => Ok(()),
        },
        Section::Unchanged => {
            let happened = match form {
                Form::Event(event) => !event.negated,
                Form::Happens { negated, .. } | Form::Rollout { negated, .. } => !negated,
                Form::Change { .. } => true,
                Form::State { aspect, negated, .. } => match aspect {
                    Aspect::Now | Aspect::NoLonger => true,
                    Aspect::Ever => !negated,
                    _ => false,
                },
                Form::External { aspect, .. } | Form::Reach { aspect, .. } | Form::May { aspect, .. } => {
                    matches!(aspect, Aspect::Now | Aspect::NoLonger)
                }
                _ => false,
            };
            match happened {
                true => Err("this says that something happened: it belongs under \"What changed\"".into()),
                false => Ok(()),
            }
        }
    }
}
