//! What users of the guard rely on, through its public face.

mod theft;
mod topics;
