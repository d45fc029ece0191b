//! The store through its trait, on a real file.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests damage files and kill processes"
)]

mod accounts;
mod advisories;
mod attestations;
mod audit;
mod crash;
mod diff;
mod drift;
mod estate;
mod evidence;
mod fixture;
mod inventory;
mod jobs;
mod life;
mod opening;
mod scans;
mod sources;
