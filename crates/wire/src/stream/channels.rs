//! The channels of a stream.

use crate::Fault;
use crate::dialect::Template;
use crate::filter::{Channel, ChannelKey, ChannelKind, Filter};
use crate::take::Scope;

/// A channel, and the last event that added to it.
struct Entry {
    channel: Channel,
    template: Template,
    open: bool,
    /// What the filter was given and has not given on, as long as it changed nothing.
    owed: String,
}

impl Entry {
    /// Notes what the filter gave on; whether that is what it was given.
    fn takes(&mut self, given: &str) -> bool {
        if !self.owed.starts_with(given) {
            return false;
        }
        self.owed.drain(..given.len());
        true
    }
}

/// The channels of a stream, in the order in which they began.
pub(super) struct Channels {
    entries: Vec<Entry>,
    limit: usize,
    /// Whether the filter ever gave on something else than it was given.
    changed: bool,
}

impl Channels {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            entries: Vec::new(),
            limit,
            changed: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Which entry is that of `key`; a new one if there is none.
    pub(super) fn at(&mut self, key: ChannelKey) -> Result<usize, Fault> {
        let known = self
            .entries
            .iter()
            .position(|entry| entry.channel.key == key);
        if let Some(at) = known {
            return Ok(at);
        }
        if self.entries.len() >= self.limit {
            return Err(Fault::Channels { limit: self.limit });
        }
        self.entries.push(Entry {
            channel: Channel {
                key,
                tool: None,
                call: None,
            },
            template: Template::default(),
            open: false,
            owed: String::new(),
        });
        Ok(self.entries.len().saturating_sub(1))
    }

    /// Notes what a channel is for. Names may come in pieces of which the first has all, or be repeated.
    pub(super) fn open(&mut self, at: usize, tool: Option<String>, call: Option<String>) {
        if let Some(entry) = self.entries.get_mut(at) {
            let filled = |text: &Option<String>| text.as_ref().is_some_and(|it| !it.is_empty());
            if filled(&tool) {
                entry.channel.tool = tool;
                // A call is one also where no arguments follow.
                entry.open |= entry.channel.key.kind == ChannelKind::Arguments;
            }
            if filled(&call) {
                entry.channel.call = call;
            }
        }
    }

    /// Gives a piece to the filter.
    pub(super) fn push(
        &mut self,
        at: usize,
        filter: &mut dyn Filter,
        text: &str,
        out: &mut String,
    ) {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.open = true;
            let before = out.len();
            filter.push(&entry.channel, text, out);
            if !self.changed {
                entry.owed.push_str(text);
                self.changed |= !entry.takes(out.get(before..).unwrap_or_default());
            }
        }
    }

    /// Takes what the filter kept of a channel, if it is open.
    pub(super) fn finish(&mut self, at: usize, filter: &mut dyn Filter, out: &mut String) {
        if let Some(entry) = self.entries.get_mut(at)
            && std::mem::replace(&mut entry.open, false)
        {
            let before = out.len();
            filter.finish(&entry.channel, out);
            if !self.changed {
                let is_same = entry.takes(out.get(before..).unwrap_or_default());
                self.changed |= !is_same || !entry.owed.is_empty();
            }
        }
    }

    /// Whether the filter ever gave on something else than it was given.
    pub(super) fn changed(&self) -> bool {
        self.changed
    }

    /// Whether the filter holds something back.
    pub(super) fn owes(&self) -> bool {
        self.entries.iter().any(|entry| !entry.owed.is_empty())
    }

    /// Keeps an event that added to a channel.
    pub(super) fn keep(&mut self, at: usize, name: Option<&str>, data: &[u8]) {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.template.data.clear();
            entry.template.data.extend_from_slice(data);
            if entry.template.name.as_deref() != name {
                entry.template.name = name.map(str::to_owned);
            }
        }
    }

    /// A channel and the event that was kept of it.
    pub(super) fn kept(&self, at: usize) -> Option<(&Channel, &Template)> {
        let entry = self.entries.get(at)?;
        Some((&entry.channel, &entry.template))
    }

    /// Which open channels a scope has.
    pub(super) fn within(&self, scope: Scope) -> Vec<usize> {
        (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| entry.open && scope.has(entry.channel.key))
            .map(|(at, _)| at)
            .collect()
    }
}
