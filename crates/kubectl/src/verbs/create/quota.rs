//! `kubectl create quota` (kubectl: pkg/cmd/create/create_quota.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use apimachinery::quantity::Quantity;
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "quota",
    use_line: "quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    aliases: &["resourcequota"],
    short: "Create a quota with the specified name",
    long: "Create a resource quota with the specified name, hard limits, and optional scopes.",
    example: "# A quota
kubectl create quota my-quota --hard=cpu=1,memory=1G,pods=2,services=3

# With a scope
kubectl create quota best-effort --hard=pods=100 --scopes=BestEffort",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string("hard", "", "A comma-delimited set of resource=quantity pairs that define a hard limit."),
            Flag::string(
                "scopes",
                "",
                "A comma-delimited set of quota scopes that must all match each object tracked by the quota.",
            ),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let (hard, scopes) = (cx.flags.str("hard"), cx.flags.str("scopes"));
    let mut spec = json!({});
    if !hard.is_empty() {
        spec["hard"] = Value::Object(quantities(hard, "Invalid")?);
    }
    if !scopes.is_empty() {
        let scopes: Vec<&str> = scopes.split(',').collect();
        if scopes.contains(&"") {
            return Err(Error::msg("invalid resource quota scope \"\""));
        }
        spec["scopes"] = json!(scopes);
    }
    let quota = json!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": name},
        "spec": spec,
        "status": {},
    });
    generated::create(cx, "failed to create quota:", quota).await
}

/// `cpu=1,memory=1Gi`; `invalid` is the first word of the complaint.
pub(crate) fn quantities(text: &str, invalid: &str) -> Result<Map<String, Value>> {
    let mut map = Map::new();
    for pair in text.split(',') {
        let [name, quantity] = pair.split('=').collect::<Vec<_>>()[..] else {
            return Err(Error::msg(format!("{invalid} argument syntax {pair}, expected <resource>=<value>")));
        };
        let quantity = Quantity::parse(quantity).map_err(|error| Error::msg(error.to_string()))?;
        map.insert(name.to_string(), json!(quantity.to_string()));
    }
    Ok(map)
}
