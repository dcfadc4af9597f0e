//! curl's options, those that lessons use.

use bytes::Bytes;
use http_body_util::Full;
use std::time::Duration;
use url::Url;

/// curl: how long a connection is tried.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(300);

/// What was asked for.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub silent: bool,
    pub show_error: bool,
    pub fail: bool,
    pub include: bool,
    pub head: bool,
    pub location: bool,
    pub to: Option<String>,
    pub write_out: Option<String>,
    pub max_time: Option<Duration>,
    pub connect_timeout: Option<Duration>,
    pub urls: Vec<String>,
    method: Option<String>,
    headers: Vec<String>,
    data: Vec<String>,
}

/// Short and long names; the value says whether one follows.
const NAMES: &[(&str, &str, bool)] = &[
    ("s", "silent", false),
    ("S", "show-error", false),
    ("f", "fail", false),
    ("i", "include", false),
    ("I", "head", false),
    ("L", "location", false),
    ("k", "insecure", false),
    ("4", "ipv4", false),
    ("o", "output", true),
    ("w", "write-out", true),
    ("m", "max-time", true),
    ("", "connect-timeout", true),
    ("X", "request", true),
    ("H", "header", true),
    ("d", "data", true),
    ("A", "user-agent", true),
    ("", "url", true),
];

/// Reads a command line.
///
/// # Errors
/// curl's words about what is wrong.
pub(super) fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut words = args.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let known = NAMES.iter().find(|(_, name, _)| *name == long);
            let (_, name, valued) = known.ok_or_else(|| format!("option {word}: is unknown"))?;
            let value =
                if *valued { words.next().ok_or_else(|| format!("option {word}: requires parameter"))? } else { "" };
            options.set(name, value)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            for (at, letter) in letters.char_indices() {
                let known = NAMES.iter().find(|(short, ..)| short.starts_with(letter));
                let (_, name, valued) = known.ok_or_else(|| format!("option -{letter}: is unknown"))?;
                if !valued {
                    options.set(name, "")?;
                    continue;
                }
                let rest = &letters[at + letter.len_utf8()..];
                let value = if rest.is_empty() { words.next() } else { Some(rest) };
                options.set(name, value.ok_or_else(|| format!("option -{letter}: requires parameter"))?)?;
                break;
            }
        } else {
            options.urls.push(word.to_owned());
        }
    }
    if options.urls.is_empty() { Err("(2) no URL specified".into()) } else { Ok(options) }
}

impl Options {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let seconds = || {
            let parsed = value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            parsed.map(Some).ok_or_else(|| format!("option --{name}: expected a proper numerical parameter"))
        };
        match name {
            "silent" => self.silent = true,
            "show-error" => self.show_error = true,
            "fail" => self.fail = true,
            "include" => self.include = true,
            "head" => self.head = true,
            "location" => self.location = true,
            "output" => self.to = Some(value.into()),
            "write-out" => self.write_out = Some(value.into()),
            "max-time" => self.max_time = seconds()?,
            "connect-timeout" => self.connect_timeout = seconds()?,
            "request" => self.method = Some(value.into()),
            "header" => self.headers.push(value.into()),
            "user-agent" => self.headers.push(format!("User-Agent: {value}")),
            "data" => self.data.push(value.into()),
            "url" => self.urls.push(value.into()),
            // Nothing here has certificates or a choice of addresses.
            _ => {}
        }
        Ok(())
    }

    /// The request for a URL.
    ///
    /// # Errors
    /// A method or header that HTTP does not allow.
    pub fn request(&self, url: &Url) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let data = self.data.join("&");
        let method = match &self.method {
            Some(method) => method.as_str(),
            None if self.head => "HEAD",
            None if !self.data.is_empty() => "POST",
            None => "GET",
        };
        let host = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut request = http::Request::builder().method(method).uri(&url[url::Position::BeforePath..]);
        let given =
            |name: &str| self.headers.iter().any(|header| header.to_ascii_lowercase().starts_with(&format!("{name}:")));
        let form = "application/x-www-form-urlencoded";
        for (name, value, wanted) in [
            ("host", authority.as_str(), true),
            ("user-agent", "curl/8.14.1", true),
            ("accept", "*/*", true),
            ("content-type", form, !data.is_empty()),
        ] {
            if wanted && !given(name) {
                request = request.header(name, value);
            }
        }
        for (name, value) in self.headers.iter().filter_map(|header| header.split_once(':')) {
            request = request.header(name.trim(), value.trim());
        }
        request.body(Full::new(Bytes::from(data)))
    }
}

/// `-w`: variables and escapes replaced.
pub(super) fn written_out(format: &str, status: u16, size: usize, url: &Url) -> String {
    let values = [
        ("%{http_code}", format!("{status:03}")),
        ("%{response_code}", format!("{status:03}")),
        ("%{size_download}", size.to_string()),
        ("%{url_effective}", url.to_string()),
        ("\\n", "\n".into()),
        ("\\t", "\t".into()),
    ];
    values.iter().fold(format.to_owned(), |text, (name, value)| text.replace(name, value))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_as_curl_reads_them() {
        let options = parse(&words("-sSLo/dev/null -w %{http_code} -m 2.5 -H Host:web http://10.0.0.1:30007/x"))
            .expect("options");
        assert!(options.silent && options.show_error && options.location && !options.fail);
        assert_eq!(options.to.as_deref(), Some("/dev/null"));
        assert_eq!(options.max_time.map(|time| time.as_millis()), Some(2500));
        assert_eq!(options.urls, ["http://10.0.0.1:30007/x"]);
        let request = options.request(&"http://10.0.0.1:30007/x?y=1".parse().expect("a URL")).expect("a request");
        assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("GET", "/x?y=1"));
        assert_eq!(request.headers().get_all("host").iter().collect::<Vec<_>>(), ["web"]);
        let posted = parse(&words("-d a=1 -d b=2 demo")).expect("options");
        assert_eq!(posted.request(&"http://demo".parse().expect("a URL")).expect("a request").method(), "POST");
        assert_eq!(parse(&words("--nope x")).expect_err("unknown"), "option --nope: is unknown");
        assert_eq!(parse(&words("-s")).expect_err("no URL"), "(2) no URL specified");
    }
}
