//! Around all routes: numbers and the log, security headers, hosts, limits, who asks, and the form of errors.

mod again;
mod answer;
mod around;
pub(crate) mod cookie;
pub mod cursor;
mod dress;
mod headers;
mod hosts;
pub(crate) mod idempotency;
mod markup;
pub(crate) mod path_and_query;
mod rates;

pub(crate) use again::Typed;
pub(crate) use answer::{Wanted, html};
pub(crate) use around::{Peer, outermost, who};
pub(crate) use hosts::{known_host, named, without_port};
pub(crate) use path_and_query::escape;
pub use rates::Rates;
pub(crate) use rates::{RateLimits, network};
