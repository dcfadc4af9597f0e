//! `kubectl events` (kubectl: pkg/cmd/events).

use super::describe::events::age;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::tabwriter::TabWriter;
use crate::printers::{ObjectPrinter, PrintFlags};
use crate::request::Call;
use crate::resource::take_items;
use apimachinery::meta;
use futures::StreamExt;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "events",
    use_line: "events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    short: "List events",
    long: "Display events.\n\nA table shows what matters about each: those of a namespace, those of all namespaces, or those about one object.",
    example: "# The events of the namespace
kubectl events

# Those of all namespaces
kubectl events --all-namespaces

# Those about a pod, and what else happens to it
kubectl events --for pod/web-7d9f --watch

# As YAML
kubectl events -oyaml

# Only those of some types
kubectl events --types=Warning,Normal",
    flags: || {
        let mut flags = common::output();
        flags.extend([
            Flag::bool("watch", "After listing the requested events, watch for more events.").short('w'),
            Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short('A'),
            Flag::string("for", "", "Filter events to only those pertaining to the specified resource."),
            Flag::string_slice("types", "Output only events of given types."),
            Flag::bool("no-headers", "When using the default output format, don't print headers."),
            common::chunk_size(),
        ]);
        flags
    },
    class: |parsed| Class::READS.endless_if(parsed.values.bool("watch")),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let (namespace, _) = cx.namespace().await?;
    let everywhere = cx.flags.bool("all-namespaces");
    let about = about(cx).await?;
    let mut printer = Printer::new(cx, everywhere).await?;
    let types = cx.flags.strings("types");
    if types.iter().any(|one| !one.eq_ignore_ascii_case("Normal") && !one.eq_ignore_ascii_case("Warning")) {
        return Err(Error::msg("valid --types are Normal or Warning"));
    }
    let wanted = |event: &Value| {
        let kind = event["type"].as_str().unwrap_or_default();
        types.is_empty() || types.iter().any(|one| one.eq_ignore_ascii_case(kind))
    };
    let path = if everywhere { "/api/v1/events".to_string() } else { format!("/api/v1/namespaces/{namespace}/events") };
    let call = Call::get(path).query_if("fieldSelector", &about).query("limit", "500");
    if cx.flags.bool("watch") {
        return watch(cx, call, wanted, &mut printer).await;
    }
    let mut events = list(cx, call).await?;
    events.retain(wanted);
    if events.is_empty() {
        if everywhere {
            writeln!(cx.err, "No events found.")?;
        } else {
            writeln!(cx.err, "No events found in {namespace} namespace.")?;
        }
        return Ok(());
    }
    events.sort_by_key(seen);
    let list = json!({"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": events});
    printer.print(list)
}

/// All events, page by page.
async fn list(cx: &Context, call: Call) -> Result<Vec<Value>> {
    let (mut events, mut next) = (Vec::new(), String::new());
    loop {
        let mut page = cx.requests().await?.json(call.clone().query_if("continue", &next)).await?;
        next = page["metadata"]["continue"].as_str().unwrap_or_default().to_string();
        events.extend(take_items(&mut page));
        if next.is_empty() {
            return Ok(events);
        }
    }
}

async fn watch(cx: &Context, call: Call, wanted: impl Fn(&Value) -> bool, printer: &mut Printer<'_>) -> Result<()> {
    let mut events = cx.requests().await?.watch(call).await?;
    // Whatever ends the watch ends the command, without a word.
    while let Some(Ok(event)) = events.next().await {
        // Events go after an hour; nobody wants to see that.
        if event.kind != "DELETED" && wanted(&event.object) {
            printer.print(event.object)?;
        }
    }
    Ok(())
}

/// The field selector of `--for`.
async fn about(cx: &Context) -> Result<String> {
    let given = cx.flags.str("for");
    if given.is_empty() {
        return Ok(String::new());
    }
    let (kind, name) = match given.split('/').collect::<Vec<_>>()[..] {
        [_] => return Err(Error::msg("--for must be in resource/name form")),
        [kind, name] => (kind, name),
        _ => return Err(Error::msg("arguments in resource/name form may not have more than one slash")),
    };
    let mapping = cx.mapper().await?.resource(kind).await.map_err(|error| match error {
        Error::Message(text) => Error::NoMatch(text),
        error => error,
    })?;
    if name.is_empty() {
        return Ok(String::new());
    }
    let (kind, version) = (&mapping.kind, mapping.api_version());
    Ok(format!("involvedObject.kind={kind},involvedObject.apiVersion={version},involvedObject.name={name}"))
}

/// When an event was last seen, by which they are sorted.
fn seen(event: &Value) -> Option<Timestamp> {
    let time = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    match &event["series"] {
        Value::Null => time(&event["lastTimestamp"]).or_else(|| time(&event["eventTime"])),
        series => time(&series["lastObservedTime"]),
    }
}

/// Writes lists of events and single ones, in columns that only ever grow.
struct Printer<'a> {
    cx: &'a Context,
    /// `None` for the table.
    objects: Option<ObjectPrinter>,
    headers: bool,
    namespaces: bool,
    writer: TabWriter,
}

impl<'a> Printer<'a> {
    async fn new(cx: &'a Context, namespaces: bool) -> Result<Self> {
        let objects = match cx.flags.str("output") {
            "" => None,
            _ => Some(PrintFlags::of(cx, "events").typed().printer(cx).await?),
        };
        let headers = !cx.flags.bool("no-headers");
        Ok(Printer { cx, objects, headers, namespaces, writer: TabWriter::get() })
    }

    fn print(&mut self, mut object: Value) -> Result<()> {
        match &mut self.objects {
            // Upstream does not ask whether printing succeeded.
            Some(printer) => self.writer.write(&printer.print(object).unwrap_or_default()),
            None => {
                if std::mem::take(&mut self.headers) {
                    let namespace = if self.namespaces { "NAMESPACE\t" } else { "" };
                    self.writer.write(&format!("{namespace}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n"));
                }
                let events = if object["items"].is_array() { take_items(&mut object) } else { vec![object] };
                for event in &events {
                    self.row(event);
                }
            }
        }
        write!(self.cx.out, "{}", self.writer.flush())?;
        Ok(())
    }

    fn row(&mut self, event: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().trim().replace('\x1b', "^[").replace('\r', "\\r");
        let namespace = if self.namespaces { format!("{}\t", meta::namespace(event)) } else { String::new() };
        let about = &event["involvedObject"];
        self.writer.write(&format!(
            "{namespace}{}\t{}\t{}\t{}/{}\t{}\n",
            age(event, self.cx.env.clock.now()),
            text(&event["type"]),
            text(&event["reason"]),
            text(&about["kind"]),
            text(&about["name"]),
            text(&event["message"])
        ));
    }
}
