//! How many connections there may be, and those for which there is no room.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

use crate::notice::Notice;
use crate::state::{Ready, Shared};

/// Most callers that are told at once that there is no room; those beyond see a connection that is closed.
const TOLD: usize = 256;

/// How long one who is told may take to take it, and how much of what it says is read meanwhile: a connection with unread bytes
/// is reset, and what was told would be lost.
const PATIENCE: Duration = Duration::from_secs(1);
const READ: u64 = 256 << 10;

/// What a caller is told, whatever it asks.
const FULL: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n\
                    content-length: 109\r\n\r\n\
                    {\"error\":{\"message\":\"This gateway has no room for more connections. Try again.\",\"type\":\"gateway\",\"code\":503}}";

/// A place of a connection, until this is dropped.
pub(crate) struct Place(Arc<Shared>);

impl Place {
    /// One more, unless there are as many as may be.
    pub(crate) fn take(shared: &Arc<Shared>, ready: &watch::Receiver<Arc<Ready>>) -> Option<Self> {
        let most = ready.borrow().settings.connection_limit.0;
        let figures = &shared.figures;
        // Only whoever takes connections counts up.
        if figures.connections.load(Ordering::Relaxed) >= u64::from(most) {
            figures.turned_away.fetch_add(1, Ordering::Relaxed);
            shared.notices.happened(Notice::Full(most), Instant::now());
            return None;
        }
        figures.connections.fetch_add(1, Ordering::Relaxed);
        Some(Self(shared.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.figures.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Those for whom there is no room.
pub(crate) struct TurnedAway(Arc<Semaphore>);

impl Default for TurnedAway {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(TOLD)))
    }
}

impl TurnedAway {
    /// Closes the connection; who `speaks` plain HTTP is told why.
    pub(crate) fn turn(&self, mut socket: TcpStream, speaks: bool) {
        let Ok(told) = self.0.clone().try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            let telling = async {
                if speaks {
                    socket.write_all(FULL.as_bytes()).await?;
                }
                socket.shutdown().await?;
                let mut rest = (&mut socket).take(READ);
                tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
            };
            let _ = tokio::time::timeout(PATIENCE, telling).await;
            drop(told);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::FULL;

    #[test]
    fn what_is_told_is_as_long_as_it_says() {
        let (head, body) = FULL.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())));
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
