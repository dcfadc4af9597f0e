//! `cat` and `tail`: the two that show what is still coming.

use std::time::Duration;

use async_trait::async_trait;

use crate::runtime::files::FileError;
use crate::runtime::process::{Process, Program};

/// `cat`
pub struct Cat;

#[async_trait]
impl Program for Cat {
    async fn run(&self, process: Process) -> i32 {
        let (options, mut files): (Vec<&str>, Vec<&str>) =
            process.operands().into_iter().partition(|word| word.len() > 1 && word.starts_with('-'));
        let numbered = options.iter().any(|option| option.contains('n') || option.contains('b'));
        if files.is_empty() {
            files.push("-");
        }
        let (mut code, mut line) = (0, 0);
        for file in files {
            if file == "-" || file == "/dev/stdin" {
                while let Some(chunk) = process.stdin.chunk().await {
                    process.stdout.write(&chunk);
                }
                continue;
            }
            match process.container.setup.files.read(&process.path(file)) {
                Ok(bytes) if numbered => {
                    for text in String::from_utf8_lossy(&bytes).lines() {
                        line += 1;
                        process.stdout.line(format!("{line:6}\t{text}"));
                    }
                }
                Ok(bytes) => process.stdout.write(&bytes),
                Err(_) if file == "/dev/null" => {}
                Err(error) => code = process.fail(complaint(&process, "cat", file, error), 1),
            }
        }
        code
    }
}

/// What a program says of a file that it cannot read: busybox and GNU have other words.
fn complaint(process: &Process, name: &str, file: &str, error: FileError) -> String {
    let is_busybox = process.container.setup.image.prompts("ash").is_some();
    match error {
        FileError::IsDirectory if is_busybox => format!("{name}: read error: {error}"),
        error if is_busybox => format!("{name}: can't open '{file}': {error}"),
        FileError::IsDirectory => format!("{name}: {file}: {error}"),
        error if name == "tail" => format!("{name}: cannot open '{file}' for reading: {error}"),
        error => format!("{name}: {file}: {error}"),
    }
}

/// `tail`, with `-f`
pub struct Tail;

/// How often a file that is followed is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

fn last(bytes: &[u8], count: i64, from_start: bool, of_bytes: bool) -> &[u8] {
    let count = usize::try_from(count).unwrap_or_default();
    if of_bytes {
        let start = if from_start { count.saturating_sub(1) } else { bytes.len().saturating_sub(count) };
        return &bytes[start.min(bytes.len())..];
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let skip = if from_start { count.saturating_sub(1) } else { lines.len().saturating_sub(count) };
    let start: usize = lines.iter().take(skip).map(|line| line.len()).sum();
    &bytes[start..]
}

#[async_trait]
impl Program for Tail {
    async fn run(&self, process: Process) -> i32 {
        let (mut follow, mut count, mut from_start, mut of_bytes) = (false, 10, false, false);
        let mut files = Vec::new();
        let mut words = process.operands().into_iter();
        while let Some(word) = words.next() {
            let value = match word {
                "-f" | "-F" | "--follow" => {
                    follow = true;
                    continue;
                }
                "-n" | "-c" => words.next().unwrap_or_default(),
                word if word.starts_with("-n") || word.starts_with("-c") => &word[2..],
                word if word.starts_with("-fn") || word.starts_with("-Fn") => {
                    follow = true;
                    if word.len() > 3 { &word[3..] } else { words.next().unwrap_or_default() }
                }
                word if word.len() > 1 && word.starts_with('-') => &word[1..],
                file => {
                    files.push(file);
                    continue;
                }
            };
            of_bytes = word.starts_with("-c");
            from_start = value.starts_with('+');
            match value.trim_start_matches(['+', '-']).parse() {
                Ok(number) => count = number,
                Err(_) => return process.fail(format!("tail: invalid number of lines: '{value}'"), 1),
            }
        }
        if files.is_empty() || files == ["-"] {
            let all = process.stdin.rest().await;
            process.stdout.write(last(&all, count, from_start, of_bytes));
            return 0;
        }
        let several = files.len() > 1;
        let (mut code, mut seen) = (0, Vec::new());
        for (at, file) in files.iter().enumerate() {
            if several {
                process.stdout.write(format!("{}==> {file} <==\n", if at == 0 { "" } else { "\n" }).as_bytes());
            }
            match process.container.setup.files.read(&process.path(file)) {
                Ok(bytes) => {
                    process.stdout.write(last(&bytes, count, from_start, of_bytes));
                    seen.push(bytes.len());
                }
                Err(_) if *file == "/dev/null" => seen.push(0),
                Err(error) => {
                    code = process.fail(complaint(&process, "tail", file, error), 1);
                    seen.push(0);
                }
            }
        }
        if files == ["/dev/null"] && follow {
            std::future::pending::<()>().await;
        }
        if !follow {
            return code;
        }
        loop {
            process.container.setup.clock.sleep(AGAIN).await;
            for (at, file) in files.iter().enumerate() {
                let Ok(bytes) = process.container.setup.files.read(&process.path(file)) else { continue };
                let from = if bytes.len() < seen[at] { 0 } else { seen[at] };
                process.stdout.write(&bytes[from..]);
                seen[at] = bytes.len();
            }
        }
    }
}
