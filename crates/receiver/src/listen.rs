//! Connections: HTTP/1.1 and HTTP/2 on the same port, only so many, and none that dawdles.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use stance_gateway::judge::Judge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::http;
use crate::intake::{Figures, Intake, Settings};
use crate::keep::{Admit, Keeper};

/// Most connections at the same time, over all ports.
const CONNECTIONS: usize = 512;

/// How long the handshake of TLS and the head of a request may take.
const HEAD: Duration = Duration::from_secs(15);

/// How long a connection of HTTP/2 may be silent before it is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(60);

/// Calls of one connection at the same time.
const STREAMS: u32 = 32;

/// Most bytes of a head.
const HEADS: usize = 16 << 10;

/// How long what is under way may take when the receiver ends.
const FAREWELL: Duration = Duration::from_secs(10);

/// A receiver; a handle that is cheap to clone.
#[derive(Clone)]
pub struct Receiver {
    pub(crate) intake: Arc<Intake>,
    pub(crate) admit: Arc<dyn Admit>,
    places: Arc<Semaphore>,
}

/// Ends a receiver that runs, when it is asked to.
pub struct Stop {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    settling: JoinHandle<()>,
    settled: tokio::sync::oneshot::Sender<()>,
}

impl Receiver {
    /// One that has interactions judged by `judge` and kept by `keeper`, and lets in whom `admit` does.
    #[must_use]
    pub fn new(
        settings: Settings,
        judge: Arc<dyn Judge>,
        keeper: Arc<dyn Keeper>,
        admit: Arc<dyn Admit>,
    ) -> Self {
        Self {
            intake: Arc::new(Intake::new(settings, judge, keeper)),
            admit,
            places: Arc::new(Semaphore::new(CONNECTIONS)),
        }
    }

    /// Judges by another policy from now on, and keeps words or not.
    pub fn judge_by(&self, judge: Arc<dyn Judge>, words: bool) {
        self.intake.judge_by(judge, words);
    }

    /// What operation looks at.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.intake.figures
    }

    /// Serves on these sockets, each with TLS or not, in tasks of their own.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    pub fn start(&self, listeners: Vec<(TcpListener, Option<TlsAcceptor>)>) -> Stop {
        let (stop, stopped) = watch::channel(false);
        let tasks = listeners
            .into_iter()
            .map(|(listener, tls)| {
                let (receiver, stopped) = (self.clone(), stopped.clone());
                tokio::spawn(receiver.listen(listener, tls, stopped))
            })
            .collect();
        let (settled, told) = tokio::sync::oneshot::channel();
        let settling = tokio::spawn(self.intake.clone().settle(async {
            let _ = told.await;
        }));
        Stop {
            stop,
            tasks,
            settling,
            settled,
        }
    }

    async fn listen(
        self,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let graceful = GracefulShutdown::new();
        loop {
            let taken = tokio::select! {
                taken = listener.accept() => taken,
                _ = stopped.changed() => break,
            };
            let Ok((socket, peer)) = taken else {
                // Too many open files, or a sender that is gone: others may come.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let Ok(place) = self.places.clone().try_acquire_owned() else {
                continue;
            };
            let connection = Connection {
                receiver: self.clone(),
                peer,
                watcher: graceful.watcher(),
                _place: place,
            };
            tokio::spawn(connection.take(socket, tls.clone()));
        }
        drop(listener);
        let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
    }
}

impl Stop {
    /// Takes no more, lets what is under way end, and keeps what waits.
    pub async fn end(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = task.await;
        }
        let _ = self.settled.send(());
        let _ = self.settling.await;
    }
}

struct Connection {
    receiver: Receiver,
    peer: SocketAddr,
    watcher: Watcher,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    async fn take(self, socket: TcpStream, tls: Option<TlsAcceptor>) {
        let _ = socket.set_nodelay(true);
        match tls {
            None => self.answer(socket).await,
            Some(tls) => {
                if let Ok(Ok(socket)) = tokio::time::timeout(HEAD, tls.accept(socket)).await {
                    self.answer(socket).await;
                }
            }
        }
    }

    async fn answer(self, socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self {
            receiver,
            peer,
            watcher,
            _place,
        } = self;
        let service = service_fn(move |request| {
            let receiver = receiver.clone();
            async move {
                // A task of its own: a sender that goes away does not leave half of the work.
                let answered = tokio::spawn(http::handle(receiver, request, peer.ip())).await;
                let answer = answered.unwrap_or_else(|_| {
                    http::plain(
                        hyper::StatusCode::INTERNAL_SERVER_ERROR,
                        "something broke here",
                    )
                });
                Ok::<_, Infallible>(answer)
            }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEADS);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(SILENCE)
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEADS as u32);
        let connection = builder
            .serve_connection(TokioIo::new(socket), service)
            .into_owned();
        // A sender that breaks off is no matter of ours.
        let _ = watcher.watch(connection).await;
    }
}
