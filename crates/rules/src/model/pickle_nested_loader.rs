use stance_core::fact::Artifact;
use stance_inspect::pickle::assemble::{self, Pickle};

use stance_intent::verdict::Kind;
use crate::{Cx, Rule};

rule! {
    /// # Pickle that loads or hides another pickle
    ///
    /// ## What it finds
    /// A pickle stream that calls a loader of pickles or models (`pickle.loads`, `torch.load`,
    /// `joblib.load`, `numpy.load`, `yaml.load`, `pandas.read_pickle` and their like) while it is loaded
    /// itself, and constants in a stream that are, as they stand or decoded from base64 or hexadecimal,
    /// complete pickles with a harmful call. Pickles that are handed to a loader as constants are followed;
    /// what they run is reported by `model/pickle-exec` as well.
    ///
    /// ## Why it matters
    /// The restricted loaders (`weights_only=True`, an `Unpickler` with its own `find_class`) check the
    /// outer stream only. A second load inside it starts without any check, and may fetch its bytes from
    /// another file that was never scanned.
    ///
    /// ## Example
    /// ```text
    /// cjoblib
    /// load
    /// (S'/srv/models/../incoming/update.pkl'
    /// tR.
    /// ```
    ///
    /// ## Fix
    /// Save one object in one file, and load it with one loader whose checks you know. Ask where the inner
    /// file comes from, scan it as well, and replace both with safetensors where they hold weights.
    ///
    /// ## References
    /// - PyTorch documentation, `torch.load`: `weights_only`
    /// - MITRE ATLAS AML.T0011.000, Unsafe AI Artifacts
    PickleNestedLoader {
        id: "model/pickle-nested-loader",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("outer.pkl", || assemble::call("joblib", "load", "inner.pkl")),
            crate::made!("hidden.pkl", || {
                Pickle::protocol(4).bytes(&assemble::call("os", "system", "echo")).stop()
            }),
        ],
        good: [
            crate::made!("bytes.pkl", || {
                // Bytes that start as a pickle does, and a harmless one.
                Pickle::protocol(4)
                    .bytes(b"\x80\x04 is how a pickle starts")
                    .bytes(&super::pickle_exec::estimator())
                    .tuple_of(2)
                    .stop()
            }),
            crate::made!("estimator.pkl", super::pickle_exec::estimator),
        ],
    }
}

impl Rule for PickleNestedLoader {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.pickles.is_empty());
        super::report(artifact, Kind::NestedLoader, cx);
    }
}
