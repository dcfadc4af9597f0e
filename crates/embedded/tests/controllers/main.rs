//! Controllers and the scheduler on a virtual clock, with pods that run as soon as they have a node.

mod jobs;
mod support;
mod workloads;
