//! Sentences about a number or a set of objects: "the number of Pods", "the set of Pods".

use super::access::over_time;
use super::change::{Change, fits};
use super::value::{as_text, compares_amount, matches, number, uids};
use super::world::{Answer, World};
use super::{Finding, Judged, list};
use crate::assertion::Section;
use crate::assertion::claim::{Aspect, Compare, FieldRef, Literal, Np};
use serde_json::{Value, json};

/// A number or set of objects, over the step.
pub struct Counted<'a> {
    pub world: &'a World<'a>,
    pub of: &'a Np,
    pub field: &'a FieldRef,
}

impl Counted<'_> {
    fn at(&self, i: usize) -> Answer<Value> {
        let found = self.world.select(self.of, i)?;
        Ok(if matches!(self.field, FieldRef::Count(_)) { json!(found.len()) } else { uids(&found) })
    }

    fn seen(&self, i: usize) -> String {
        match self.world.select(self.of, i) {
            Ok(found) => format!("{} ({})", found.len(), list(&found)),
            Err(why) => why,
        }
    }

    /// It stayed; with `flip`, it did not.
    pub fn same(&self, said: Option<&Literal>, flip: bool) -> Judged {
        let first = self.at(0)?;
        let last = self.world.last();
        if flip {
            return Ok(Finding::new(
                first != self.at(last)?,
                format!("before: {}; after: {}", self.seen(0), self.seen(last)),
            ));
        }
        for i in self.world.moments() {
            if self.at(i)? != first {
                return Ok(Finding::new(false, format!("before: {}; then: {}", self.seen(0), self.seen(i))));
            }
        }
        match said {
            Some(said) if !matches(self.field, &first, said)? => {
                Ok(Finding::new(false, format!("it is {}", as_text(&first))))
            }
            _ => Ok(Finding::new(true, format!("the same at every moment: {}", self.seen(0)))),
        }
    }

    /// It took another value.
    pub fn changed(&self, change: &Change) -> Judged {
        let last = self.world.last();
        let holds = fits(self.field, change, &self.at(0)?, &self.at(last)?)?;
        Ok(Finding::new(holds, format!("before: {}; after: {}", self.seen(0), self.seen(last))))
    }

    /// It is so and so.
    pub fn is(&self, compare: &Compare, negated: bool, aspect: Aspect, section: Section) -> Judged {
        let at = |i: usize| -> Answer {
            let value = self.at(i)?;
            let has = number(self.field, &value).ok_or("a set is no number")?;
            match compare {
                Compare::Is(said) => matches(self.field, &value, said),
                Compare::Number(op, n) => Ok(compares_amount(op, has, *n)),
                Compare::Set => Ok(has > 0),
                Compare::Unset => Ok(has == 0),
                _ => Err("a number has no entries".into()),
            }
        };
        over_time(self.world, negated, aspect, section, &at, &|i| self.seen(i))
    }
}
