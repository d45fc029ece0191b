//! Messages over stdio that wait for a decision, and where it comes in.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use stance_core::approval::Desk as _;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::{Proxy, Sink, deliver};
use crate::hold::{self, ALIVE, Waiting};
use crate::mcp::{Held, Side};
use crate::upstream::{Connections, connections};

/// How long what still waits at the end may take to leave its receipt.
const FAREWELL: Duration = Duration::from_secs(2);

/// What asks, in place of a gateway.
pub(super) struct Asking {
    runtime: Handle,
    desk: Arc<Waiting>,
    connections: OnceLock<Connections>,
    /// Where decisions come in, where they do.
    door: OnceLock<String>,
    tasks: Mutex<JoinSet<()>>,
}

impl Asking {
    pub(super) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            desk: Arc::default(),
            connections: OnceLock::new(),
            door: OnceLock::new(),
            tasks: Mutex::default(),
        }
    }

    pub(super) fn remember(&self, ask: Option<&hold::Ready>) {
        self.desk
            .remember(ask.and_then(|ask| ask.settings.memory()));
    }

    /// Ends all questions.
    pub(super) fn end(&self) {
        self.desk.end();
    }

    /// Waits until all that was withdrawn has left its receipt, and has nothing wait from then on.
    pub(super) fn close(&self) {
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let all = async { while tasks.join_next().await.is_some() {} };
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(FAREWELL, all).await });
        self.desk.close();
    }
}

impl Proxy {
    /// Has decisions come in by this listener, from whoever brings `key`, until the proxy is gone.
    ///
    /// # Errors
    ///
    /// When the listener cannot be used.
    pub fn listen(
        self: &Arc<Self>,
        listener: std::net::TcpListener,
        key: &str,
    ) -> std::io::Result<SocketAddr> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _inside = self.asking.runtime.enter();
            TcpListener::from_std(listener)?
        };
        let _ = self.asking.door.set(format!("http://{address}"));
        let (desk, key) = (self.asking.desk.clone(), key.to_owned());
        let proxy = Arc::downgrade(self);
        self.asking.runtime.spawn(async move {
            let ask = move || proxy.upgrade()?.held_to().terms.ask.clone();
            hold::listen(listener, desk, &key, ask).await;
        });
        Ok(address)
    }

    /// How many questions wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.asking.desk.waiting().len()
    }

    /// Has a message wait until it is decided, and then go on or not, while lines are carried.
    pub(super) fn hold(self: &Arc<Self>, held: Held, to: &Arc<Sink>, back: &Arc<Sink>) {
        let task = self.clone().decided(held, to.clone(), back.clone());
        let asking = &self.asking;
        let mut tasks = asking.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are over.
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &asking.runtime);
    }

    async fn decided(self: Arc<Self>, mut held: Held, to: Arc<Sink>, back: Arc<Sink>) {
        let (from, number) = (held.from, held.number);
        let client = match from {
            Side::Client => &back,
            Side::Server => &to,
        };
        let decided = {
            let mut pulse = held.pulse.take();
            let gone = held.gone();
            let place = hold::Place {
                desk: &self.asking.desk,
                connections: self.asking.connections.get_or_init(connections),
                door: self.asking.door.get().map(String::as_str),
            };
            let deciding = hold::decide(place, held.question, &held.ask, gone);
            let mut deciding = std::pin::pin!(deciding);
            let mut alive = tokio::time::interval(ALIVE);
            loop {
                tokio::select! {
                    decided = &mut deciding => break decided,
                    _ = alive.tick() => {
                        if let Some(pulse) = &mut pulse {
                            client.offer([&*pulse.beat(), b"\n"].concat());
                        }
                    }
                }
            }
        };
        // Whoever reads slowly is waited for, and so is the log.
        let settling = move || {
            let held_to = self.held_to();
            let outcome = self.conversation(|it| it.settle(&held_to.terms, number, decided));
            let outcome = self.recorded(outcome);
            let _ = deliver(outcome, from, b"\n", &to, &back);
        };
        let _ = tokio::task::spawn_blocking(settling).await;
    }
}
