//! What was looked at, and what was not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much a scan looked at. Silence never means safe: whatever was not judged is counted here,
/// and named in a `coverage/*` finding where it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Files met on the way.
    pub files: u64,
    /// Directories met on the way.
    pub directories: u64,
    /// Bytes read from them.
    pub bytes_read: u64,
    /// Bytes they hold in all.
    pub bytes_total: u64,
    /// Bytes that came over the network for them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bytes_transferred: u64,
    /// Files that at least one parser understood.
    pub understood: u64,
    /// Members of containers that were looked into.
    pub members: u64,
    /// What was left out, by reason, with how many times: the names of gaps, and `weights_not_fetched` for a
    /// model behind an address of which only the structure was asked for.
    pub skipped: BTreeMap<String, u64>,
}

impl Coverage {
    /// Adds what another part of the scan looked at.
    pub fn add(&mut self, other: &Self) {
        self.files = self.files.saturating_add(other.files);
        self.directories = self.directories.saturating_add(other.directories);
        self.bytes_read = self.bytes_read.saturating_add(other.bytes_read);
        self.bytes_total = self.bytes_total.saturating_add(other.bytes_total);
        self.bytes_transferred = self
            .bytes_transferred
            .saturating_add(other.bytes_transferred);
        self.understood = self.understood.saturating_add(other.understood);
        self.members = self.members.saturating_add(other.members);
        for (reason, count) in &other.skipped {
            self.skip_many(reason, *count);
        }
    }

    /// Counts something left out.
    pub fn skip(&mut self, reason: &str) {
        self.skip_many(reason, 1);
    }

    fn skip_many(&mut self, reason: &str, count: u64) {
        let total = self.skipped.entry(reason.to_owned()).or_insert(0);
        *total = total.saturating_add(count);
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}
