use stance_core::fact::{Anomaly, AnomalyKind, Artifact, ArtifactFormat, Fact};
use stance_core::{Confidence, Severity, Snapshot};
use stance_inspect::pickle::assemble::Pickle;
use stance_inspect::{compressed, pickle, zip};

use crate::{Cx, Rule};

rule! {
    /// # Model file that unpacks to far more than it is
    ///
    /// ## What it finds
    /// A model or archive with compressed data that grows more than two-hundredfold when it is unpacked, past 32 MiB,
    /// or past 256 MiB in a pickle or an array, which are read to there; or whose members share bytes so that a
    /// small file claims gigabytes: low where what comes out began as a model, which may be zeros throughout, high
    /// where a member of an archive is nothing but filler. And, with severity high, a pickle whose few opcodes build
    /// a value of more than a hundred million elements by sharing, an ONNX graph whose constants make a tensor that
    /// no machine holds or a loop without end, an HDF5 dataset of such a size, or an XML model whose entities expand
    /// to far more than the document.
    ///
    /// ## Why it matters
    /// Whoever loads it, or only scans it, runs out of memory or disk: a service that accepts models from
    /// users can be stopped with a file of a few kilobytes. Trained weights hardly compress at all, so
    /// such a file was made for the purpose.
    ///
    /// ## Example
    /// ```text
    /// model.pkl.gz    10 KB, unpacks to 10 GB of zeros
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Put bounds on memory and unpacked size where models come in from outside, and
    /// accept formats without compression there, such as safetensors.
    ///
    /// ## References
    /// - [CWE-409: highly compressed data](https://cwe.mitre.org/data/definitions/409.html)
    DecompressionBomb {
        id: "model/decompression-bomb",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM10",
            "mitre-atlas:AML.T0029",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.pkl.gz", || compressed::assemble::gzip(&vec![0; 40 << 20])),
            crate::made!("weights.zip", filler),
            crate::made!("laughs.pkl", shared_lists),
            crate::made!("endless.pkl", || {
                Pickle::protocol(4)
                    .stack_global("operator", "mul")
                    .text("A")
                    .int(2_000_000_000)
                    .tuple_of(2)
                    .reduce()
                    .stop()
            }),
            crate::made!("loop.onnx", endless),
            crate::made!("weights.h5", || {
                stance_inspect::hdf5::assemble::Builder::default().dataset("kernel", &[1 << 20, 1 << 20]).build()
            }),
            crate::made!("laughs.pmml", entities_of_entities),
        ],
        good: [
            crate::made!("model.pkl.gz", compressed_pickle),
            crate::made!("model.joblib", compressed_zeros),
            crate::made!("model.zip", zip_of_zeros),
            crate::made!("notes.txt.gz", compressed_text),
            crate::made!("shared.pkl", || {
                Pickle::protocol(4).raw(b"](K\x01K\x02e2").tuple_of(2).stop()
            }),
        ],
    }
}

impl Rule for DecompressionBomb {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let snapshot = cx.snapshot();
        let Some((draft, found)) = cx.report_anomalies(artifact, AnomalyKind::Bomb) else {
            return;
        };
        // Data can compress well by chance; nobody shares lists forty levels deep by chance, or writes
        // entities of entities into a model. Nor is there a graph or a weight with a trillion values.
        let certain = matches!(
            artifact.format,
            ArtifactFormat::Onnx
                | ArtifactFormat::Hdf5
                | ArtifactFormat::Pmml
                | ArtifactFormat::Openvino
        );
        let draft = if artifact.format == ArtifactFormat::Hdf5 {
            draft.exploits("hdf5-shape")
        } else {
            draft
        };
        let shared = |anomaly: &Anomaly| &*anomaly.evidence.excerpt == pickle::SHARING;
        if certain || found.iter().any(shared) {
            draft.severity(Severity::High);
        } else if found.iter().all(|anomaly| is_a_model(anomaly, artifact, snapshot)) {
            // Weights that were never trained, masks and fresh optimisers are zeros, however many.
            draft.severity(Severity::Low).confidence(Confidence::Medium);
        } else if found.iter().any(|anomaly| is_filler(anomaly, artifact)) {
            draft.severity(Severity::High);
        }
    }
}

/// Whether what unpacks to so much began as a model: its data may be like that.
fn is_a_model(anomaly: &Anomaly, artifact: &Artifact, snapshot: &Snapshot) -> bool {
    let path = &anomaly.evidence.path;
    if *path == artifact.evidence.path {
        return artifact.format != ArtifactFormat::Archive;
    }
    let seen = &snapshot.observations;
    let at = seen.partition_point(|observation| *observation.subject < **path);
    artifact.format != ArtifactFormat::Archive
        || seen
            .iter()
            .skip(at)
            .take_while(|observation| *observation.subject == **path)
            .any(|observation| matches!(observation.fact, Fact::Artifact(_)))
}

/// Whether a member is nothing but what compresses to next to nothing.
fn is_filler(anomaly: &Anomaly, artifact: &Artifact) -> bool {
    artifact.format == ArtifactFormat::Archive && anomaly.evidence.path != artifact.evidence.path
}

fn endless() -> Vec<u8> {
    use stance_inspect::onnx::assemble::{endless_loop, model};
    model(&[endless_loop("Identity")], &[])
}

/// A pickle of one bytes constant of zeros.
fn zeros() -> Vec<u8> {
    const LENGTH: u32 = 40 << 20;
    let mut pickle = b"\x80\x03B".to_vec();
    pickle.extend(LENGTH.to_le_bytes());
    pickle.resize(pickle.len().saturating_add(LENGTH as usize), 0);
    pickle.push(b'.');
    pickle
}

fn compressed_zeros() -> Vec<u8> {
    compressed::assemble::gzip(&zeros())
}

fn zip_of_zeros() -> Vec<u8> {
    let mut part = zip::assemble::part("model.pkl", zeros());
    part.deflate = true;
    zip::assemble::zip(&[part])
}

fn filler() -> Vec<u8> {
    let mut part = zip::assemble::part("weights.bin", vec![0; 40 << 20]);
    part.deflate = true;
    zip::assemble::zip(&[part])
}

fn compressed_pickle() -> Vec<u8> {
    compressed::assemble::gzip(b"\x80\x02}q\x00.")
}

fn compressed_text() -> Vec<u8> {
    compressed::assemble::gzip(" ".repeat(3 << 20).as_bytes())
}

/// Forty pairs, each of the one before with itself.
fn shared_lists() -> Vec<u8> {
    let mut pickle = Pickle::protocol(4).raw(b"]");
    for _ in 0..40 {
        pickle = pickle.raw(b"2").tuple_of(2);
    }
    pickle.stop()
}

/// Ten levels of entities, each ten of the one before.
fn entities_of_entities() -> Vec<u8> {
    let mut document = String::from("<!DOCTYPE PMML [<!ENTITY a0 \"ha\">");
    for (level, next) in (0_u8..10).zip(1_u8..) {
        let inner = format!("&a{level};").repeat(10);
        document.push_str(&format!("<!ENTITY a{next} \"{inner}\">"));
    }
    document.push_str("]><PMML version=\"4.4\"><Header description=\"&a10;\"/></PMML>");
    document.into_bytes()
}
