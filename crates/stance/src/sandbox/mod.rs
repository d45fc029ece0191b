//! `--sandbox`: the parsing of a scan in a child process that can do hardly anything.
//!
//! The parent starts this binary once more with the same words. The child reads the
//! configuration, opens what it writes its reports to, and then gives up its rights, before it
//! looks at the first byte of what is scanned: Landlock leaves it the scanned paths to read and
//! nothing to write, seccomp the few system calls that reading takes, `no_new_privs` and a limit
//! on memory the rest. It writes the reports; what belongs into the inventory goes back through a
//! pipe, and the parent records it. A flaw in a parser thus reads nothing else, opens no
//! socket and starts nothing.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod probe;

use std::io::{Read as _, Write as _};
use std::process::Command;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Outcome;

/// Set for the child: `1`, or `probe` to try what must be refused as well.
const VARIABLE: &str = "STANCE_INTERNAL_SANDBOX";

/// Most bytes that the child may hand back.
const MOST_HANDED: u64 = 1 << 30;

/// What happens when the system cannot confine the scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sandbox {
    /// Scan in the sandbox, or not at all
    Require,
    /// Take what the system has, and say what is missing
    Try,
}

/// Whether this process is the child.
pub(crate) fn is_child() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Runs the same command in a child, and gives what it hands back when that is wanted.
pub(crate) fn supervise<T: DeserializeOwned>(
    wants_result: bool,
) -> anyhow::Result<(Outcome, Option<T>)> {
    if cfg!(not(target_os = "linux")) {
        bail!("--sandbox needs Linux with Landlock and seccomp");
    }
    let binary = std::env::current_exe().context("cannot find this program to start it again")?;
    let mut command = Command::new(binary);
    command.args(std::env::args_os().skip(1));
    if std::env::var_os(VARIABLE).is_none() {
        command.env(VARIABLE, "1");
    }
    run(command, wants_result)
}

#[cfg(unix)]
fn run<T: DeserializeOwned>(
    mut command: Command,
    wants_result: bool,
) -> anyhow::Result<(Outcome, Option<T>)> {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    // The child gets its end as standard input, which it does not need for anything else.
    let ours = if wants_result {
        let (ours, theirs) = UnixStream::pair()?;
        command.stdin(OwnedFd::from(theirs));
        Some(ours)
    } else {
        None
    };
    let mut child = command.spawn().context("cannot start the sandbox")?;
    // With the command goes our copy of the child's end: without it the pipe would never end.
    drop(command);
    let mut handed = Vec::new();
    if let Some(ours) = ours {
        ours.take(MOST_HANDED).read_to_end(&mut handed)?;
    }
    let status = child.wait()?;
    let outcome = match status.code() {
        Some(0) => Outcome::Clean,
        Some(1) => Outcome::Findings,
        _ => bail!("the scan in the sandbox did not end well: {status}"),
    };
    let result = if wants_result {
        let result = serde_json::from_slice(&handed);
        Some(result.context("what the sandbox handed back cannot be understood")?)
    } else {
        None
    };
    Ok((outcome, result))
}

#[cfg(not(unix))]
fn run<T>(_: Command, _: bool) -> anyhow::Result<(Outcome, Option<T>)> {
    bail!("--sandbox needs Linux");
}

/// Hands a result to the parent.
#[cfg(unix)]
pub(crate) fn hand_back(value: &impl Serialize) -> anyhow::Result<()> {
    use std::os::fd::AsFd as _;

    let pipe = std::io::stdin().as_fd().try_clone_to_owned()?;
    let mut pipe = std::io::BufWriter::new(std::fs::File::from(pipe));
    serde_json::to_writer(&mut pipe, value)?;
    pipe.flush()?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn hand_back(_: &impl Serialize) -> anyhow::Result<()> {
    bail!("--sandbox needs Linux");
}

/// Gives up the rights of this process as far as the system can take them, with so many bytes of memory at most: it reads no
/// file any more, and writes to what is open already.
#[cfg(feature = "onnx")]
pub(crate) fn confine(memory: u64) -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    linux::confine(&[], memory)?;
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
    Ok(())
}

/// Gives up the rights of this process, for good. From here on it reads `readable` and writes to
/// what is open already.
pub(crate) fn enter(sandbox: Sandbox, readable: &[std::path::PathBuf]) -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    {
        let missing = linux::confine(readable, linux::MEMORY)?;
        if !missing.is_empty() {
            let missing = missing.join("; ");
            if sandbox == Sandbox::Require {
                bail!(
                    "this system cannot confine the scan: {missing}; `--sandbox=try` goes on without"
                );
            }
            let _ = writeln!(
                std::io::stderr(),
                "warning: the sandbox is not complete: {missing}"
            );
        }
        if std::env::var_os(VARIABLE).is_some_and(|value| value == "probe") {
            probe::report();
        }
        Ok(())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (sandbox, readable);
        bail!("--sandbox needs Linux");
    }
}
