//! What waits for somebody's decision, and what was decided.

use std::collections::BTreeSet;

use stance_core::approval::Call;
use stance_guard::verdict::{Action, Reason, Verdict};

use super::Watching;
use crate::judge::Open;

/// Most reasons and calls that one question holds; beyond that nobody would read it, and it stops.
const MOST: usize = 32;

/// What of an exchange somebody is asked about.
#[derive(Default)]
pub(super) struct Asking {
    /// Whether whoever carries the exchange can hold it.
    pub(super) holds: bool,
    /// What nobody decided yet.
    open: Vec<Reason>,
    calls: Vec<Call>,
    /// Reasons that were asked about. The same reason for another call is in `open` once more.
    settled: BTreeSet<Reason>,
    /// Whether somebody said no, or there was more than can be asked about.
    refused: bool,
}

impl Watching {
    /// Takes the verdict over a part of the exchange; `call` is the call that it is about.
    pub(super) fn take(&mut self, verdict: Verdict, call: Option<(&str, &str)>) {
        let asks: Vec<Reason> = verdict
            .reasons()
            .filter(|reason| reason.action == Action::Ask)
            .cloned()
            .collect();
        if !asks.is_empty() {
            let asking = &mut self.asking;
            asking.open.extend(asks);
            if let Some((tool, arguments)) = call {
                asking.calls.push(Call {
                    tool: tool.to_owned(),
                    arguments: Some(arguments.to_owned()),
                });
            }
            if asking.open.len() > MOST || asking.calls.len() > MOST {
                asking.refused = true;
            }
        }
        self.verdict = std::mem::take(&mut self.verdict).join(verdict);
    }

    /// Whether somebody can be asked.
    pub(super) const fn can_ask(&self) -> bool {
        self.asking.holds
    }

    /// Whether nothing may go on, whatever anybody says.
    pub(super) fn stops(&self) -> bool {
        match self.verdict.action() {
            Action::Block => true,
            // Of a verdict that was cut, some of what asks may be gone.
            Action::Ask => !self.asking.holds || self.asking.refused || self.verdict.is_cut(),
            _ => false,
        }
    }

    /// Reasons that wait for a decision, whoever gave them.
    fn open(&self) -> Vec<Reason> {
        let asking = &self.asking;
        let mut open = asking.open.clone();
        open.extend(
            self.verdict
                .reasons()
                .filter(|reason| reason.action == Action::Ask)
                .filter(|reason| !asking.settled.contains(reason) && !asking.open.contains(reason))
                .cloned(),
        );
        open
    }

    /// Whether something waits for a decision.
    pub(super) fn is_open(&self) -> bool {
        self.verdict.action() == Action::Ask && !self.stops() && !self.open().is_empty()
    }

    pub(super) fn asked_about(&self) -> Option<Open> {
        self.is_open().then(|| Open {
            reasons: self.open(),
            calls: self.asking.calls.clone(),
        })
    }

    pub(super) fn settle(&mut self, allowed: bool) {
        let open = self.open();
        self.asking.settled.extend(open);
        self.asking.open.clear();
        self.asking.calls.clear();
        self.asking.refused |= !allowed;
    }
}
