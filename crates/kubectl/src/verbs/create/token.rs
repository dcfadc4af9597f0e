//! `kubectl create token` (kubectl: pkg/cmd/create/create_token.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::request::Call;
use http::Method;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "token",
    use_line: "token SERVICE_ACCOUNT_NAME",
    short: "Request a service account token",
    long: "Request a token for a service account.",
    example: "# A token for the service account myapp of this namespace
kubectl create token myapp

# Of another namespace
kubectl create token myapp --namespace myns

# That lasts ten minutes
kubectl create token myapp --duration 10m

# For another audience
kubectl create token myapp --audience https://example.com

# That ends with an object
kubectl create token myapp --bound-object-kind Secret --bound-object-name mysecret",
    flags: || {
        let mut flags = common::output();
        flags.extend([
            Flag::string_array("audience", "Audience of the requested token. If unset, defaults to requesting a token for use with the Kubernetes API server. May be repeated to request a token valid for multiple audiences."),
            Flag::duration("duration", "0s", "Requested lifetime of the issued token. If not set or if set to 0, the lifetime will be determined by the server automatically. The server may return a token with a longer or shorter lifetime."),
            Flag::string("bound-object-kind", "", "Kind of an object to bind the token to. Supported kinds are Node, Pod, Secret. If set, --bound-object-name must be provided."),
            Flag::string("bound-object-name", "", "Name of an object to bind the token to. The token will expire when the object is deleted. Requires --bound-object-kind."),
            Flag::string("bound-object-uid", "", "UID of an object to bind the token to. Requires --bound-object-kind and --bound-object-name. If unset, the UID of the existing object is used."),
        ]);
        flags
    },
    class: |_| Class::CHANGES,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn validate(cx: &Context) -> Result<()> {
    let refuse = |text: &str| Err(Error::msg(text));
    let duration = cx.flags.duration("duration");
    if duration.is_negative() {
        return refuse("--duration must be greater than or equal to 0");
    }
    if duration.subsec_nanos() != 0 {
        return refuse("--duration cannot be expressed in units less than seconds");
    }
    if cx.flags.strings("audience").iter().any(String::is_empty) {
        return refuse("--audience must not be an empty string");
    }
    let given = |flag: &str| !cx.flags.str(flag).is_empty();
    if !given("bound-object-kind") {
        if given("bound-object-name") {
            return refuse("--bound-object-name can only be set if --bound-object-kind is provided");
        }
        if given("bound-object-uid") {
            return refuse("--bound-object-uid can only be set if --bound-object-kind is provided");
        }
        return Ok(());
    }
    if !["Node", "Pod", "Secret"].contains(&cx.flags.str("bound-object-kind")) {
        return refuse("supported --bound-object-kind values are Node, Pod, Secret");
    }
    if !given("bound-object-name") {
        return refuse("--bound-object-name is required if --bound-object-kind is provided");
    }
    Ok(())
}

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let (namespace, _) = cx.namespace().await?;
    let mut printer = PrintFlags::of(cx, "created").printer(cx).await?;
    validate(cx)?;
    let flags = &cx.flags;
    let audiences = flags.strings("audience");
    let mut spec = json!({"audiences": if audiences.is_empty() { json!(null) } else { json!(audiences) }});
    if !flags.duration("duration").is_zero() {
        spec["expirationSeconds"] = json!(flags.duration("duration").as_secs());
    }
    if !flags.str("bound-object-kind").is_empty() {
        let mut bound = json!({
            "kind": flags.str("bound-object-kind"),
            "apiVersion": "v1",
            "name": flags.str("bound-object-name"),
        });
        if !flags.str("bound-object-uid").is_empty() {
            bound["uid"] = json!(flags.str("bound-object-uid"));
        }
        spec["boundObjectRef"] = bound;
    }
    let request = json!({
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {},
        "spec": spec,
        "status": {"token": "", "expirationTimestamp": null},
    });
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
    let answer = cx.requests().await?.json(Call::new(Method::POST, path).json(&request)).await;
    let answer = answer.map_err(|error| Error::msg(format!("failed to create token: {error}")))?;
    let Some(token) = answer["status"]["token"].as_str().filter(|token| !token.is_empty()) else {
        return Err(Error::msg("failed to create token: no token in server response"));
    };
    if !flags.str("output").is_empty() || !flags.str("template").is_empty() {
        write!(cx.out, "{}", printer.print(answer)?)?;
    } else if cx.tty.as_ref().is_some_and(|tty| tty.stdout) {
        writeln!(cx.out, "{token}")?;
    } else {
        write!(cx.out, "{token}")?;
    }
    Ok(())
}
