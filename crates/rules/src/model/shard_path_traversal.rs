use stance_core::fact::{Artifact, ArtifactFormat};

use crate::{Cx, Rule};

rule! {
    /// # Index of weights that points outside the model
    ///
    /// ## What it finds
    /// A `*.index.json` whose `weight_map` names a shard by an absolute path, an address, or a path that climbs
    /// out of the directory of the model.
    ///
    /// ## Why it matters
    /// Loaders open the shard where the index says. The index is a small text file that nobody looks at, so it
    /// can swap the weights for a pickle elsewhere on the machine, or make a tool that copies or uploads
    /// "the model" take a file that is none.
    ///
    /// ## Example
    /// ```json
    /// {"weight_map": {"fc.weight": "../../../../etc/passwd"}}
    /// ```
    ///
    /// ## Fix
    /// Fetch the index again from the publisher. Shards lie beside their index and have its name.
    ///
    /// ## References
    /// - [CWE-22: Path traversal](https://cwe.mitre.org/data/definitions/22.html)
    ShardPathTraversal {
        id: "model/shard-path-traversal",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [crate::text!(
            "model.safetensors.index.json",
            r#"{"metadata": {}, "weight_map": {"fc.weight": "../../../../etc/passwd"}}"#
        )],
        good: [crate::text!(
            "model.safetensors.index.json",
            r#"{"metadata": {}, "weight_map": {"fc.weight": "model-00001-of-00002.safetensors"}}"#
        )],
    }
}

impl Rule for ShardPathTraversal {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Configuration);
        // Descriptions of MLflow and DVC have a rule of their own.
        if artifact.format != ArtifactFormat::Configuration || artifact.framework.is_some() {
            return;
        }
        for shard in artifact.external.iter().filter(|shard| shard.escapes) {
            cx.report(
                &shard.evidence,
                format!("The index takes weights from `{}`", shard.location),
            );
        }
    }
}
