//! What a URL leads to, for `-f https://…` (cli-runtime: pkg/resource/visitor.go `readHttpWithRetries`).

use http_body_util::BodyExt;
use kube::client::Body;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// How often it is tried, and the time between.
const ATTEMPTS: usize = 3;
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);
/// As many redirects as Go's client follows.
const REDIRECTS: usize = 10;

/// Reads the document. Errors of the server and of the way to it are tried again.
///
/// # Errors
/// `NotFound` is the server's 404; `InvalidData` is another answer of the server, in upstream's words; `InvalidInput` is
/// an address that cannot be; all else is the way to the server, in Go's words.
pub(crate) async fn fetch(url: &str) -> io::Result<Vec<u8>> {
    let mut result = get(url).await;
    for _ in 1..ATTEMPTS {
        match &result {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
                tokio::time::sleep(BETWEEN_ATTEMPTS).await;
                result = get(url).await;
            }
            _ => break,
        }
    }
    result
}

async fn get(url: &str) -> io::Result<Vec<u8>> {
    let mut url = url::Url::parse(url).map_err(invalid)?;
    for _ in 0..=REDIRECTS {
        let response = request(&url).await?;
        let status = response.status();
        if status.is_redirection()
            && let Some(location) = response.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok())
        {
            url = url.join(location).map_err(invalid)?;
            continue;
        }
        if !status.is_success() {
            let said = status.canonical_reason().unwrap_or_default();
            let code = status.as_u16();
            let text = format!("server reported {code} {said}, status code={code}");
            let kind = if code == 404 { ErrorKind::NotFound } else { ErrorKind::InvalidData };
            return Err(io::Error::new(kind, text));
        }
        let body = response.into_body().collect().await;
        return body.map(|body| body.to_bytes().to_vec()).map_err(|error| io::Error::other(error.to_string()));
    }
    Err(invalid(format!("Get {:?}: stopped after {REDIRECTS} redirects", url.as_str())))
}

/// One request, without credentials.
async fn request(url: &url::Url) -> io::Result<http::Response<Body>> {
    let origin: http::Uri = url.origin().ascii_serialization().parse().map_err(invalid)?;
    let client = kube::Client::try_from(kube::Config::new(origin)).map_err(invalid)?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = http::Request::get(target).body(Body::empty()).map_err(invalid)?;
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    client.send(request).await.map_err(|error| {
        let mut cause: &(dyn std::error::Error + 'static) = &error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        let text = cause.to_string();
        if text.contains("lookup") || text.contains("resolve") {
            io::Error::other(format!("dial tcp: lookup {host}: no such host"))
        } else if text.contains("refused") {
            let text = format!("dial tcp {host}:{port}: connect: connection refused");
            io::Error::new(ErrorKind::ConnectionRefused, text)
        } else {
            io::Error::other(text)
        }
    })
}

fn invalid(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::fetch;
    use std::io::ErrorKind;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Answers as many requests as there are answers, and tells the paths that were asked for.
    async fn serve(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut socket, _) = listener.accept().await.expect("a client");
                let mut buffer = vec![0; 4096];
                let length = socket.read(&mut buffer).await.expect("a request");
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                asked.push(text.split(' ').nth(1).unwrap_or_default().to_owned());
                socket.write_all(answer.as_bytes()).await.expect("it listens");
            }
            asked
        });
        (format!("http://{address}"), server)
    }

    fn answer(head: &str, body: &str) -> String {
        format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn redirects_are_followed() {
        let (url, server) =
            serve(vec![answer("301 Moved\r\nLocation: /there?x=1", ""), answer("200 OK", "kind: Pod\n")]).await;
        assert_eq!(fetch(&format!("{url}/here")).await.expect("a document"), b"kind: Pod\n");
        assert_eq!(server.await.expect("it ends"), ["/here", "/there?x=1"]);
    }

    #[tokio::test]
    async fn a_missing_page_is_not_asked_for_again() {
        let (url, server) = serve(vec![answer("404 Not Found", "no")]).await;
        let error = fetch(&url).await.expect_err("nothing is there");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::NotFound, "server reported 404 Not Found, status code=404")
        );
        assert_eq!(server.await.expect("it ends"), ["/"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_in_trouble_is_asked_again() {
        let (url, server) = serve(vec![answer("503 Service Unavailable", ""), answer("200 OK", "{}")]).await;
        assert_eq!(fetch(&url).await.expect("a document"), b"{}");
        assert_eq!(server.await.expect("it ends").len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_listens() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let error = fetch(&format!("http://{address}/x")).await.expect_err("nobody");
        assert_eq!(error.to_string(), format!("dial tcp {address}: connect: connection refused"));
    }
}
