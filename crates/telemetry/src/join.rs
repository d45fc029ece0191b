//! Spans and the events that belong to them come in different requests: puts together what tells the same interaction.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::interaction::Interaction;
use crate::otlp::{SpanId, TraceId};

/// Holds interactions back until their other half had time to come. Memory is bounded by a number.
#[derive(Debug)]
pub struct Joiner {
    most: usize,
    waiting: HashMap<(TraceId, SpanId), Interaction>,
    /// In the order of their arrival.
    order: VecDeque<((TraceId, SpanId), Timestamp)>,
}

impl Joiner {
    /// One that holds at most so many.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            waiting: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// How many are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes one that came now. Gives one that is ready: that one itself where nothing can belong to it, or the oldest
    /// where there is no room.
    pub fn push(&mut self, interaction: Interaction, now: Timestamp) -> Option<Interaction> {
        let (Some(trace), Some(span)) = (interaction.trace, interaction.span) else {
            return Some(interaction);
        };
        let key = (trace, span);
        if let Some(known) = self.waiting.get_mut(&key) {
            // A span knows more than what belongs to it.
            if known.partial && !interaction.partial {
                let partial = std::mem::replace(known, interaction);
                known.fill(partial);
            } else {
                known.fill(interaction);
            }
            return None;
        }
        let oldest = if self.waiting.len() >= self.most {
            self.oldest()
        } else {
            None
        };
        self.waiting.insert(key, interaction);
        self.order.push_back((key, now));
        oldest
    }

    /// What is held of a span by now.
    #[must_use]
    pub fn held(&self, trace: TraceId, span: SpanId) -> Option<&Interaction> {
        self.waiting.get(&(trace, span))
    }

    /// Takes out those that came at least `wait` before `now`.
    pub fn ready(&mut self, now: Timestamp, wait: Duration) -> Vec<Interaction> {
        let mut ready = Vec::new();
        while let Some((_, came)) = self.order.front() {
            let waited = now.duration_since(*came);
            if waited < jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::MAX) {
                break;
            }
            ready.extend(self.oldest());
        }
        ready
    }

    /// Takes out all of them, when the receiver stops.
    pub fn finish(&mut self) -> Vec<Interaction> {
        let mut all = Vec::with_capacity(self.waiting.len());
        while let Some(oldest) = self.oldest() {
            all.push(oldest);
        }
        all
    }

    fn oldest(&mut self) -> Option<Interaction> {
        let (key, _) = self.order.pop_front()?;
        self.waiting.remove(&key)
    }
}
