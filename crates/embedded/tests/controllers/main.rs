//! Controllers and the scheduler on a virtual clock, with pods that run as soon as they have a node.

mod cron_jobs;
mod jobs;
mod nodes;
mod sets;
mod support;
mod workloads;
