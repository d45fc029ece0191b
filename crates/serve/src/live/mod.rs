//! Live events: browsers hear that something of a kind changed and fetch what shows it. What changed is never in the
//! event, so that nobody hears what they may not see.

mod watch;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::broadcast;

pub(crate) use watch::{Latest, watch};

use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::EVENTS;
use crate::route::{Routes, only};

/// A kind of things that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The score.
    Score,
    /// Findings and what people decided about them.
    Findings,
    /// Assets.
    Assets,
    /// Changes.
    Changes,
    /// Sources and runs.
    Sources,
    /// Messages.
    Notifications,
    /// What waits at the gateway for a decision.
    Approvals,
    /// Interactions of run time.
    Traffic,
}

impl Topic {
    /// The name of the event.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Findings => "findings",
            Self::Assets => "assets",
            Self::Changes => "changes",
            Self::Sources => "sources",
            Self::Notifications => "notifications",
            Self::Approvals => "approvals",
            Self::Traffic => "traffic",
        }
    }
}

/// Most browsers that listen at once; one more is told to come again later.
const LISTENERS: usize = 512;

/// Those who listen, and what was told last, for those who begin to.
#[derive(Debug)]
pub(crate) struct Live {
    listeners: broadcast::Sender<Topic>,
    told: Mutex<Told>,
}

/// How many events were told, and the number of the last of each topic.
#[derive(Clone, Debug, Default)]
struct Told {
    count: u64,
    last: Vec<(Topic, u64)>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            listeners: broadcast::Sender::new(64),
            told: Mutex::default(),
        }
    }
}

impl Live {
    /// Tells everybody who listens.
    pub(crate) fn tell(&self, topic: Topic) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.count = told.count.saturating_add(1);
        let count = told.count;
        told.last.retain(|(other, _)| *other != topic);
        told.last.push((topic, count));
        // Nobody listens when this fails.
        let _ = self.listeners.send(topic);
    }

    /// How many events were told so far.
    pub(crate) fn count(&self) -> u64 {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.count
    }

    /// What was told after so many events, and all that is told from now on: a page that is made while something changes
    /// misses nothing.
    fn hear(&self, since: u64) -> (VecDeque<Topic>, broadcast::Receiver<Topic>) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = told
            .last
            .iter()
            .filter(|(_, number)| *number > since)
            .map(|(topic, _)| *topic)
            .collect();
        (missed, self.listeners.subscribe())
    }
}

/// From which event on.
#[derive(Debug, Deserialize, JsonSchema)]
struct Since {
    /// How many events were told before the page was made; all are told after that, and without it all from now on.
    #[serde(default)]
    since: Option<u64>,
}

pub(crate) fn routes() -> Routes {
    Routes::of("Live events").add(
        only(Method::GET, EVENTS, Permission::EstateRead, events)
            .about(
                "Live events",
                "Server-sent events: the name of what changed, such as `findings`, without saying how.",
            )
            .query::<Since>()
            .patience(Duration::from_secs(24 * 60 * 60)),
    )
}

async fn events(ask: Ask, Query(asked): Query<Since>) -> Result<impl IntoResponse, ApiError> {
    if ask.live.listeners.receiver_count() >= LISTENERS {
        return Err(ApiError::too_many(
            60,
            "too many browsers listen to live events",
        ));
    }
    let (missed, heard) = ask.live.hear(asked.since.unwrap_or(u64::MAX));
    let stopping = ask.app().stopping();
    let stream = futures_util::stream::unfold(
        (missed, heard, stopping),
        |(mut missed, mut heard, mut stopping)| async {
            let changed = |topic: Topic| Event::default().event(topic.name()).data("changed");
            if let Some(topic) = missed.pop_front() {
                return Some((
                    Ok::<_, Infallible>(changed(topic)),
                    (missed, heard, stopping),
                ));
            }
            let event = tokio::select! {
                heard = heard.recv() => match heard {
                    Ok(topic) => changed(topic),
                    // Who was too slow fetches everything.
                    Err(broadcast::error::RecvError::Lagged(_)) => Event::default().event("findings").data("missed"),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                _ = stopping.wait_for(|stop| *stop) => return None,
            };
            Some((Ok(event), (missed, heard, stopping)))
        },
    );
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_hears_what_changed_while_it_was_made() {
        let live = Live::default();
        live.tell(Topic::Assets);
        let page = live.count();
        live.tell(Topic::Sources);
        live.tell(Topic::Findings);
        live.tell(Topic::Sources);
        let (missed, mut heard) = live.hear(page);
        assert_eq!(missed, [Topic::Findings, Topic::Sources]);
        live.tell(Topic::Score);
        assert_eq!(heard.try_recv(), Ok(Topic::Score));
        assert!(live.hear(live.count()).0.is_empty());
    }
}
