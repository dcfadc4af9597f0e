//! Exit codes: API.

use crate::cluster::ClusterError;
use crate::runner::Verdict;
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is proved, or done.
    Proved,
    /// 1: something is refuted, or failed.
    Refuted,
    /// 2: the command line is wrong.
    Usage,
    /// 3: a lesson is not understood.
    NotUnderstood,
    /// 4: there is no usable cluster.
    NoCluster,
    /// 130: interrupted.
    Interrupted,
    /// kubectl's own.
    Kubectl(u8),
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Proved => 0,
            Exit::Refuted => 1,
            Exit::Usage => 2,
            Exit::NotUnderstood => 3,
            Exit::NoCluster => 4,
            Exit::Interrupted => 130,
            Exit::Kubectl(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Proved => Exit::Proved,
            Verdict::Refuted => Exit::Refuted,
            Verdict::NotUnderstood => Exit::NotUnderstood,
            Verdict::Error => Exit::NoCluster,
        }
    }
}

/// An error of the command line: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// The exit code that an error maps to.
pub fn of_error(error: &anyhow::Error) -> Exit {
    if error.downcast_ref::<UsageError>().is_some() {
        Exit::Usage
    } else if error.downcast_ref::<ClusterError>().is_some() {
        Exit::NoCluster
    } else {
        Exit::Refuted
    }
}
