//! Settings that change while they are in use.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use stance_gateway::Reload;
use stance_serve::Log;

use super::told;
use crate::config::Loaded;
use crate::config::file::File;

/// How often it is looked whether the file of the settings changed.
const LOOK: Duration = Duration::from_secs(2);

/// Whose settings they are.
pub(in crate::commands) struct Whose {
    /// What it is called in the log.
    pub(in crate::commands) name: &'static str,
    /// What reads certificates and keys anew that others renew.
    pub(in crate::commands) renewed: Option<Reload>,
    /// Whether SIGHUP has the file read anew.
    pub(in crate::commands) hears: bool,
}

impl Whose {
    /// A gateway's.
    pub(in crate::commands) const fn gateway(renewed: Option<Reload>) -> Self {
        Self {
            name: "the gateway",
            renewed,
            hears: true,
        }
    }
}

/// Takes new settings whenever their file changes, or somebody says so. `take` gets the settings of the file.
pub(in crate::commands) async fn watch(
    path: PathBuf,
    whose: Whose,
    take: impl Fn(File) -> anyhow::Result<()> + Send + Sync + 'static,
) {
    let take = Arc::new(take);
    let log = Log::stderr();
    let mut last = state_of(&path);
    let mut failed: Option<String> = None;
    let Whose {
        name,
        renewed,
        hears,
    } = whose;
    #[cfg(unix)]
    let mut hangup = match hears {
        true => tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        false => None,
    };
    #[cfg(not(unix))]
    let _ = hears;
    loop {
        let pause = tokio::time::sleep(LOOK);
        #[cfg(unix)]
        let is_told = match &mut hangup {
            Some(hangup) => tokio::select! {
                () = pause => false,
                _ = hangup.recv() => true,
            },
            None => {
                pause.await;
                false
            }
        };
        #[cfg(not(unix))]
        let is_told = {
            pause.await;
            false
        };
        let state = state_of(&path);
        if state == last && !is_told {
            match renewed.as_ref().map_or(Ok(false), Reload::look) {
                Ok(false) => failed = None,
                Ok(true) => log.say(
                    "info",
                    &format!("{name} has read certificates and keys anew"),
                    &serde_json::json!({}),
                ),
                Err(all) => {
                    let cause = told(&path, &all).to_string();
                    // Once for each cause, not every time it is looked.
                    if failed.as_ref() != Some(&cause) {
                        let more = serde_json::json!({"cause": &cause});
                        log.say(
                            "error",
                            &format!("{name} keeps the certificates and keys that it has"),
                            &more,
                        );
                        failed = Some(cause);
                    }
                }
            }
            continue;
        }
        last = state;
        let (place, take) = (path.clone(), take.clone());
        // Documents may be many.
        let taken = tokio::task::spawn_blocking(move || read(&place).and_then(|file| take(file)));
        let taken = taken.await;
        match taken.unwrap_or_else(|error| Err(error.into())) {
            Ok(()) => log.say(
                "info",
                &format!("{name} has new settings"),
                &serde_json::json!({}),
            ),
            Err(error) => {
                let more = serde_json::json!({"cause": format!("{error:#}")});
                log.say("error", &format!("{name} keeps its settings"), &more);
            }
        }
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    Ok(Loaded::find(Some(path), Path::new("."))?.file)
}

/// What tells that a file changed.
fn state_of(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}
