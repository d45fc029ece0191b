//! What the service found about models, servers and agents, for the gateway within and the receiver.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use stance_gateway::posture::Held;
use stance_serve::Log;
use stance_serve::app::App;
use stance_store::{Estate as _, Pulse};

use crate::commands::posture::of_estate;

/// The least time from one look to the next.
const LOOK: Duration = Duration::from_secs(10);

/// The findings of the service, in memory.
pub(in crate::commands) struct Findings {
    pub(in crate::commands) held: Arc<Held>,
    app: App,
    log: Log,
    /// What was there at the last look.
    seen: Option<(usize, Pulse)>,
    has_failed: bool,
    was_whole: bool,
}

impl Findings {
    /// The findings as they are now.
    pub(in crate::commands) async fn read(app: App, log: Log) -> Self {
        let mut findings = Self {
            held: Arc::default(),
            app,
            log,
            seen: None,
            has_failed: false,
            was_whole: true,
        };
        findings.look().await;
        findings
    }

    /// Looks again and again, until it is ended.
    pub(super) async fn watch(mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            self.look().await;
        }
    }

    /// Takes what changed. What cannot be read leaves what is known as it is, until that is too old.
    async fn look(&mut self) {
        let now = Timestamp::now();
        let commits = self.app.db.figures().commits;
        if self.seen.is_some_and(|(seen, _)| seen == commits) {
            self.held.is_still_so(now);
            return;
        }
        let before = self.seen.map(|(_, pulse)| pulse);
        let read = self.app.db.read(move |store| {
            let pulse = store.pulse()?;
            let is_same = before.is_some_and(|before| {
                (before.findings, before.assets) == (pulse.findings, pulse.assets)
            });
            let found = match is_same {
                true => None,
                false => Some(of_estate(store)?),
            };
            Ok((pulse, found))
        });
        match read.await {
            Ok((pulse, found)) => {
                self.seen = Some((commits, pulse));
                self.has_failed = false;
                match found {
                    Some((subjects, is_whole)) => {
                        self.held.set(&subjects, now);
                        self.tell_cut(is_whole);
                    }
                    None => self.held.is_still_so(now),
                }
            }
            Err(error) if !self.has_failed => {
                self.has_failed = true;
                let more = json!({"cause": error.to_string()});
                let what = "the gateway keeps the findings that it has; the service cannot be read";
                self.log.say("error", what, &more);
            }
            Err(_) => {}
        }
    }

    fn tell_cut(&mut self, is_whole: bool) {
        if self.was_whole && !is_whole {
            let what = "the gateway does not know all findings; it takes the worst 20,000";
            self.log.say("warning", what, &json!({}));
        }
        self.was_whole = is_whole;
    }
}
