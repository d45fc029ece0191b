//! Requests that are not answered yet.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use super::Side;
use crate::proxy::micros;
use crate::receipt::Receipt;

/// Most requests of one session that wait for an answer; the oldest is given up then.
const MOST: usize = 1024;

/// A request that waits for its answer.
pub(super) struct Waiting {
    pub(super) receipt: Receipt,
    pub(super) began: Instant,
    /// The tool that it calls, if it calls one.
    pub(super) tool: Option<String>,
    /// Whether its answer may be a result of a tool.
    pub(super) is_call: bool,
    /// What progress of it is told by, where its sender wants any.
    pub(super) token: Option<String>,
    /// How far it is said to be.
    pub(super) progress: Option<f64>,
}

impl Waiting {
    /// Its receipt, now that it is over.
    pub(super) fn over(mut self) -> Receipt {
        self.receipt.total_us = micros(self.began);
        self.receipt.first_byte_us = self.receipt.total_us;
        self.receipt
    }

    /// As [`Self::over`], with why there is no answer.
    pub(super) fn failed(mut self, why: &str) -> Receipt {
        self.receipt.error = Some(why.to_owned());
        self.over()
    }
}

/// Who asked, and the id as it was written.
type Key = (Side, String);

/// All of them.
#[derive(Default)]
pub(super) struct Open {
    waiting: HashMap<Key, Waiting>,
    /// In the order in which they came; may name some that are over.
    order: VecDeque<Key>,
}

impl Open {
    /// Takes a request; gives what is given up for it.
    pub(super) fn add(&mut self, from: Side, id: &str, waiting: Waiting) -> Vec<Receipt> {
        let key = (from, id.to_owned());
        let mut given_up = Vec::new();
        if let Some(before) = self.waiting.insert(key.clone(), waiting) {
            given_up.push(before.failed("its id was used again before it was answered"));
        } else {
            self.order.push_back(key);
        }
        while self.waiting.len() > MOST {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some(oldest) = self.waiting.remove(&oldest) {
                given_up.push(oldest.failed("it was not answered before too many others"));
            }
        }
        while self.order.len() > 2 * MOST {
            self.order.retain(|key| self.waiting.contains_key(key));
        }
        given_up
    }

    /// The request of this side with this id.
    pub(super) fn get(&self, from: Side, id: &str) -> Option<&Waiting> {
        self.waiting.get(&(from, id.to_owned()))
    }

    /// Whether a request of this side waits for its answer.
    pub(super) fn has_any(&self, from: Side) -> bool {
        self.waiting.keys().any(|(side, _)| *side == from)
    }

    /// Takes how far the request of this side that has this token is said to be.
    pub(super) fn progressed(&mut self, from: Side, token: &str, progress: f64) {
        let mut all = self.waiting.iter_mut();
        let found = all
            .find(|((side, _), waiting)| *side == from && waiting.token.as_deref() == Some(token));
        if let Some((_, waiting)) = found {
            waiting.progress = Some(progress);
        }
    }

    /// Takes the request of this side with this id out.
    pub(super) fn take(&mut self, from: Side, id: &str) -> Option<Waiting> {
        self.waiting.remove(&(from, id.to_owned()))
    }

    /// Takes all requests of this side out, with their ids.
    pub(super) fn take_all(&mut self, from: Side) -> Vec<(String, Waiting)> {
        let ids: Vec<String> = self
            .order
            .iter()
            .filter(|(side, _)| *side == from)
            .map(|(_, id)| id.clone())
            .collect();
        ids.into_iter()
            .filter_map(|id| Some((id.clone(), self.take(from, &id)?)))
            .collect()
    }
}
