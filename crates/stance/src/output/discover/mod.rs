//! What `stance discover logs` says: the document, and its forms.

mod csv;
mod text;

use std::collections::BTreeMap;
use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::json_v1::{Finding, Tool};

pub(crate) use csv::write as csv;
pub(crate) use text::write as text;

/// Name and version of the JSON.
pub(crate) const SCHEMA: &str = "stance/discover-logs-v1";

/// The AI services that logs show in use.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "stance/discover-logs-v1")]
pub struct Document {
    /// Name and version of this format: always `stance/discover-logs-v1`.
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// When it was written: RFC 3339, UTC.
    pub at: String,
    /// Counts over everything that was read.
    pub totals: Totals,
    /// What a row is about: `vendor`, `service` or `user`.
    pub by: String,
    /// Whether users are shown as keyed hashes.
    pub pseudonymised: bool,
    /// Whether anybody said which services may be used.
    pub sanctioned_list: bool,
    /// One row per vendor, service or user: what is not sanctioned first, then what is not declared, then the most used.
    pub rows: Vec<Row>,
    /// What code declares against what was observed, when `--declared` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
    /// How each file was read.
    pub files: Vec<LogFile>,
    /// What the rules say, worst first.
    pub findings: Vec<Finding>,
    /// How many things each rule judged, good ones included; rules that judged nothing are left out.
    pub rules: BTreeMap<String, u64>,
    /// Findings about services that are high or critical.
    #[serde(skip)]
    pub high: u64,
}

/// Counts over everything that was read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Totals {
    /// Files, standard input included.
    pub files: u64,
    /// Lines or records.
    pub lines: u64,
    /// Of these, how many tell of an AI service.
    pub matched: u64,
    /// Of these, how many lie outside of `--since` and `--until`.
    pub outside: u64,
    /// Of these, how many were not understood.
    pub unknown: u64,
    /// Vendors that were met.
    pub vendors: u64,
    /// Services that are used and not sanctioned.
    pub unsanctioned: u64,
}

/// Whether something may be used. In order of what matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sanctioned {
    /// There is a list and it is not on it; for several services, one of them.
    No,
    /// Nobody said what may be used.
    Unknown,
    /// It is on the list.
    Yes,
}

impl Sanctioned {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}

/// A vendor, service or user, and what was seen.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Row {
    /// The key of the vendor, as assets carry it.
    pub vendor: String,
    /// What people call it.
    pub name: String,
    /// The services that were met.
    pub services: Vec<ServiceName>,
    /// What they do.
    pub categories: Vec<String>,
    /// The user, in rows of users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How many users or machines.
    pub users: u64,
    /// Whether there are more than were told apart.
    pub at_least: bool,
    /// Who they are: a name where a line has one, else the address of a machine.
    pub user_names: Vec<String>,
    /// First time: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// Last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out, where lines tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_out: Option<u64>,
    /// Bytes that came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_in: Option<u64>,
    /// By what it is known: dns, network, proxy, cloud, browser, extension, oauth, expense, log.
    pub signals: Vec<String>,
    /// Whether all of its services may be used.
    pub sanctioned: Sanctioned,
    /// Whether code declares the vendor, when `--declared` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<bool>,
    /// Whether what is handed over trains models: yes, opt-out, no or unknown, for each kind among the services.
    pub trains: Vec<String>,
    /// What else is known of what happens to data.
    pub data_handling: Vec<String>,
    /// Where the vendor sits, ISO 3166; empty when that is not known.
    pub region: Vec<String>,
    /// What may be used in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<String>,
    /// Models or scopes that lines name.
    pub details: Vec<String>,
    /// Where it was met first, `path:line:column`.
    pub evidence: Vec<String>,
}

/// A service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServiceName {
    /// Its key in the catalogue.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it may be used.
    pub sanctioned: Sanctioned,
}

/// What code declares against what was observed, by vendor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Declared {
    /// Declared, and in use.
    pub observed_and_declared: Vec<DeclaredVendor>,
    /// In use, and declared nowhere: shadow AI. The keys of the vendors.
    pub observed_not_declared: Vec<String>,
    /// Declared, and not seen in the logs.
    pub declared_not_observed: Vec<DeclaredVendor>,
}

/// A vendor that code declares.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeclaredVendor {
    /// Its key.
    pub vendor: String,
    /// What people call it.
    pub name: String,
    /// production, test or documentation.
    pub scope: String,
    /// Where, `path:line:column`.
    pub evidence: Vec<String>,
}

/// How a file was read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LogFile {
    /// The file.
    pub path: String,
    /// What wrote it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Lines or records.
    pub lines: u64,
    /// Of these, how many tell of an AI service.
    pub matched: u64,
    /// Of these, how many lie outside of `--since` and `--until`.
    pub outside: u64,
    /// Of these, how many were not understood.
    pub unknown: u64,
    /// The numbers of the first of them, from 1.
    pub unknown_lines: Vec<u64>,
    /// The first of them, without what could be secret in it; not with `--pseudonymise`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Why the file was not read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// The JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

/// Writes the JSON.
pub(crate) fn json(document: &Document, out: &mut dyn io::Write) -> io::Result<()> {
    super::json(document, out)
}
