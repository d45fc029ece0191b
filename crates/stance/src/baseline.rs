//! Findings that were known before, so that a run fails on new ones only.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use stance_core::Finding;
use stance_core::finding::Status;

/// The name that is looked for beside `stance.toml`.
pub const FILE_NAME: &str = "stance-baseline.json";

const SCHEMA: &str = "stance/baseline-v1";

/// A baseline file. Beside each id stands what it was, for whoever reads the diff.
#[derive(Debug, Serialize, Deserialize)]
pub struct Baseline {
    schema: String,
    findings: BTreeMap<String, Known>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Known {
    rule: String,
    path: String,
    message: String,
}

impl Baseline {
    /// Every open finding, and those that the old baseline held back.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let kept = findings
            .iter()
            .filter(|finding| matches!(finding.status, Status::Open | Status::Baseline));
        Self {
            schema: SCHEMA.to_owned(),
            findings: kept
                .map(|finding| {
                    let known = Known {
                        rule: finding.rule.to_string(),
                        path: finding.evidence.path.to_string(),
                        message: finding.message.clone(),
                    };
                    (finding.id.as_str().to_owned(), known)
                })
                .collect(),
        }
    }

    /// How many findings it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// When the file cannot be read or is none.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the baseline {}", path.display()))?;
        let baseline: Self = serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is no baseline; `stance baseline write` makes one",
                path.display()
            )
        })?;
        if baseline.schema != SCHEMA {
            bail!(
                "{} has the schema `{}`; this version of stance reads `{SCHEMA}`",
                path.display(),
                baseline.schema
            );
        }
        Ok(baseline)
    }

    /// Writes it, so that a reader never sees half of it.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        let fresh = path.with_extension("json.new");
        std::fs::write(&fresh, text)
            .and_then(|()| std::fs::rename(&fresh, path))
            .with_context(|| format!("cannot write the baseline {}", path.display()))
    }

    /// Marks open findings that it holds.
    pub fn apply(&self, findings: &mut [Finding]) {
        for finding in findings {
            if finding.is_open() && self.findings.contains_key(finding.id.as_str()) {
                finding.status = Status::Baseline;
                finding.status_reason = Some("known before, by the baseline".to_owned());
            }
        }
    }
}
