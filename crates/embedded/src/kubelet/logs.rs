//! Reading logs: which lines, with or without their times, to the end or for ever (kuberuntime/logs, cri-client).

use bytes::Bytes;
use jiff::Timestamp;

use crate::apiserver::{LogOptions, LogStream};
use crate::runtime::log::{Line, Log};

/// A moment at the start of a line (`timestamps=true`).
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

struct Reader {
    log: Log,
    options: LogOptions,
    next: usize,
    left: Option<usize>,
    since: Option<Timestamp>,
}

impl Reader {
    fn wanted(&self, line: &Line) -> bool {
        self.since.is_none_or(|since| line.at >= since)
    }

    fn print(&mut self, lines: &[Line]) -> Bytes {
        let mut out = Vec::new();
        for line in lines.iter().filter(|line| self.wanted(line)) {
            if self.options.timestamps {
                out.extend(stamp(line.at).into_bytes());
                out.push(b' ');
            }
            out.extend_from_slice(&line.text);
        }
        if let Some(left) = &mut self.left {
            out.truncate(*left);
            *left -= out.len();
        }
        out.into()
    }
}

/// The lines of a log that `options` ask for.
pub fn read(log: &Log, options: LogOptions, now: Timestamp) -> LogStream {
    let since = options.since_time.or_else(|| {
        options
            .since_seconds
            .map(|seconds| now - std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    });
    let left = options.limit_bytes.map(|bytes| usize::try_from(bytes).unwrap_or_default());
    let mut reader = Reader { log: log.clone(), options, next: log.end(), left, since };
    let (all, _) = log.after(0);
    let skip = match reader.options.tail_lines {
        Some(tail) => all.len().saturating_sub(usize::try_from(tail).unwrap_or_default()),
        None => 0,
    };
    let first = reader.print(&all[skip..]);
    let rest = futures::stream::unfold((reader, Some(first)), |(mut reader, first)| async move {
        if let Some(first) = first.filter(|first| !first.is_empty()) {
            return Some((first, (reader, None)));
        }
        loop {
            if !reader.options.follow || reader.left == Some(0) {
                return None;
            }
            let lines = reader.log.wait(reader.next).await?;
            reader.next += lines.len();
            let text = reader.print(&lines);
            if !text.is_empty() {
                return Some((text, (reader, None)));
            }
        }
    });
    Box::pin(rest)
}
