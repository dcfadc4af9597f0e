//! Where something stands in the markdown: byte spans and line numbers.

use serde::Serialize;

/// A half-open range of bytes in a lesson's source. Always on character boundaries of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` to `end`; an inverted one is empty at `start`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end: end.max(start) }
    }

    /// The text that the span covers, empty where it does not fit `source`.
    pub fn of(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or_default()
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Span {
        Span::new(range.start, range.end)
    }
}

/// Byte offsets of the beginnings of a text's lines: answers line and column of a byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
    length: usize,
}

impl LineIndex {
    /// Indexes `text`. Lines end with `\n`.
    pub fn new(text: &str) -> LineIndex {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        LineIndex { starts, length: text.len() }
    }

    /// The line of `byte`, counted from 1.
    pub fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|&start| start <= byte).max(1)
    }

    /// The column of `byte` in its line, in bytes, counted from 1.
    pub fn column(&self, byte: usize) -> usize {
        let line = self.line(byte);
        byte.saturating_sub(self.starts[line - 1]) + 1
    }

    /// The bytes of `line` (counted from 1), without its line end; empty beyond the last line.
    pub fn span_of_line(&self, line: usize) -> Span {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return Span::new(self.length, self.length);
        };
        let end = self.starts.get(line).map_or(self.length, |next| next - 1);
        Span::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let index = LineIndex::new("ab\n\ncde");
        assert_eq!((index.line(0), index.column(0)), (1, 1));
        assert_eq!((index.line(2), index.column(2)), (1, 3));
        assert_eq!((index.line(3), index.column(3)), (2, 1));
        assert_eq!((index.line(6), index.column(6)), (3, 3));
        assert_eq!(index.span_of_line(1), Span::new(0, 2));
        assert_eq!(index.span_of_line(2), Span::new(3, 3));
        assert_eq!(index.span_of_line(3), Span::new(4, 7));
        assert_eq!(index.span_of_line(9), Span::new(7, 7));
    }
}
