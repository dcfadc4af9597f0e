//! `kubectl certificate approve | deny` (kubectl: pkg/cmd/certificates/certificates.go).

use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Errors, Helper, Info};
use crate::text::quote;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "certificate",
    use_line: "certificate SUBCOMMAND",
    short: "Modify certificate resources",
    long: "Modify certificate resources.",
    subcommands: &[&APPROVE, &DENY],
    class: |_| Class::LOCAL,
    run: Some(|cx| {
        Box::pin(async {
            write!(cx.out, "{}", crate::help::help(cx.command, &cx.path))?;
            Ok(())
        })
    }),
    ..Command::NEW
};

static APPROVE: Command = Command {
    name: "approve",
    use_line: "approve (-f FILENAME | NAME)",
    short: "Approve a certificate signing request",
    long: "Approve a certificate signing request (CSR), as an administrator may: a controller will then sign the certificate with the attributes that were asked for.\n\n SECURITY NOTICE: Such a certificate can give access to the cluster, or let its owner pass for somebody. Know what it can do before you approve.",
    example: "# Approve CSR 'csr-sqgzp'\nkubectl certificate approve csr-sqgzp",
    flags: || flags("Update the CSR even if it is already approved."),
    class: |_| Class::CHANGES,
    run: Some(|cx| Box::pin(run(cx, &APPROVAL))),
    ..Command::NEW
};

static DENY: Command = Command {
    name: "deny",
    use_line: "deny (-f FILENAME | NAME)",
    short: "Deny a certificate signing request",
    long: "Deny a certificate signing request (CSR), as an administrator may: no controller will sign it.",
    example: "# Deny CSR 'csr-sqgzp'\nkubectl certificate deny csr-sqgzp",
    flags: || flags("Update the CSR even if it is already denied."),
    class: |_| Class::CHANGES,
    run: Some(|cx| Box::pin(run(cx, &DENIAL))),
    ..Command::NEW
};

fn flags(force: &'static str) -> Vec<Flag> {
    let mut flags = common::output();
    flags.extend(common::filename("identifying the resource to update"));
    flags.push(Flag::bool("force", force));
    flags
}

/// The condition that a decision adds, and the one that must not be there.
struct Decision {
    done: &'static str,
    condition: &'static str,
    not: &'static str,
    reason: &'static str,
    message: &'static str,
}

static APPROVAL: Decision = Decision {
    done: "approved",
    condition: "Approved",
    not: "Denied",
    reason: "KubectlApprove",
    message: "This CSR was approved by kubectl certificate approve.",
};

static DENIAL: Decision = Decision {
    done: "denied",
    condition: "Denied",
    not: "Approved",
    reason: "KubectlDeny",
    message: "This CSR was denied by kubectl certificate deny.",
};

async fn run(cx: &Context, decision: &Decision) -> Result<()> {
    let flags = &cx.flags;
    let mut printer = PrintFlags::of(cx, decision.done).printer(cx).await?;
    if cx.args.is_empty() && flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
        return Err(Error::msg("one or more CSRs must be specified as <name> or -f <filename>"));
    }
    let qualified = |name: &String| match name.contains('/') {
        true => name.clone(),
        false => format!("certificatesigningrequests/{name}"),
    };
    let args: Vec<String> = cx.args.iter().map(qualified).collect();
    let builder = Builder::new().continue_on_error().filenames(flags).args(false, &args).flatten().latest();
    let (mut found, mut errors) = (false, Errors::default());
    for item in builder.find(cx).await?.items {
        let done = match item {
            Ok(info) => decide(cx, &info, decision).await.map(|()| info),
            Err(error) => Err(error),
        };
        errors.keep(match done {
            Ok(info) => {
                found = true;
                printer.print(info.object).and_then(|text| Ok(write!(cx.out, "{text}")?))
            }
            Err(error) => Err(error),
        })?;
    }
    errors.finish()?;
    if !found {
        writeln!(cx.out, "No resources found")?;
    }
    Ok(())
}

/// Adds the condition, again if somebody else changed the request meanwhile.
async fn decide(cx: &Context, info: &Info, decision: &Decision) -> Result<()> {
    const TRIES: usize = 10;
    let mapping = &info.mapping;
    if mapping.group != "certificates.k8s.io" || mapping.kind != "CertificateSigningRequest" {
        let got =
            if mapping.group.is_empty() { mapping.kind.clone() } else { format!("{}.{}", mapping.kind, mapping.group) };
        let text = format!("can only handle CertificateSigningRequest.certificates.k8s.io objects, got {got}");
        return Err(Error::msg(text));
    }
    let helper = Helper::new(&cx.requests().await?, mapping);
    let mut tries = 0;
    loop {
        let mut request = helper.get("", &info.name).await?;
        let mut conditions = request["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let has = |kind: &str| conditions.iter().any(|condition| condition["type"] == kind);
        if has(decision.not) {
            let text = format!("certificate signing request {} is already {}", quote(&info.name), decision.not);
            return Err(Error::msg(text));
        }
        let decided = has(decision.condition);
        if decided && !cx.flags.bool("force") {
            return Ok(());
        }
        if !decided {
            let now = apimachinery::meta::format_time(cx.env.clock.now());
            conditions.push(json!({"type": decision.condition, "status": "True", "reason": decision.reason,
                                   "message": decision.message, "lastUpdateTime": now}));
            request["status"]["conditions"] = json!(conditions);
        }
        let approval = helper.clone().subresource("approval");
        match approval.replace("", &info.name, &request).await {
            Err(error) if error.is_conflict() && tries < TRIES => tries += 1,
            done => return done.map(drop),
        }
    }
}
