use stance_core::Confidence;
use stance_core::fact::{AnomalyKind, Artifact, PickleEnd, PickleOrigin};
use stance_core::{Evidence, Severity};
use stance_inspect::pickle::assemble::Pickle;

use crate::{Cx, Rule};

rule! {
    /// # Pickle that breaks, bursts or reads differently
    ///
    /// ## What it finds
    /// Three signs of a pickle stream that was made by hand: it breaks off or meets an opcode that does not
    /// exist after it has already imported something; a few opcodes build a value of more than a hundred
    /// million elements by sharing; or an operand reaches past the end of its frame, so that a loader which
    /// reads from a file sees other opcodes than one which reads from memory.
    ///
    /// ## Why it matters
    /// Python runs each opcode as it comes, so that a stream which breaks at its end has run everything
    /// before. Attackers break streams on purpose: many scanners give up on them and report nothing. A
    /// value that bursts takes all memory of the machine that walks over it, and a stream with two
    /// readings shows the scanner the harmless one.
    ///
    /// ## Example
    /// ```text
    /// cos
    /// getpid
    /// )R\xff
    /// ```
    ///
    /// ## Fix
    /// Get the file again and compare its SHA-256 with what the publisher gives. If it still breaks, do not
    /// load it: an incomplete download breaks in the weights, not in the middle of the imports.
    ///
    /// ## References
    /// - Python documentation, module `pickletools`
    /// - MITRE ATLAS AML.T0018.002, Embed Malware
    PickleMalformed {
        id: "model/pickle-malformed",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("broken.pkl", || {
                Pickle::protocol(4).stack_global("collections", "OrderedDict").raw(b")R\xff").stop()
            }),
            crate::made!("bomb.pkl", bomb),
        ],
        good: [
            crate::made!("estimator.pkl", super::pickle_exec::estimator),
            crate::made!("shared.pkl", || {
                // One list met twice is no bomb.
                Pickle::protocol(4).raw(b"](K\x01K\x02e2").tuple_of(2).stop()
            }),
        ],
    }
}

impl Rule for PickleMalformed {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        for trace in &artifact.pickles {
            let what = match &trace.end {
                PickleEnd::Truncated => "its bytes end before STOP".to_owned(),
                PickleEnd::Malformed(what) => what.clone(),
                PickleEnd::Stop | PickleEnd::Limit(_) => continue,
            };
            if trace.origin == PickleOrigin::Dormant {
                continue;
            }
            let Some(last) = trace.globals.last() else {
                continue;
            };
            let evidence = Evidence::bytes(
                std::sync::Arc::clone(&trace.path),
                trace.offset,
                1,
                format!("{} opcodes, then: {what}", trace.opcodes),
            );
            cx.report(
                &evidence,
                format!("the pickle breaks after it has imported `{}`: {what}", last.name),
            )
            .confidence(Confidence::Medium)
            .also(&last.evidence);
        }
        for anomaly in &artifact.anomalies {
            let severity = match anomaly.kind {
                AnomalyKind::Bomb if is_pickle_evidence(&anomaly.evidence) => Severity::High,
                AnomalyKind::ReaderDisagreement if is_pickle_evidence(&anomaly.evidence) => {
                    Severity::High
                }
                _ => continue,
            };
            cx.report(&anomaly.evidence, anomaly.detail.clone())
                .severity(severity);
        }
    }
}

/// Whether the interpreter of pickles saw the anomaly; containers have rules of their own.
fn is_pickle_evidence(evidence: &Evidence) -> bool {
    matches!(
        &*evidence.excerpt,
        "expansion by sharing" | "frame boundary inside an operand"
    )
}

/// Forty lists, each holding the one before twice.
fn bomb() -> Vec<u8> {
    let mut pickle = Pickle::protocol(4).raw(b"]");
    for _ in 0..40 {
        pickle = pickle.raw(b"2\x86");
    }
    pickle.stop()
}
