//! What the flags of `get` say (get.go `Complete` and `Validate`).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::printers::table::TableOptions;
use crate::request::ACCEPT_TABLE;
use crate::resource::Builder;

/// The options of one `get`.
pub(super) struct Options {
    pub namespace: String,
    pub explicit_namespace: bool,
    pub all_namespaces: bool,
    pub output: String,
    pub human_readable: bool,
    pub server_print: bool,
    pub no_headers: bool,
    pub ignore_not_found: bool,
    pub sort_by: String,
    pub watch: bool,
    pub watch_only: bool,
    pub output_watch_events: bool,
    pub raw: String,
    show_labels: bool,
    label_columns: Vec<String>,
    show_kind: bool,
    label_selector: String,
}

impl Options {
    pub(super) async fn complete(cx: &Context) -> Result<Self> {
        let flags = &cx.flags;
        let raw = flags.str("raw").to_string();
        if !raw.is_empty() && !cx.args.is_empty() {
            return Err(Error::msg("arguments may not be passed when --raw is specified"));
        }
        let (namespace, explicit) = cx.namespace().await?;
        let output = flags.str("output").to_string();
        let all_namespaces = flags.bool("all-namespaces");
        let client_side = output.contains("custom-columns") || output == "yaml" || output.contains("json");
        let options = Options {
            namespace,
            explicit_namespace: explicit && !all_namespaces,
            all_namespaces,
            human_readable: (output.is_empty() && flags.str("template").is_empty()) || output == "wide",
            server_print: flags.bool("server-print") && !client_side,
            no_headers: flags.bool("no-headers"),
            ignore_not_found: flags.bool("ignore-not-found"),
            sort_by: flags.str("sort-by").to_string(),
            watch: flags.bool("watch"),
            watch_only: flags.bool("watch-only"),
            output_watch_events: flags.bool("output-watch-events"),
            show_labels: flags.bool("show-labels"),
            label_columns: flags.strings("label-columns").to_vec(),
            show_kind: flags.bool("show-kind"),
            label_selector: flags.str("selector").to_string(),
            output,
            raw,
        };
        if !options.raw.is_empty() {
            return Ok(options);
        }
        if options.watch {
            if !options.sort_by.is_empty() {
                writeln!(cx.err, "warning: --watch requested, --sort-by will be ignored for watch events received")?;
            }
        } else if options.watch_only {
            if !options.sort_by.is_empty() {
                writeln!(cx.err, "warning: --watch-only requested, --sort-by will be ignored")?;
            }
        } else if cx.args.is_empty() && flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
            writeln!(
                cx.err,
                "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n"
            )?;
            return Err(cx.usage_error("Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods)."));
        }
        Ok(options)
    }

    pub(super) fn validate(&self) -> Result<()> {
        let refuse = |text: &str| Err(Error::msg(text));
        if !self.raw.is_empty() {
            if self.watch || self.watch_only || !self.label_selector.is_empty() {
                return refuse(
                    "--raw may not be specified with other flags that filter the server request or alter the output",
                );
            }
            if !self.output.is_empty() {
                return refuse("--raw and --output are mutually exclusive");
            }
            if !self.raw.starts_with('/') && !self.raw.contains("://") {
                let quoted = crate::text::quote(&self.raw);
                return Err(Error::msg(format!(
                    "--raw must be a valid URL path: parse {quoted}: invalid URI for request"
                )));
            }
        }
        if self.show_labels && !self.output.is_empty() && self.output != "wide" {
            return Err(Error::msg(format!("--show-labels option cannot be used with {} printer", self.output)));
        }
        if !self.label_columns.is_empty() && self.output.starts_with("custom-columns") {
            return Err(Error::msg(format!("--label-columns option cannot be used with {} printer", self.output)));
        }
        if self.output_watch_events && !(self.watch || self.watch_only) {
            return refuse("--output-watch-events option can only be used with --watch or --watch-only");
        }
        Ok(())
    }

    /// The representation to ask for; `None` is plain JSON.
    pub(super) fn accept(&self) -> Option<&'static str> {
        (self.server_print && self.human_readable).then_some(ACCEPT_TABLE)
    }

    /// Finds the objects as every form of `get` does.
    pub(super) fn builder(&self, cx: &Context) -> Builder {
        Builder::new()
            .namespace(&self.namespace, self.explicit_namespace)
            .all_namespaces(self.all_namespaces)
            .filenames(&cx.flags)
            .label_selector(&self.label_selector)
            .field_selector(cx.flags.str("field-selector"))
            .args(true, &cx.args)
            .chunks_of(if self.sort_by.is_empty() || self.watch || self.watch_only {
                cx.flags.int("chunk-size")
            } else {
                0
            })
            .latest()
            .accept(self.accept(), self.accept().is_some() && !self.sort_by.is_empty())
    }

    /// How tables look; `kind_prefix` is used when types are mixed or `--show-kind` is given.
    pub(super) fn table(&self, with_namespace: bool, with_kind: bool, kind_prefix: String) -> TableOptions {
        TableOptions {
            no_headers: self.no_headers,
            wide: self.output == "wide",
            with_namespace,
            kind_prefix: if with_kind || self.show_kind { kind_prefix } else { String::new() },
            column_labels: self.label_columns.clone(),
            show_labels: self.show_labels,
        }
    }
}
