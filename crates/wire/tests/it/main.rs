//! Tests of the crate as its users see it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "recorded exchanges are files beside the checkout, and what is skipped is said"
)]

mod bodies;
mod cassettes;
mod filters;
mod frames;
mod hostile;
mod json;
mod made;
mod refusals;
mod replay;
mod routes;
mod splits;
mod walk;
