//! The audit log: who did what, taken along, and verified.

mod checkpoint;
mod export;
mod filter;
mod line;
mod list;
mod one;
mod sign;
mod verify;

use std::time::Duration;

use axum::http::Method;

pub(crate) use sign::{sign_all, sign_if_due};

use crate::auth::Permission;
use crate::route::{Routes, only, view};

pub(crate) fn routes() -> Routes {
    let read = Permission::AuditRead;
    Routes::of("Audit log")
        .add(
            view("/audit", read, list::list)
                .about(
                    "Audit log",
                    "Who did what, the newest first, in slices; and how far the log is signed.",
                )
                .query::<filter::Filter>()
                .gives::<list::LogView>(),
        )
        .add(
            view("/audit/verify", read, verify::verify)
                .about(
                    "Verify the audit log",
                    "Reads the whole log and holds it against itself and its signed checkpoints.",
                )
                .gives::<verify::Verdict>()
                .patience(Duration::from_secs(120)),
        )
        .add(
            view("/audit/{id}", read, one::show)
                .about(
                    "An entry",
                    "One entry of the audit log with its detail and its hash.",
                )
                .gives::<one::EntryView>(),
        )
        .add(only(Method::GET, "/audit.csv", read, export::csv))
        .add(only(Method::GET, "/audit.jsonl", read, export::lines))
        .add(only(
            Method::GET,
            "/audit/checkpoint.txt",
            read,
            checkpoint::last,
        ))
        .add(only(Method::GET, "/audit/key.pem", read, checkpoint::key))
}
