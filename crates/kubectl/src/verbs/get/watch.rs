//! `-w` and `--watch-only` (get.go `watch`).

use super::options::Options;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::printers::table::{TablePrinter, take_table};
use crate::printers::tabwriter::TabWriter;
use crate::printers::{ObjectPrinter, PrintFlags};
use crate::request::{Call, WatchEvent};
use crate::resource::{is_list, take_items};
use futures::StreamExt;
use http::header::ACCEPT;
use serde_json::{Value, json};

pub(super) async fn watch(cx: &Context, options: &Options) -> Result<()> {
    let mut found = options.builder(cx).single_resource_type().find(cx).await?;
    let source = found.lists.pop();
    let single = found.single_item_implied;
    let mut infos = match found.infos() {
        Ok(infos) => infos,
        Err(error) if error.is_not_found() && options.ignore_not_found => return Ok(()),
        Err(error) => return Err(error),
    };
    let many = infos.len();
    let files: std::collections::BTreeSet<&str> = infos.iter().map(|info| info.source.as_str()).collect();
    let sources = if files.contains("") { many } else { files.len() };
    let refused = Error::msg(if sources > 1 {
        "you may only watch a single resource or type of resource at a time".to_string()
    } else {
        format!(
            "watch is only supported on individual resources and resource collections - {many} resources were found"
        )
    });
    if infos.is_empty() {
        return Err(refused);
    }
    let watchable = source.is_some() || (single && many == 1);
    let mapping = infos[0].mapping.clone();
    let mut printer = Printer::new(cx, options, mapping.kind_prefix()).await?;
    let shown = !options.watch_only;
    // A list is watched from its version on, an object from now: then it comes first as ADDED, and is not shown again.
    let (call, resource_version, mut skip) = match source {
        Some(source) => {
            let version = infos[0].object["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_string();
            (source.call(), version, false)
        }
        None => {
            let call = Call::get(mapping.path(&infos[0].namespace, "", ""))
                .query("fieldSelector", format!("metadata.name={}", infos[0].name));
            (call, "0".to_string(), true)
        }
    };
    for info in &mut infos {
        let mut object = info.object.take();
        let items = if is_list(&object) { take_items(&mut object) } else { vec![object] };
        for item in items {
            printer.print("ADDED", item, shown)?;
        }
    }
    // As upstream, which shows them first.
    if !watchable {
        return Err(refused);
    }
    let call = match options.accept() {
        Some(accept) => call.header(ACCEPT, accept),
        None => call,
    };
    let mut events = cx.requests().await?.watch(call.query("resourceVersion", resource_version)).await?;
    while let Some(event) = events.next().await {
        let WatchEvent { kind, object } = match event {
            Ok(event) => event,
            // An ERROR event is shown as its Status; a broken connection ends the watch as upstream's.
            Err(Error::Api(error)) => WatchEvent { kind: "ERROR".into(), object: error.status },
            Err(_) => return Ok(()),
        };
        printer.print(&kind, object, !std::mem::take(&mut skip))?;
    }
    if cx.flags.int("v") >= 5 && !["0", "0s"].contains(&cx.flags.str("request-timeout")) {
        let cause = "net/http: request canceled (Client.Timeout or context cancellation while reading body)";
        let text = format!("\"Unable to decode an event from the watch stream\" err=\"{cause}\"");
        cx.klog('I', "streamwatcher.go:123", &text)?;
    }
    Ok(())
}

enum Form {
    Rows(Box<TablePrinter>, TabWriter),
    Objects(Box<ObjectPrinter>),
}

/// Writes each object as it comes.
struct Printer<'a> {
    cx: &'a Context,
    form: Form,
    events: bool,
}

impl<'a> Printer<'a> {
    async fn new(cx: &'a Context, options: &Options, kind_prefix: String) -> Result<Self> {
        let form = if options.human_readable {
            let table = options.table(options.all_namespaces, false, kind_prefix);
            Form::Rows(Box::new(TablePrinter::new(table, cx.env.clock.now())), TabWriter::get())
        } else {
            let flags = PrintFlags::of(cx, "").with_custom_columns(!options.no_headers);
            Form::Objects(Box::new(flags.printer(cx).await?))
        };
        Ok(Printer { cx, form, events: options.output_watch_events })
    }

    fn print(&mut self, kind: &str, object: Value, shown: bool) -> Result<()> {
        let event = self.events.then_some(kind);
        let (printer, writer) = match &mut self.form {
            Form::Rows(printer, writer) => (printer, writer),
            Form::Objects(printer) => {
                if shown {
                    let text = match event {
                        Some(kind) => printer.print_event(kind, object)?,
                        None => printer.print(object)?,
                    };
                    self.cx.out.write(text.as_bytes())?;
                }
                return Ok(());
            }
        };
        printer.set_now(self.cx.env.clock.now());
        let out = &self.cx.out;
        match take_table(object) {
            Ok(mut table) => {
                if !shown {
                    table.rows.clear();
                }
                printer.print(table, event, writer, &mut |text| Ok(out.write(text.as_bytes())?))?;
            }
            Err(status) if status["kind"] == "Status" => {
                let text = |key: &str| status[key].as_str().unwrap_or_default().to_string();
                let row = json!({"cells": [text("status"), text("reason"), text("message")], "object": null});
                let columns =
                    ["Status", "Reason", "Message"].map(|name| json!({"name": name, "type": "string", "priority": 0}));
                let table = json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": columns, "rows": [row]});
                if let Ok(table) = take_table(table) {
                    printer.print(table, event, writer, &mut |text| Ok(out.write(text.as_bytes())?))?;
                }
            }
            Err(object) if shown => printer.print_plain(&[object], event, writer),
            Err(_) => {}
        }
        out.write(writer.flush().as_bytes())?;
        Ok(())
    }
}
