//! The store through its trait, on a real file.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests damage files and kill processes"
)]

mod advisories;
mod crash;
mod diff;
mod drift;
mod estate;
mod fixture;
mod life;
mod opening;
mod scans;
