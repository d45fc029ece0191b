//! Sources: what is looked at, and when.

pub mod options;
