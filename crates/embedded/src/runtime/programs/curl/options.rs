//! The options of `curl`.

use std::time::Duration;

use crate::runtime::process::Process;

/// What a command line of curl asks for: each field is the long option of that name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub silent: bool,
    pub show_error: bool,
    pub fail: bool,
    pub fail_with_body: bool,
    pub include: bool,
    pub head: bool,
    pub verbose: bool,
    pub location: bool,
    pub to: Option<String>,
    pub remote_name: bool,
    pub write_out: Option<String>,
    pub max_time: Option<Duration>,
    pub connect_timeout: Option<Duration>,
    pub retry: u32,
    pub method: Option<String>,
    pub headers: Vec<String>,
    pub data: Vec<String>,
    pub get: bool,
    pub user_agent: Option<String>,
    pub user: Option<String>,
    pub resolve: Vec<(String, String)>,
    pub urls: Vec<String>,
}

fn seconds(value: &str) -> Option<Duration> {
    value
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
}

/// Reads the command line.
///
/// # Errors
/// What is wrong with it, in curl's words, and the exit code.
pub fn options(process: &Process) -> Result<Options, (String, i32)> {
    let mut options = Options::default();
    let mut words = process.operands().into_iter();
    let help = "\ncurl: try 'curl --help' for more information";
    while let Some(word) = words.next() {
        if let Some(name) = word.strip_prefix("--") {
            let (name, given) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
            if set_flag(&mut options, name) {
                continue;
            }
            if !takes_value(name) {
                return Err((format!("curl: option {word}: is unknown{help}"), 2));
            }
            let Some(value) = given.or_else(|| words.next()) else {
                return Err((format!("curl: option {word}: requires parameter{help}"), 2));
            };
            set_value(&mut options, name, value, process)?;
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            options.urls.push(word.to_owned());
            continue;
        };
        for (at, letter) in letters.char_indices() {
            let Some(name) = long_name(letter) else {
                return Err((format!("curl: option -{letter}: is unknown{help}"), 2));
            };
            if set_flag(&mut options, name) {
                continue;
            }
            let rest = &letters[at + letter.len_utf8()..];
            let value = if rest.is_empty() { words.next() } else { Some(rest) };
            let Some(value) = value else {
                return Err((format!("curl: option -{letter}: requires parameter{help}"), 2));
            };
            set_value(&mut options, name, value, process)?;
            break;
        }
    }
    Ok(options)
}

fn long_name(letter: char) -> Option<&'static str> {
    Some(match letter {
        's' => "silent",
        'S' => "show-error",
        'f' => "fail",
        'i' => "include",
        'I' => "head",
        'v' => "verbose",
        'L' => "location",
        'k' => "insecure",
        'N' => "no-buffer",
        'G' => "get",
        'O' => "remote-name",
        'g' => "globoff",
        '4' => "ipv4",
        '6' => "ipv6",
        'V' => "version",
        '#' => "progress-bar",
        'o' => "output",
        'w' => "write-out",
        'm' => "max-time",
        'X' => "request",
        'H' => "header",
        'd' => "data",
        'A' => "user-agent",
        'u' => "user",
        _ => return None,
    })
}

fn set_flag(options: &mut Options, name: &str) -> bool {
    match name {
        "silent" => options.silent = true,
        "show-error" => options.show_error = true,
        "fail" => options.fail = true,
        "fail-with-body" => options.fail_with_body = true,
        "include" | "show-headers" => options.include = true,
        "head" => options.head = true,
        "verbose" => options.verbose = true,
        "location" => options.location = true,
        "get" => options.get = true,
        "remote-name" => options.remote_name = true,
        "version" => options.urls.insert(0, "\0version".into()),
        "insecure" | "no-buffer" | "globoff" | "ipv4" | "ipv6" | "http1.1" | "compressed" | "progress-bar"
        | "no-progress-meter" | "retry-connrefused" | "retry-all-errors" => {}
        _ => return false,
    }
    true
}

fn takes_value(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "output",
        "write-out",
        "max-time",
        "connect-timeout",
        "request",
        "header",
        "data",
        "data-raw",
        "data-binary",
        "data-urlencode",
        "json",
        "user-agent",
        "user",
        "url",
        "retry",
        "retry-delay",
        "retry-max-time",
        "resolve",
    ];
    NAMES.contains(&name)
}

fn set_value(options: &mut Options, name: &str, value: &str, process: &Process) -> Result<(), (String, i32)> {
    match name {
        "output" => options.to = Some(value.to_owned()),
        "write-out" => options.write_out = Some(value.to_owned()),
        "max-time" => options.max_time = seconds(value),
        "connect-timeout" => options.connect_timeout = seconds(value),
        "request" => options.method = Some(value.to_owned()),
        "header" => options.headers.push(value.to_owned()),
        "user-agent" => options.user_agent = Some(value.to_owned()),
        "user" => options.user = Some(value.to_owned()),
        "url" => options.urls.push(value.to_owned()),
        "retry" => options.retry = value.parse().unwrap_or_default(),
        "resolve" => {
            let mut parts = value.splitn(3, ':');
            if let (Some(host), Some(_), Some(address)) = (parts.next(), parts.next(), parts.next()) {
                options.resolve.push((host.to_owned(), address.to_owned()));
            }
        }
        "data" | "data-raw" | "data-binary" | "data-urlencode" | "json" => {
            let text = match value.strip_prefix('@').filter(|_| matches!(name, "data" | "data-binary" | "json")) {
                Some(file) => process
                    .container
                    .setup
                    .files
                    .text(&process.path(file))
                    .ok_or_else(|| (format!("curl: Failed to open {file}"), 26))?,
                None => value.to_owned(),
            };
            if name == "json" {
                options
                    .headers
                    .extend(["Content-Type: application/json".to_owned(), "Accept: application/json".to_owned()]);
            }
            options.data.push(text);
        }
        _ => {}
    }
    Ok(())
}
