//! The rules of the guard, with what each preset does about them.

use crate::verdict::{Action, OnFailure};

use super::Preset;

/// A rule about a text, a proposed call or an offered tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The call does what a passage that speaks to the model tells it, not what the user asked.
    ObeysContent,
    /// A consequent call that the user did not ask for, where strangers' words speak of such an action.
    UnaskedAfterContent,
    /// A consequent call that is not easily undone and that nobody asked for, after strangers' words were read.
    UnaskedGrave,
    /// Any other consequent call that nobody asked for, after strangers' words were read.
    Unasked,
    /// A call that the user asked for, towards a destination that strangers' words demand.
    DestinationFromCommand,
    /// A call that the user asked for, towards a destination that stands only in strangers' words.
    DestinationFromContent,
    /// A look at private data that strangers' words demand.
    ReadObeysContent,
    /// Private data on its way to a destination that neither user nor operator named.
    PrivateDataOut,
    /// A credential on its way out.
    SecretOut,
    /// A tool that is denied, to all or to this identity.
    Denied,
    /// A tool that is not among those allowed.
    NotAllowed,
    /// A tool that is not in the catalogue of approved ones.
    OutsideCatalogue,
    /// A tool that is not any more what was approved.
    Changed,
    /// A tool that takes the name of another, or speaks about another's.
    Shadowing,
    /// A tool of a server whose description carries instructions or hidden characters.
    Poisoned,
    /// The same of a tool that an application offers: it may be the operator's own words.
    PoisonedPossible,
    /// Arguments that are not what the schema of the tool says.
    Arguments,
    /// A user's words that try to make the model break its rules, without doubt.
    Attack,
    /// A user's words that may try to.
    AttackPossible,
    /// Words of strangers that give the model orders, without doubt.
    Instructions,
    /// Words of strangers that may give it orders.
    InstructionsPossible,
    /// Words that the user's own classifier takes for an attack.
    Classifier,
    /// Words that it takes for a possible one.
    ClassifierPossible,
    /// A credential on its way to the model.
    SecretAsked,
    /// A credential in an answer.
    SecretAnswered,
    /// Data about people on its way to the model.
    PersonalAsked,
    /// Data about people in an answer.
    PersonalAnswered,
    /// The operator's own words in an answer.
    SystemPrompt,
    /// An address in an answer that carries away what was read.
    Exfiltration,
    /// An image in an answer that loads by itself, from a host that is not allowed.
    RemoteImage,
    /// A canary in an answer.
    Canary,
    /// A marker of another tenant's documents in an answer.
    OtherTenant,
    /// Source code of the organisation, in a request or an answer.
    SourceCode,
    /// A sequence in an answer that a terminal acts upon.
    TerminalEscape,
    /// Markup in an answer that runs or loads something.
    Script,
    /// Controls in an answer that show words in another order than they are read.
    Direction,
    /// The model, server or agent that is asked for has a finding that stands.
    Posture,
}

/// What is known of a rule.
#[derive(Debug)]
pub struct About {
    /// The rule.
    pub rule: Rule,
    /// Its id, as `area/name`.
    pub id: &'static str,
    /// What presets do about it: observe, balanced, strict.
    actions: [Action; 3],
    /// The score from which it speaks, 0 to 1.
    pub threshold: f32,
}

const fn about(rule: Rule, id: &'static str, actions: [Action; 3]) -> About {
    About {
        rule,
        id,
        actions,
        threshold: 0.5,
    }
}

use Action::{Allow, Ask, Block, Flag, Redact};

/// All rules, in the order of [`Rule`].
pub const RULES: [About; 37] = [
    about(
        Rule::ObeysContent,
        "flow/obeys-content",
        [Flag, Block, Block],
    ),
    about(
        Rule::UnaskedAfterContent,
        "flow/unasked-after-content",
        [Flag, Ask, Block],
    ),
    about(Rule::UnaskedGrave, "flow/unasked-grave", [Flag, Ask, Ask]),
    about(Rule::Unasked, "flow/unasked", [Allow, Flag, Ask]),
    about(
        Rule::DestinationFromCommand,
        "flow/destination-from-command",
        [Flag, Ask, Block],
    ),
    about(
        Rule::DestinationFromContent,
        "flow/destination-from-content",
        [Allow, Flag, Ask],
    ),
    about(
        Rule::ReadObeysContent,
        "flow/read-obeys-content",
        [Flag, Ask, Block],
    ),
    about(
        Rule::PrivateDataOut,
        "flow/private-data-out",
        [Flag, Ask, Block],
    ),
    about(Rule::SecretOut, "flow/secret-out", [Flag, Block, Block]),
    about(Rule::Denied, "tool/denied", [Flag, Block, Block]),
    about(Rule::NotAllowed, "tool/not-allowed", [Flag, Block, Block]),
    about(
        Rule::OutsideCatalogue,
        "tool/outside-catalogue",
        [Flag, Block, Block],
    ),
    // With `mode = "approved"`, what changed is outside of the catalogue as well, and that stops it.
    about(Rule::Changed, "tool/changed", [Flag, Flag, Block]),
    about(Rule::Shadowing, "tool/shadowing", [Flag, Flag, Ask]),
    about(Rule::Poisoned, "tool/poisoned", [Flag, Block, Block]),
    about(
        Rule::PoisonedPossible,
        "tool/poisoned-possible",
        [Allow, Flag, Flag],
    ),
    about(Rule::Arguments, "tool/arguments", [Flag, Block, Block]),
    about(Rule::Attack, "text/attack", [Flag, Block, Block]),
    about(
        Rule::AttackPossible,
        "text/attack-possible",
        [Allow, Flag, Flag],
    ),
    // What strangers' words may bring about is stopped where it would happen: at the call of a tool.
    about(Rule::Instructions, "text/instructions", [Flag, Flag, Block]),
    about(
        Rule::InstructionsPossible,
        "text/instructions-possible",
        [Allow, Flag, Flag],
    ),
    about(Rule::Classifier, "text/classifier", [Flag, Block, Block]),
    about(
        Rule::ClassifierPossible,
        "text/classifier-possible",
        [Allow, Flag, Flag],
    ),
    about(
        Rule::SecretAsked,
        "data/secret-in-request",
        [Flag, Redact, Block],
    ),
    about(
        Rule::SecretAnswered,
        "data/secret-in-answer",
        [Flag, Redact, Redact],
    ),
    about(
        Rule::PersonalAsked,
        "data/personal-in-request",
        [Allow, Flag, Redact],
    ),
    about(
        Rule::PersonalAnswered,
        "data/personal-in-answer",
        [Allow, Flag, Redact],
    ),
    about(
        Rule::SystemPrompt,
        "leak/system-prompt",
        [Flag, Flag, Block],
    ),
    about(
        Rule::Exfiltration,
        "leak/exfiltration",
        [Flag, Block, Block],
    ),
    about(
        Rule::RemoteImage,
        "leak/remote-image",
        [Allow, Flag, Redact],
    ),
    about(Rule::Canary, "leak/canary", [Flag, Block, Block]),
    about(Rule::OtherTenant, "leak/other-tenant", [Flag, Block, Block]),
    about(Rule::SourceCode, "leak/source-code", [Flag, Flag, Block]),
    about(
        Rule::TerminalEscape,
        "leak/terminal-escape",
        [Flag, Redact, Redact],
    ),
    about(Rule::Script, "leak/script", [Allow, Flag, Redact]),
    about(Rule::Direction, "leak/bidi-control", [Allow, Allow, Flag]),
    about(Rule::Posture, "posture/finding", [Flag, Flag, Block]),
];

impl Rule {
    /// What is known of it.
    #[must_use]
    pub fn about(self) -> &'static About {
        static UNKNOWN: About = about(Rule::Denied, "tool/denied", [Block, Block, Block]);
        RULES
            .iter()
            .find(|about| about.rule == self)
            .unwrap_or(&UNKNOWN)
    }

    /// Its id, as `area/name`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.about().id
    }
}

impl About {
    /// Whether what it finds can be taken out: words can, calls of tools cannot.
    #[must_use]
    pub fn redacts(&self) -> bool {
        self.id.starts_with("data/") || self.id.starts_with("leak/")
    }

    /// What happens where it cannot judge, unless it is set: a text that a classifier did not see was seen by all other rules,
    /// so that they decide.
    #[must_use]
    pub const fn on_failure(&self) -> OnFailure {
        match self.rule {
            Rule::Classifier | Rule::ClassifierPossible => OnFailure::Open,
            _ => OnFailure::Closed,
        }
    }

    /// What a preset does about it.
    #[must_use]
    pub const fn action(&self, preset: Preset) -> Action {
        let [observe, balanced, strict] = self.actions;
        match preset {
            Preset::Observe => observe,
            Preset::Balanced => balanced,
            Preset::Strict => strict,
        }
    }
}
