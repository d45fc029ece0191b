//! Live events: browsers hear that something of a kind changed and fetch what shows it. What changed is never in the
//! event, so that nobody hears what they may not see.

mod watch;

use std::convert::Infallible;
use std::time::Duration;

use axum::http::Method;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::broadcast;

pub(crate) use watch::{Latest, watch};

use crate::ask::Ask;
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
        }
    }
}

/// Most browsers that listen at once; one more is told to come again later.
const LISTENERS: usize = 512;

/// Those who listen.
#[derive(Debug)]
pub(crate) struct Live(broadcast::Sender<Topic>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::Sender::new(64))
    }
}

impl Live {
    /// Tells everybody who listens.
    pub(crate) fn tell(&self, topic: Topic) {
        // Nobody listens when this fails.
        let _ = self.0.send(topic);
    }
}

pub(crate) fn routes() -> Routes {
    Routes::of("Live events").add(
        only(Method::GET, EVENTS, Permission::EstateRead, events)
            .about(
                "Live events",
                "Server-sent events: the name of what changed, such as `findings`, without saying how.",
            )
            .patience(Duration::from_secs(24 * 60 * 60)),
    )
}

async fn events(ask: Ask) -> Result<impl IntoResponse, ApiError> {
    let live = &ask.live.0;
    if live.receiver_count() >= LISTENERS {
        return Err(ApiError::too_many(
            60,
            "too many browsers listen to live events",
        ));
    }
    let heard = live.subscribe();
    let stopping = ask.app().stopping();
    let stream = futures_util::stream::unfold(
        (heard, stopping),
        |(mut heard, mut stopping)| async {
            let event = tokio::select! {
                heard = heard.recv() => match heard {
                    Ok(topic) => Event::default().event(topic.name()).data("changed"),
                    // Who was too slow fetches everything.
                    Err(broadcast::error::RecvError::Lagged(_)) => Event::default().event("findings").data("missed"),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                _ = stopping.wait_for(|stop| *stop) => return None,
            };
            Some((Ok::<_, Infallible>(event), (heard, stopping)))
        },
    );
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}
