//! Work of others, within bounds: a panic is a value, the stack has a known size, and whoever waits stops waiting.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use regorus::utils::limits::{TimeSource, set_time_source};

use crate::fault::{Fault, What};

/// The stack of a thread that compiles or evaluates, in bytes. Only what is used of it is memory.
const STACK: usize = 512 << 20;

/// How long a thread that does not look at the clock is waited for beyond its time.
const GRACE: Duration = Duration::from_secs(2);

/// Does `work` here, and makes a fault of a panic.
///
/// # Errors
///
/// What `work` gives, or [`What::Panic`].
pub fn caught<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Fault::new(
            What::Panic,
            format!("the policy engine broke: {said}"),
        ))
    })
}

/// Does `work` on a thread with a large stack of known size. Who does not end within `time` and a little is left alone: the
/// thread may go on, its result is thrown away.
///
/// # Errors
///
/// What `work` gives, [`What::Panic`], or [`What::Time`].
pub fn apart<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let (done, waits) = sync_channel(1);
    let thread = thread::Builder::new()
        .name("policy".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // Nobody may be waiting any more.
            let _: Result<(), _> = done.send(caught(work));
        })
        .map_err(|error| {
            Fault::new(
                What::Panic,
                format!("no thread could be started for the policy: {error}"),
            )
        })?;
    match waits.recv_timeout(time.saturating_add(GRACE)) {
        Ok(result) => {
            let _: thread::Result<()> = thread.join();
            result
        }
        Err(RecvTimeoutError::Timeout) => Err(out_of_time(time)),
        Err(RecvTimeoutError::Disconnected) => {
            Err(Fault::new(What::Panic, "the policy engine broke"))
        }
    }
}

/// The fault of an evaluation that took too long.
pub(crate) fn out_of_time(time: Duration) -> Fault {
    Fault::new(
        What::Time,
        format!(
            "the policy took longer than {}; look for loops over large collections within each other",
            words(time)
        ),
    )
}

fn words(time: Duration) -> String {
    if time.as_millis() == 0 {
        format!("{} µs", time.as_micros())
    } else if time.as_secs() == 0 {
        format!("{} ms", time.as_millis())
    } else {
        format!("{} s", time.as_secs_f32())
    }
}

/// The clock that stops evaluations; it is part of no result.
struct Clock;

impl TimeSource for Clock {
    fn now(&self) -> Option<Duration> {
        Some(elapsed())
    }
}

/// How long this process has been asking.
#[expect(
    clippy::disallowed_methods,
    reason = "what others wrote is stopped by the clock; no result depends on it"
)]
pub(crate) fn elapsed() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Gives the engine its clock, once.
pub(crate) fn set_clock() {
    static SET: OnceLock<()> = OnceLock::new();
    SET.get_or_init(|| {
        let _: Result<(), _> = set_time_source(&Clock);
    });
}
