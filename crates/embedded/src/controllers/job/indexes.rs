//! Completion indexes, written as intervals (`0-2,5`): job/indexed_job_utils.go.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use crate::controllers::object::annotation;

/// The annotation and the label that hold a pod's index.
pub const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// A set of indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexes(BTreeSet<i64>);

impl Indexes {
    /// Reads intervals; what is not below `completions` is left out, and so is what is no number.
    pub fn parse(text: &str, completions: i64) -> Self {
        let interval = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse::<i64>().ok()?..=last.parse::<i64>().ok()?)
        };
        let all = text.split(',').filter_map(interval).flatten();
        Self(all.take_while(|index| *index < completions).collect())
    }

    /// Adds an index.
    pub fn insert(&mut self, index: i64) {
        self.0.insert(index);
    }

    /// Whether an index is there.
    pub fn contains(&self, index: i64) -> bool {
        self.0.contains(&index)
    }

    /// How many there are.
    pub fn len(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of them are in another set as well.
    pub fn common(&self, other: &Self) -> i64 {
        i64::try_from(self.0.intersection(&other.0).count()).unwrap_or(i64::MAX)
    }
}

impl FromIterator<i64> for Indexes {
    fn from_iter<I: IntoIterator<Item = i64>>(indexes: I) -> Self {
        Self(indexes.into_iter().collect())
    }
}

impl fmt::Display for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut intervals: Vec<(i64, i64)> = Vec::new();
        for index in &self.0 {
            match intervals.last_mut() {
                Some((_, last)) if *last + 1 == *index => *last = *index,
                _ => intervals.push((*index, *index)),
            }
        }
        let text = |(first, last): &(i64, i64)| match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        };
        f.write_str(&intervals.iter().map(text).collect::<Vec<_>>().join(","))
    }
}

/// A pod's index.
pub fn completion_index(pod: &Value) -> Option<i64> {
    annotation(pod, COMPLETION_INDEX)?.parse().ok().filter(|index| *index >= 0)
}

/// The indexes of pods.
pub fn indexes_of<'a>(pods: impl IntoIterator<Item = &'a Value>) -> Indexes {
    pods.into_iter().filter_map(completion_index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_and_written() {
        for text in ["", "0", "0,1", "0-2", "0-2,5,7,8,10-12"] {
            assert_eq!(Indexes::parse(text, 100).to_string(), text);
        }
        assert_eq!(Indexes::parse("0-9", 3).to_string(), "0-2");
    }
}
