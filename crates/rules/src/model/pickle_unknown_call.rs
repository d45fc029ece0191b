use stance_core::fact::Artifact;
use stance_inspect::pickle::assemble::{self, Pickle};

use stance_intent::verdict::Kind;
use crate::{Cx, Rule};

rule! {
    /// # Pickle that calls an unknown function
    ///
    /// ## What it finds
    /// A pickle stream that calls a function which is neither a known constructor of a model library nor
    /// known to be dangerous, with text that the file supplies. The severity follows what can be told:
    /// high when the name says that the function acts on files, processes or the network, when the text
    /// reads as a path, an address or a command, or when the function belongs to the standard library and
    /// honest pickles have no use for it; medium otherwise; low when a class is built, or nothing but
    /// numbers is handed over. Classes that are only created and given their state are not reported:
    /// that is what pickles are for.
    ///
    /// ## Why it matters
    /// Attackers do not need `os.system`. Every package on the machine that loads the model holds
    /// functions that run a command, open a file or fetch an address they are given, and no list names
    /// them all. What is not known to be harmless deserves a look before it is loaded.
    ///
    /// ## Example
    /// ```text
    /// caudio_tools.codecs
    /// run_encoder
    /// (S'-i /dev/null; id'
    /// tR.
    /// ```
    ///
    /// ## Fix
    /// Look the function up in the version that is installed where the model is loaded. If it only builds
    /// an object, accept the finding with a waiver that names the file and the reason. If not, do not
    /// load the file, and ask the publisher for weights in safetensors.
    ///
    /// ## References
    /// - Python documentation, module `pickle`: restricting globals
    /// - CWE-502, Deserialization of Untrusted Data
    PickleUnknownCall {
        id: "model/pickle-unknown-call",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("codec.pkl", || assemble::call("audio_tools.codecs", "run_encoder", "-i a; id")),
            crate::made!("stdlib.pkl", || assemble::call("cgi", "parse_header", "text")),
        ],
        good: [
            crate::made!("estimator.pkl", super::pickle_exec::estimator),
            crate::made!("own_class.pkl", || {
                Pickle::protocol(4)
                    .stack_global("our_team.models", "Ranker")
                    .raw(b")")
                    .new_object()
                    .raw(b"}")
                    .text("path")
                    .text("/srv/data")
                    .raw(b"s")
                    .build()
                    .stop()
            }),
            crate::made!("dates.pkl", || {
                Pickle::protocol(4)
                    .stack_global("datetime", "datetime")
                    .bytes(b"\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00")
                    .tuple_of(1)
                    .reduce()
                    .stop()
            }),
        ],
    }
}

impl Rule for PickleUnknownCall {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.pickles.is_empty());
        super::report(artifact, Kind::UnknownCall, cx);
    }
}
