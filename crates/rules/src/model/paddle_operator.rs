use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_inspect::paddle;
use stance_inspect::protobuf::assemble::Builder;

use stance_intent::names::promises_harm;
use crate::{Cx, Rule};

rule! {
    /// # Paddle program that reaches out of itself
    ///
    /// ## What it finds
    /// Operators of a PaddlePaddle program that call Python (`py_func`), read or write files, or talk to other
    /// machines. Calls of Python and paths that leave the directory of the model are high, other writing and
    /// connecting is medium, reading a file beside the model is low.
    ///
    /// ## Why it matters
    /// A program for inference computes and nothing else. One that saves files when it runs can replace
    /// start-up scripts, one that loads them brings secrets into its output, and one that sends has a way out.
    ///
    /// ## Example
    /// ```text
    /// save_combine  file_path = /etc/cron.d/job
    /// ```
    ///
    /// ## Fix
    /// Do not run the program. Export the model for inference again (`paddle.jit.save`), which leaves such
    /// operators out.
    ///
    /// ## References
    /// - [Paddle security advisories](https://github.com/PaddlePaddle/Paddle/blob/develop/security/README.md)
    PaddleOperator {
        id: "model/paddle-operator",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("inference.pdmodel", || program("py_func", "")),
            crate::made!("inference.pdmodel", || program("run_program", "")),
            crate::made!("inference.pdmodel", || program("reverse_shell_op", "")),
            crate::made!("__model__", || program("save_combine", "/etc/cron.d/job")),
        ],
        good: [crate::made!("inference.pdmodel", || program("conv2d", "/etc/passwd"))],
    }
}

/// Operators of Paddle itself, which are told with what they do.
const OWN: &[&str] = &["read_file", "run_program"];

impl Rule for PaddleOperator {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Paddle);
        let kinds = artifact
            .metadata
            .get(paddle::OPERATORS)
            .filter(|_| artifact.format == ArtifactFormat::Paddle);
        for kind in kinds.into_iter().flat_map(|kinds| kinds.split(", ")) {
            if OWN.contains(&kind) {
                continue;
            }
            if let Some(words) = promises_harm(kind) {
                cx.report(
                    &artifact.evidence,
                    format!("the program needs the operator `{kind}`, whose name says `{words}`"),
                )
                .severity(Severity::High);
            }
        }
        let operators = artifact
            .embedded
            .iter()
            .filter(|embedded| embedded.kind == EmbeddedKind::PaddleOperator);
        for operator in operators {
            let escapes = artifact
                .external
                .iter()
                .any(|external| external.escapes && external.evidence == operator.evidence);
            let severity = match &*operator.name {
                "py_func" | "pylayer" | "PythonOp" | "run_program" => Severity::High,
                _ if escapes => Severity::High,
                "load" | "load_combine" | "read_file" => Severity::Low,
                _ => Severity::Medium,
            };
            cx.report(
                &operator.evidence,
                format!("the program has the operator `{}`, which {}", operator.name, operator.detail),
            )
            .severity(severity);
        }
    }
}

/// A program of one operator.
fn program(kind: &str, path: &str) -> Vec<u8> {
    let attribute = Builder::default().bytes(1, "file_path").number(2, 2).bytes(5, path);
    let operator = Builder::default().bytes(3, kind).bytes(4, attribute);
    let block = Builder::default().number(1, 0).number(2, u64::MAX).bytes(4, operator);
    Builder::default().bytes(1, block).build()
}
