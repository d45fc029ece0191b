//! What a scan owes to the service that started it: to say how far it is, and to end with it.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use stance_collect::Progress;

/// Set when standard error is read by the service.
const PROGRESS: &str = "STANCE_INTERNAL_PROGRESS";
/// Set when this process is to end with the one that started it.
#[cfg(target_os = "linux")]
pub(crate) const TIED: &str = "STANCE_INTERNAL_TIED";

/// Begins a line that tells how far the scan is.
const MARK: &str = "\u{1e}progress ";

/// How often that is told.
const STEP: Duration = Duration::from_millis(500);

/// Whether somebody reads how far the scan is.
pub(crate) fn wants_progress() -> bool {
    std::env::var_os(PROGRESS).is_some()
}

/// Tells how far it is while `work` runs.
pub(crate) fn telling<T>(progress: &Progress, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let teller = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let (files, bytes) = (progress.files(), progress.bytes());
                let told = serde_json::json!({"files": files, "bytes": bytes});
                // Whoever does not listen any more ends this process soon.
                let _ = writeln!(std::io::stderr(), "{MARK}{told}");
                std::thread::park_timeout(STEP);
            }
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        teller.thread().unpark();
        result
    })
}

/// Ends this process when the one that started it ends, however that happens, where the system can do that.
pub(crate) fn tie() {
    #[cfg(target_os = "linux")]
    if std::env::var_os(TIED).is_some() {
        // A kernel that does not know it leaves a scan that ends by itself.
        let signal = Some(rustix::process::Signal::KILL);
        let _ = rustix::process::set_parent_process_death_signal(signal);
    }
}
