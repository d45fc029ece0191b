//! What a document of this version holds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::finding::Status as FindingStatus;
use stance_core::{AssetKind, Confidence, How, RelationKind, Scope, Severity, Verdict};

use crate::names;

/// The result of one scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "stance/json-v1")]
pub struct Document {
    /// Name and version of this format: always `stance/json-v1`.
    #[schemars(schema_with = "names::schema_name")]
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// The scan itself; the only part that tells time.
    pub scan: Scan,
    /// Counts.
    pub summary: Summary,
    /// The inventory, in order of id.
    pub assets: Vec<Asset>,
    /// How the assets hang together, in order of `from`, `to` and `kind`.
    pub relations: Vec<Relation>,
    /// What the rules say, worst first.
    pub findings: Vec<Finding>,
    /// What was looked at, and what was not.
    pub coverage: Coverage,
    /// How much vendors are used, in documents that were made of logs. Absent in documents that were written before
    /// this member.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<Usage>,
}

/// The use of a vendor by one person or machine, or by whoever was not told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// The id of the vendor, which is among the assets.
    pub vendor: String,
    /// Who: a name, an address or a pseudonym; absent where lines do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out, where lines tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_out: Option<u64>,
    /// Bytes that came back, where lines tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_in: Option<u64>,
    /// First time: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub first_seen: Option<String>,
    /// Last time: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub last_seen: Option<String>,
}

/// The program that wrote a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Always `stance`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// When and over what a scan ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// The scanned roots, as the user named them; every path is relative to them.
    pub roots: Vec<String>,
    /// When it began: RFC 3339, UTC.
    #[schemars(extend("format" = "date-time"))]
    pub started: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Its number in the store, when it was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<i64>,
}

/// Counts over the whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Assets by kind; kinds without an asset are left out.
    pub assets: BTreeMap<String, u64>,
    /// Open findings by severity; all severities are there.
    pub findings: BTreeMap<String, u64>,
    /// All findings by status; all statuses are there.
    pub statuses: BTreeMap<String, u64>,
}

/// One thing of the inventory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asset {
    /// `kind:key`; the key is a package URL where there is one.
    pub id: String,
    /// What it is.
    #[schemars(schema_with = "names::asset_kinds")]
    pub kind: AssetKind,
    /// What people call it.
    pub name: String,
    /// Other names under which it was seen, sorted.
    pub aliases: Vec<String>,
    /// The strongest way in which it is known.
    #[schemars(schema_with = "names::hows")]
    pub how: How,
    /// How sure that is; follows from `how`. Documents written before this field had no other.
    #[serde(default = "sure")]
    #[schemars(schema_with = "names::confidences")]
    pub confidence: Confidence,
    /// The most important part of the tree in which it was seen.
    #[schemars(schema_with = "names::scopes")]
    pub scope: Scope,
    /// Where it was seen, in order of path; at most 64 places.
    pub evidence: Vec<Evidence>,
    /// How often it was seen in all.
    pub occurrences: u64,
    /// What all that is known about a model file comes to; absent for what is no file, or none
    /// that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "names::verdicts")]
    pub verdict: Option<Verdict>,
    /// The one sentence that made the verdict, unless it is `clean`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict_reason: Option<String>,
    /// Details by name: `format`, `size`, `version`, `transport`, …
    pub attributes: BTreeMap<String, serde_json::Value>,
}

fn sure() -> Confidence {
    Confidence::High
}

/// What one asset has to do with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Relation {
    /// Id of the asset that acts.
    pub from: String,
    /// What they have to do with each other.
    #[schemars(schema_with = "names::relation_kinds")]
    pub kind: RelationKind,
    /// Id of the asset acted upon.
    pub to: String,
    /// Where it was seen.
    pub evidence: Evidence,
}

/// One judgement with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable over scans: the same problem at the same place keeps its id when lines move.
    pub id: String,
    /// The rule that says so, `area/name`.
    pub rule: String,
    /// How much harm it can do.
    #[schemars(schema_with = "names::severities")]
    pub severity: Severity,
    /// How sure the rule is.
    #[schemars(schema_with = "names::confidences")]
    pub confidence: Confidence,
    /// Whether it counts, or why not.
    #[schemars(schema_with = "names::statuses")]
    pub status: FindingStatus,
    /// Why it is not open: the reason that people gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// Id of the asset it is about. A finding about the scanned tree as a whole
    /// names its application, which need not be among `assets`.
    pub asset: String,
    /// One sentence: what is wrong.
    pub message: String,
    /// What else was seen, one sentence each.
    pub notes: Vec<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Controls it is evidence against, `framework:id`.
    pub controls: Vec<String>,
    /// Where, the main place first; never empty.
    #[schemars(length(min = 1))]
    pub evidence: Vec<Evidence>,
}

/// A place, and what was seen there. It has a `line`, or an `offset`, or neither
/// when the file as a whole is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Path relative to the scanned root, `/` between its parts; a member of a
    /// container is `outer!inner`. Bytes that are not UTF-8 are written `\xNN`.
    pub path: String,
    /// Line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub line: Option<u32>,
    /// Column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub column: Option<u32>,
    /// First byte, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// How much is meant: characters behind `column`, or bytes behind `offset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// What stands there, redacted, at most 240 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// The part of the excerpt that is meant: its first character, from 0, and how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<(u32, u32)>,
}

/// What was looked at, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Files met on the way.
    pub files: u64,
    /// Directories met on the way.
    pub directories: u64,
    /// Bytes read from them.
    pub bytes_read: u64,
    /// Bytes they hold in all.
    pub bytes_total: u64,
    /// Bytes that came over the network, when an address was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_transferred: Option<u64>,
    /// Files that at least one parser understood.
    pub understood: u64,
    /// Members of containers that were looked into.
    pub members: u64,
    /// What was left out: reason, and how many times.
    pub skipped: BTreeMap<String, u64>,
    /// Files that were met and not judged, or not wholly: that nothing is told of them proves nothing. Absent in
    /// documents that were written before this member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// How many facts, assets or files each rule that was on judged, good ones included; that a rule with 0 found
    /// nothing means nothing. Absent in documents that were written before this member, and where no rule ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<BTreeMap<String, u64>>,
}

/// Files that were not judged, or not wholly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unjudged {
    /// How many there are.
    pub count: u64,
    /// Their paths, without the members of containers, in order; at most 65,536 of them.
    pub paths: Vec<String>,
}

impl Unjudged {
    /// Most paths that are written out.
    pub const MOST: usize = 1 << 16;

    /// Those of a scan.
    #[must_use]
    pub fn of(paths: impl IntoIterator<Item = String>) -> Self {
        let paths: std::collections::BTreeSet<String> = paths.into_iter().collect();
        Self {
            count: paths.len() as u64,
            paths: paths.into_iter().take(Self::MOST).collect(),
        }
    }
}
