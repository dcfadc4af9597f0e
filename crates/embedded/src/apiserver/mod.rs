//! The API server: the in-process [`Api`], and HTTP as a thin layer over it.

pub use apimachinery::status::Status;

mod api;
mod binding;
mod create;
mod decode;
pub mod delete;
mod node_agent;
mod options;
mod update;

pub use api::{Api, Since};
pub use node_agent::{
    ContainerTarget, ExitStatus, LogOptions, LogStream, NodeAgent, ProcessStreams, Reader, Writer,
};
pub use options::{DeleteOptions, FieldValidation, Propagation, WriteOptions, Written};
