//! The listener: connections, new settings, and an orderly end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::judge::Judge;
use crate::limit::Limits;
use crate::proxy;
use crate::receipt::Log;
use crate::settings::{Invalid, Settings};
use crate::state::{Figures, Ready, Shared};
use crate::upstream::connections;

/// How long exchanges may take to end once the gateway is told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// A gateway that is ready to serve.
pub struct Gateway {
    shared: Arc<Shared>,
    ready: watch::Sender<Arc<Ready>>,
}

/// Gives a running gateway new settings.
#[derive(Clone)]
pub struct Reload(watch::Sender<Arc<Ready>>);

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
        let ready = Ready::new(settings, judge)?;
        let (ready, _) = watch::channel(Arc::new(ready));
        Ok(Self {
            shared: Arc::new(Shared {
                connections: connections(),
                limits: Limits::default(),
                receipts,
                lost: std::sync::atomic::AtomicU64::new(0),
                figures: Figures::default(),
            }),
            ready,
        })
    }

    /// Whether strangers who reach it could spend what is not theirs: no virtual keys, and an upstream with a key of its
    /// own. Then it is to be bound to this machine only.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let ready = self.ready.borrow();
        ready.settings.keys.is_empty()
            && ready.upstreams.values().any(|upstream| upstream.has_key())
    }

    /// What gives it new settings while it serves.
    #[must_use]
    pub fn reload(&self) -> Reload {
        Reload(self.ready.clone())
    }
}

impl Reload {
    /// Takes new settings for all requests that come from now on; those under way go on as they began.
    ///
    /// # Errors
    ///
    /// As [`Gateway::new`]; then the settings of before stay.
    pub fn take(&self, settings: Settings, judge: Arc<dyn Judge>) -> Result<(), Vec<Invalid>> {
        let ready = Ready::new(settings, judge)?;
        self.0.send_replace(Arc::new(ready));
        Ok(())
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
        let patience = ready.borrow().settings.request_timeout.head();
        let (ready, shared) = (ready.clone(), gateway.shared.clone());
        let service = service_fn(move |request| {
            let (ready, shared) = (ready.borrow().clone(), shared.clone());
            // A task of its own: a caller that goes away does not take the receipt along.
            tokio::spawn(proxy::handle(ready, shared, request))
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            // Who has said all may close that half and still wants the answer.
            .half_close(true)
            .serve_connection(TokioIo::new(socket), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // A caller that broke off is no matter of the gateway.
            let _ = watched.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    Ok(())
}

/// Whether an address can be reached from this machine only.
#[must_use]
pub fn is_local(address: &SocketAddr) -> bool {
    address.ip().is_loopback()
}
