//! A Kubernetes cluster in one process.
//!
//! - [`storage`]: versioned objects, watches, resourceVersion semantics
//! - [`apiserver`]: the API in process and over HTTP
//! - [`registry`]: a strategy a resource
//! - [`controllers`], [`scheduler`], [`kubelet`]: what makes objects true
//! - [`runtime`], [`network`]: what runs in containers, and who reaches whom
//! - [`cluster`]: all of it started together
//! - [`serve`]: the cluster on loopback sockets
//! - [`clock`], [`entropy`]: the only sources of time and of randomness

pub mod apiserver;
mod bootstrap;
pub mod clock;
pub mod cluster;
pub mod controllers;
pub mod entropy;
pub mod kubelet;
pub mod network;
pub mod registry;
pub mod runtime;
pub mod scheduler;
pub mod serve;
pub mod storage;
mod transport;

pub use apiserver::{Api, Status};
pub use cluster::{Cluster, Options};
pub use serve::{ServeOptions, Serving};
