//! The service: dashboard, JSON API, live events and jobs over one database.
//!
//! No judgement lives here: what counts is decided in `core`, kept in `store`, and turned into bytes here.
pub mod jobs;
pub mod sources;
