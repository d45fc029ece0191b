//! The store through its trait, on a real file.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests damage files and kill processes"
)]

mod accounts;
mod advisories;
mod audit;
mod backup;
mod crash;
mod fixture;
mod opening;
mod reading;
mod retention;
mod scans;
mod sqlite;
mod suite;
mod sums;
