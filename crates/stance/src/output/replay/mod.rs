//! What `stance replay` says: the document, and its forms.

mod text;

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::json_v1::Tool;

pub(crate) use text::write as text;

/// Name and version of the JSON.
pub(crate) const SCHEMA: &str = "stance/replay-v1";

/// Which verdicts over recorded traffic a policy changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "stance/replay-v1")]
pub struct Document {
    /// Name and version of this format: always `stance/replay-v1`.
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// When it was written: RFC 3339, UTC.
    pub at: String,
    /// The policy that was tried: its preset and a digest of its settings.
    pub policy: String,
    /// What it is held against: `recorded`, the version of another policy, or `recorded, else` and that.
    pub against: String,
    /// Counts over everything that was read.
    pub totals: Totals,
    /// How many interactions have each decision, before and after; the mildest first.
    pub decisions: Vec<Decision>,
    /// By rule: in how many interactions it spoke, and what was done about it.
    pub rules: Vec<Row>,
    /// By who asked; `anonymous` where nobody knows.
    pub identities: Vec<Row>,
    /// By the model that was asked; `unknown` where nobody knows.
    pub models: Vec<Row>,
    /// By the tools that were called.
    pub tools: Vec<Row>,
    /// Interactions whose decision changes, in the order in which they were read.
    pub changes: Vec<Change>,
    /// What of interactions was not judged: it was not recorded, or cannot be read.
    pub unjudged: Vec<Unjudged>,
    /// How each file was read.
    pub files: Vec<FileRead>,
}

/// Counts over everything that was read.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Totals {
    /// Files, standard input included.
    pub files: u64,
    /// Interactions that were read.
    pub interactions: u64,
    /// Of these, how many have no words that could be judged: nothing can be found in them.
    pub unread: u64,
    /// Of these, how many are known by their receipts only: what they were decided by is decided again, and what the policy of
    /// then did not look for is not found.
    pub by_receipt: u64,
    /// Of these, of how many nobody knows what was decided; they are not compared.
    pub unknown: u64,
    /// How many decisions change.
    pub changed: u64,
    /// How many pass now, and would be stopped or asked about.
    pub newly_stopped: u64,
    /// How many are stopped now or asked about, and would pass.
    pub no_longer_stopped: u64,
    /// How many would pass without what was found, and did otherwise before.
    pub newly_redacted: u64,
    /// How many would be flagged, and were not.
    pub newly_flagged: u64,
    /// Changes that are counted and not listed.
    pub changes_left_out: u64,
    /// Records that could not be read.
    pub bad: u64,
}

/// How many interactions have a decision.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Decision {
    /// `allow`, `flag`, `redact`, `ask` or `block`.
    pub decision: String,
    /// How many before.
    pub before: u64,
    /// How many by the policy that was tried.
    pub after: u64,
}

/// What is decided about something.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Row {
    /// The rule, identity, model or tool.
    pub name: String,
    /// Before.
    pub before: Counts,
    /// By the policy that was tried.
    pub after: Counts,
    /// Interactions with it whose decision changes.
    pub changed: u64,
}

/// Interactions by decision.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// They pass.
    pub allow: u64,
    /// They pass and are recorded.
    pub flag: u64,
    /// They pass without what was found.
    pub redact: u64,
    /// They wait until somebody agrees.
    pub ask: u64,
    /// They do not pass.
    pub block: u64,
}

/// An interaction whose decision changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The file it stands in.
    pub file: String,
    /// Where in it: `line 12`, or `#3` for the third of its interactions.
    pub place: String,
    /// What names it, where anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it was: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Who was asked: an upstream, a host, a provider.
    pub upstream: String,
    /// What for.
    pub operation: String,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The tools that were called.
    pub tools: Vec<String>,
    /// The decision before.
    pub before: String,
    /// The decision by the policy that was tried.
    pub after: String,
    /// Why, by the policy that was tried; the sternest first.
    pub reasons: Vec<Reason>,
    /// Why, before.
    pub reasons_before: Vec<Reason>,
}

/// A rule that has something to say.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Reason {
    /// The rule.
    pub rule: String,
    /// What is done about it.
    pub action: String,
    /// How sure it is, 0 to 1.
    pub score: f64,
    /// One clause about it, without words of the interaction.
    pub note: String,
    /// JSON pointer of the text that it is about; of a stream, answer and index of its channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// First byte in that text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// The byte behind the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<u32>,
    /// Whether the rule could not judge.
    pub failed: bool,
    /// What stands there, cut; only with `--show-words`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// What was not judged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Unjudged {
    /// What, and why.
    pub what: String,
    /// In how many interactions.
    pub interactions: u64,
}

/// How a file was read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FileRead {
    /// The file.
    pub path: String,
    /// What it is; none where nothing in it was understood.
    pub format: Option<String>,
    /// Interactions in it.
    pub interactions: u64,
    /// Records that were understood and tell no interaction.
    pub other: u64,
    /// Records that could not be read.
    pub bad: Vec<Bad>,
}

/// Records that could not be read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Bad {
    /// Why.
    pub why: String,
    /// How many.
    pub records: u64,
    /// Where the first stands; empty where that is not known.
    pub first: String,
}

/// The JSON schema of the document.
#[must_use]
pub fn schema() -> serde_json::Value {
    serde_json::to_value(schemars::schema_for!(Document)).unwrap_or_default()
}

/// Writes it for programs.
pub(crate) fn json(document: &Document, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}
