//! What `-v=6` and more say of requests (client-go: transport/round_trippers.go `debuggingRoundTripper`). Bodies are
//! shown from 8 on, cut as klog's callers do.

use super::Call;
use crate::environment::Clock;
use crate::io::Sink;
use crate::text::quote;
use http::HeaderMap;
use kube::client::Body;
use std::sync::Arc;
use tokio::time::Instant;

/// Where the log goes, and how much of it.
#[derive(Clone)]
pub(super) struct Log {
    level: i64,
    clock: Arc<dyn Clock>,
    stderr: Sink,
}

/// A request under way.
pub(super) struct Started(Instant);

impl Log {
    /// A log of this verbosity.
    pub(super) fn new(level: i64, clock: Arc<dyn Clock>, stderr: Sink) -> Self {
        Log { level, clock, stderr }
    }

    /// A request is sent.
    pub(super) fn request(&self, server: &str, call: &Call, request: &http::Request<Body>) -> Started {
        if self.level >= 8 {
            self.body("Request Body", &call.body);
        }
        if self.level >= 7 {
            let (verb, url) = (quote(call.method.as_str()), url(server, call));
            let headers = self.headers(request.headers());
            self.line("round_trippers.go:527", &format!("\"Request\" verb={verb} url={url}{headers}"));
        }
        Started(Instant::now())
    }

    /// Its answer came, or none.
    pub(super) fn response(
        &self,
        server: &str,
        call: &Call,
        started: &Started,
        response: Option<&http::Response<Body>>,
    ) {
        if self.level < 6 {
            return;
        }
        let status = response.map(|response| response.status());
        let status = status.map(|s| format!("{} {}", s.as_u16(), s.canonical_reason().unwrap_or_default()));
        let status = quote(&status.unwrap_or_default());
        let milliseconds = started.0.elapsed().as_millis();
        let what = match self.level {
            6 => format!(" verb={} url={}", quote(call.method.as_str()), url(server, call)),
            _ => String::new(),
        };
        let headers = match response {
            Some(response) if self.level >= 8 => self.headers(response.headers()),
            _ => String::new(),
        };
        let text = format!("\"Response\"{what} status={status}{headers} milliseconds={milliseconds}");
        self.line("round_trippers.go:632", &text);
    }

    /// The answer's body was read.
    pub(super) fn response_body(&self, body: &[u8]) {
        if self.level >= 8 {
            self.body("Response Body", body);
        }
    }

    fn body(&self, title: &str, body: &[u8]) {
        let most = match self.level {
            8 => 1024,
            9 => 10 * 1024,
            _ => body.len(),
        };
        let mut text = String::from_utf8_lossy(&body[..body.len().min(most)]).into_owned();
        if body.len() > most {
            text.push_str(&format!(" [truncated {} chars]", body.len() - most));
        }
        self.line("helper.go:105", &format!("{} body={}", quote(title), value(&text)));
    }

    fn headers(&self, headers: &HeaderMap) -> String {
        let mut lines: Vec<String> = headers
            .iter()
            // Go's transport asks for it after the log
            .filter(|(name, _)| *name != http::header::ACCEPT_ENCODING)
            .map(|(name, value)| {
                let secret = matches!(name.as_str(), "authorization" | "cookie");
                let value = if secret { "<masked>".into() } else { String::from_utf8_lossy(value.as_bytes()) };
                format!("{}: {value}\n", canonical(name.as_str()))
            })
            .collect();
        lines.sort();
        format!(" headers={}", value(&lines.concat()))
    }

    fn line(&self, place: &str, text: &str) {
        let now = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC);
        let stamp = now.strftime("%m%d %H:%M:%S%.6f");
        // the log is beside the point when nobody can read it
        let _ = writeln!(self.stderr, "I{stamp} {:>7} {place}] {text}", 1);
    }
}

fn url(server: &str, call: &Call) -> String {
    quote(&format!("{}{}", server.trim_end_matches('/'), call.uri()))
}

/// klog's way to write a text: lines stand indented between `<` and `>`.
fn value(text: &str) -> String {
    if !text.contains('\n') {
        return quote(text);
    }
    let lines: String = text.lines().map(|line| format!("\t{line}\n")).collect();
    format!("<\n{lines} >")
}

/// `textproto.CanonicalMIMEHeaderKey`.
fn canonical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_klogs() {
        assert_eq!(canonical("accept-encoding"), "Accept-Encoding");
        assert_eq!(value("a\nb\n"), "<\n\ta\n\tb\n >");
        assert_eq!(value("a"), "\"a\"");
    }
}
