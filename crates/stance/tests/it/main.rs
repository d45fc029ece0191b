//! End to end through the real binary.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests write files, start the binary and say when they skip"
)]

#[cfg(unix)]
mod commands;
#[cfg(unix)]
mod convert;
#[cfg(unix)]
mod decisions;
#[cfg(unix)]
mod harness;
#[cfg(unix)]
mod hostile;
#[cfg(target_os = "linux")]
mod inspect;
mod never_acts;
mod output;
#[cfg(unix)]
mod signing;
mod use_errors;
