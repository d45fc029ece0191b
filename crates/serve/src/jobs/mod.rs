//! What the service does by itself.

pub mod schedule;
