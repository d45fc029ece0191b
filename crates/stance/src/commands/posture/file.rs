//! A snapshot that is read anew when its file changes.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use serde_json::json;
use stance_gateway::posture::{Held, Posture, Snapshot};
use stance_guard::policy::PostureSettings;
use stance_serve::Log;

/// How often it is looked whether the file changed.
const LOOK: Duration = Duration::from_secs(5);

/// Reads the snapshot that the settings name, if they name one; `settings` is their file, which its path is relative to.
pub(in crate::commands) fn read(
    set: &PostureSettings,
    settings: &Path,
) -> anyhow::Result<Option<Arc<dyn Posture>>> {
    let Some(name) = &set.snapshot else {
        return Ok(None);
    };
    let base = settings.parent().unwrap_or_else(|| Path::new("."));
    let path = base.join(name);
    let last = state_of(&path);
    let snapshot = Snapshot::read(&path).context("guard.posture.snapshot")?;
    let held = Arc::new(Held::default());
    held.set(&snapshot.subjects, snapshot.time);
    let kept = Arc::downgrade(&held);
    std::thread::Builder::new()
        .name("posture".to_owned())
        .spawn(move || watch(&path, last, &kept))
        .context("no thread for guard.posture.snapshot")?;
    Ok(Some(held))
}

/// Reads a snapshot once, for what ends before the next one.
pub(in crate::commands) fn once(path: &Path) -> anyhow::Result<Arc<dyn Posture>> {
    let snapshot = Snapshot::read(path)?;
    let held = Held::default();
    held.set(&snapshot.subjects, snapshot.time);
    Ok(Arc::new(held))
}

/// Looks until nobody asks any more. What cannot be read leaves what is known as it is, until that is too old.
fn watch(path: &Path, mut last: Option<(SystemTime, u64)>, held: &Weak<Held>) {
    let log = Log::stderr();
    loop {
        std::thread::sleep(LOOK);
        let Some(held) = held.upgrade() else {
            return;
        };
        let state = state_of(path);
        if state == last {
            continue;
        }
        last = state;
        match Snapshot::read(path) {
            Ok(snapshot) => {
                held.set(&snapshot.subjects, snapshot.time);
                let more = json!({"time": snapshot.time.to_string()});
                log.say("info", "the gateway has new findings", &more);
            }
            Err(error) => {
                let more = json!({"cause": error.to_string()});
                log.say("error", "the gateway keeps the findings that it has", &more);
            }
        }
    }
}

/// What tells that a file changed.
fn state_of(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}
