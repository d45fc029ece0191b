//! The pieces of an exchange, in their order: whose words, where they stand, how many bytes. The words themselves only where
//! they are kept.

use std::collections::BTreeMap;

use stance_core::exchange::Part;
use stance_core::traffic::Piece;
use stance_wire::{Channel, ChannelKey};

use crate::receipt::short;

/// Most pieces of a request and of an answer, each. Of a longer request the last ones stay: what came before was in the
/// exchanges before.
const MOST: usize = 512;

/// Most bytes of words that are kept of one piece, and of all.
const TEXT: usize = 64 << 10;
const TEXTS: usize = 1 << 20;

/// So much more is looked at before it is cut: what is to be hidden may stand across the cut.
const MARGIN: usize = 8 << 10;

/// Longest pointer.
const POINTER: usize = 256;

/// What is gathered while an exchange goes on.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    words: bool,
    /// Bytes of words that may still be kept.
    left: usize,
    all: Vec<Piece>,
    /// Where the piece of each channel of a stream is.
    channels: BTreeMap<ChannelKey, usize>,
    /// Whole texts of a stream that a model made: most repeat what the channels said.
    repeated: Vec<Piece>,
}

impl Pieces {
    pub(crate) fn new(words: bool) -> Self {
        Self {
            words,
            left: TEXTS,
            ..Self::default()
        }
    }

    /// Takes the parts of a whole body. `kept` says how the words of one are kept.
    pub(crate) fn whole(&mut self, parts: &[Part], answer: bool, kept: &dyn Fn(&str) -> String) {
        let skipped = parts.len().saturating_sub(MOST);
        for part in parts.iter().skip(skipped) {
            let mut piece = piece(part, answer);
            piece.text = self
                .words
                .then(|| self.room(&kept(clip(&part.text, TEXT + MARGIN))));
            self.all.push(piece);
        }
    }

    /// Takes a whole text that comes within a stream.
    pub(crate) fn within(&mut self, part: &Part, changed: Option<&str>) {
        let mut piece = piece(part, true);
        let words = changed.unwrap_or(&part.text);
        piece.text = self.words.then(|| self.room(words));
        let list = match part.origin.is_generated() {
            true => &mut self.repeated,
            false => &mut self.all,
        };
        if list.len() < MOST.saturating_mul(2) {
            list.push(piece);
        }
    }

    /// Takes what came and what went on of a channel.
    pub(crate) fn delta(&mut self, channel: &Channel, came: usize, went: &str) {
        let at = match self.channels.get(&channel.key) {
            Some(at) => *at,
            None if self.channels.len() < MOST => {
                self.channels.insert(channel.key, self.all.len());
                self.all.push(Piece {
                    origin: channel.key.origin(),
                    answer: true,
                    // As the judge names the place.
                    pointer: format!("/{}/{}", channel.key.answer, channel.key.index),
                    tool: channel.tool.as_deref().map(short),
                    call: channel.call.as_deref().map(short),
                    bytes: 0,
                    text: self.words.then(String::new),
                });
                self.all.len().saturating_sub(1)
            }
            None => return,
        };
        let left = self.left;
        let Some(piece) = self.all.get_mut(at) else {
            return;
        };
        piece.bytes = piece.bytes.saturating_add(came as u64);
        if let Some(text) = &mut piece.text {
            let room = (TEXT + MARGIN).saturating_sub(text.len());
            let more = clip(went, left.min(room));
            text.push_str(more);
            self.left = left.saturating_sub(more.len());
        }
    }

    /// All of them. `kept` says how the words of a stream are kept.
    pub(crate) fn finish(mut self, kept: &dyn Fn(&str) -> String) -> Vec<Piece> {
        for at in self.channels.values() {
            if let Some(text) = self.all.get_mut(*at).and_then(|piece| piece.text.as_mut()) {
                *text = clip(&kept(text), TEXT).to_owned();
            }
        }
        for mut piece in self.repeated {
            let is_told = self.channels.keys().any(|key| key.origin() == piece.origin);
            if !is_told {
                piece.text = piece.text.map(|text| kept(&text));
                self.all.push(piece);
            }
        }
        self.all
    }

    fn room(&mut self, words: &str) -> String {
        let words = clip(words, self.left.min(TEXT));
        self.left = self.left.saturating_sub(words.len());
        words.to_owned()
    }
}

fn piece(part: &Part, answer: bool) -> Piece {
    Piece {
        origin: part.origin,
        answer,
        pointer: clip(&part.pointer, POINTER).to_owned(),
        tool: part.tool.as_deref().map(short),
        call: part.call.as_deref().map(short),
        bytes: part.text.len() as u64,
        text: None,
    }
}

/// As much of a text as has `most` bytes.
fn clip(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use stance_core::exchange::Origin;
    use stance_wire::ChannelKind;

    use super::*;

    fn part(origin: Origin, text: &str) -> Part {
        Part {
            origin,
            pointer: "/messages/0/content".to_owned(),
            tool: None,
            call: None,
            text: text.to_owned(),
        }
    }

    fn channel(kind: ChannelKind) -> Channel {
        Channel {
            key: ChannelKey {
                kind,
                answer: 0,
                index: 0,
            },
            tool: None,
            call: None,
        }
    }

    #[test]
    fn words_are_kept_where_that_is_set_and_bounded() {
        let long = "ä".repeat(TEXT);
        let parts = vec![part(Origin::User, &long); 40];
        let mut with = Pieces::new(true);
        with.whole(&parts, false, &|text| text.to_owned());
        let kept: usize = with
            .finish(&str::to_owned)
            .iter()
            .map(|piece| piece.text.as_ref().unwrap().len())
            .sum();
        assert_eq!(kept, TEXTS);
        let mut without = Pieces::new(false);
        without.whole(&parts, false, &|_| panic!("no words, no work"));
        let all = without.finish(&str::to_owned);
        assert!(
            all.iter()
                .all(|piece| piece.text.is_none() && piece.bytes == 2 * TEXT as u64)
        );
    }

    #[test]
    fn a_stream_is_one_piece_for_each_channel_and_what_it_repeats_is_none() {
        let mut pieces = Pieces::new(true);
        for (kind, text) in [
            (ChannelKind::Reasoning, "Think"),
            (ChannelKind::Content, "Hel"),
            (ChannelKind::Reasoning, "ing"),
            (ChannelKind::Content, "lo"),
        ] {
            pieces.delta(&channel(kind), text.len(), text);
        }
        pieces.within(&part(Origin::Model, "Hello"), None);
        pieces.within(&part(Origin::ToolResult, "a page"), None);
        let all = pieces.finish(&str::to_uppercase);
        let told: Vec<(Origin, u64, &str)> = all
            .iter()
            .map(|piece| (piece.origin, piece.bytes, piece.text.as_deref().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                (Origin::Reasoning, 8, "THINKING"),
                (Origin::Model, 5, "HELLO"),
                (Origin::ToolResult, 6, "a page"),
            ]
        );
    }
}
