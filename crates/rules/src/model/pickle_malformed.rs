use stance_core::fact::{Artifact, PickleEnd, PickleGlobal, PickleOrigin};
use stance_core::{Confidence, Evidence, Severity};
use stance_inspect::pickle::assemble::Pickle;

use stance_intent::catalogue::{Capability, Standing, known};
use crate::{Cx, Rule};

rule! {
    /// # Pickle that breaks after it has imported something
    ///
    /// ## What it finds
    /// A pickle stream that ends before STOP, meets an opcode that does not exist, or takes more values than
    /// its stack holds, after it has already imported at least one name. Low for a stream that only ends too early and
    /// has imported nothing of the catalogue of dangerous names nor of the library of Python: a write that was
    /// interrupted, or an object that could not be pickled, leaves such a file.
    ///
    /// ## Why it matters
    /// Python runs each opcode as it comes, so that a stream which breaks at its end has run everything
    /// before. Attackers break streams on purpose: many scanners give up on them and report nothing. What
    /// stands before the break is judged by the other rules of pickles; this one says that the file is
    /// not what its writer meant, or is exactly that.
    ///
    /// ## Example
    /// ```text
    /// ccollections
    /// OrderedDict
    /// )R\xff
    /// ```
    ///
    /// ## Fix
    /// Get the file again and compare its SHA-256 with what the publisher gives. If it still breaks, do not
    /// load it.
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
            crate::made!("cut.pkl", || {
                Pickle::protocol(4).stack_global("numpy", "dtype").text("f8").unfinished()
            }),
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
        cx.judges_if(!artifact.pickles.is_empty());
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
            let draft = cx
                .report(
                    &evidence,
                    format!("the pickle breaks after it has imported `{}`: {what}", last.name),
                )
                .confidence(Confidence::Medium)
                .also(&last.evidence);
            let calm = trace.globals.iter().all(is_calm);
            if calm && trace.end == PickleEnd::Truncated {
                draft.severity(Severity::Low);
            }
        }
    }
}

/// Whether importing this is nothing that speaks of an attack.
fn is_calm(global: &PickleGlobal) -> bool {
    global.resolved
        && match known(&global.name, Some(&global.attribute)).standing {
            Standing::Safe | Standing::Unknown => true,
            Standing::Dangerous(danger) => danger.capability == Capability::Reach || danger.wide,
            Standing::Standard => false,
        }
}
