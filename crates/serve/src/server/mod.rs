//! Starting, serving, and ending in good order.

mod accept;
mod first;
mod settings;
mod standing;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use stance_store::StoreError;
use tokio::net::TcpListener;

use crate::app::App;
use crate::clock::Clock;
use crate::db::{Database, DirectoryLock};
use crate::error::ApiError;
use crate::jobs::{Books, Crew, Office};
use crate::live::Topic;
use crate::log::Log;
use crate::notify::Courier;
use crate::route;

pub use settings::{Sessions, Settings};
pub use stance_tls::TlsFiles;
pub(crate) use standing::keep as keep_checkpoint;
pub use tls::check as check_tls;

/// The database of the service in the data directory.
pub const FILE_NAME: &str = "service.db";

/// How often what expired is removed.
const SWEEP: Duration = Duration::from_secs(600);

/// Why the service does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory cannot be used, or is in use.
    #[error("the data directory {}: {reason}", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// The words of the system, or ours.
        reason: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something of the database while starting.
    #[error("the database cannot be used: {0}")]
    Start(String),
    /// The database is older than what was signed here.
    #[error(
        "the database in {} is not the one that was signed there: {reason}; it lost its log of changes, is an older \
         copy, or another one. Put the right one back, or a backup with `stance restore`; if it is meant to be so, \
         remove service.checkpoint and start again",
        directory.display()
    )]
    Older {
        /// The data directory.
        directory: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}; choose another with `--listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The words of the system.
        reason: io::Error,
    },
    /// Nobody could sign in yet, and everybody could reach the page where the first one does.
    #[error(
        "{0} is not a loopback address and there is no account yet: begin on 127.0.0.1, or with `--tls-cert` and `--tls-key`, or with `--behind-proxy`"
    )]
    Open(SocketAddr),
    /// Certificate or key cannot be used.
    #[error("{}: {reason}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

impl From<ApiError> for ServeError {
    fn from(error: ApiError) -> Self {
        Self::Start(error.cause.unwrap_or(error.detail))
    }
}

/// A service that listens and does not serve yet.
pub struct Server {
    app: App,
    router: axum::Router,
    listener: TcpListener,
    tls: Option<tokio_rustls::TlsAcceptor>,
    address: SocketAddr,
    first_link: Option<String>,
    _lock: DirectoryLock,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Takes the data directory, opens the database and listens.
    ///
    /// # Errors
    ///
    /// [`ServeError`], each with what to do.
    pub async fn start(settings: Settings, clock: Clock, log: Log) -> Result<Self, ServeError> {
        let directory = settings.data_dir.clone();
        let lock = DirectoryLock::take(&directory).map_err(|reason| ServeError::Directory {
            directory: directory.clone(),
            reason,
        })?;
        let tls = settings.tls.as_ref().map(tls::acceptor).transpose()?;
        let database = directory.join(FILE_NAME);
        standing::whole(&directory, &database)?;
        let db = Database::open(&database)?;
        if let Err(error) = standing::no_older(&directory, &db).await {
            // Closed before that is told: whoever reads it may put another file in its place.
            let _ = tokio::task::spawn_blocking(move || db.close()).await;
            return Err(error);
        }
        let known = first::has_administrator(&db).await?;
        if !known && !settings.is_private() {
            return Err(ServeError::Open(settings.listen));
        }
        let listener =
            TcpListener::bind(settings.listen)
                .await
                .map_err(|reason| ServeError::Listen {
                    address: settings.listen,
                    reason,
                })?;
        let address = listener.local_addr().map_err(|reason| ServeError::Listen {
            address: settings.listen,
            reason,
        })?;
        let app = App::new(db, settings, clock, log);
        release(&app).await;
        let first_link = if known {
            None
        } else {
            Some(first::link(&app, address).await?)
        };
        Ok(Self {
            router: route::router(&app, crate::slices()),
            app,
            listener,
            tls,
            address,
            first_link,
            _lock: lock,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the dashboard.
    #[must_use]
    pub fn url(&self) -> String {
        self.app.settings.base_url(self.address)
    }

    /// The link with which the first administrator signs in, when there is none yet; it is told nowhere else.
    #[must_use]
    pub fn first_link(&self) -> Option<&str> {
        self.first_link.as_deref()
    }

    /// What answers connections over TLS for a receiver of telemetry, also of HTTP/2; nothing where the service has no
    /// certificate of its own.
    #[must_use]
    pub fn acceptor(&self) -> Option<tokio_rustls::TlsAcceptor> {
        let mut config = self.tls.as_ref()?.config().as_ref().clone();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Some(std::sync::Arc::new(config).into())
    }

    /// What all requests share.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Serves until `stop` is there; then finishes what is under way.
    ///
    /// # Errors
    ///
    /// When the listener fails for good.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self {
            app,
            router,
            listener,
            tls,
            address,
            _lock,
            ..
        } = self;
        app.log.say(
            "info",
            "serving",
            &serde_json::json!({"address": address.to_string(), "tls": tls.is_some()}),
        );
        let sweeping = tokio::spawn(sweep(app.clone()));
        let watching = tokio::spawn(crate::live::watch(app.clone()));
        reclaim(&app).await;
        let crew = work(&app, address)?;
        accept::serve(&app, listener, tls, router, stop).await;
        sweeping.abort();
        watching.abort();
        if let Some(crew) = crew {
            let _ = tokio::task::spawn_blocking(move || crew.stop()).await;
        }
        crate::audit::sign_all(&app).await;
        app.log.say("info", "stopped", &serde_json::json!({}));
        let db = app.db.clone();
        drop(app);
        // The threads end with the last handle; what was asked for is written before.
        let _ = tokio::task::spawn_blocking(move || db.close()).await;
        Ok(())
    }
}

/// Takes back what a process was working on that ended without a word: the lock of the directory says that it is gone.
async fn reclaim(app: &App) {
    use stance_store::Jobs as _;
    let now = app.clock.now();
    let taken = app
        .db
        .write(move |store| Ok(store.reclaim_jobs(now)?))
        .await;
    match taken {
        Ok(taken) if taken.waiting.is_empty() && taken.failed.is_empty() => {}
        Ok(taken) => {
            let counts =
                serde_json::json!({"again": taken.waiting.len(), "failed": taken.failed.len()});
            app.log.say(
                "warning",
                "jobs of a process that ended were taken back",
                &counts,
            );
        }
        // They are taken back when nobody speaks for them any more.
        Err(error) => {
            let cause = error.cause.unwrap_or(error.detail);
            app.log.say(
                "warning",
                "jobs of a process that ended cannot be taken back",
                &serde_json::json!({"cause": cause}),
            );
        }
    }
}

/// Keeps what the receiver of an earlier process acknowledged and was still waiting with.
async fn release(app: &App) {
    if let Err(error) = crate::telemetry::release(app).await {
        let cause = error.cause.unwrap_or(error.detail);
        app.log.say(
            "warning",
            "interactions that wait cannot be kept yet",
            &serde_json::json!({"cause": cause}),
        );
    }
}

/// Starts those who do jobs, where there are to be any.
fn work(app: &App, address: SocketAddr) -> Result<Option<Crew>, ServeError> {
    let Some(settings) = app.settings.jobs.clone() else {
        return Ok(None);
    };
    let office = Office {
        books: Books::new(app.db.clone(), tokio::runtime::Handle::current()),
        settings,
        clock: app.clock.clone(),
        log: app.log.clone(),
        courier: Courier::new(&app.settings.notify, app.settings.data_dir.clone()),
        gather: app.settings.notify.gather,
        base_url: app.settings.base_url(address),
        bell: app.bell.clone(),
        tell: teller(app.clone()),
        count: {
            let app = app.clone();
            Box::new(move |kind, outcome, took| app.metrics.job(kind, outcome, took))
        },
    };
    Crew::start(office)
        .map(Some)
        .map_err(|error| ServeError::Start(format!("no thread for jobs: {error}")))
}

/// Tells open pages what jobs did; that of most things the watch over the database hears by itself, but not how far a
/// run is.
fn teller(app: App) -> Box<dyn Fn(&'static str) + Send + Sync> {
    Box::new(move |topic| {
        app.live.tell(match topic {
            "assets" => Topic::Assets,
            "findings" => Topic::Findings,
            "changes" => Topic::Changes,
            "score" => Topic::Score,
            "notifications" => Topic::Notifications,
            _ => Topic::Sources,
        });
    })
}

/// Removes what expired and signs the audit log, now and then.
async fn sweep(app: App) {
    use stance_store::Accounts as _;
    loop {
        let now = app.clock.now();
        let swept = app
            .db
            .write(move |store| Ok(store.forget_expired(now)?))
            .await;
        if let Err(error) = swept {
            let cause = error.cause.unwrap_or(error.detail);
            app.log.say(
                "warning",
                "sweeping failed",
                &serde_json::json!({"cause": cause}),
            );
        }
        crate::audit::sign_if_due(&app).await;
        tokio::time::sleep(SWEEP).await;
    }
}

/// Waits for the signals with which a process is told to end. They are heard from this call on, so that one that comes
/// while the service still starts ends it in good order, too.
///
/// # Panics
///
/// Outside of a runtime.
pub fn told_to_stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())
            .ok()
            .zip(signal(SignalKind::interrupt()).ok())
    };
    async move {
        #[cfg(unix)]
        if let Some((mut terminate, mut interrupt)) = signals {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}
