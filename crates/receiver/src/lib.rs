//! The receiver of telemetry: OTLP over HTTP and gRPC, on one port or several, and logs of gateways that are handed to it
//! ([`Receiver::take_log`]).
//!
//! A request is let in ([`Admit`]), unpacked within bounds, read (`stance-telemetry`), joined with what belongs to it, judged
//! afterwards (a [`Judge`](stance_gateway::judge::Judge) whose policy only observes), and handed to a [`Keeper`]. It is
//! acknowledged when the keeper has it, never before. Where there is no room the sender is told to come back.
//!
//! What an application tells has happened: nothing can be stopped any more. The decision of such an interaction is at most
//! [`Action::Flag`](stance_core::traffic::Action::Flag), and words that were not recorded are said to be not judged.
#![expect(
    clippy::disallowed_methods,
    reason = "the receiver is at the edge: it listens and keeps time"
)]

mod body;
mod grpc;
mod http;
mod intake;
mod judged;
mod keep;
mod listen;
mod logs;
mod measured;
mod seen;
mod take;

pub use futures_util::future::BoxFuture;
pub use hyper::HeaderMap;
pub use tokio_rustls::TlsAcceptor;

pub use intake::{Figures, Settings};
pub use keep::{Admit, Admitted, Keeper, Kept, NoRoom};
pub use listen::{Receiver, Stop};
pub use logs::{Log, LogRefused, LogTaken};
