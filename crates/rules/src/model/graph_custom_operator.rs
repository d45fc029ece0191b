use stance_core::Severity;
use stance_core::fact::{Artifact, EmbeddedKind};
use stance_inspect::{savedmodel, tflite};

use stance_intent::names::promises_harm;
use crate::{Cx, Rule};

rule! {
    /// # TensorFlow graph with an operator that TensorFlow does not have
    ///
    /// ## What it finds
    /// A SavedModel, frozen graph or TensorFlow Lite model with an operator that a library has to bring. Operators
    /// of detection and text models that everybody uses are not reported, the others are low, and those whose name
    /// says that they run commands or take files (`RunShell`) are high.
    ///
    /// ## Why it matters
    /// Such a model runs only after `tf.load_op_library` or a delegate has loaded a shared library into the
    /// process, with all its rights. The library comes beside the model or from whoever publishes it, and no scan
    /// of the model file sees what it does.
    ///
    /// ## Example
    /// ```text
    /// node "init": RunShell
    /// ```
    ///
    /// ## Fix
    /// Export with standard operators, or pin, review and build the library yourself.
    ///
    /// ## References
    /// - [TensorFlow: create an op](https://www.tensorflow.org/guide/create_op)
    /// - [CWE-829: Inclusion of Functionality from Untrusted Control Sphere](https://cwe.mitre.org/data/definitions/829.html)
    GraphCustomOperator {
        id: "model/graph-custom-operator",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::made!("saved_model.pb", shell),
            crate::made!("model.tflite", || tflite::assemble::model("ReverseShell")),
            crate::made!("lab.tflite", || tflite::assemble::model("WarpField")),
            crate::made!("saved_model.pb", kafka),
        ],
        good: [
            crate::made!("model.tflite", || tflite::assemble::model("TFLite_Detection_PostProcess")),
            crate::made!("flex.tflite", || tflite::assemble::model("FlexParseExampleV2")),
        ],
    }
}

/// Operators that come with the runtimes and converters of well-known projects, and the starts of such names.
const KNOWN: &[&str] = &[
    "AlignmentPointsToTransformMatrix", "AudioSpectrogram", "Convolution2DTransposeBias", "Irfft2d",
    "Landmarks2TransformMatrix", "MaxPoolingWithArgmax2D", "MaxUnpooling2D", "Mfcc", "Multinomial",
    "NumericVerify", "RandomStandardNormal", "RandomUniform", "Rfft2d", "RoIAlign", "TransformLandmarks",
    "TransformTensor", "TransformTensorBilinear", "edgetpu-custom-op", "AssignVariable", "ReadVariable",
    "VarHandle",
];
const KNOWN_STARTS: &[&str] = &[
    "Addons>", "CreateSentencepieceProcessor", "DecodeWav", "Horovod", "IO>", "KmeansPlusPlus", "SentencepieceOp",
    "SimpleML", "TFLite_", "TFSentencepiece", "TFText>", "TFRA>", "WordpieceTokenize", "tftext:",
];

/// What operators of add-ons act upon when they leave the graph: `IO>KafkaReadableInit`, `IO>FileCreate`.
const OUTSIDE: &[&str] = &[
    "Avro", "Azfs", "BigQuery", "Bigtable", "Elasticsearch", "File", "Http", "Kafka", "Kinesis", "Mongo",
    "Oss", "Prometheus", "PubSub", "Pulsar", "S3", "Sql",
];

impl Rule for GraphCustomOperator {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        for operator in artifact.embedded.iter().filter(|embedded| {
            embedded.kind == EmbeddedKind::CustomOperator
                && embedded.detail.starts_with("an operator that TensorFlow")
        }) {
            let name = &*operator.name;
            if let Some(inner) = name.strip_prefix("IO>")
                && let Some(what) = OUTSIDE.iter().find(|what| inner.contains(**what))
            {
                cx.report(
                    &operator.evidence,
                    format!("Running the graph reaches for `{what}` through `{name}`"),
                )
                .severity(Severity::High);
                continue;
            }
            if KNOWN.contains(&name) || KNOWN_STARTS.iter().any(|start| name.starts_with(start)) {
                continue;
            }
            if let Some(words) = promises_harm(name) {
                cx.report(
                    &operator.evidence,
                    format!("The graph needs the operator `{name}`, whose name says `{words}`"),
                )
                .severity(Severity::High);
            } else {
                cx.report(
                    &operator.evidence,
                    format!("The graph needs a library with the operator `{name}`"),
                );
            }
        }
    }
}

fn kafka() -> Vec<u8> {
    savedmodel::assemble::saved_model(
        &[savedmodel::assemble::node("read", "IO>KafkaReadableInit", &[])],
        &[],
    )
}

fn shell() -> Vec<u8> {
    savedmodel::assemble::saved_model(&[savedmodel::assemble::node("init", "RunShell", &[])], &[])
}
