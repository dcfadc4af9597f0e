//! ServiceAccounts (kubectl: pkg/describe/describe.go `describeServiceAccount`).

use super::writer::{Writer, list, str_of};
use super::{Describing, events};
use crate::error::Result;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, account: &Value) -> Result<()> {
    const TITLE: &str = "Image pull secrets:";
    let events = events::of(d, account).await;
    w.name_and_namespace(account);
    w.labels_and_annotations(account);
    let secrets = list(&account["imagePullSecrets"]);
    if secrets.is_empty() {
        w.line(0, format_args!("{TITLE}\t<none>"));
    }
    for (index, secret) in secrets.iter().enumerate() {
        let title = if index == 0 { TITLE.to_string() } else { " ".repeat(TITLE.len()) };
        w.line(0, format_args!("{title}\t{}", str_of(&secret["name"])));
    }
    events::describe(w, events);
    Ok(())
}
