//! Tables: the default output and `-o wide` (get.go `Run`).

use super::options::Options;
use super::sort;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::mapper::Mapping;
use crate::printers::table::{TablePrinter, take_table};
use crate::printers::tabwriter::TabWriter;
use crate::resource::{Info, is_list, take_items};
use std::sync::Arc;

pub(super) async fn print(cx: &Context, options: &Options) -> Result<()> {
    let builder = options.builder(cx).subresource(cx.flags.str("subresource")).continue_on_error().flatten();
    let mut rows = Rows {
        options,
        mixed: false,
        writer: TabWriter::get(),
        current: None,
        output: Output { cx, written: 0, separate: false },
    };
    let mut namespaced = !options.all_namespaces;
    if options.sort_by.is_empty() {
        // a single collection is printed as it comes
        let mut print = |info: Info| {
            namespaced &= info.mapping.namespaced;
            rows.print(info)
        };
        match builder.pages(cx, &mut print).await {
            Ok(Some(())) => return rows.end(Vec::new(), namespaced),
            Ok(None) => {}
            // the resource does not exist, or nobody reads any more
            Err(error @ (Error::Message(_) | Error::Output(_))) => return Err(error),
            Err(error) => return rows.end(vec![error], namespaced),
        }
    }
    let found = builder.find(cx).await?;
    let (mut infos, errors) = found.partition();
    rows.mixed = infos.windows(2).any(|pair| !same_type(&pair[0], &pair[1]));
    namespaced = !options.all_namespaces && infos.iter().all(|info| info.mapping.namespaced);
    // Among several lists upstream sorts the lists (by a field of theirs, so mostly to no avail), then the rows of each.
    if !options.sort_by.is_empty() && infos.len() > 1 {
        sort::by_field(&mut infos, &options.sort_by, |info| &info.object)?;
    }
    for info in infos {
        rows.print(info)?;
    }
    rows.end(errors, namespaced)
}

/// Tables on their way to the output.
struct Rows<'a> {
    options: &'a Options,
    mixed: bool,
    writer: TabWriter,
    current: Option<(TablePrinter, Arc<Mapping>)>,
    output: Output<'a>,
}

impl Rows<'_> {
    fn print(&mut self, info: Info) -> Result<()> {
        let Rows { options, mixed, writer, current, output } = self;
        let new_type = current.as_ref().is_none_or(|(_, mapping)| {
            mapping.resource != info.mapping.resource || mapping.group != info.mapping.group
        });
        if new_type {
            output.write(&writer.flush())?;
            writer.forget_widths();
            output.separate = current.is_some() && !options.no_headers && output.written > 0;
            let with_namespace = options.all_namespaces && info.mapping.namespaced;
            let table = options.table(with_namespace, *mixed, info.mapping.kind_prefix());
            *current = Some((TablePrinter::new(table, output.cx.env.clock.now()), info.mapping.clone()));
        }
        let Some((printer, _)) = current.as_mut() else { return Ok(()) };
        match take_table(info.object) {
            Ok(mut table) => {
                // Upstream loses this error: the table is not printed.
                let sorts = !options.sort_by.is_empty() && table.rows.len() > 1;
                if sorts && sort::by_field(&mut table.rows, &options.sort_by, |row| &row.object).is_err() {
                    return Ok(());
                }
                printer.print(table, None, writer, &mut |text| output.write(text))
            }
            Err(mut object) if is_list(&object) => {
                printer.print_plain(&take_items(&mut object), None, writer);
                Ok(())
            }
            Err(object) => {
                printer.print_plain(&[object], None, writer);
                Ok(())
            }
        }
    }

    /// The last rows, or that there are none, and what went wrong.
    fn end(mut self, mut errors: Vec<Error>, namespaced: bool) -> Result<()> {
        let Rows { options, output, writer, .. } = &mut self;
        output.write(&writer.flush())?;
        if options.ignore_not_found {
            errors.retain(|error| !error.is_not_found());
        }
        if output.written == 0 && !options.ignore_not_found && errors.is_empty() {
            match namespaced {
                true => writeln!(output.cx.err, "No resources found in {} namespace.", options.namespace)?,
                false => writeln!(output.cx.err, "No resources found")?,
            }
        }
        // Upstream wraps what goes wrong while visiting twice: plain errors are then printed without `error: ` in front.
        match errors.as_slice() {
            [] => Ok(()),
            [Error::Aggregate(_)] => Err(errors.remove(0)),
            _ => Err(Error::Aggregate(vec![Error::Aggregate(errors)])),
        }
    }
}

fn same_type(a: &Info, b: &Info) -> bool {
    a.mapping.kind == b.mapping.kind && a.mapping.group == b.mapping.group && a.mapping.version == b.mapping.version
}

/// Standard output, with an empty line between the tables of different types.
struct Output<'a> {
    cx: &'a Context,
    written: usize,
    separate: bool,
}

impl Output<'_> {
    fn write(&mut self, text: &str) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.separate) {
            self.cx.out.write(b"\n")?;
        }
        self.written += text.len();
        self.cx.out.write(text.as_bytes())?;
        Ok(())
    }
}
