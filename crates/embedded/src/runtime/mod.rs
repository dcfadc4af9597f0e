//! What runs in containers.
