//! The listener: connections, new settings, and an orderly end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::server::graceful::Watcher;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::ask::chain;
use crate::hold::Waiting;
use crate::judge::Judge;
use crate::limit::{KeptError, Limits};
use crate::notice::{Notice, Notices, Tell};
use crate::proxy::{self, Line};
use crate::receipt::Log;
use crate::room::{Place, TurnedAway};
use crate::settings::{Invalid, Settings};
use crate::state::{Figures, Ready, Remotes, Shared};
use crate::tls::Peer;
use crate::upstream::connections;
use crate::witness::Witness;

/// From where a connection can come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// From this machine only.
    pub(crate) is_local: bool,
}

/// How long exchanges may take to end once the gateway is told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// How often what was used up is written down.
const KEEP: Duration = Duration::from_secs(1);

/// A gateway that is ready to serve.
pub struct Gateway {
    shared: Arc<Shared>,
    ready: watch::Sender<Arc<Ready>>,
}

/// Gives a running gateway new settings.
#[derive(Clone)]
pub struct Reload {
    ready: watch::Sender<Arc<Ready>>,
    shared: Arc<Shared>,
    desk: Arc<Waiting>,
}

impl Gateway {
    /// Checks the settings and reads the keys that they name. Without `receipts` none are left.
    ///
    /// # Errors
    ///
    /// Everything in the settings that means nothing or cannot be had.
    pub fn new(
        settings: Settings,
        judge: Arc<dyn Judge>,
        receipts: Option<Log>,
    ) -> Result<Self, Vec<Invalid>> {
        Self::make(settings, judge, receipts, Limits::default())
    }

    /// As [`Gateway::new`], with a file in which tokens and money that are used up outlive the process.
    ///
    /// # Errors
    ///
    /// As [`Gateway::new`]; and where the file is there and is none of that, as the inner error.
    pub fn with_usage(
        settings: Settings,
        judge: Arc<dyn Judge>,
        receipts: Option<Log>,
        usage: &Path,
    ) -> Result<Result<Self, Vec<Invalid>>, KeptError> {
        let limits = Limits::open(usage)?;
        Ok(Self::make(settings, judge, receipts, limits))
    }

    fn make(
        settings: Settings,
        judge: Arc<dyn Judge>,
        receipts: Option<Log>,
        limits: Limits,
    ) -> Result<Self, Vec<Invalid>> {
        let remotes = Remotes::default();
        let ready = Ready::new(settings, judge, &remotes)?;
        let desk = Arc::new(Waiting::default());
        desk.remember(ready.ask.as_ref().and_then(|ask| ask.settings.memory()));
        let (ready, _) = watch::channel(Arc::new(ready));
        Ok(Self {
            shared: Arc::new(Shared {
                connections: connections(),
                limits: Arc::new(limits),
                remotes,
                receipts,
                lost: std::sync::atomic::AtomicU64::new(0),
                figures: Figures::default(),
                desk,
                owner: None,
                notices: Notices::default(),
                stopping: watch::channel(false).0,
                sessions: crate::mcp::http::Sessions::default(),
                witness: None,
            }),
            ready,
        })
    }

    /// Tells this witness of each exchange that is over. Without one, nothing is gathered for it.
    #[must_use]
    pub fn with_witness(mut self, witness: Arc<dyn Witness>) -> Self {
        // Nobody else has it before it serves.
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.witness = Some(witness);
        }
        self
    }

    /// Tells this of connections that come to nothing, once a minute for each reason at most.
    #[must_use]
    pub fn telling(mut self, tell: Tell) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.notices.tell = Some(tell);
        }
        self
    }

    /// Whether strangers who reach it could spend what is not theirs: nobody has to say who it is, and an upstream has a key of
    /// its own. Then it is to be bound to this machine only.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let ready = self.ready.borrow();
        !ready.identities.are_known() && ready.upstreams.values().any(|upstream| upstream.has_key())
    }

    /// Has whoever brings this key see the questions that wait and answer them, at `/-/asks`.
    #[must_use]
    pub fn owned_by(mut self, key: &str) -> Self {
        use sha2::{Digest as _, Sha256};
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.owner = Some(Sha256::digest(key.as_bytes()).into());
        }
        self
    }

    /// Where questions wait for a decision.
    #[must_use]
    pub fn desk(&self) -> Arc<Waiting> {
        self.shared.desk.clone()
    }

    /// What gives it new settings while it serves.
    #[must_use]
    pub fn reload(&self) -> Reload {
        Reload {
            ready: self.ready.clone(),
            shared: self.shared.clone(),
            desk: self.desk(),
        }
    }
}

impl Reload {
    /// Takes new settings for all requests that come from now on; those under way go on as they began, but for those that
    /// wait for a decision: they are refused, for what they were asked by does not count any more.
    ///
    /// # Errors
    ///
    /// As [`Gateway::new`]; then the settings of before stay.
    pub fn take(&self, settings: Settings, judge: Arc<dyn Judge>) -> Result<(), Vec<Invalid>> {
        let ready = Ready::new(settings, judge, &self.shared.remotes)?;
        self.desk
            .remember(ready.ask.as_ref().and_then(|ask| ask.settings.memory()));
        self.ready.send_replace(Arc::new(ready));
        self.desk.end();
        Ok(())
    }

    /// Whether a file with a certificate, a bundle or keys of callers changed since it was read; then it is read again. To be
    /// asked every few seconds: others renew these files.
    ///
    /// # Errors
    ///
    /// As [`Gateway::new`]; then what was read before stays, and the next call tries again.
    pub fn look(&self) -> Result<bool, Vec<Invalid>> {
        let ready = self.ready.borrow().clone();
        if !ready.is_out_of_date() {
            return Ok(false);
        }
        self.take(ready.settings.clone(), ready.judge.clone())?;
        Ok(true)
    }
}

/// Serves until `stop` is done; then lets what is under way end.
///
/// # Errors
///
/// When the listener fails for good.
pub async fn serve(
    gateway: Gateway,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let ready = gateway.ready.subscribe();
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let keeping = tokio::spawn(keep(gateway.shared.clone()));
    let turned_away = TurnedAway::default();
    loop {
        let (socket, _) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    // Too many open files, or a caller that is gone: others may come.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Without it, small pieces of a stream would wait for each other.
        let _ = socket.set_nodelay(true);
        let Some(place) = Place::take(&gateway.shared, &ready) else {
            let speaks = ready.borrow().tls.is_none();
            turned_away.turn(socket, speaks);
            continue;
        };
        let connection = Connection {
            ready: ready.clone(),
            shared: gateway.shared.clone(),
            watcher: graceful.watcher(),
            _place: place,
            reach: Reach {
                is_local: socket.local_addr().is_ok_and(|address| is_local(&address)),
            },
        };
        tokio::spawn(connection.take(socket));
    }
    drop(listener);
    gateway.shared.desk.close();
    gateway.shared.stopping.send_replace(true);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    keeping.abort();
    let limits = gateway.shared.limits.clone();
    let _ = tokio::task::spawn_blocking(move || limits.keep(Timestamp::now())).await;
    Ok(())
}

/// Writes down what is used up, now and then.
async fn keep(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(KEEP).await;
        shared.notices.look(Instant::now());
        let limits = shared.limits.clone();
        let _ = tokio::task::spawn_blocking(move || limits.keep(Timestamp::now())).await;
    }
}

/// A connection that was just taken.
struct Connection {
    ready: watch::Receiver<Arc<Ready>>,
    shared: Arc<Shared>,
    watcher: Watcher,
    reach: Reach,
    /// Counts as long as the connection is there.
    _place: Place,
}

impl Connection {
    /// Ends its TLS, if there is any; then answers its requests.
    async fn take(self, socket: TcpStream) {
        let (acceptor, trust, patience) = {
            let ready = self.ready.borrow();
            let patience = ready.settings.request_timeout.head();
            (ready.tls.clone(), ready.trust.clone(), patience)
        };
        let Some(acceptor) = acceptor else {
            return self.answer(socket, None, patience).await;
        };
        let failed = |why: String| {
            let notice = Notice::Handshake(why);
            self.shared.notices.happened(notice, Instant::now());
        };
        // Nobody, or somebody whose certificate does not count: TLS has told the other end why.
        let stream = match tokio::time::timeout(patience, acceptor.accept(socket)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return failed(chain(&error)),
            Err(_) => return failed("it took too long".to_owned()),
        };
        let shown = stream.get_ref().1.peer_certificates().map(<[_]>::to_vec);
        let peer = match shown.zip(trust) {
            None => None,
            Some((chain, trust)) => match Peer::new(&chain, trust) {
                Some(peer) => Some(Arc::new(peer)),
                None => return failed("a certificate that names nobody".to_owned()),
            },
        };
        self.answer(stream, peer, patience).await;
    }

    async fn answer(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Option<Arc<Peer>>,
        patience: Duration,
    ) {
        let Self {
            ready,
            shared,
            watcher,
            reach,
            _place,
        } = self;
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(reach);
            let (ready, shared) = (ready.borrow().clone(), shared.clone());
            if let Some(peer) = &peer {
                request.extensions_mut().insert(peer.clone());
            }
            let (stays, line) = Line::new();
            // A task of its own: a caller that goes away does not take the receipt along.
            let handling = tokio::spawn(proxy::handle(ready, shared, request, line));
            async move {
                let _stays = stays;
                handling.await
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            .serve_connection(TokioIo::new(stream), service);
        // A caller that broke off is no matter of the gateway.
        let _ = watcher.watch(connection).await;
    }
}

/// Whether an address can be reached from this machine only.
#[must_use]
pub fn is_local(address: &SocketAddr) -> bool {
    address.ip().is_loopback()
}
