//! Filters that tests use.

use std::collections::BTreeMap;

use stance_core::exchange::{Origin, Part};
use stance_wire::{Channel, ChannelKey, Filter};

/// Changes nothing, and keeps what it saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) channels: BTreeMap<ChannelKey, String>,
    pub(crate) tools: BTreeMap<ChannelKey, String>,
    pub(crate) finished: Vec<ChannelKey>,
    pub(crate) parts: Vec<(Origin, String)>,
}

impl Filter for Seen {
    fn part(&mut self, part: &Part) -> Option<String> {
        self.parts.push((part.origin, part.text.clone()));
        None
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        self.channels.entry(channel.key).or_default().push_str(text);
        if let Some(tool) = &channel.tool {
            self.tools.insert(channel.key, tool.clone());
        }
        out.push_str(text);
    }

    fn finish(&mut self, channel: &Channel, _: &mut String) {
        self.finished.push(channel.key);
    }
}

/// What stands in place of a marker.
pub(crate) const REDACTED: &str = "[gone]";

/// Takes a marker out, and holds back only what may begin one.
pub(crate) struct Redactor {
    marker: String,
    kept: BTreeMap<ChannelKey, String>,
}

impl Redactor {
    pub(crate) fn new(marker: &str) -> Self {
        Self {
            marker: marker.to_owned(),
            kept: BTreeMap::new(),
        }
    }
}

impl Filter for Redactor {
    fn part(&mut self, part: &Part) -> Option<String> {
        part.text
            .contains(&self.marker)
            .then(|| part.text.replace(&self.marker, REDACTED))
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        let kept = self.kept.entry(channel.key).or_default();
        kept.push_str(text);
        let clean = kept.replace(&self.marker, REDACTED);
        let live = (1..self.marker.len())
            .rev()
            .find(|length| clean.ends_with(&self.marker[..*length]))
            .unwrap_or(0);
        let (go, stay) = clean.split_at(clean.len() - live);
        out.push_str(go);
        *kept = stay.to_owned();
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        out.push_str(&self.kept.remove(&channel.key).unwrap_or_default());
    }
}

/// Blocks as soon as a marker is seen.
pub(crate) struct Blocker {
    marker: String,
    seen: BTreeMap<ChannelKey, String>,
    blocked: bool,
}

impl Blocker {
    pub(crate) fn new(marker: &str) -> Self {
        Self {
            marker: marker.to_owned(),
            seen: BTreeMap::new(),
            blocked: false,
        }
    }
}

impl Filter for Blocker {
    fn part(&mut self, part: &Part) -> Option<String> {
        self.blocked |= part.text.contains(&self.marker);
        None
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        let seen = self.seen.entry(channel.key).or_default();
        seen.push_str(text);
        self.blocked |= seen.contains(&self.marker);
        out.push_str(text);
    }

    fn finish(&mut self, _: &Channel, _: &mut String) {}

    fn blocks(&self) -> bool {
        self.blocked
    }
}

/// Holds everything back until its channel ends.
#[derive(Default)]
pub(crate) struct Hoarder(BTreeMap<ChannelKey, String>);

impl Filter for Hoarder {
    fn part(&mut self, _: &Part) -> Option<String> {
        None
    }

    fn push(&mut self, channel: &Channel, text: &str, _: &mut String) {
        self.0.entry(channel.key).or_default().push_str(text);
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        out.push_str(&self.0.remove(&channel.key).unwrap_or_default());
    }
}

/// Holds everything to the end of its channel, and waits for a decision after each piece and each end.
#[derive(Default)]
pub(crate) struct Waiter {
    inner: Hoarder,
    /// Whether nobody decided yet.
    pub(crate) waits: bool,
}

impl Filter for Waiter {
    fn part(&mut self, part: &Part) -> Option<String> {
        self.waits = true;
        self.inner.part(part)
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        self.waits = true;
        self.inner.push(channel, text, out);
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        self.waits = true;
        self.inner.finish(channel, out);
    }

    fn waits(&self) -> bool {
        self.waits
    }
}
