//! The words of an interaction, kept while it is judged, for whoever wants to see what a rule speaks about.

use std::collections::{BTreeSet, HashMap};

use stance_core::exchange::{Exchange, Part};
use stance_core::traffic::Place;
use stance_wire::{Channel, ChannelKey, Filter};

/// Longest excerpt, in characters.
const SHOWN: usize = 100;

/// Texts by where they stand.
#[derive(Default)]
pub(super) struct Words(HashMap<String, String>);

impl Words {
    pub(super) fn add(&mut self, exchange: &Exchange) {
        for part in &exchange.parts {
            self.part(part);
        }
    }

    fn part(&mut self, part: &Part) {
        self.0
            .entry(part.pointer.clone())
            .or_insert_with(|| part.text.clone());
    }

    /// What stands at a place, on one line.
    pub(super) fn at(&self, place: &Place) -> Option<String> {
        let text = self.0.get(&place.pointer)?;
        let range = usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?;
        let found = match range.is_empty() {
            true => text.as_str(),
            false => text.get(range)?,
        };
        let mut shown: String = found.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = shown.char_indices().nth(SHOWN) {
            shown.truncate(end);
            shown.push('…');
        }
        Some(shown)
    }
}

/// Keeps what passes to another filter.
pub(super) struct Keeping<'a> {
    pub(super) inner: &'a mut dyn Filter,
    pub(super) words: Option<&'a mut Words>,
    pub(super) calls: &'a mut Calls,
}

/// What a stream held besides its words.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) tools: BTreeSet<String>,
    /// Whether there were any words.
    pub(super) any: bool,
}

fn pointer(key: ChannelKey) -> String {
    format!("/{}/{}", key.answer, key.index)
}

impl Filter for Keeping<'_> {
    fn part(&mut self, part: &Part) -> Option<String> {
        self.calls.any = true;
        if let Some(words) = &mut self.words {
            words.part(part);
        }
        self.inner.part(part)
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        self.calls.any = true;
        if let Some(tool) = &channel.tool
            && !self.calls.tools.contains(tool)
        {
            self.calls.tools.insert(tool.clone());
        }
        if let Some(words) = &mut self.words {
            let kept = words.0.entry(pointer(channel.key)).or_default();
            kept.push_str(text);
        }
        self.inner.push(channel, text, out);
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        self.inner.finish(channel, out);
    }

    fn blocks(&self) -> bool {
        self.inner.blocks()
    }

    fn waits(&self) -> bool {
        self.inner.waits()
    }
}
