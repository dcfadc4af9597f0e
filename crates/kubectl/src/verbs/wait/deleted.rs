//! Until an object is gone (kubectl: pkg/cmd/wait/delete.go).

use super::{Patience, timed_out};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::resource::{Helper, Info, Until};
use serde_json::Value;

/// Waits until the object is gone, or another of its name has taken its place (another uid than this). Its last known
/// state is in `info` then.
pub(in crate::verbs) async fn until_deleted(
    cx: &Context,
    info: &mut Info,
    uid: Option<&str>,
    patience: Patience,
) -> Result<()> {
    let requests = cx.requests().await?;
    let gone = |object: &Value| uid.is_some_and(|uid| object["metadata"]["uid"] != uid);
    match Helper::new(&requests, &info.mapping).get(&info.namespace, &info.name).await {
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error),
        Ok(object) => {
            let done = gone(&object);
            info.object = object;
            if done {
                return Ok(());
            }
        }
    }
    if matches!(patience, Patience::None) {
        return Err(Error::msg(format!("condition not met for {}", info.object_name())));
    }
    let watch = async {
        let mut until = Until::start(&requests, &info.mapping, &info.namespace, &info.name).await?;
        if until.object().is_none_or(gone) {
            return Ok(());
        }
        while until.next().await?.kind != "DELETED" {}
        Ok(())
    };
    patience.limit(timed_out(info), watch).await
}
