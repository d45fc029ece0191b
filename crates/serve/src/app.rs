//! What all requests share.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use stance_core::approval::Desk;
use tokio::sync::watch;

use crate::auth::Passwords;
use crate::auth::half::Halves;
use crate::auth::oidc::OpenId;
use crate::clock::Clock;
use crate::db::Database;
use crate::http::RateLimits;
use crate::jobs::Bell;
use crate::live::{Latest, Live};
use crate::log::Log;
use crate::metrics::Metrics;
use crate::note::Notes;
use crate::route::Listed;
use crate::server::Settings;

/// What all requests share; a handle that is cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The parts of an [`App`].
pub struct Shared {
    /// The database.
    pub db: Database,
    /// The clock.
    pub clock: Clock,
    /// How the server was started.
    pub settings: Settings,
    /// The log of operation.
    pub log: Log,
    /// The figures of operation.
    pub metrics: Metrics,
    /// Those who listen to live events.
    pub(crate) live: Live,
    /// What every page shows, as it was a moment ago.
    pub(crate) summary: Latest,
    /// What was noted a moment ago.
    pub(crate) notes: Notes,
    /// The states of all controls, as long as they hold.
    pub(crate) standing: crate::compliance::Kept,
    /// What is remembered of traffic.
    pub telemetry: crate::telemetry::Telemetry,
    /// Wakes whoever does jobs.
    pub bell: Bell,
    pub(crate) passwords: Passwords,
    pub(crate) halves: Halves,
    pub(crate) openid: Option<Arc<OpenId>>,
    pub(crate) limits: RateLimits,
    /// The table of routes, for its own documentation.
    pub(crate) routes: OnceLock<Vec<Listed>>,
    /// The document that follows from it.
    pub(crate) openapi: OnceLock<Vec<u8>>,
    /// Where questions of the gateway in this process wait, if there is one.
    pub(crate) desk: OnceLock<Arc<dyn Desk>>,
    /// What reads logs that are sent, if anything does.
    pub(crate) logs: OnceLock<Arc<dyn crate::telemetry::Logs>>,
    stop: watch::Sender<bool>,
}

impl App {
    pub(crate) fn new(db: Database, settings: Settings, clock: Clock, log: Log) -> Self {
        Self(Arc::new(Shared {
            db,
            clock,
            passwords: Passwords::new(settings.hashing),
            halves: Halves::default(),
            openid: settings.provider.clone().map(OpenId::new).map(Arc::new),
            limits: RateLimits::new(settings.rates),
            settings,
            log,
            live: Live::default(),
            summary: Latest::default(),
            notes: Notes::default(),
            metrics: Metrics::default(),
            standing: crate::compliance::Kept::default(),
            telemetry: crate::telemetry::Telemetry::default(),
            bell: Bell::default(),
            routes: OnceLock::new(),
            openapi: OnceLock::new(),
            desk: OnceLock::new(),
            logs: OnceLock::new(),
            stop: watch::Sender::new(false),
        }))
    }

    /// Turns to `true` when the server is to stop; what runs for long ends then.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Shows what waits at the gateway of this process, and has approvers decide it. The first one stays.
    pub fn decide_at(&self, desk: Arc<dyn Desk>) {
        let _ = self.desk.set(desk);
    }

    /// Has logs that are sent read by this. The first one stays.
    pub fn read_logs_with(&self, logs: Arc<dyn crate::telemetry::Logs>) {
        let _ = self.logs.set(logs);
    }

    /// The table of routes.
    #[must_use]
    pub fn table(&self) -> &[Listed] {
        self.routes.get().map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
