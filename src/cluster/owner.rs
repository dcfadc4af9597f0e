//! Which process made something, so that another one can tell whether it still runs.

use std::process::{Command, Stdio};

/// `host:pid` of this process.
pub(super) fn this_process() -> String {
    format!("{}:{}", host(), std::process::id())
}

/// Whether a process of this machine has ended; of another machine's nobody can tell.
pub(super) fn has_ended(owner: &str) -> bool {
    let Some((machine, pid)) = owner.rsplit_once(':') else {
        return false;
    };
    machine == host() && !runs(pid)
}

fn host() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let asked = || {
        Command::new("uname").arg("-n").output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    kernel.or_else(asked).unwrap_or_default().trim().to_owned()
}

fn runs(pid: &str) -> bool {
    // POSIX: signal 0 is never sent, only checked.
    let mut kill = Command::new("kill");
    kill.args(["-0", pid]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Without `kill` nobody can tell, and what may be in use is kept.
    kill.status().is_ok_and(|status| status.success()) || std::path::Path::new("/proc").join(pid).exists()
}
