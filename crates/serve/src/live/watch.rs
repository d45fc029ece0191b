//! Watches the database: whoever changes it, browsers hear of it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use stance_store::{Estate as _, Pulse};

use super::Topic;
use crate::app::App;
use crate::frame::{Counts, Health};

/// Looks come at least so far apart, so that many small changes are one event.
const PAUSE: Duration = Duration::from_millis(400);

/// What every page shows, as it was at the last look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    /// The figures beside the menu.
    pub(crate) counts: Counts,
    /// How the sources are.
    pub(crate) health: Health,
}

/// The summary of the last look.
#[derive(Debug, Default)]
pub(crate) struct Latest(RwLock<Arc<Summary>>);

impl Latest {
    /// The summary.
    pub(crate) fn get(&self) -> Arc<Summary> {
        // Whoever panicked while it held the lock only swapped a pointer.
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held)
    }

    fn set(&self, summary: Summary) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(summary);
    }
}

/// Looks after each commit, until the server stops.
pub(crate) async fn watch(app: App) {
    let mut stopping = app.stopping();
    let mut known: Option<Pulse> = None;
    let mut seen = None;
    let version = || app.settings.desk.as_ref().map(|desk| desk.0.version());
    let mut asked = version();
    loop {
        let now = version();
        if now != asked {
            asked = now;
            app.live.tell(Topic::Approvals);
        }
        let commits = app.db.figures().commits;
        if seen != Some(commits) {
            seen = Some(commits);
            if let Ok((pulse, summary)) = look(&app).await {
                app.summary.set(summary);
                if let Some(before) = known {
                    tell(&app, &before, &pulse);
                }
                known = Some(pulse);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

fn tell(app: &App, before: &Pulse, now: &Pulse) {
    for (topic, changed) in [
        (Topic::Score, before.score != now.score),
        (Topic::Findings, before.findings != now.findings),
        (Topic::Assets, before.assets != now.assets),
        (Topic::Changes, before.changes != now.changes),
        (Topic::Sources, before.sources != now.sources),
    ] {
        if changed {
            app.live.tell(topic);
        }
    }
}

async fn look(app: &App) -> Result<(Pulse, Summary), crate::error::ApiError> {
    app.db
        .read(|store| {
            let tally = store.tally()?;
            let health = store.health()?;
            let summary = Summary {
                counts: Counts {
                    assets: Some(tally.all_assets()),
                    findings: Some(tally.all_findings()),
                    changes: Some(tally.changes),
                    sources: Some(health.sources),
                },
                health: Health {
                    sources: health.sources,
                    failing: health.failing,
                    running: health.running,
                    last_scan: health.last_scan,
                },
            };
            Ok((store.pulse()?, summary))
        })
        .await
}
