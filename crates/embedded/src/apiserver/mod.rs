//! The API server: the in-process [`Api`], and HTTP as a thin layer over it.

pub use apimachinery::status::Status;

mod api;
mod binding;
mod create;
mod decode;
pub mod delete;
pub mod http;
mod node_agent;
mod openapi;
mod options;
mod patch;
mod scale;
mod update;

pub use api::{Api, Since};
pub use node_agent::{ContainerTarget, ExitStatus, LogOptions, LogStream, NodeAgent, ProcessStreams, Reader, Writer};
pub use options::{DeleteOptions, FieldValidation, Propagation, WriteOptions, Written};
pub use patch::Patch;

/// What upstream has and this cluster does not: it says so, and what to use instead.
fn not_implemented(what: &str, instead: &str) -> Status {
    let mut status = Status::method_not_allowed();
    status.message = format!("the embedded cluster does not implement {what}: use {instead}, or a real cluster");
    status
}
