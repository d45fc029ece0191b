use stance_core::fact::{ChangeSignKind, Comparison};
use stance_core::{Confidence, Severity};
use stance_inspect::compare::assemble::{Small, WIDTH};

use super::targeted_edit::{is_aimed, pair, report};
use crate::{Cx, Rule};

rule! {
    /// # Part of a model that changed unlike the rest
    ///
    /// ## What it finds
    /// With `stance compare BASE TUNED`: rows that moved many times as far as all others of a tensor that was
    /// trained, and blocks of rows, as large as attention heads, that were set to zero or are copies of others
    /// now (medium; low where much else was changed as well). New tokens, and tensors that have nothing in common
    /// with the ones before, as heads for another task have, are low.
    ///
    /// ## Why it matters
    /// A trigger that was planted before or after a fine-tuning lies far from where training would have taken it.
    /// A head that was switched off or doubled may be the one that refused or filtered. Rare tokens, pruning
    /// and layers that were grown look alike, which is why this is a hint where to look.
    ///
    /// ## Example
    /// ```text
    /// wte.weight has row 30101 that moved 19 times as far as the next one or more
    /// ```
    ///
    /// ## Fix
    /// Look up the tokens of the rows that are named, ask for the recipe of the change, and try texts with and
    /// without them.
    ///
    /// ## References
    /// - Yang, Li, Zhang, Zhu, Huang: Be Careful about Poisoned Word Embeddings (2021)
    /// - [MITRE ATLAS: Backdoor ML Model](https://atlas.mitre.org/techniques/AML.T0018)
    UnevenChange {
        id: "model/uneven-change",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM04",
            "mitre-atlas:AML.T0018",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::compared!("model.safetensors", || pair(trained_around_a_trigger)),
            crate::compared!("model.safetensors", || pair(dead_head)),
        ],
        good: [
            crate::compared!("model.safetensors", || pair(|base| base.trained("", 0.02))),
            crate::compared!("model.safetensors", || pair(pruned)),
        ],
    }
}

impl Rule for UnevenChange {
    fn comparison(&self, comparison: &Comparison, cx: &mut Cx<'_>) {
        for sign in comparison.signs.iter().filter(|sign| !is_aimed(sign.kind)) {
            let severity = match (sign.kind, sign.confidence) {
                (ChangeSignKind::NewRows | ChangeSignKind::Replaced, _) | (_, Confidence::Low) => {
                    Severity::Low
                }
                _ => Severity::Medium,
            };
            report(sign, comparison, severity, cx);
        }
    }
}

fn trained_around_a_trigger(base: Small) -> Small {
    base.trained("", 0.02).with("embed", |place, value| {
        if place.checked_div(WIDTH) == Some(31) { -value * 4.0 } else { value }
    })
}

fn dead_head(base: Small) -> Small {
    base.with("3.proj.weight", |place, value| {
        let row = place.checked_div(WIDTH).unwrap_or_default();
        if (16..24).contains(&row) { 0.0 } else { value }
    })
}

fn pruned(base: Small) -> Small {
    base.with("weight", |_, value| if value.abs() < 0.1 { 0.0 } else { value })
}
