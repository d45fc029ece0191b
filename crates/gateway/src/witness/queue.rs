//! A witness that never keeps an exchange waiting: what it is told goes into a queue, and what finds no room is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use stance_core::traffic::Seen;
use tokio::sync::mpsc;

use super::Witness;

/// Most bytes that wait. Without words, an exchange has one or two thousand.
const BYTES: usize = 64 << 20;

/// What an exchange takes beside its texts, roughly.
const EACH: usize = 1024;

/// Where a gateway puts what it saw.
#[derive(Debug)]
pub struct Queue {
    sender: mpsc::Sender<Seen>,
    shared: Arc<Shared>,
}

/// The other end of a [`Queue`].
#[derive(Debug)]
pub struct Waiting {
    receiver: mpsc::Receiver<Seen>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    bytes: AtomicUsize,
    dropped: AtomicU64,
}

/// A queue for at most `most` exchanges, and 64 MiB of them.
#[must_use]
pub fn queue(most: usize) -> (Queue, Waiting) {
    let (sender, receiver) = mpsc::channel(most.max(1));
    let shared = Arc::new(Shared::default());
    let queue = Queue {
        sender,
        shared: shared.clone(),
    };
    (queue, Waiting { receiver, shared })
}

impl Witness for Queue {
    fn saw(&self, seen: Seen) {
        let weight = weight(&seen);
        let before = self.shared.bytes.fetch_add(weight, Ordering::AcqRel);
        let taken = before.saturating_add(weight) <= BYTES && self.sender.try_send(seen).is_ok();
        if !taken {
            self.shared.bytes.fetch_sub(weight, Ordering::AcqRel);
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Waiting {
    /// Waits for exchanges, and gives those that came until `pause` after the first, at most `most`. `None` once the gateway
    /// is gone and nothing waits.
    pub async fn next(&mut self, most: usize, pause: Duration) -> Option<Vec<Seen>> {
        let mut batch = vec![self.receiver.recv().await?];
        if self.receiver.len() < most && !self.receiver.is_closed() {
            tokio::time::sleep(pause).await;
        }
        while batch.len() < most {
            let Ok(next) = self.receiver.try_recv() else {
                break;
            };
            batch.push(next);
        }
        let weight = batch.iter().map(weight).sum();
        self.shared.bytes.fetch_sub(weight, Ordering::AcqRel);
        Some(batch)
    }

    /// How many found no room since this was asked last.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.swap(0, Ordering::Relaxed)
    }
}

fn weight(seen: &Seen) -> usize {
    let pieces = seen.pieces.iter().map(|piece| {
        let text = piece.text.as_ref().map_or(0, String::len);
        text.saturating_add(piece.pointer.len()).saturating_add(96)
    });
    pieces.fold(EACH, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use stance_core::exchange::Origin;
    use stance_core::traffic::{Piece, Teller};

    use super::*;

    fn seen(id: &str, words: usize) -> Seen {
        let mut seen = Seen::new(id, jiff::Timestamp::UNIX_EPOCH, Teller::Gateway);
        seen.pieces.push(Piece {
            origin: Origin::User,
            answer: false,
            pointer: String::new(),
            tool: None,
            call: None,
            bytes: words as u64,
            text: Some("x".repeat(words)),
        });
        seen
    }

    #[tokio::test]
    async fn what_finds_no_room_is_counted_and_what_found_some_comes_out() {
        let (queue, mut waiting) = queue(2);
        for id in ["1", "2", "3"] {
            queue.saw(seen(id, 1));
        }
        let batch = waiting.next(10, Duration::ZERO).await.unwrap();
        let ids: Vec<&str> = batch.iter().map(|seen| seen.id.as_str()).collect();
        assert_eq!((ids, waiting.dropped()), (vec!["1", "2"], 1));
        assert_eq!(waiting.dropped(), 0);
        drop(queue);
        assert!(waiting.next(10, Duration::ZERO).await.is_none());
    }

    #[tokio::test]
    async fn words_are_bounded_by_their_bytes_and_make_room_when_they_go() {
        let (queue, mut waiting) = queue(100);
        for _ in 0..3 {
            queue.saw(seen("it", BYTES / 2 - EACH));
        }
        assert_eq!(
            waiting.dropped(),
            2,
            "two halves and what is around them are more than all"
        );
        assert_eq!(waiting.next(10, Duration::ZERO).await.unwrap().len(), 1);
        queue.saw(seen("it", BYTES / 2));
        assert_eq!(waiting.dropped(), 0);
    }
}
