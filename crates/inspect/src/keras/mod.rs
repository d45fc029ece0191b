//! What Keras models say about themselves.

pub(crate) mod config;
