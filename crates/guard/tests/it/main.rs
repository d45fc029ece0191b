//! Tests of what a user of the crate relies on, over its public face.

mod attacks;
mod hostile;
mod sessions;
mod simulation;
mod text;
mod theft;
mod topics;
