//! Watches the database: whoever changes it, browsers hear of it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use stance_store::{Estate as _, Pulse, Traffic as _};

use super::Topic;
use crate::app::App;
use crate::frame::{Counts, Health};

/// Looks come at least so far apart, so that many small changes are one event.
const PAUSE: Duration = Duration::from_millis(400);

/// Looks from one event about interactions to the next: they come without pause, and each event makes browsers fetch a page.
const TRAFFIC_EVERY: u8 = 6;

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
    let version = || app.desk.get().map(|desk| desk.version());
    let mut asked = version();
    let mut traffic = Interactions::default();
    loop {
        let now = version();
        if now != asked {
            asked = now;
            app.live.tell(Topic::Approvals);
        }
        let commits = app.db.figures().commits;
        if seen != Some(commits) {
            seen = Some(commits);
            if let Ok((pulse, summary, counter)) = look(&app).await {
                traffic.met(counter);
                app.summary.set(summary);
                if let Some(before) = known {
                    tell(&app, &before, &pulse);
                }
                known = Some(pulse);
            }
        }
        if traffic.is_to_be_told() {
            app.live.tell(Topic::Traffic);
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// Whether there is news of interactions, and when it was told last.
#[derive(Debug, Default)]
struct Interactions {
    counter: Option<u64>,
    is_new: bool,
    pause: u8,
}

impl Interactions {
    fn met(&mut self, counter: u64) {
        self.is_new |= self.counter.is_some_and(|known| known != counter);
        self.counter = Some(counter);
    }

    /// Asked once for each look.
    fn is_to_be_told(&mut self) -> bool {
        self.pause = self.pause.saturating_sub(1);
        if !self.is_new || self.pause > 0 {
            return false;
        }
        self.is_new = false;
        self.pause = TRAFFIC_EVERY;
        true
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

async fn look(app: &App) -> Result<(Pulse, Summary, u64), crate::error::ApiError> {
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
            Ok((store.pulse()?, summary, store.traffic_size()?.counter))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interactions_are_told_at_once_then_seldom_and_the_last_ones_too() {
        let mut traffic = Interactions::default();
        traffic.met(4);
        assert!(
            !traffic.is_to_be_told(),
            "nothing came since the first look"
        );
        traffic.met(5);
        assert!(traffic.is_to_be_told());
        let mut told = Vec::new();
        for look in 1..20 {
            if look < 8 {
                traffic.met(5 + look);
            }
            if traffic.is_to_be_told() {
                told.push(look);
            }
        }
        assert_eq!(told, [6, 12]);
    }
}
