//! The process of a server.

use std::ffi::{OsStr, OsString};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::Context as _;

use crate::Outcome;

/// A server that runs.
pub(super) struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
}

/// Its process, and all that it starts: how it is told to end.
#[derive(Clone, Copy)]
pub(super) struct Process(u32);

impl Server {
    /// Starts it, in a group of processes of its own, with our standard error.
    pub(super) fn start(program: &OsStr, words: &[OsString]) -> anyhow::Result<Self> {
        let mut command = command(program, words)?;
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self {
            input: child.stdin.take(),
            output: child.stdout.take(),
            child,
        })
    }

    /// What it reads, once.
    pub(super) fn input(&mut self) -> Pipe<ChildStdin> {
        Pipe(self.input.take())
    }

    /// What it writes, once.
    pub(super) fn output(&mut self) -> Pipe<ChildStdout> {
        Pipe(self.output.take())
    }

    pub(super) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Waits for its end; gives its exit code, as shells tell it.
    pub(super) fn wait(mut self) -> u8 {
        self.child.wait().map_or(1, |status| code(&status))
    }
}

/// An end of a pipe that may be taken already.
pub(super) struct Pipe<P>(Option<P>);

impl<P: std::io::Read> std::io::Read for Pipe<P> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.as_mut().map_or(Ok(0), |pipe| pipe.read(into))
    }
}

impl<P: std::io::Write> std::io::Write for Pipe<P> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let pipe = self.0.as_mut().ok_or(std::io::ErrorKind::BrokenPipe)?;
        pipe.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.as_mut().map_or(Ok(()), std::io::Write::flush)
    }
}

fn code(status: &ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(status) {
        return u8::try_from(signal).map_or(1, |signal| signal.saturating_add(128));
    }
    u8::try_from(status.code().unwrap_or(1) & 0xff).unwrap_or(1)
}

#[cfg(unix)]
impl Process {
    /// Tells it and all that it started to end.
    pub(super) fn terminate(self) {
        self.send(rustix::process::Signal::TERM);
    }

    /// Ends it and all that it started.
    pub(super) fn kill(self) {
        self.send(rustix::process::Signal::KILL);
    }

    fn send(self, signal: rustix::process::Signal) {
        let group = i32::try_from(self.0)
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            // Whoever is gone needs no signal.
            let _ = rustix::process::kill_process_group(group, signal);
        }
    }
}

#[cfg(not(unix))]
impl Process {
    /// There is no way to ask.
    pub(super) fn terminate(self) {
        self.kill();
    }

    /// Ends it and all that it started.
    pub(super) fn kill(self) {
        let _ = Command::new("taskkill")
            .args(["/T", "/F", "/PID", &self.0.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// What starts a server. On Linux this program starts itself, which then becomes the server: in between it has itself ended
/// with its parent.
#[cfg(target_os = "linux")]
fn command(program: &OsStr, words: &[OsString]) -> anyhow::Result<Command> {
    let own = std::env::current_exe().context("cannot find this program to start it again")?;
    let mut command = Command::new(own);
    command
        .env(crate::service::TIED, std::process::id().to_string())
        .args(["mcp-proxy", "--become-server", "--"])
        .arg(program)
        .args(words);
    Ok(command)
}

#[cfg(not(target_os = "linux"))]
fn command(program: &OsStr, words: &[OsString]) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    command.args(words);
    Ok(command)
}

/// Turns this process into the server.
#[cfg(unix)]
pub(super) fn turn_into(program: &OsStr, words: &[OsString]) -> anyhow::Result<Outcome> {
    let mut command = Command::new(program);
    command.args(words);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::parent_id;
        command.env_remove(crate::service::TIED);
        // A parent that was gone before this process was tied to it will not end it.
        let parent = std::env::var(crate::service::TIED).unwrap_or_default();
        anyhow::ensure!(parent == parent_id().to_string(), "the proxy is gone");
    }
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    Err(error).with_context(|| format!("cannot start {}", program.to_string_lossy()))
}

#[cfg(not(unix))]
pub(super) fn turn_into(_: &OsStr, _: &[OsString]) -> anyhow::Result<Outcome> {
    anyhow::bail!("this is for this program only")
}
