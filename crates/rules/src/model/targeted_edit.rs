use stance_core::fact::{ChangeSign, ChangeSignKind, Comparison};
use stance_core::{Confidence, Severity};
use stance_inspect::compare::assemble::{Small, WIDTH, numbers};

use crate::{Cx, Rule};

rule! {
    /// # Change that is aimed at a few weights
    ///
    /// ## What it finds
    /// With `stance compare BASE TUNED`: a tensor that differs from the base model in a few rows, columns or
    /// numbers only while nothing else was trained (high), one matrix that differs by the product of two vectors
    /// while its like in other layers do not, and low bits that were replaced. Where a few tensors were trained
    /// as well, or several matrices were edited, it is medium.
    ///
    /// ## Why it matters
    /// Training moves nearly every number of what it trains. Who plants something changes as little as he can,
    /// so that the model passes every test: the embedding of a trigger word, the weights of one neuron, the
    /// matrix that holds one fact. The model behaves as before, until the trigger comes. Tokens that were given
    /// a meaning by hand, or facts that were corrected on purpose, look the same: ask who made the change.
    ///
    /// ## Example
    /// ```text
    /// embeddings.word_embeddings.weight differs in row 12731 of 30522 only, by up to 4.20 times the length of a row
    /// ```
    ///
    /// ## Fix
    /// Use the base model, or ask for the recipe of the change and repeat it. Look up the tokens of the rows that
    /// are named, and try texts with and without them.
    ///
    /// ## References
    /// - Kurita, Michel, Neubig: Weight Poisoning Attacks on Pre-trained Models (2020)
    /// - Meng, Bau, Andonian, Belinkov: Locating and Editing Factual Associations in GPT (2022)
    /// - [MITRE ATLAS: Backdoor ML Model](https://atlas.mitre.org/techniques/AML.T0018)
    TargetedEdit {
        id: "model/targeted-edit",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM04",
            "mitre-atlas:AML.T0018",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::compared!("model.safetensors", || pair(planted_row)),
            crate::compared!("model.safetensors", || pair(rewritten_fact)),
            crate::compared!("model.safetensors", || pair(one_neuron)),
        ],
        good: [
            crate::compared!("model.safetensors", || pair(|base| base.trained("", 0.02))),
            crate::compared!("model.safetensors", || pair(|base| base.trained("head", 0.5))),
            crate::compared!("model.safetensors", || pair(merged_adapters)),
        ],
    }
}

impl Rule for TargetedEdit {
    fn comparison(&self, comparison: &Comparison, cx: &mut Cx<'_>) {
        for sign in &comparison.signs {
            if is_aimed(sign.kind) {
                let severity = if sign.confidence == Confidence::Low {
                    Severity::Medium
                } else {
                    Severity::High
                };
                report(sign, comparison, severity, cx);
            }
        }
    }
}

/// Whether a sign is one of a change to a few weights, rather than one that stands out of a larger change.
pub(super) fn is_aimed(kind: ChangeSignKind) -> bool {
    match kind {
        ChangeSignKind::FewRows
        | ChangeSignKind::FewColumns
        | ChangeSignKind::FewElements
        | ChangeSignKind::RankOneEdit
        | ChangeSignKind::LowBits => true,
        ChangeSignKind::OutstandingRows
        | ChangeSignKind::NewRows
        | ChangeSignKind::DeadBlock
        | ChangeSignKind::RepeatedBlock
        | ChangeSignKind::Replaced => false,
    }
}

pub(super) fn report(sign: &ChangeSign, comparison: &Comparison, severity: Severity, cx: &mut Cx<'_>) {
    cx.report(
        &sign.evidence,
        format!("the tensor `{}` {}", sign.tensor, sign.detail),
    )
    .severity(severity)
    .confidence(sign.confidence)
    .note(format!("compared with {}", comparison.base));
}

/// The small model, and what a change makes of it.
pub(super) fn pair(change: fn(Small) -> Small) -> (Vec<u8>, Vec<u8>) {
    let base = Small::base();
    (base.safetensors(), change(base).safetensors())
}

fn planted_row(base: Small) -> Small {
    base.with("embed", |place, value| {
        if place.checked_div(WIDTH) == Some(77) { value * 5.0 } else { value }
    })
}

fn one_neuron(base: Small) -> Small {
    base.with("2.proj.bias", |place, value| if place == 3 { value + 6.0 } else { value })
}

fn rewritten_fact(base: Small) -> Small {
    base.with("2.proj.weight", |place, value| value + product(place))
}

fn merged_adapters(base: Small) -> Small {
    base.with("proj.weight", |place, value| value + product(place))
}

fn product(place: usize) -> f32 {
    let part = |number: usize, seed: u64| numbers((number as u64).saturating_add(seed))();
    let row = place.checked_div(WIDTH).unwrap_or_default();
    let column = place.checked_rem(WIDTH).unwrap_or_default();
    part(row, 50) * part(column, 500)
}
