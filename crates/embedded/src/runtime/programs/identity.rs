//! Small programs that say who, where and when.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::runtime::process::{Process, Program};

/// `hostname`
pub struct Hostname;

#[async_trait]
impl Program for Hostname {
    async fn run(&self, process: Process) -> i32 {
        let setup = &process.container.setup;
        match process.operands().first().copied() {
            None | Some("-s" | "--short") => process.stdout.line(&setup.hostname),
            Some("-i" | "-I" | "--all-ip-addresses" | "--ip-address") => {
                process.stdout.line(setup.network.address.to_string())
            }
            Some("-f" | "--fqdn") => process.stdout.line(&setup.hostname),
            Some(_) => return process.fail("hostname: sethostname: Operation not permitted", 1),
        }
        0
    }
}

/// `whoami`
pub struct WhoAmI;

#[async_trait]
impl Program for WhoAmI {
    async fn run(&self, process: Process) -> i32 {
        let user = &process.container.setup.user;
        match &user.name {
            Some(name) => process.stdout.line(name),
            None => return process.fail(format!("whoami: unknown uid {}", user.uid), 1),
        }
        0
    }
}

/// `id`
pub struct Id;

#[async_trait]
impl Program for Id {
    async fn run(&self, process: Process) -> i32 {
        let setup = &process.container.setup;
        let user = &setup.user;
        let groups = setup.files.text("/etc/group").unwrap_or_default();
        let group_name =
            groups.lines().map(|line| line.split(':').collect::<Vec<_>>()).find_map(|fields| match fields.as_slice() {
                [name, _, gid, ..] if gid.parse() == Ok(user.gid) => Some((*name).to_owned()),
                _ => None,
            });
        let named =
            |number: i64, name: Option<&str>| name.map_or(number.to_string(), |name| format!("{number}({name})"));
        match process.operands().first().copied() {
            Some("-u") => process.stdout.line(user.uid.to_string()),
            Some("-g" | "-G") => process.stdout.line(user.gid.to_string()),
            Some("-un" | "-nu") => process.stdout.line(user.name.clone().unwrap_or_else(|| user.uid.to_string())),
            _ => {
                let group = named(user.gid, group_name.as_deref());
                process
                    .stdout
                    .line(format!("uid={} gid={group} groups={group}", named(user.uid, user.name.as_deref())));
            }
        }
        0
    }
}

/// `env` and `printenv`
pub struct Environment;

#[async_trait]
impl Program for Environment {
    async fn run(&self, mut process: Process) -> i32 {
        let is_env = process.arguments[0].rsplit('/').next() == Some("env");
        if !is_env && process.arguments.len() > 1 {
            let mut code = 0;
            for name in process.operands() {
                match process.variable(name) {
                    Some(value) => process.stdout.line(value),
                    None => code = 1,
                }
            }
            return code;
        }
        let mut rest = process.arguments.iter().skip(1).cloned().collect::<Vec<_>>();
        while let Some((name, value)) = rest.first().and_then(|word| word.split_once('=')) {
            process.environment.insert(name.to_owned(), value.to_owned());
            rest.remove(0);
        }
        if !rest.is_empty() {
            process.arguments = [vec!["env".to_owned()], rest].concat();
            return super::run_operands(process).await;
        }
        // Containers get PATH and HOSTNAME first; the rest has no order that anybody relies on.
        let first = ["PATH", "HOSTNAME", "TERM"];
        for name in first {
            if let Some(value) = process.variable(name) {
                process.stdout.line(format!("{name}={value}"));
            }
        }
        for (name, value) in process.environment.iter().filter(|(name, _)| !first.contains(&name.as_str())) {
            process.stdout.line(format!("{name}={value}"));
        }
        0
    }
}

/// `tty`
pub struct Tty;

#[async_trait]
impl Program for Tty {
    async fn run(&self, process: Process) -> i32 {
        let is_terminal = process.terminal.is_some();
        process.stdout.line(if is_terminal { "/dev/pts/0" } else { "not a tty" });
        i32::from(!is_terminal)
    }
}

/// `uptime`, of a machine that was started an hour before the cluster
pub struct Uptime;

#[async_trait]
impl Program for Uptime {
    async fn run(&self, process: Process) -> i32 {
        let now = process.container.setup.clock.now();
        process
            .stdout
            .line(format!(" {} up 1:00,  0 users,  load average: 0.10, 0.10, 0.10", now.strftime("%H:%M:%S")));
        0
    }
}

/// `date`, in UTC
pub struct Date;

#[async_trait]
impl Program for Date {
    async fn run(&self, process: Process) -> i32 {
        let mut at = process.container.setup.clock.now();
        let mut format = "%a %b %e %H:%M:%S %Z %Y".to_owned();
        let mut words = process.operands().into_iter();
        while let Some(word) = words.next() {
            match word {
                "-u" | "--utc" => {}
                "-d" | "--date" => {
                    let text = words.next().unwrap_or_default();
                    let seconds = text.strip_prefix('@').and_then(|seconds| seconds.parse().ok());
                    let parsed =
                        seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).or_else(|| text.parse().ok());
                    match parsed {
                        Some(parsed) => at = parsed,
                        None => return process.fail(format!("date: invalid date '{text}'"), 1),
                    }
                }
                "-R" => format = "%a, %d %b %Y %H:%M:%S %z".to_owned(),
                word if word.starts_with("-I") => {
                    format = if word.contains('s') { "%Y-%m-%dT%H:%M:%S+00:00" } else { "%Y-%m-%d" }.to_owned();
                }
                word if word.starts_with('+') => format = word[1..].to_owned(),
                word => return process.fail(format!("date: invalid date '{word}'"), 1),
            }
        }
        let zoned = at.to_zoned(TimeZone::UTC);
        match jiff::fmt::strtime::format(&format, &zoned) {
            Ok(text) => process.stdout.line(text),
            Err(_) => process.stdout.line(format),
        }
        0
    }
}
