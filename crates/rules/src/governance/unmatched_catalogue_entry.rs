use stance_core::policy::{CatalogueEntry, Policy};
use stance_core::{Evidence, Fact, Snapshot};
use stance_inspect::pickle::assemble;

use crate::{Content, Cx, Example, Rule};

const CODEC: &[(&str, Content)] = &[(
    "codec.pkl",
    Content::Made(|| assemble::call("our_team.codecs", "read_vocabulary", "german")),
)];

fn allows(pattern: &str) -> Policy {
    Policy {
        catalogue: vec![CatalogueEntry {
            pattern: pattern.to_owned(),
            allow: true,
            reason: "reads a list of words that is part of the package".to_owned(),
            evidence: Evidence::file("stance.toml"),
        }],
        ..Policy::default()
    }
}

rule! {
    /// # Name allowed for pickles that no pickle imports
    ///
    /// ## What it finds
    /// An entry under `allow` of `[catalogue]` in `stance.toml` that fits no import of any pickle that
    /// was scanned: the model that needed it is gone, or the name is spelled wrong. Entries that would
    /// allow what does harm (`os.*`, `builtins.eval`, `torch.*`) are errors of the configuration.
    ///
    /// ## Why it matters
    /// An allowed name is not looked at in any file. One that nothing needs waits for the attacker
    /// who finds a use for it.
    ///
    /// ## Example
    /// ```toml
    /// [catalogue]
    /// allow = [{ name = "our_team.codecs.*", reason = "reviewed in July" }]
    /// ```
    ///
    /// ## Fix
    /// Remove the entry, or correct its name. Scan the directory that holds the models it is meant for.
    ///
    /// ## References
    /// - NIST AI 100-1, MANAGE 1.4: residual risks are documented.
    UnmatchedCatalogueEntry {
        id: "governance/unmatched-catalogue-entry",
        severity: Low,
        stage: Govern,
        controls: [
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "nist-ai-rmf-1.0:GOVERN 1.5",
            "iso-42001-2023:6.1.3",
            "eu-ai-act:Art. 9",
        ],
        bad: [
            Example { files: CODEC, policy: Some(|| allows("our_team.codec.*")) },
            Example { files: CODEC, policy: Some(|| allows("our_team.codecs.read")) },
        ],
        good: [
            Example { files: CODEC, policy: Some(|| allows("our_team.codecs.*")) },
            Example { files: CODEC, policy: Some(|| allows("our_team.codecs.read_vocabulary")) },
            Example { files: CODEC, policy: None },
        ],
    }
}

impl Rule for UnmatchedCatalogueEntry {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        for entry in snapshot.policy.catalogue.iter().filter(|entry| entry.allow) {
            cx.judges(1);
            let needed = snapshot.observations.iter().any(|observation| {
                let Fact::Artifact(artifact) = &observation.fact else {
                    return false;
                };
                let mut globals = artifact.pickles.iter().flat_map(|trace| &trace.globals);
                globals.any(|global| entry.covers(&global.name))
            });
            if !needed {
                cx.report(
                    &entry.evidence,
                    format!("the catalogue allows `{}`, which no pickle imports", entry.pattern),
                );
            }
        }
    }
}
