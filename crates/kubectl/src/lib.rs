//! The kubectl verbs as a library.
