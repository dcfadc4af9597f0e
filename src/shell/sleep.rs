//! `sleep`: on tokio's clock, which may be virtual, and for as long as asked (bashkit's own ends after a minute).

use super::output::Stream;
use super::program::{Invocation, Program};
use async_trait::async_trait;
use std::time::Duration;

/// coreutils: `sleep NUMBER[smhd]...`.
pub(super) struct Sleep;

#[async_trait]
impl Program for Sleep {
    fn name(&self) -> &str {
        "sleep"
    }

    async fn run(&self, invocation: Invocation) -> i32 {
        let mut total = Duration::ZERO;
        for arg in &invocation.args {
            let Some(duration) = parse(arg) else {
                let message =
                    format!("sleep: invalid time interval '{arg}'\nTry 'sleep --help' for more information.\n");
                // A reader that left does not change the exit code.
                let _ = invocation.output.write(Stream::Stderr, message);
                return 1;
            };
            total = total.saturating_add(duration);
        }
        if invocation.args.is_empty() {
            let message = "sleep: missing operand\nTry 'sleep --help' for more information.\n";
            let _ = invocation.output.write(Stream::Stderr, message);
            return 1;
        }
        tokio::time::sleep(total).await;
        0
    }
}

/// An interval as coreutils reads it: seconds, or with a unit.
pub(super) fn parse(text: &str) -> Option<Duration> {
    const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    if matches!(text, "inf" | "infinity") {
        return Some(FOREVER);
    }
    let (number, unit) = match text.char_indices().last()? {
        (at, 's') => (&text[..at], 1.0),
        (at, 'm') => (&text[..at], 60.0),
        (at, 'h') => (&text[..at], 3600.0),
        (at, 'd') => (&text[..at], 86400.0),
        _ => (text, 1.0),
    };
    let seconds: f64 = number.parse().ok()?;
    (seconds >= 0.0).then(|| Duration::from_secs_f64((seconds * unit).min(FOREVER.as_secs_f64())))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn intervals_as_coreutils_reads_them() {
        assert_eq!(parse("5"), Some(Duration::from_secs(5)));
        assert_eq!(parse("0.5s"), Some(Duration::from_millis(500)));
        assert_eq!(parse("2m"), Some(Duration::from_secs(120)));
        assert_eq!(parse("1h"), Some(Duration::from_secs(3600)));
        assert!(parse("infinity").is_some());
        assert_eq!(parse("five"), None);
        assert_eq!(parse("-1"), None);
    }
}
