//! What `stance judge` says: the document, and its form for people.

mod text;

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::Action;

pub(crate) use text::write as text;

/// Name and version of the JSON.
pub(crate) const SCHEMA: &str = "stance/judge-v1";

/// What the guard makes of one text. `--lines` prints one of these on each line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "stance/judge-v1")]
pub struct Judged {
    /// Name and version of this format: always `stance/judge-v1`.
    pub schema: &'static str,
    /// The name of the file, or the `id` of the line; the number of the line where it has none.
    pub id: String,
    /// Whose words they are, as `--as` has it.
    pub origin: String,
    /// How long the text is.
    pub bytes: u64,
    /// What the policy does: the sternest of the reasons.
    pub decision: Action,
    /// Why, the sternest first.
    pub reasons: Vec<Because>,
    /// The highest score of the trained model over the text, 0 to 1, also where it is no reason; absent where no model
    /// judges such words. It is no probability: thresholds are in the model card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
    /// What the classifier says that the settings name; absent where there is none, or it does not score such words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classifier: Option<Classified>,
    /// Personal data, accounts, credentials and addresses in the text, also those that the policy allows.
    pub entities: Vec<Entity>,
    /// What was not judged, and why.
    pub unjudged: Vec<Gap>,
    /// The policy: its preset and the digest of its settings.
    pub policy: String,
    /// The text itself, for the places in it.
    #[serde(skip)]
    pub text: String,
}

/// What a classifier of the user's own says.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Classified {
    /// How likely an attack, 0 to 1.
    pub score: f32,
    /// The label of the model that says so.
    pub label: String,
    /// SHA-256 of the model, in hexadecimal.
    pub sha256: String,
}

/// A rule that has something to say.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Because {
    /// The rule, as `area/name`.
    pub rule: String,
    /// What the policy does about it.
    pub action: Action,
    /// How sure it is, 0 to 1.
    pub score: f32,
    /// What it is about, in one clause: a signal, or the kind of an entity.
    pub note: String,
    /// Where: bytes of the text.
    pub spans: Vec<Span>,
}

/// Bytes of the text.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Span {
    /// The first.
    pub start: u32,
    /// The one behind the last.
    pub end: u32,
}

/// Something that identifies or opens something.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Entity {
    /// What it is: `email`, `payment_card`.
    pub kind: &'static str,
    /// First byte.
    pub start: u64,
    /// The byte behind the last one.
    pub end: u64,
    /// How sure, of 100.
    pub confidence: u8,
    /// Whether a check digit was computed and holds.
    pub verified: bool,
}

/// Something that was not judged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// What it is and why.
    pub what: String,
}

/// The schema of the JSON.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Judged).to_value()
}

/// Line and column of a byte, both from one; columns are characters.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}
