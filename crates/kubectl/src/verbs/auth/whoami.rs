//! `kubectl auth whoami` (kubectl: pkg/cmd/auth/whoami.go).

use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::common;
use crate::printers::PrintFlags;
use crate::printers::tabwriter::TabWriter;
use crate::request::Call;
use http::Method;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "whoami",
    use_line: "whoami",
    short: "Experimental: Check self subject attributes",
    long: "Experimental: Show whom the API server takes you for: name, groups and other attributes. This helps where a webhook, a proxy or an OIDC provider decides that.",
    example: "# Who am I?\nkubectl auth whoami\n\n# The same as JSON\nkubectl auth whoami -o json",
    flags: common::output,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let flags = PrintFlags::of(cx, "").typed();
    let mut printer = flags.printer(cx).await?;
    let review = review(cx).await.map_err(|error| match error.api().map(|api| api.reason()) {
        Some("Forbidden") => Error::msg(
            "the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it",
        ),
        Some("NotFound") => Error::msg("the selfsubjectreviews API is not enabled in the cluster"),
        _ => error,
    })?;
    // `OutputFlagSpecified`: --template alone is not asked about.
    let text = if cx.flags.str("output").is_empty() { table(&review) } else { printer.print(review)? };
    write!(cx.out, "{text}")?;
    Ok(())
}

/// The newest version of the API that the server has.
async fn review(cx: &Context) -> Result<Value> {
    let requests = cx.requests().await?;
    let mut answer = Err(Error::msg("no version of the selfsubjectreviews API"));
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let api_version = format!("authentication.k8s.io/{version}");
        let body =
            json!({"kind": "SelfSubjectReview", "apiVersion": api_version, "metadata": {}, "status": {"userInfo": {}}});
        let path = format!("/apis/{api_version}/selfsubjectreviews");
        answer = requests.json(Call::new(Method::POST, path).json(&body)).await;
        if !answer.as_ref().is_err_and(Error::is_not_found) {
            break;
        }
    }
    answer
}

fn table(review: &Value) -> String {
    let info = &review["status"]["userInfo"];
    let list = |value: &Value| {
        let items: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("[{}]", items.join(" "))
    };
    let mut writer = TabWriter::get();
    writer.write("ATTRIBUTE\tVALUE\n");
    for (label, field) in [("Username", "username"), ("UID", "uid")] {
        if let Some(text) = info[field].as_str().filter(|text| !text.is_empty()) {
            writer.write(&format!("{label}\t{text}\n"));
        }
    }
    if info["groups"].as_array().is_some_and(|groups| !groups.is_empty()) {
        writer.write(&format!("Groups\t{}\n", list(&info["groups"])));
    }
    for (key, values) in info["extra"].as_object().into_iter().flatten() {
        writer.write(&format!("Extra: {key}\t{}\n", list(values)));
    }
    writer.flush()
}
