//! End to end through the real binary.
#![expect(
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests write files and start the binary"
)]

#[cfg(unix)]
mod decisions;
#[cfg(unix)]
mod harness;
#[cfg(unix)]
mod hostile;
#[cfg(target_os = "linux")]
mod never_acts;
mod output;
#[cfg(unix)]
mod use_errors;
