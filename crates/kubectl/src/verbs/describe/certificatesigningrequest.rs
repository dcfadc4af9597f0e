//! CertificateSigningRequests (kubectl: pkg/describe/describe.go `describeCertificateSigningRequest`,
//! pkg/util/certificate).

use super::data::decoded;
use super::writer::{Writer, format_labels, list, str_of};
use super::{Describing, events};
use crate::error::{Error, Result};
use apimachinery::meta;
use jiff::SignedDuration;
use serde_json::Value;
use std::net::{Ipv4Addr, Ipv6Addr};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

/// What is shown of the one who asks, by the object identifiers of its attributes; only the last of the first two.
const SUBJECT: [(&str, &str); 9] = [
    ("Common Name", "2.5.4.3"),
    ("Serial Number", "2.5.4.5"),
    ("Organization", "2.5.4.10"),
    ("Organizational Unit", "2.5.4.11"),
    ("Country", "2.5.4.6"),
    ("Locality", "2.5.4.7"),
    ("Province", "2.5.4.8"),
    ("StreetAddress", "2.5.4.9"),
    ("PostalCode", "2.5.4.17"),
];
const SINGLE: usize = 2;

/// What the certificate is asked for.
#[derive(Default)]
struct Request {
    /// The values of each of [`SUBJECT`].
    subject: [Vec<String>; SUBJECT.len()],
    dns_names: Vec<String>,
    emails: Vec<String>,
    uris: Vec<String>,
    addresses: Vec<String>,
}

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, csr: &Value) -> Result<()> {
    let spec = &csr["spec"];
    let events = events::of(d, csr).await;
    let request = parse(&decoded(str_of(&spec["request"])));
    let request = request.map_err(|cause| Error::msg(format!("Error parsing CSR: {cause}")))?;
    w.line(0, format_args!("Name:\t{}", meta::name(csr)));
    w.line(0, format_args!("Labels:\t{}", format_labels(&csr["metadata"]["labels"])));
    w.line(0, format_args!("Annotations:\t{}", format_labels(&csr["metadata"]["annotations"])));
    w.created(csr);
    w.line(0, format_args!("Requesting User:\t{}", str_of(&spec["username"])));
    w.some(0, "Signer", &spec["signerName"]);
    if let Some(seconds) = spec["expirationSeconds"].as_i64() {
        let duration = apimachinery::duration::human_duration(SignedDuration::from_secs(seconds));
        w.line(0, format_args!("Requested Duration:\t{duration}"));
    }
    w.line(0, format_args!("Status:\t{}", status(&csr["status"])));
    w.line(0, format_args!("Subject:"));
    for (index, ((title, _), values)) in SUBJECT.iter().zip(&request.subject).enumerate() {
        if index < SINGLE {
            w.line(0, format_args!("\t{title}:\t{}", values.last().map_or("", String::as_str)));
        } else {
            values_of(w, title, values);
        }
    }
    let names = [
        ("DNS Names", &request.dns_names),
        ("Email Addresses", &request.emails),
        ("URIs", &request.uris),
        ("IP Addresses", &request.addresses),
    ];
    if names.iter().any(|(_, values)| !values.is_empty()) {
        w.line(0, format_args!("Subject Alternative Names:"));
    }
    for (title, values) in names {
        values_of(w, title, values);
    }
    events::describe(w, events);
    Ok(())
}

fn values_of(w: &mut Writer, title: &str, values: &[String]) {
    if !values.is_empty() {
        w.line(0, format_args!("\t{title}:\t{}", values.join("\n\t\t")));
    }
}

/// `Pending`, `Approved,Issued`: a refusal counts more than an approval (`extractCSRStatus`).
fn status(status: &Value) -> String {
    let has = |kind: &str| list(&status["conditions"]).iter().any(|condition| condition["type"] == kind);
    let mut out = match (has("Denied"), has("Approved")) {
        (true, _) => "Denied",
        (_, true) => "Approved",
        _ => "Pending",
    }
    .to_string();
    if has("Failed") {
        out.push_str(",Failed");
    }
    if !str_of(&status["certificate"]).is_empty() {
        out.push_str(",Issued");
    }
    out
}

/// The request of a PEM block (`ParseCSR`).
fn parse(pem: &[u8]) -> Result<Request, String> {
    let block = x509_parser::pem::parse_x509_pem(pem).ok().map(|(_, block)| block);
    let block = block.filter(|block| block.label == "CERTIFICATE REQUEST");
    let block = block.ok_or("PEM block type must be CERTIFICATE REQUEST")?;
    let (_, parsed) = X509CertificationRequest::from_der(&block.contents).map_err(|error| error.to_string())?;
    let mut request = Request::default();
    for attribute in parsed.certification_request_info.subject.iter_attributes() {
        let place = SUBJECT.iter().position(|(_, id)| attribute.attr_type().to_id_string() == *id);
        if let (Some(place), Ok(value)) = (place, attribute.as_str()) {
            request.subject[place].push(value.to_string());
        }
    }
    for extension in parsed.requested_extensions().into_iter().flatten() {
        let ParsedExtension::SubjectAlternativeName(names) = extension else { continue };
        for name in &names.general_names {
            match name {
                GeneralName::DNSName(name) => request.dns_names.push(name.to_string()),
                GeneralName::RFC822Name(name) => request.emails.push(name.to_string()),
                GeneralName::URI(uri) => request.uris.push(uri.to_string()),
                GeneralName::IPAddress(bytes) => request.addresses.extend(address(bytes)),
                _ => {}
            }
        }
    }
    Ok(request)
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| Ipv6Addr::from(sixteen).to_canonical().to_string())
}
