//! The resources of `builtin.tsv`.

use super::Mapping;
use std::sync::{Arc, LazyLock};

static BUILTIN: LazyLock<Vec<Arc<Mapping>>> = LazyLock::new(|| {
    include_str!("builtin.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(parse).collect()
});

/// What every cluster serves by default, in the cluster's order of preference.
pub(super) fn all() -> &'static [Arc<Mapping>] {
    &BUILTIN
}

fn parse(line: &str) -> Option<Arc<Mapping>> {
    let mut columns = line.split('\t');
    let mut next = || columns.next().map(|column| if column == "-" { "" } else { column });
    let list = |text: &str| text.split(',').filter(|part| !part.is_empty()).map(String::from).collect();
    Some(Arc::new(Mapping {
        group: next()?.into(),
        version: next()?.into(),
        resource: next()?.into(),
        singular: next()?.into(),
        kind: next()?.into(),
        namespaced: next()? == "true",
        short_names: list(next()?),
        categories: list(next()?),
        subresources: list(next()?),
        verbs: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_line_is_read() {
        let lines = include_str!("builtin.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(super::all().len(), lines);
    }
}
