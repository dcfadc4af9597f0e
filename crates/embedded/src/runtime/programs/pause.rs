//! Programs that wait.

use std::time::Duration;

use async_trait::async_trait;

use crate::runtime::process::{Process, Program};

/// `pause`: sleeps until it is told to end.
pub struct Pause;

#[async_trait]
impl Program for Pause {
    async fn run(&self, _: Process) -> i32 {
        std::future::pending().await
    }

    fn on_terminate(&self) -> Option<i32> {
        Some(0)
    }
}

/// `sleep`, in seconds, minutes, hours or days.
pub struct Sleep;

/// How long `10`, `1.5m` or `infinity` is.
fn duration(word: &str) -> Option<Duration> {
    if matches!(word, "inf" | "infinity") {
        return Some(Duration::MAX);
    }
    let (number, unit) = match word.char_indices().last() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (&word[..at], unit),
        _ => (word, 's'),
    };
    let seconds = match unit {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86400.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok().filter(|number| *number >= 0.0)?;
    Duration::try_from_secs_f64(number * seconds).ok()
}

#[async_trait]
impl Program for Sleep {
    async fn run(&self, process: Process) -> i32 {
        let words = process.operands();
        if words.is_empty() {
            return process.fail("sleep: missing operand", 1);
        }
        let mut total = Duration::ZERO;
        for word in words {
            match duration(word) {
                Some(duration) => total = total.saturating_add(duration),
                None => return process.fail(format!("sleep: invalid number '{word}'"), 1),
            }
        }
        if total > Duration::from_secs(u64::from(u32::MAX)) {
            std::future::pending::<()>().await;
        }
        process.container.setup.clock.sleep(total).await;
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("1.5m"), Some(Duration::from_secs(90)));
        assert_eq!(duration("1d"), Some(Duration::from_secs(86400)));
        assert_eq!(duration("x"), None);
        assert_eq!(duration("-1"), None);
    }
}
