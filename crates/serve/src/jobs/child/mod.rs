//! A scanner in a child process: with an end to its time, its output and its memory, and ended with all that it
//! started when somebody stops it. However it misbehaves, it costs one run.

mod ending;
mod pipes;

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::task::{Stop, Task};

/// What a scan may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long it may run.
    pub time: Duration,
    /// Bytes that it may hand over.
    pub output: usize,
    /// Bytes of address space.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(3600),
            output: 256 << 20,
            memory: 8 << 30,
        }
    }
}

/// How often the child is looked at.
const STEP: Duration = Duration::from_millis(50);
/// How long what a child wrote is waited for after it ended: a process that it left behind may hold its pipes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of it.
#[derive(Debug)]
pub(super) struct Ended {
    /// What it handed over, or in one sentence why it did not.
    pub(super) output: Result<Vec<u8>, Ending>,
    /// The last lines that it wrote, fit to be shown.
    pub(super) log: String,
}

/// Why nothing was handed over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Stopped(Stop),
    Failed(String),
}

/// Runs the command to its end. Exit codes 0 and 1 are good ones: 1 says that there are findings.
pub(super) fn run(mut command: Command, limits: &Limits, task: &Task<'_>) -> Ended {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // A group of its own, so that what it starts ends with it.
        command.process_group(0);
    }
    let started = Instant::now();
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let program = command.get_program().display().to_string();
            return Ended {
                output: Err(Ending::Failed(format!(
                    "the scanner {program} cannot be started: {error}"
                ))),
                log: String::new(),
            };
        }
    };
    limit(&child, limits);

    let too_much = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (send_output, output) = mpsc::channel();
        let (send_log, log) = mpsc::channel();
        let (send_progress, progress) = mpsc::channel();
        let pipes = (child.stdout.take(), child.stderr.take());
        if let (Some(stdout), Some(stderr)) = pipes {
            let too_much = &too_much;
            scope.spawn(move || {
                let read = pipes::all(stdout, limits.output);
                too_much.store(read.is_none(), Ordering::Relaxed);
                // Nobody listens any more when the child left its pipes to another process.
                let _ = send_output.send(read);
            });
            scope.spawn(move || {
                let _ = send_log.send(pipes::tail(stderr, &send_progress));
            });
        }
        let mut stopped = None;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) => {}
                Err(_) => break None,
            }
            if let Some(last) = progress.try_iter().last() {
                let seconds = started.elapsed().as_secs();
                task.progress(json!({"stage": "scanning", "seconds": seconds, "seen": last}));
            }
            stopped = stopped.or_else(|| {
                if let Some(stop) = task.stop() {
                    Some(Ending::Stopped(stop))
                } else if started.elapsed() > limits.time {
                    Some(Ending::Failed(ending::too_long(limits.time)))
                } else if too_much.load(Ordering::Relaxed) {
                    Some(Ending::Failed(ending::too_much(limits.output)))
                } else {
                    None
                }
            });
            if stopped.is_some() {
                end(&mut child);
            }
            std::thread::sleep(STEP);
        };
        // Whatever it started goes with it, or the pipes would stay open.
        end(&mut child);
        let log = log.recv_timeout(PATIENCE).unwrap_or_default();
        let output = output.recv_timeout(PATIENCE).ok().flatten();
        let output = match (stopped, status) {
            (Some(ending), _) => Err(ending),
            // It may end by itself once nobody reads what it writes.
            (None, _) if too_much.load(Ordering::Relaxed) => {
                Err(Ending::Failed(ending::too_much(limits.output)))
            }
            (None, Some(status)) => judged(status, output, &log),
            (None, None) => Err(Ending::Failed(
                "the system lost sight of the scanner".to_owned(),
            )),
        };
        Ended { output, log }
    })
}

fn judged(status: ExitStatus, output: Option<Vec<u8>>, log: &str) -> Result<Vec<u8>, Ending> {
    match (status.code(), output) {
        (Some(0 | 1), Some(output)) => Ok(output),
        (Some(0 | 1), None) => Err(Ending::Failed(
            "the scanner left its output to a process that does not end".to_owned(),
        )),
        _ => Err(Ending::Failed(ending::told(status, log))),
    }
}

/// Ends the child and all that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        // It may be gone already.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}

#[cfg(target_os = "linux")]
fn limit(child: &Child, limits: &Limits) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return;
    };
    for (resource, most) in [(Resource::As, limits.memory), (Resource::Core, 0)] {
        let most = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // A system that forbids it leaves the other limits.
        let _ = prlimit(Some(pid), resource, most);
    }
}

#[cfg(not(target_os = "linux"))]
fn limit(_: &Child, _: &Limits) {}
