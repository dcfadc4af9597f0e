//! `ps`, `pgrep` and `kill`, over the processes of the container.

use async_trait::async_trait;

use crate::runtime::process::{Process, Program};

/// `ps`
pub struct List;

#[async_trait]
impl Program for List {
    async fn run(&self, process: Process) -> i32 {
        let setup = &process.container.setup;
        let user = setup.user.name.clone().unwrap_or_else(|| setup.user.uid.to_string());
        let is_busybox = setup.image.prompts("ash").is_some();
        let all = process.container.list();
        if is_busybox {
            process.stdout.line("PID   USER     TIME  COMMAND");
            for entry in all {
                process.stdout.line(format!("{:5} {user:<8.8}  0:00 {}", entry.pid, entry.command));
            }
        } else {
            process.stdout.line("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND");
            for entry in all {
                process.stdout.line(format!(
                    "{user:<8} {:7}  0.0  0.0   2576   900 ?        Ss   00:00   0:00 {}",
                    entry.pid, entry.command
                ));
            }
        }
        0
    }
}

/// `pgrep`
pub struct Find;

#[async_trait]
impl Program for Find {
    async fn run(&self, process: Process) -> i32 {
        let words: Vec<&str> = process.operands();
        let whole = words.contains(&"-f");
        let Some(pattern) = words.iter().find(|word| !word.starts_with('-')) else {
            return process.fail("pgrep: no pattern", 2);
        };
        let mut code = 1;
        for entry in process.container.list().into_iter().filter(|entry| entry.pid != process.pid) {
            let shown = if whole {
                entry.command.as_str()
            } else {
                entry.command.split(' ').next().and_then(|name| name.rsplit('/').next()).unwrap_or_default()
            };
            if shown.contains(pattern) {
                process.stdout.line(entry.pid.to_string());
                code = 0;
            }
        }
        code
    }
}

/// `kill`
pub struct Kill;

/// The number of a signal, by number or by name.
fn signal(word: &str) -> Option<i32> {
    const NAMES: &[(&str, i32)] = &[
        ("HUP", 1),
        ("INT", 2),
        ("QUIT", 3),
        ("KILL", 9),
        ("USR1", 10),
        ("USR2", 12),
        ("TERM", 15),
        ("STOP", 19),
        ("CONT", 18),
    ];
    let upper = word.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    word.parse().ok().or_else(|| NAMES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number))
}

#[async_trait]
impl Program for Kill {
    async fn run(&self, process: Process) -> i32 {
        let (mut number, mut code) = (15, 0);
        let mut words = process.operands().into_iter();
        while let Some(word) = words.next() {
            let named = match word {
                "-s" => words.next(),
                word if word.starts_with('-') => Some(&word[1..]),
                _ => None,
            };
            if let Some(named) = named {
                match signal(named) {
                    Some(signal) => number = signal,
                    None => return process.fail(format!("kill: bad signal name '{named}'"), 1),
                }
                continue;
            }
            let found = word.parse().is_ok_and(|pid| process.container.signal(pid, number));
            if !found {
                code = process.fail(format!("kill: can't kill pid {word}: No such process"), 1);
            }
        }
        code
    }
}
