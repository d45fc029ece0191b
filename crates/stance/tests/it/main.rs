//! End to end through the real binary.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests write files, start the binary and say when they skip"
)]

#[cfg(unix)]
mod advisories;
#[cfg(unix)]
mod audit;
mod bom;
#[cfg(target_os = "linux")]
mod classifier;
mod commands;
#[cfg(unix)]
mod compare;
#[cfg(unix)]
mod convert;
#[cfg(unix)]
mod decisions;
#[cfg(unix)]
mod discover_host;
#[cfg(unix)]
mod discover_logs;
#[cfg(target_os = "linux")]
mod gateway;
#[cfg(unix)]
mod harness;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod inspect;
#[cfg(target_os = "linux")]
mod judge;
mod kill;
#[cfg(target_os = "linux")]
mod mcp_asks;
mod mcp_proxy;
#[cfg(target_os = "linux")]
mod never_acts;
#[cfg(unix)]
mod opened;
#[cfg(target_os = "linux")]
mod operations;
mod output;
mod policy;
#[cfg(unix)]
mod relocated;
#[cfg(unix)]
mod replay;
#[cfg(target_os = "linux")]
mod sandbox;
#[cfg(target_os = "linux")]
mod served;
#[cfg(unix)]
mod service;
mod signing;
#[cfg(unix)]
mod streams;
#[cfg(target_os = "linux")]
mod traffic;
#[cfg(unix)]
mod use_errors;
