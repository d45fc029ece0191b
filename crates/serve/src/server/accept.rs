//! Connections: only so many, none that dawdles, and at the end none that is cut off.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::app::App;
use crate::http::Peer;

/// How long the head of a request may take, and a connection may rest between two.
const HEAD: Duration = Duration::from_secs(20);

/// How long the handshake of TLS may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long what is under way may take when the service ends.
const FAREWELL: Duration = Duration::from_secs(10);

/// Most bytes of a head.
const HEADS: usize = 32 * 1024;

/// Most headers of a request.
const HEADERS: usize = 64;

/// Takes connections until `stop` is there, then waits for those that are being answered.
pub(super) async fn serve(
    app: &App,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(app.settings.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = &mut stop => break,
        };
        let (stream, peer) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                pause(app, &error).await;
                continue;
            }
        };
        app.metrics.count("stance_connections_total");
        let Ok(place) = places.clone().try_acquire_owned() else {
            app.metrics.count("stance_connections_refused_total");
            continue;
        };
        let connection = Connection {
            router: router.clone(),
            peer,
            watcher: graceful.watcher(),
            place,
        };
        let tls = tls.clone();
        tokio::spawn(connection.take(stream, tls));
    }
    drop(listener);
    app.stop();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(FAREWELL) => {
            app.log.say("warning", "some requests were not finished in time", &serde_json::json!({}));
        }
    }
}

/// Too many open files, for instance: waits a little, so that some end.
async fn pause(app: &App, error: &io::Error) {
    let gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !gone {
        let cause = serde_json::json!({"cause": error.to_string()});
        app.log
            .say("error", "a connection could not be taken", &cause);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

struct Connection {
    router: Router,
    peer: SocketAddr,
    watcher: hyper_util::server::graceful::Watcher,
    /// Held until the connection ends.
    place: OwnedSemaphorePermit,
}

impl Connection {
    async fn take(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Answers are small and whole: no reason to wait for more.
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.answer(stream).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                    self.answer(stream).await;
                }
            }
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self {
            router,
            peer,
            watcher,
            place,
        } = self;
        let service = router.map_request(move |mut request: Request<_>| {
            request.extensions_mut().insert(Peer(peer));
            request.map(axum::body::Body::new)
        });
        let mut builder = Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEADS)
            .max_headers(HEADERS);
        let service = TowerToHyperService::new(service);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        // A peer that breaks off is no error of ours.
        let _ = watcher.watch(connection).await;
        drop(place);
    }
}
