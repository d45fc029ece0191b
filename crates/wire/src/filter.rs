//! What looks at the texts of an exchange, and may change them.

use stance_core::exchange::{Origin, Part, ToolDefinition};

/// What a channel of a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelKind {
    /// What the model answers.
    Content,
    /// What it thinks.
    Reasoning,
    /// Why it does not answer.
    Refusal,
    /// What it hands to a tool: JSON, or what the tool takes.
    Arguments,
    /// What it says in the sound that it makes.
    Transcript,
}

/// Which channel of a stream: texts of one channel follow on each other, those of different channels do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelKey {
    /// What it carries.
    pub kind: ChannelKind,
    /// Which answer, or which item of the output.
    pub answer: u64,
    /// Which block, call or part of it.
    pub index: u64,
}

impl ChannelKey {
    pub(crate) const fn new(kind: ChannelKind, answer: u64, index: u64) -> Self {
        Self {
            kind,
            answer,
            index,
        }
    }

    /// Who writes on it.
    #[must_use]
    pub const fn origin(self) -> Origin {
        match self.kind {
            ChannelKind::Content | ChannelKind::Refusal | ChannelKind::Transcript => Origin::Model,
            ChannelKind::Reasoning => Origin::Reasoning,
            ChannelKind::Arguments => Origin::ToolArguments,
        }
    }
}

/// A channel of a stream, and what was said about it when it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Which.
    pub key: ChannelKey,
    /// The tool that its words are for.
    pub tool: Option<String>,
    /// The call that they belong to.
    pub call: Option<String>,
}

/// Looks at the texts of an exchange, and may change them, hold them back, or stop them.
///
/// A stream gives each channel to `push`, piece by piece, and then to `finish`. What `push` writes to `out` goes on at
/// once; what it keeps it must write later, at the latest in `finish`. Streams that repeat what they said, as the events
/// of OpenAI's responses do when an item is done, give the repeated text to [`Self::part`]: a filter that changes whole
/// texts as it changes the same text in pieces keeps such a stream consistent.
pub trait Filter {
    /// Looks at a whole text. What is given back stands in its place. A part of the arguments, schema or result of a tool
    /// may be JSON as it was written; what stands in its place is then JSON too, or becomes a string.
    fn part(&mut self, part: &Part) -> Option<String>;

    /// Looks at the next piece of a channel, and writes what may go on.
    fn push(&mut self, channel: &Channel, text: &str, out: &mut String);

    /// Writes what was kept of a channel, which ends. A channel may begin anew after that.
    fn finish(&mut self, channel: &Channel, out: &mut String);

    /// Looks at the tools that a body or an event offers, before its parts.
    fn offered(&mut self, tools: &[ToolDefinition]) {
        let _ = tools;
    }

    /// Whether nothing may go on any more. Asked after every body and every event; what made it so is not sent.
    fn blocks(&self) -> bool {
        false
    }

    /// Whether what was given last waits until somebody decides. Asked after every event of a stream that nothing stops; the
    /// stream then keeps what it would have written for it, and all after it: see
    /// [`Stream::waits`](crate::Stream::waits).
    fn waits(&self) -> bool {
        false
    }
}

/// Changes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl Filter for Identity {
    fn part(&mut self, _: &Part) -> Option<String> {
        None
    }

    fn push(&mut self, _: &Channel, text: &str, out: &mut String) {
        out.push_str(text);
    }

    fn finish(&mut self, _: &Channel, _: &mut String) {}
}
