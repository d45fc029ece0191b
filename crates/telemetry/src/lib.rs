//! What applications already tell about their use of models, to interactions.
//!
//! Pure: bytes come in, [`Interaction`]s go out. [`otlp`] reads OpenTelemetry's protocol in both its encodings, [`genai`] the
//! dialects in it, [`logs`] what gateways and providers log. An interaction has its words as parts with origins
//! (`stance_core::exchange`), so that they are judged as those that pass the gateway; what was not recorded, or could not
//! be read, is told by [`Interaction::not_judged`], and is never a pass.
//!
//! # How a receiver uses it
//!
//! - OTLP/HTTP: `POST` to the path of a signal ([`otlp::answer::Signal::of_path`]), usually on port 4318. `Content-Type` is
//!   `application/x-protobuf` or `application/json`, and the answer has the same; anything else is 415. The body may be
//!   compressed with gzip, which is undone outside of this crate and must stop at [`Limits::bytes`] of what comes out, not
//!   of what goes in.
//! - OTLP/gRPC: unary calls of [`otlp::grpc::PATHS`], usually on port 4317, one frame each way ([`otlp::grpc::unframe`],
//!   [`otlp::grpc::frame`]); the status comes in trailers ([`otlp::grpc::status`]).
//! - A request is read, then acknowledged. Records that cannot be read are rejected alone, and the answer says how many
//!   and why the first ([`otlp::answer::protobuf`], [`otlp::answer::json`]); exporters do not send those again. A body that
//!   is no OTLP, or crosses a limit of the whole, is [`otlp::answer::Outcome::Bad`] or `TooLarge`: not sent again either.
//! - Where there is no room, the answer is [`otlp::answer::Outcome::Later`] (503, or 14 of gRPC) before the body is read, with
//!   `Retry-After`: exporters keep the batch and come back. What was acknowledged must be in the store.
//! - A batch holds 512 spans by default, a request of a collector up to 8192; [`Limits::default`] takes 16 MiB, 50,000
//!   records and a million values. The worst body within these takes some hundred megabytes while it is read.
//! - Spans come when they end, and events that belong to them in other requests: [`Joiner`] holds both for a few seconds.
//!   [`genai::traces`] folds what two libraries in one process tell twice. Across processes (an application and the gateway
//!   behind it) both tell it, from two points of view: [`Interaction::answer`], the id of the provider, is the same.
//! - Metrics are totals of systems that may also send spans: they are shown beside interactions, never added to them.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod attributes;
mod base64;
pub mod genai;
pub mod interaction;
mod join;
pub mod json;
mod limits;
pub mod logs;
mod message;
pub mod otlp;
mod value;

pub use attributes::Attributes;
pub use interaction::{Dialect, Interaction, Operation, Side};
pub use join::Joiner;
pub use limits::{Limits, Refused};
pub use value::Value;
