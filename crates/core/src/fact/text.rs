//! Texts that agents read, secrets, comments, and what was not read.

use serde::Serialize;

use crate::evidence::Evidence;

/// What kind of instructions a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InstructionsKind {
    /// Read by a coding agent at its start: `AGENTS.md`, `CLAUDE.md`, rule files.
    AgentInstructions,
    /// A skill that an agent loads on demand.
    Skill,
    /// A sub-agent or custom command definition.
    AgentDefinition,
    /// A prompt template.
    Prompt,
}

impl InstructionsKind {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentInstructions => "agent_instructions",
            Self::Skill => "skill",
            Self::AgentDefinition => "agent_definition",
            Self::Prompt => "prompt",
        }
    }
}

/// Instructions that an agent or model reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instructions {
    /// What kind.
    pub kind: InstructionsKind,
    /// What it is called: the file name, or the name it gives itself.
    pub name: String,
    /// Characters that a person does not see, in runs.
    pub hidden: Vec<Hidden>,
    /// [`crate::digest::text`] of it; the text itself is not kept. `None` where it is part of a file of bytes.
    pub digest: Option<String>,
    /// The file.
    pub evidence: Evidence,
}

/// A run of characters that a model reads and a person does not see.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hidden {
    /// What they are: `tag characters`, `bidirectional control`, `zero-width`.
    pub what: &'static str,
    /// How many in the run.
    pub count: u32,
    /// The text they spell, where they encode one (tag characters do).
    pub decoded: Option<String>,
    /// Where the run starts.
    pub evidence: Evidence,
}

/// From where the path of an opened file starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedFrom {
    /// From the directory of the source file: `Path(__file__).parent / "system.md"`.
    Here,
    /// From the directory in which the program is started, which is the root of the project most often.
    Start,
    /// From a directory that the code does not tell, so that only the end of the path is known.
    Elsewhere,
    /// Like [`OpenedFrom::Elsewhere`], and without the extension: `load_prompt("system")`.
    Stem,
}

/// A file that code reads for what it says to a model. Which file of the tree that is, whoever knows the tree finds out:
/// see [`crate::inventory::Tree`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Opened {
    /// The path as the code puts it together, `/` between its parts.
    pub path: String,
    /// From where it starts.
    pub from: OpenedFrom,
    /// Where the code reads it.
    pub evidence: Evidence,
}

/// In what a secret stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// Source, configuration or any other text.
    Text,
    /// A `.env` file, which is made to hold secrets but not to be shared.
    DotEnv,
    /// The source of a notebook cell.
    NotebookSource,
    /// The output of a notebook cell.
    NotebookOutput,
}

/// A credential value; never stored whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Secret {
    /// Id of the pattern: `openai-api-key`.
    pub pattern: &'static str,
    /// What people call it: `OpenAI API key`.
    pub title: &'static str,
    /// The vendor it opens, by its key: `openai`.
    pub vendor: &'static str,
    /// First characters and length, such as `sk-pr…(51 characters)`.
    pub redacted: String,
    /// SHA-256 of the value, first 16 hexadecimal characters, so that the same
    /// key in two files is one asset.
    pub digest: String,
    /// Whether a checksum inside it does not fit, so that it opens nothing as it stands.
    pub doubtful: bool,
    /// In what it stands.
    pub place: SecretPlace,
    /// Where; the excerpt is redacted.
    pub evidence: Evidence,
}

/// What data is about, as a sample of it shows: classes and counts, never values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitive {
    /// How often each class was seen in the sample: values, or records that have a column of it.
    pub found: std::collections::BTreeMap<String, u64>,
    /// How much was looked at, in bytes.
    pub sampled: u64,
    /// The file.
    pub evidence: Evidence,
}

/// A comment `stance: allow rule-id -- reason`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Allow {
    /// The rule it names, `area/name` or `area/*`.
    pub rule: String,
    /// Why; empty when the comment gives none, which makes it void.
    pub reason: String,
    /// The lines it covers, from and to, both from 1 and inclusive: its own,
    /// and the next one when it stands alone on its line.
    pub lines: (u32, u32),
    /// Where.
    pub evidence: Evidence,
}

/// Why something was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The operating system refused or failed.
    Unreadable,
    /// It is larger than a limit allows.
    TooLarge,
    /// A limit of a parser was met: depth, count, ratio, steps.
    Limit,
    /// A parser met bytes it does not understand.
    Malformed,
    /// It changed while it was read.
    Changed,
    /// It is neither file nor directory (a socket, a pipe, a device), or a link that leads nowhere.
    Special,
    /// It is encrypted.
    Encrypted,
    /// A parser broke; this is a defect of ours.
    Defect,
}

impl GapReason {
    /// The name used in outputs and in [`crate::Coverage::skipped`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too_large",
            Self::Limit => "limit",
            Self::Malformed => "malformed",
            Self::Changed => "changed",
            Self::Special => "special",
            Self::Encrypted => "encrypted",
            Self::Defect => "defect",
        }
    }
}

/// Something that was not looked at, so that nobody takes silence for safety.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// What exactly, in one sentence: the parser, the limit, the system's words.
    pub detail: String,
    /// Where the parser stopped.
    pub evidence: Evidence,
}
