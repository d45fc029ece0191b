//! Events that wait until it is clear how they go on.

/// Events of which something is held back, and all after them: as they came, and as they would go on if it is changed.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    events: Vec<Event>,
    bytes: usize,
    /// Whether something was changed: from then on nothing waits.
    changed: bool,
}

#[derive(Debug)]
struct Event {
    came: Vec<u8>,
    goes: Vec<u8>,
}

impl Waiting {
    /// Something was changed.
    pub(super) fn change(&mut self) {
        self.changed = true;
    }

    /// Takes an event as it came, and what was written for it, which is all of `out` from `start` on. `owes` says whether
    /// something is held back now; no more than `limit` bytes wait for it.
    pub(super) fn settle(
        &mut self,
        came: &[u8],
        owes: bool,
        limit: usize,
        start: usize,
        out: &mut Vec<u8>,
    ) {
        if self.events.is_empty() && (self.changed || !owes) {
            return;
        }
        let goes = out.split_off(start.min(out.len()));
        self.bytes = self
            .bytes
            .saturating_add(came.len())
            .saturating_add(goes.len());
        self.events.push(Event {
            came: came.to_vec(),
            goes,
        });
        // Bytes that are not the same any more, but no less safe.
        self.changed |= self.bytes > limit;
        if self.changed || !owes {
            self.release(out);
        }
    }

    /// Writes what waits.
    pub(super) fn release(&mut self, out: &mut Vec<u8>) {
        for event in self.events.drain(..) {
            let bytes = if self.changed { event.goes } else { event.came };
            out.extend_from_slice(&bytes);
        }
        self.bytes = 0;
    }

    /// Forgets what waits: it is part of what is refused.
    pub(super) fn drop_all(&mut self) {
        self.events.clear();
        self.bytes = 0;
    }
}
