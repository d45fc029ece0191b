use stance_core::fact::{Artifact, TensorSignKind};
use stance_core::{Confidence, Severity};

use crate::{Cx, Rule};

rule! {
    /// # Program or archive hidden in tensors
    ///
    /// ## What it finds
    /// A tensor whose bytes are, or whose low bits spell, an executable, a script, an archive or a pickle. Marks
    /// are searched at every offset and in the streams of low bytes and bits that hiding tools write (the one to
    /// six lowest bytes, or the one to four lowest bits of each value), and count only where what follows them
    /// fits as well; base64, hexadecimal and compressed data are undone first. Small files are searched whole, of
    /// large ones the first bytes of each tensor unless `--weights` asks for all.
    ///
    /// An archive or pickle in a tensor of bytes is low: some libraries keep their state there. What is in it is
    /// judged like any other file.
    ///
    /// ## Why it matters
    /// Weights are large, opaque and trusted, so they carry a second stage past the checks at the border: a
    /// small loader elsewhere takes the payload out and starts it. The model still works, because the low bytes
    /// of its values hardly matter.
    ///
    /// ## Example
    /// ```text
    /// layer.0.weight   F32 [256, 256]   7f 45 4c 46 02 01 01 00 …   an ELF executable
    /// ```
    ///
    /// ## Fix
    /// Do not use the file. Compare its digest with the one its publisher gives, and look for the code that
    /// would take the payload out. Where the weights are needed, rounding them to fewer bits destroys what is
    /// hidden in the low ones.
    ///
    /// ## References
    /// - Wang, Liu, Cui: EvilModel: Hiding Malware Inside of Neural Network Models (2021)
    /// - [MITRE ATLAS: Embed Malware](https://atlas.mitre.org/techniques/AML.T0018.002)
    TensorPayload {
        id: "model/tensor-payload",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.002",
            "mitre-atlas:AML.T0074",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.safetensors", program),
            crate::made!("model.safetensors", script_in_low_bits),
        ],
        good: [
            crate::made!("model.safetensors", numbers),
            crate::made!("model.safetensors", words_in_bytes),
        ],
    }
}

impl Rule for TensorPayload {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.tensors.is_some());
        for sign in &artifact.tensor_signs {
            if !matches!(
                sign.kind,
                TensorSignKind::Payload | TensorSignKind::LowBitPayload
            ) {
                continue;
            }
            let draft = cx
                .report(
                    &sign.evidence,
                    format!("the tensor `{}` {}", sign.tensor, said(sign.kind, &sign.detail)),
                )
                .confidence(sign.confidence);
            if sign.confidence == Confidence::Low {
                draft.severity(Severity::Low);
            }
        }
    }
}

/// The detail as what the tensor does.
fn said(kind: TensorSignKind, detail: &str) -> String {
    match kind {
        TensorSignKind::LowBitPayload => format!("hides something: {detail}"),
        _ => detail.to_owned(),
    }
}

/// Values as training leaves them: small, their low bits as good as drawn.
pub(super) fn values(count: u32) -> Vec<f32> {
    let mut state = 0x2545_f491_u32;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            f32::from_bits(0x3c00_0000 | (state >> 8)) - 0.011
        })
        .collect()
}

/// A file of one tensor of these bytes.
pub(super) fn one_tensor(dtype: &str, size: usize, data: &[u8]) -> Vec<u8> {
    let header = format!(
        r#"{{"w":{{"dtype":"{dtype}","shape":[{}],"data_offsets":[0,{}]}}}}"#,
        data.len().checked_div(size).unwrap_or_default(),
        data.len()
    );
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

pub(super) fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn numbers() -> Vec<u8> {
    one_tensor("F32", 4, &bytes(&values(20_000)))
}

fn program() -> Vec<u8> {
    let mut data = bytes(&values(4_000));
    let head = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0";
    for (byte, payload) in data.iter_mut().skip(1024).zip(head) {
        *byte = *payload;
    }
    one_tensor("F32", 4, &data)
}

fn script_in_low_bits() -> Vec<u8> {
    let script = b"#!/bin/sh\necho this is where a second stage would stand\n";
    let bits = script
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1));
    let mut data = bytes(&values(4_000));
    for (value, bit) in data.chunks_exact_mut(4).zip(bits) {
        if let Some(low) = value.first_mut() {
            *low = (*low & 0xfe) | bit;
        }
    }
    one_tensor("F32", 4, &data)
}

fn words_in_bytes() -> Vec<u8> {
    let text = "{\"tokens\": [\"import os\", \"/bin/sh\", \"<script\", \"PK\", \"ELF\"]}".repeat(40);
    one_tensor("U8", 1, text.as_bytes())
}
