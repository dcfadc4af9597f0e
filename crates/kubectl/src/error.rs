//! What can go wrong, and how kubectl says it (kubectl: pkg/cmd/util/helpers.go `checkErr`).

use crate::text::quote;
use serde_json::Value;

/// The result of almost everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A command's error. [`Error::report`] is the text and the exit code that kubectl ends with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A plain text; printed after `error: `.
    #[error("{0}")]
    Message(String),
    /// The API server's answer.
    #[error("{0}")]
    Api(#[from] Box<ApiError>),
    /// The server could not be reached.
    #[error("{}{}", .0.request, .0.text)]
    Connection(Box<ConnectionError>),
    /// Several errors at once (`utilerrors.Aggregate`).
    #[error("{}", aggregate_text(.0))]
    Aggregate(Vec<Error>),
    /// A remote command's, or another, exit code; printed as given, without a prefix (`utilexec.ExitError`).
    #[error("{message}")]
    Exit {
        /// The process' exit code.
        code: i32,
        /// What to print; nothing when empty.
        message: String,
    },
    /// No such resource type, as the RESTMapper says it: printed without `error: ` in front.
    #[error("{0}")]
    NoMatch(String),
    /// The kubeconfig cannot be used: printed after `Error in configuration: `.
    #[error("{0}")]
    Configuration(String),
    /// The output cannot be written any more: the command ends without a word.
    #[error("broken pipe")]
    Output(std::io::Error),
}

/// An error Status of the API server.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.message())]
pub struct ApiError {
    /// The `Status` object.
    pub status: Value,
}

/// Why the server could not be reached.
#[derive(Debug, Clone)]
pub struct ConnectionError {
    /// `host:port` of the server.
    pub host: String,
    /// The connection was refused.
    pub refused: bool,
    /// `Get "https://…": `, in front of the cause where that is told in full; may be empty.
    pub request: String,
    /// The cause in Go's words.
    pub text: String,
}

impl ApiError {
    /// An error Status made here, for what upstream makes on the client's side too.
    pub fn new(code: u16, reason: &str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        ApiError {
            status: serde_json::json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                                       "code": code, "reason": reason, "message": message}),
        }
    }
    /// The HTTP status.
    pub fn code(&self) -> u16 {
        self.status["code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or_default()
    }
    /// The machine-readable reason (`NotFound`).
    pub fn reason(&self) -> &str {
        self.status["reason"].as_str().unwrap_or_default()
    }
    /// The sentence for people.
    pub fn message(&self) -> &str {
        self.status["message"].as_str().unwrap_or_default()
    }
    /// Replaces the sentence (`AddSourceToErr`).
    pub fn with_message(mut self, message: String) -> Self {
        self.status["message"] = Value::String(message);
        self
    }
    /// Kind and name that the details speak of.
    fn details(&self) -> Option<(&str, &str)> {
        let details = self.status.get("details").filter(|details| details.is_object())?;
        Some((details["kind"].as_str().unwrap_or_default(), details["name"].as_str().unwrap_or_default()))
    }
    /// The causes' `field: message` lines.
    pub(crate) fn cause_lines(&self) -> Vec<String> {
        let text = |cause: &Value, name: &str| cause[name].as_str().unwrap_or_default().to_string();
        let causes = self.status["details"]["causes"].as_array().into_iter().flatten();
        causes.map(|cause| format!("{}: {}", text(cause, "field"), text(cause, "message"))).collect()
    }
    /// The causes' lines, each once.
    fn causes(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for line in self.cause_lines() {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

impl Error {
    /// A plain error: `error: {text}`.
    pub fn msg(text: impl Into<String>) -> Self {
        Error::Message(text.into())
    }
    /// `--local`, and a resource that only the server has (`LocalResourceError`).
    pub fn local_resource() -> Self {
        Error::msg(
            "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
        )
    }
    /// Several errors as one; a single one stays itself, none is success (`utilerrors.NewAggregate` + `Reduce`).
    pub fn aggregate(mut errors: Vec<Error>) -> Result<()> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Aggregate(errors)),
        }
    }
    /// The API server's answer, if that is what it is.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Error::Api(error) => Some(error),
            _ => None,
        }
    }
    /// The API server says that it is not there.
    pub fn is_not_found(&self) -> bool {
        self.api().is_some_and(|error| error.reason() == "NotFound")
    }
    /// The API server says that there is one already.
    pub fn is_already_exists(&self) -> bool {
        self.api().is_some_and(|error| error.reason() == "AlreadyExists")
    }
    /// The API server says that the object was changed meanwhile.
    pub fn is_conflict(&self) -> bool {
        self.api().is_some_and(|error| error.reason() == "Conflict")
    }
    /// Says which file the error is about (`cmdutil.AddSourceToErr`).
    pub fn with_source(self, verb: &str, source: &str) -> Self {
        if source.is_empty() {
            return self;
        }
        let text = format!("error when {verb} {}: {self}", quote(source));
        match self {
            Error::Api(error) => Error::Api(Box::new(error.with_message(text))),
            Error::Output(_) => self,
            _ => Error::Message(text),
        }
    }

    /// `cmdutil.StandardErrorMessage`: the text of errors of known types.
    fn standard(&self) -> Option<String> {
        match self {
            Error::Api(error) if error.reason() == "Unauthorized" => {
                Some(format!("error: You must be logged in to the server ({})", error.message()))
            }
            Error::Api(error) if !error.reason().is_empty() => {
                Some(format!("Error from server ({}): {}", error.reason(), error.message()))
            }
            Error::Api(error) => Some(format!("Error from server: {}", error.message())),
            Error::Connection(error) if error.refused => Some(format!(
                "The connection to the server {} was refused - did you specify the right host or port?",
                error.host
            )),
            Error::Connection(error) => Some(format!("Unable to connect to the server: {}", error.text)),
            _ => None,
        }
    }

    /// `messageForError`: the text inside an aggregate.
    pub fn short_message(&self) -> String {
        self.standard().unwrap_or_else(|| self.to_string())
    }

    /// What goes to stderr (with its newline; empty for nothing) and the exit code.
    pub fn report(&self) -> (String, i32) {
        // An aggregate of one is its error; an aggregate within one is not looked into again.
        let error = match self {
            Error::Aggregate(errors) if errors.len() == 1 => &errors[0],
            error => error,
        };
        let text = match error {
            Error::Output(_) => return (String::new(), 1),
            Error::Exit { code, message } => return (line(message.clone()), *code),
            Error::Aggregate(errors) => {
                errors.iter().map(|error| format!("{}\n", error.short_message())).collect::<String>()
            }
            Error::Api(error) if error.reason() == "Invalid" => invalid(error),
            Error::NoMatch(text) => text.clone(),
            Error::Configuration(text) => format!("Error in configuration: {text}"),
            other => other.standard().unwrap_or_else(|| {
                let text = other.to_string();
                if text.starts_with("error: ") { text } else { format!("error: {text}") }
            }),
        };
        (line(text), 1)
    }
}

fn line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn invalid(error: &ApiError) -> String {
    let mut head = "The request is invalid".to_string();
    let Some((kind, name)) = error.details() else {
        if !error.message().is_empty() {
            head = format!("{head}: {}", error.message());
        }
        return head;
    };
    let causes = error.causes();
    if !kind.is_empty() || !name.is_empty() {
        head = format!("The {kind} {} is invalid", quote(name));
    } else if !error.message().is_empty() && causes.is_empty() {
        head = format!("{head}: {}", error.message());
    }
    match causes.as_slice() {
        [] => head,
        [one] => format!("{head}: {one}\n"),
        many => {
            let lines: String = many.iter().map(|cause| format!("* {cause}\n")).collect();
            format!("{head}: \n{lines}")
        }
    }
}

/// `utilerrors.aggregate.Error()`: each text once, in brackets when there are several.
fn aggregate_text(errors: &[Error]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in errors {
        let text = error.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.len() == 1 { texts.remove(0) } else { format!("[{}]", texts.join(", ")) }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::Output(error)
    }
}

/// A command line that cannot be understood: what [`crate::check`] finds without running anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UsageError {
    /// kubectl's words, without the `error: ` in front.
    pub message: String,
    /// The nearest known words, best first, if any.
    pub suggestions: Vec<String>,
    /// The process' exit code.
    pub exit_code: i32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn api(status: Value) -> Error {
        Error::Api(Box::new(ApiError { status }))
    }

    #[test]
    fn reads_as_kubectl() {
        assert_eq!(Error::msg("x").report(), ("error: x\n".into(), 1));
        let not_found = || api(json!({"reason": "NotFound", "message": "pods \"x\" not found"}));
        assert_eq!(not_found().report().0, "Error from server (NotFound): pods \"x\" not found\n");
        let both = Error::Aggregate(vec![not_found(), Error::msg("y")]);
        assert_eq!(both.report().0, "Error from server (NotFound): pods \"x\" not found\ny\n");
        let causes = json!([{"field": "a", "message": "m"}, {"field": "b", "message": "n"}]);
        let invalid = api(
            json!({"reason": "Invalid", "message": "…", "details": {"kind": "Pod", "name": "x", "causes": causes}}),
        );
        assert_eq!(invalid.report().0, "The Pod \"x\" is invalid: \n* a: m\n* b: n\n");
    }
}
