//! Tables: by column and row, widths and the order of rows left out.

use super::model::Mismatch;
use super::unify::{Hint, Unifier};
use super::words;

/// How often rows are tried against each other before the search gives up.
const STEPS: usize = 20_000;

/// A table as it was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// Line of the header, from 1.
    pub(super) line: usize,
    /// A row `...` stands in it: more rows may be there.
    pub(super) open: bool,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) text: String,
    pub(super) line: usize,
}

/// Whether `line` is the header of a table that kubectl prints.
pub(super) fn is_header(line: &str) -> bool {
    let cells = cells(line);
    let upper = |cell: &String| {
        cell.starts_with(|c: char| c.is_ascii_uppercase() || c == '%')
            && cell.chars().all(|c| {
                c.is_ascii_uppercase()
                    || c.is_ascii_digit()
                    || matches!(c, '(' | ')' | '-' | '_' | ' ' | '%' | '/' | '.' | ':')
            })
    };
    let known = |cell: &String| matches!(cell.as_str(), "NAME" | "NAMESPACE" | "LAST SEEN" | "PID" | "USER");
    !cells.is_empty()
        && cells.iter().all(upper)
        && (cells.len() > 1 && cells.iter().all(|cell| cell.len() > 1) || cells.iter().any(known))
}

/// The cells of a line: what two spaces or a tab keep apart.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().replace('\t', "  ");
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(String::from).collect()
}

/// The offsets of the columns in a header line.
fn starts(header: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut spaces = 2;
    for (at, c) in header.char_indices() {
        if c == ' ' {
            spaces += 1;
        } else {
            if spaces >= 2 {
                starts.push(at);
            }
            spaces = 0;
        }
    }
    starts
}

/// Reads the lines of a table; the first is its header.
pub(super) fn read(lines: &[(usize, &str)]) -> Option<Table> {
    let (line, head) = *lines.first()?;
    let header = cells(head);
    let expanded = head.replace('\t', "  ");
    let starts = starts(&expanded);
    let mut table = Table { header, rows: Vec::new(), line, open: false };
    for (line, text) in &lines[1..] {
        if matches!(text.trim(), "..." | "…" | "[...]") {
            table.open = true;
            continue;
        }
        table.rows.push(Row {
            cells: row(text, table.header.len(), &starts),
            text: text.trim().to_string(),
            line: *line,
        });
    }
    Some(table)
}

/// The cells of a row: by gaps, else by the places of the columns, else by single spaces.
fn row(text: &str, columns: usize, starts: &[usize]) -> Vec<String> {
    let by_gaps = cells(text);
    if by_gaps.len() == columns {
        return by_gaps;
    }
    let expanded = text.trim_end().replace('\t', "  ");
    let on_columns = starts.iter().all(|&start| {
        start == 0
            || start >= expanded.len()
            || expanded.as_bytes().get(start - 1) == Some(&b' ') && expanded.is_char_boundary(start)
    });
    if on_columns {
        let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
        return starts
            .iter()
            .zip(ends)
            .map(|(&start, end)| expanded.get(start..end.min(expanded.len())).unwrap_or_default().trim().to_string())
            .collect();
    }
    let by_spaces: Vec<String> = text.split_whitespace().map(String::from).collect();
    if by_spaces.len() == columns { by_spaces } else { by_gaps }
}

/// How the rows of two tables are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Rows stand in the same order.
    pub(super) ordered: bool,
    /// The output may have rows that the lesson does not show.
    pub(super) more: bool,
    /// The rows are nodes.
    pub(super) of_nodes: bool,
}

/// Compares two tables; binds what is volatile.
pub(super) fn compare(
    expected: &Table,
    observed: &Table,
    rules: Rules,
    unifier: &mut Unifier<'_>,
) -> Result<(), Mismatch> {
    if !same_header(expected, observed) {
        return Err(header_mismatch(expected, observed));
    }
    let hints: Vec<Hint> = expected.header.iter().map(|header| words::column(header, rules.of_nodes)).collect();
    let more = rules.more || expected.open;
    let mut search =
        Search { expected, observed, hints: &hints, rules, more, steps: 0, taken: vec![false; observed.rows.len()] };
    let mark = unifier.bindings.mark();
    if search.rows(0, 0, unifier) {
        return Ok(());
    }
    unifier.bindings.roll_back(mark);
    Err(explain(expected, observed, &hints, rules, more, unifier))
}

/// Whether the columns agree. `...` as the last header stands for columns that are not shown; columns at the end that are
/// `<none>` in every row say nothing (`-o wide` has grown some).
fn same_header(expected: &Table, observed: &Table) -> bool {
    if let Some(at) = expected.header.iter().position(|header| header == "...") {
        return observed.header.get(..at) == Some(&expected.header[..at]);
    }
    let shown = expected.header.len();
    let empty =
        |row: &Row| row.cells.len() == observed.header.len() && row.cells[shown..].iter().all(|cell| cell == "<none>");
    observed.header.get(..shown) == Some(&expected.header)
        && (observed.header.len() == shown || observed.rows.iter().all(empty))
}

fn header_mismatch(expected: &Table, observed: &Table) -> Mismatch {
    let missing: Vec<&str> =
        expected.header.iter().filter(|header| !observed.header.contains(header)).map(String::as_str).collect();
    let extra: Vec<&str> =
        observed.header.iter().filter(|header| !expected.header.contains(header)).map(String::as_str).collect();
    let why = match (missing.as_slice(), extra.as_slice()) {
        ([], []) => "the columns stand in another order".to_string(),
        ([], extra) => format!("the cluster printed also the {} {}", plural(extra.len(), "column"), extra.join(", ")),
        (missing, []) => format!("the cluster printed no {} {}", plural(missing.len(), "column"), missing.join(", ")),
        (missing, extra) => format!(
            "the lesson shows the {} {}, the cluster printed {}",
            plural(missing.len(), "column"),
            missing.join(", "),
            extra.join(", ")
        ),
    };
    Mismatch { line: expected.line, expected: expected.header.join("   "), observed: observed.header.join("   "), why }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_string() } else { format!("{word}s") }
}

/// Rows that no table of kubectl has: too many cells, or an age that is none.
pub(super) fn impossible(table: &Table) -> Vec<Mismatch> {
    let mut faults = Vec::new();
    if !table.header.iter().any(|header| header == "NAME") {
        // Not kubectl's: the last column of `ps` is running text.
        return faults;
    }
    for row in &table.rows {
        let fault = |why: String| Mismatch { line: row.line, expected: row.text.clone(), observed: String::new(), why };
        if row.cells.len() > table.header.len() {
            faults.push(fault(format!(
                "this row has {} cells, its table {} columns",
                row.cells.len(),
                table.header.len()
            )));
            continue;
        }
        for (header, cell) in table.header.iter().zip(&row.cells) {
            let age = words::column(header, false) == Hint::Age;
            let fits = cell.is_empty()
                || cell.contains("...")
                || cell.starts_with(['<', '-', '…'])
                || cell.starts_with(|c: char| c.is_ascii_digit());
            if age && !fits {
                faults.push(fault(format!("column {header}: `{cell}` is no age")));
            }
        }
    }
    faults
}

struct Search<'a> {
    expected: &'a Table,
    observed: &'a Table,
    hints: &'a [Hint],
    rules: Rules,
    more: bool,
    steps: usize,
    taken: Vec<bool>,
}

impl Search<'_> {
    /// Finds an observed row for each expected one from `at` on; none is used twice.
    fn rows(&mut self, at: usize, from: usize, unifier: &mut Unifier<'_>) -> bool {
        let Some(row) = self.expected.rows.get(at) else {
            return self.more || self.taken.iter().all(|taken| *taken);
        };
        let count = self.observed.rows.len();
        if !self.more && count != self.expected.rows.len() {
            return false;
        }
        // The same place first: it is right most of the time.
        let candidates: Vec<usize> = if self.rules.ordered {
            let last = if self.more { count } else { (from + 1).min(count) };
            (from..last).collect()
        } else {
            (at..count).chain(0..at.min(count)).collect()
        };
        for candidate in candidates {
            self.steps += 1;
            if self.steps > STEPS {
                return false;
            }
            if self.taken[candidate] {
                continue;
            }
            let mark = unifier.bindings.mark();
            if first_difference(row, &self.observed.rows[candidate], self.hints, unifier).is_none() {
                self.taken[candidate] = true;
                if self.rows(at + 1, candidate + 1, unifier) {
                    return true;
                }
                self.taken[candidate] = false;
            }
            unifier.bindings.roll_back(mark);
        }
        false
    }
}

/// The first column in which the rows do not unify; binds those before it.
fn first_difference(expected: &Row, observed: &Row, hints: &[Hint], unifier: &mut Unifier<'_>) -> Option<usize> {
    if expected.cells.len() != hints.len() || observed.cells.len() < hints.len() {
        // A line that is no row of this table: word by word.
        return (!unifier.text(&expected.text, &observed.text, Hint::None)).then_some(0);
    }
    (0..hints.len()).find(|&column| !unifier.text(&expected.cells[column], &observed.cells[column], hints[column]))
}

/// Why the rows do not agree: the expected row that has no counterpart, and where its nearest one differs.
fn explain(
    expected: &Table,
    observed: &Table,
    hints: &[Hint],
    rules: Rules,
    more: bool,
    unifier: &mut Unifier<'_>,
) -> Mismatch {
    let mut free: Vec<usize> = (0..observed.rows.len()).collect();
    for row in &expected.rows {
        let mark = unifier.bindings.mark();
        let found = free.iter().position(|&candidate| {
            let fits = first_difference(row, &observed.rows[candidate], hints, unifier).is_none();
            if !fits {
                unifier.bindings.roll_back(mark);
            }
            fits
        });
        match found {
            Some(position) => drop(free.remove(position)),
            None => return row_mismatch(expected, observed, row, &free, hints, rules, unifier),
        }
    }
    let extra: Vec<&str> = free.iter().map(|&row| observed.rows[row].text.as_str()).collect();
    let line = expected.rows.last().map_or(expected.line, |row| row.line);
    if !extra.is_empty() && !more {
        let count = extra.len();
        let first: Vec<&str> = extra.iter().map(|row| row.split_whitespace().next().unwrap_or_default()).collect();
        let why = format!("the cluster printed {count} {} more: `{}`", plural(count, "row"), first.join("`, `"));
        return Mismatch { line: 0, expected: String::new(), observed: extra.join("\n"), why };
    }
    let why = "the rows stand in another order".to_string();
    Mismatch { line, expected: String::new(), observed: String::new(), why }
}

fn row_mismatch(
    expected: &Table,
    observed: &Table,
    row: &Row,
    free: &[usize],
    hints: &[Hint],
    rules: Rules,
    unifier: &mut Unifier<'_>,
) -> Mismatch {
    let name_column = expected.header.iter().position(|header| header == "NAME").unwrap_or(0);
    let name = row.cells.get(name_column).cloned().unwrap_or_default();
    let shown = Mismatch { line: row.line, expected: row.text.clone(), observed: String::new(), why: String::new() };
    // The nearest row agrees in the name, and then in as many columns as any.
    let mut best: Option<(usize, usize, usize)> = None;
    for &candidate in free {
        let cells = &observed.rows[candidate].cells;
        let mark = unifier.bindings.mark();
        let agrees = |unifier: &mut Unifier<'_>, column: usize| {
            let (Some(a), Some(b)) = (row.cells.get(column), cells.get(column)) else {
                return false;
            };
            unifier.text(a, b, hints[column])
        };
        let by_name = agrees(unifier, name_column);
        unifier.bindings.roll_back(mark);
        let score = (0..hints.len()).filter(|&column| agrees(unifier, column)).count();
        unifier.bindings.roll_back(mark);
        let score = score + if by_name { 100 } else { 0 };
        if best.is_none_or(|(_, known, _)| score > known) {
            best = Some((candidate, score, usize::from(by_name)));
        }
    }
    let Some((candidate, score, _)) = best.filter(|(_, score, _)| *score >= 100 || free.len() == 1) else {
        return Mismatch { why: format!("the cluster printed no row `{name}`"), ..shown };
    };
    if score < 100 && !rules.of_nodes && observed.rows[candidate].cells.get(name_column).is_none() {
        return Mismatch { why: format!("the cluster printed no row `{name}`"), ..shown };
    }
    let mark = unifier.bindings.mark();
    unifier.contradiction = None;
    let column = first_difference(row, &observed.rows[candidate], hints, unifier);
    unifier.bindings.roll_back(mark);
    let contradiction = unifier.contradiction.take();
    let at = column.unwrap_or(0);
    let cell =
        |cells: &[String]| cells.get(at).cloned().filter(|cell| !cell.is_empty()).unwrap_or_else(|| "nothing".into());
    let header = expected.header.get(at).map_or("", String::as_str);
    let detail = contradiction.unwrap_or_else(|| {
        format!("the lesson shows {}, the cluster printed {}", cell(&row.cells), cell(&observed.rows[candidate].cells))
    });
    let why = format!("row `{name}`: column {header}: {detail}");
    Mismatch { observed: observed.rows[candidate].text.clone(), why, ..shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
        read(&lines).expect("a table")
    }

    #[test]
    fn headers() {
        for header in [
            "NAME   READY   STATUS",
            "NAME",
            "LAST SEEN   TYPE   REASON   OBJECT   MESSAGE",
            "NAME      STATUS    AGE",
            "CAPACITY   ACCESS MODES",
            "POD_IP   NAME",
        ] {
            assert!(is_header(header), "{header}");
        }
        for line in ["No resources found", "OK", "FOO=bar", "NAME is empty", "HTTP/1.1 200 OK", "demo   1/1"] {
            assert!(!is_header(line), "{line}");
        }
    }

    #[test]
    fn cells_with_spaces_and_empty_cells() {
        let read = table("NAME   STATUS   RESTARTS      AGE\nweb    Running  1 (5s ago)    3m\n");
        assert_eq!(read.rows[0].cells, ["web", "Running", "1 (5s ago)", "3m"]);
        let read = table("NAME   VOLUME   CAPACITY\nweb             1Gi\n");
        assert_eq!(read.rows[0].cells, ["web", "", "1Gi"]);
        let read = table("NAME  READY\na-very-long-name 1/1\n");
        assert_eq!(read.rows[0].cells, ["a-very-long-name", "1/1"]);
    }
}
