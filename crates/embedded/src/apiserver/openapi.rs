//! The OpenAPI documents of the real API server, as recorded (`scripts/record.sh`): they describe more kinds than are registered.
//!
//! They are decompressed when they are asked for first: 9 MB that most uses never need.

use std::{io::Read, sync::LazyLock};

use bytes::Bytes;

use super::http::Body;

static ARCHIVE: LazyLock<Bytes> = LazyLock::new(|| {
    let mut archive = Vec::new();
    let compressed = include_bytes!("../../data/openapi.tar.xz").as_slice();
    // The archive is part of the program and a test reads it; an unreadable one has no documents.
    let _ = xz2::read::XzDecoder::new(compressed).read_to_end(&mut archive);
    archive.into()
});

/// A document by its path below `/openapi/`: `v2`, `v3`, `v3/apis/apps/v1`.
pub(super) fn document(path: &str) -> Option<Body> {
    let wanted = format!("{path}.json");
    entries(&ARCHIVE).find(|(name, _)| *name == wanted).map(|(_, range)| Body::Full(Some(ARCHIVE.slice(range))))
}

/// The files of a tar archive: their names, and where they stand in it.
fn entries(archive: &[u8]) -> impl Iterator<Item = (String, std::ops::Range<usize>)> {
    const BLOCK: usize = 512;
    let mut at = 0;
    std::iter::from_fn(move || {
        let header = archive.get(at..at + BLOCK)?;
        let text = |range: std::ops::Range<usize>| {
            let field = &header[range];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let name = text(0..100);
        let size = usize::from_str_radix(&text(124..136), 8).ok()?;
        let start = at + BLOCK;
        at = start + size.div_ceil(BLOCK) * BLOCK;
        (!name.is_empty() && start + size <= archive.len()).then_some((name, start..start + size))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_are_there() {
        for path in ["v2", "v3", "v3/api/v1", "v3/apis/apps/v1"] {
            let Some(Body::Full(Some(bytes))) = document(path) else { panic!("{path} is missing") };
            assert!(serde_json::from_slice::<serde_json::Value>(&bytes).unwrap().is_object(), "{path}");
        }
        assert!(document("v3/apis/none/v1").is_none());
    }
}
