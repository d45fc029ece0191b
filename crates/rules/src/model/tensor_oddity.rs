use stance_core::fact::{Artifact, TensorSignKind};
use stance_core::{Confidence, Severity};

use super::tensor_payload::{bytes, one_tensor, values};
use crate::{Cx, Rule};

rule! {
    /// # Tensor that is not what weights look like
    ///
    /// ## What it finds
    /// Tensors of floating-point numbers that spread over all exponents or are full of different NaN (encrypted
    /// or packed data), or of which only one stretch uses the low bits (low); with `--weights` also matrices with
    /// rows that are dead, repeated or far larger than all others (info).
    ///
    /// ## Why it matters
    /// Data hidden in weights has to go somewhere, and a trigger that was planted into an embedding has to be
    /// louder than its neighbours. None of these signs proves anything: packed formats, padding rows and memory
    /// that was never written look alike. They say where to look first.
    ///
    /// ## Example
    /// ```text
    /// lm_head.weight: of its 32000 rows: rows 31415 are more than 24 times as large as the middle one
    /// ```
    ///
    /// ## Fix
    /// Compare the file with the one its publisher signs, or with the base model it was tuned from, and ask
    /// where it differs.
    ///
    /// ## References
    /// - [MITRE ATLAS: Backdoor ML Model](https://atlas.mitre.org/techniques/AML.T0018)
    TensorOddity {
        id: "model/tensor-oddity",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM04",
            "mitre-atlas:AML.T0018",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::made!("model.safetensors", noise),
            crate::made!("model.safetensors", one_stretch),
        ],
        good: [
            crate::made!("model.safetensors", || one_tensor("F32", 4, &bytes(&values(20_000)))),
            crate::made!("model.safetensors", || one_tensor("I32", 4, &noise_bytes())),
            crate::made!("model.safetensors", widened),
        ],
    }
}

impl Rule for TensorOddity {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.tensors.is_some());
        for sign in &artifact.tensor_signs {
            let severity = match sign.kind {
                TensorSignKind::NotNumbers | TensorSignKind::LowBits => Severity::Low,
                TensorSignKind::Rows => Severity::Info,
                TensorSignKind::Payload | TensorSignKind::LowBitPayload => continue,
            };
            cx.report(
                &sign.evidence,
                format!("the tensor `{}` is odd: {}", sign.tensor, sign.detail),
            )
            .severity(severity)
            .confidence(Confidence::Low);
        }
    }
}

/// Bytes as encryption leaves them.
fn noise_bytes() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..40_000)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[4]
        })
        .collect()
}

fn noise() -> Vec<u8> {
    one_tensor("F32", 4, &noise_bytes())
}

/// Numbers that were 16 bits wide once.
fn widened_bytes() -> Vec<u8> {
    bytes(&values(20_000))
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[_, _, high, higher]| [0, 0, *high, *higher])
        .collect()
}

fn widened() -> Vec<u8> {
    one_tensor("F32", 4, &widened_bytes())
}

fn one_stretch() -> Vec<u8> {
    let mut data = widened_bytes();
    for (value, byte) in data.chunks_exact_mut(4).take(1000).zip(noise_bytes()) {
        if let Some(low) = value.first_mut() {
            *low = byte | 1;
        }
    }
    one_tensor("F32", 4, &data)
}
