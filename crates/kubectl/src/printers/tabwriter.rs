//! Columns aligned with spaces: liggitt/tabwriter (text/tabwriter with remembered widths), as kubectl sets it up.

/// Text with tabs in, aligned columns out. A column is as wide as its widest cell plus the padding, over each run of
/// consecutive lines that have it; the last cell of a line is in no column.
#[derive(Debug)]
pub struct TabWriter {
    min_width: usize,
    padding: usize,
    remember: bool,
    lines: Vec<Vec<String>>,
    widths: Vec<usize>,
}

impl TabWriter {
    /// As `get` prints (cli-runtime: printers/tabwriter.go): widths only ever grow, over flushes too.
    pub fn get() -> Self {
        TabWriter { min_width: 6, padding: 3, remember: true, lines: vec![vec![String::new()]], widths: Vec::new() }
    }
    /// As `describe` and others print: `tabwriter.NewWriter(out, min_width, _, padding, ' ', 0)`.
    pub fn new(min_width: usize, padding: usize) -> Self {
        TabWriter { min_width, padding, remember: false, lines: vec![vec![String::new()]], widths: Vec::new() }
    }

    /// Adds text: tabs end cells, newlines end lines.
    pub fn write(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\t' => self.line().push(String::new()),
                '\n' => self.lines.push(vec![String::new()]),
                c => {
                    if let Some(cell) = self.line().last_mut() {
                        cell.push(c);
                    }
                }
            }
        }
    }

    /// The line being written; there always is one.
    fn line(&mut self) -> &mut Vec<String> {
        if self.lines.is_empty() {
            self.lines.push(vec![String::new()]);
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    /// Forgets the widths of earlier flushes.
    pub fn forget_widths(&mut self) {
        self.widths.clear();
    }

    /// Everything written so far, aligned.
    pub fn flush(&mut self) -> String {
        let lines = std::mem::replace(&mut self.lines, vec![vec![String::new()]]);
        let mut out = String::new();
        let mut stack = Vec::new();
        self.format(&lines, 0, lines.len(), &mut stack, &mut out);
        // The last line is unfinished: its text belongs to the output, but no newline does.
        out.truncate(out.len() - usize::from(out.ends_with('\n')));
        out
    }

    /// text/tabwriter's `format`: finds the runs of lines that have column `stack.len()`, widest first.
    fn format(&mut self, lines: &[Vec<String>], from: usize, to: usize, stack: &mut Vec<usize>, out: &mut String) {
        let column = stack.len();
        let (mut this, mut written) = (from, from);
        while this < to {
            if column + 1 >= lines[this].len() {
                this += 1;
                continue;
            }
            print(&lines[written..this], stack, out);
            let mut end = this;
            let mut width = self.min_width;
            while end < to && column + 1 < lines[end].len() {
                width = width.max(lines[end][column].chars().count() + self.padding);
                end += 1;
            }
            if self.remember {
                match self.widths.get_mut(column) {
                    Some(remembered) => {
                        width = width.max(*remembered);
                        *remembered = width;
                    }
                    None => self.widths.push(width),
                }
            }
            stack.push(width);
            self.format(lines, this, end, stack, out);
            stack.pop();
            this = end;
            written = end;
        }
        print(&lines[written..to], stack, out);
    }
}

fn print(lines: &[Vec<String>], widths: &[usize], out: &mut String) {
    for line in lines {
        for (index, cell) in line.iter().enumerate() {
            out.push_str(cell);
            if let Some(width) = widths.get(index) {
                let missing = width.saturating_sub(cell.chars().count());
                out.extend(std::iter::repeat_n(' ', missing));
            }
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::TabWriter;

    #[test]
    fn aligns_and_remembers() {
        let mut writer = TabWriter::get();
        writer.write("NAME\tREADY\nweb-1\t1/1\n");
        assert_eq!(writer.flush(), "NAME    READY\nweb-1   1/1\n");
        writer.write("a\tb\n");
        assert_eq!(writer.flush(), "a       b\n");
    }

    #[test]
    fn blocks_end_where_a_line_has_no_such_column() {
        let mut writer = TabWriter::new(0, 2);
        writer.write("Name:\tx\nLong label:\ty\nplain\nA:\tb\n");
        assert_eq!(writer.flush(), "Name:        x\nLong label:  y\nplain\nA:  b\n");
    }
}
