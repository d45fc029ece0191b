//! What must not leave: the operator's own words, canaries, what was read into an address, markup that acts, another
//! tenant's documents, and the organisation's source code.
//!
//! Every detector gives [`Signal`]s: which rule, where, how sure. All of them take a text in pieces, of any size, with the
//! same result; the [`Gate`] holds back what may still become a match.

mod address;
mod canary;
mod decode;
mod exfiltration;
mod fingerprint;
mod gate;
mod markup;
mod overlap;
mod shingle;
mod view;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::policy::Rule;

pub use canary::{Canaries, Marker, Needle, SHORTEST_MARKER, canaries};
pub use exfiltration::{Context, exfiltration};
pub use fingerprint::{Fingerprints, SourceScan};
pub use gate::{Acts, Gate, Known};
pub use markup::markup;
pub use overlap::{Overlap, OverlapScan};

/// What a leak is, as far as policy is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The operator's own words.
    SystemPrompt,
    /// An address that carries away what was read.
    Exfiltration,
    /// An image that loads by itself, from a host that is not allowed.
    RemoteImage,
    /// A canary.
    Canary,
    /// A marker of another tenant's documents.
    OtherTenant,
    /// Source code of the organisation.
    SourceCode,
    /// A sequence that a terminal acts upon.
    TerminalEscape,
    /// Markup that runs or loads something.
    Script,
    /// Controls that show words in another order.
    Direction,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::SystemPrompt,
        Self::Exfiltration,
        Self::RemoteImage,
        Self::Canary,
        Self::OtherTenant,
        Self::SourceCode,
        Self::TerminalEscape,
        Self::Script,
        Self::Direction,
    ];

    /// The rule of the policy.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::SystemPrompt => Rule::SystemPrompt,
            Self::Exfiltration => Rule::Exfiltration,
            Self::RemoteImage => Rule::RemoteImage,
            Self::Canary => Rule::Canary,
            Self::OtherTenant => Rule::OtherTenant,
            Self::SourceCode => Rule::SourceCode,
            Self::TerminalEscape => Rule::TerminalEscape,
            Self::Script => Rule::Script,
            Self::Direction => Rule::Direction,
        }
    }

    /// What stands in the place of what is taken out.
    const fn placeholder(self) -> &'static str {
        match self {
            Self::Exfiltration | Self::RemoteImage => "[LINK]",
            Self::Script => "[MARKUP]",
            Self::TerminalEscape | Self::Direction => "",
            Self::SystemPrompt | Self::Canary | Self::OtherTenant | Self::SourceCode => {
                "[WITHHELD]"
            }
        }
    }
}

/// What a detector found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The rule: `leak/system-prompt`.
    pub rule: &'static str,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// How sure it is, of 100.
    pub score: u8,
    /// Which of several known things it is about: the name of a canary or of a document.
    pub about: Option<String>,
}

impl Signal {
    /// What it is, as far as policy is concerned.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.rule {
            "leak/system-prompt" => Kind::SystemPrompt,
            "leak/remote-image" => Kind::RemoteImage,
            "leak/canary" => Kind::Canary,
            "leak/other-tenant" => Kind::OtherTenant,
            "leak/source-code" => Kind::SourceCode,
            "leak/terminal-escape" => Kind::TerminalEscape,
            "leak/script" | "leak/active-html" => Kind::Script,
            "leak/bidi-control" => Kind::Direction,
            _ => Kind::Exfiltration,
        }
    }

    pub(crate) const fn new(rule: &'static str, range: Range<usize>, score: u8) -> Self {
        Self {
            rule,
            range,
            score,
            about: None,
        }
    }
}
