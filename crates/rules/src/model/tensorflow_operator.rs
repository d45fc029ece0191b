use stance_core::Severity;
use stance_core::fact::{ArtifactFormat, Artifact, Embedded, EmbeddedKind};
use stance_inspect::savedmodel::assemble::{constant, graph, node, saved_model};

use crate::{Cx, Rule};

rule! {
    /// # TensorFlow graph that reads or writes files, or calls out
    ///
    /// ## What it finds
    /// Operators in a SavedModel or frozen graph that leave the graph: `ReadFile`, `WriteFile`, `MatchingFiles`,
    /// `ImmutableConst`, calls of Python (`PyFunc` and its kin), remote calls and services, readers of whole files, debuggers and printers with a
    /// target, and readers and checkpoint operators whose path the graph itself fixes to a place outside its
    /// directory. Saving and restoring the way every SavedModel does is not reported. Paths and addresses are
    /// read from the constants the operator is given.
    ///
    /// ## Why it matters
    /// A graph is a program, and inference runs it with the rights of the server. Writing to a fixed place
    /// (`~/.ssh/authorized_keys`, a cron directory) is a takeover of the machine; reading one hands its content
    /// to whoever sees the output; a file name that comes with the request lets callers read any file.
    ///
    /// ## Example
    /// ```text
    /// node "save": WriteFile("/root/.ssh/authorized_keys", …)
    /// ```
    ///
    /// ## Fix
    /// Do not serve the model. Export it again from source without input pipelines, summaries, debug hooks and
    /// `tf.py_function`, and run models of others in a sandbox without network and with a read-only disk.
    ///
    /// ## References
    /// - [TensorFlow: using TensorFlow securely](https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md)
    /// - TensorAbuse: file and network operators in shared models (IEEE S&P 2025)
    TensorflowOperator {
        id: "model/tensorflow-operator",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.001",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.10.3",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("saved_model.pb", reads),
            crate::made!("saved_model.pb", writes),
            crate::made!("saved_model.pb", saves_to_a_fixed_place),
            crate::made!("saved_model.pb", saves_a_dataset),
            crate::made!("saved_model.pb", asks_a_service),
            crate::made!("frozen.pb", || graph(&[node("r", "WholeFileReaderV2", &[])]).build()),
        ],
        good: [crate::made!("saved_model.pb", saves_as_every_model)],
    }
}

/// Operators that change files.
const WRITERS: &[&str] = &[
    "CreateSummaryDbWriter",
    "CreateSummaryFileWriter",
    "DatasetToTFRecord",
    "DistributedSave",
    "ExperimentalDatasetToTFRecord",
    "MergeV2Checkpoints",
    "PrintV2",
    "Save",
    "SaveDataset",
    "SaveDatasetV2",
    "SaveSlices",
    "SaveV2",
    "SnapshotDataset",
    "SnapshotDatasetV2",
    "WriteFile",
];

/// Writers that honest exports hold: checkpoints, summaries and printers.
const EXPORTED: &[&str] = &[
    "CreateSummaryDbWriter",
    "CreateSummaryFileWriter",
    "MergeV2Checkpoints",
    "PrintV2",
    "Save",
    "SaveSlices",
    "SaveV2",
];

/// Starts of the names of operators that talk to other machines, or give them rights.
const CONNECTING: &[&str] = &[
    "BigQuery",
    "Bigtable",
    "DataServiceDataset",
    "FileSystemSetConfiguration",
    "GcsConfigure",
    "GenerateBigQuery",
    "IgniteDataset",
    "KafkaDataset",
    "KinesisDataset",
    "PubSubDataset",
    "RegisterDataset",
    "Rpc",
    "TryRpc",
    "WriteKafka",
];

impl Rule for TensorflowOperator {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::SavedModel);
        let all = artifact.embedded.iter();
        let training = artifact
            .metadata
            .get("kind")
            .is_some_and(|kind| kind == "graph of a checkpoint");
        for operator in all.filter(|embedded| embedded.kind == EmbeddedKind::TensorflowOperator) {
            judge(operator, training, cx);
        }
    }
}

fn judge(operator: &Embedded, training: bool, cx: &mut Cx<'_>) {
    let name = &*operator.name;
    let target = &*operator.detail;
    let (message, severity) = if name.contains("PyFunc") {
        // It runs a function that the process has registered: none that comes with the file.
        (format!("The graph calls Python through `{name}`"), Severity::High)
    } else if WRITERS.contains(&name) {
        if is_elsewhere(target) {
            (
                format!("Running the graph writes to `{target}` through `{name}`"),
                Severity::Critical,
            )
        } else if !EXPORTED.contains(&name) {
            (format!("Running the graph writes files through `{name}`"), Severity::High)
        } else {
            (format!("Running the graph writes files through `{name}`"), Severity::Medium)
        }
    } else if CONNECTING.iter().any(|start| name.starts_with(start)) || target.contains("grpc://") {
        (format!("Running the graph calls out through `{name}`"), Severity::High)
    } else if name == "Abort" {
        ("Running the graph ends the process through `Abort`".to_owned(), Severity::High)
    } else if name == "AudioMicrophone" {
        ("Running the graph listens to the microphone".to_owned(), Severity::High)
    } else if name == "DatasetFromGraph" {
        ("The graph runs another one that stands in a text".to_owned(), Severity::High)
    } else if training && name.contains("Reader") {
        // The graph of a checkpoint holds what fed the training; only going on with it reads files.
        (format!("Going on with the training opens files through `{name}`"), Severity::Low)
    } else if target.is_empty() {
        (
            format!("Running the graph opens files through `{name}`, with a name that is not in it"),
            Severity::High,
        )
    } else {
        (format!("Running the graph opens `{target}` through `{name}`"), Severity::High)
    };
    cx.report(&operator.evidence, message).severity(severity);
}

/// Whether a path or address leaves the directory of the model.
fn is_elsewhere(target: &str) -> bool {
    target.starts_with(['/', '~', '\\']) || target.contains("..") || target.contains("://")
        || target.as_bytes().get(1) == Some(&b':')
}

fn reads() -> Vec<u8> {
    saved_model(
        &[constant("path", "/etc/passwd"), node("read", "ReadFile", &["path"])],
        &[],
    )
}

fn writes() -> Vec<u8> {
    saved_model(
        &[node("x", "Placeholder", &[])],
        &[
            constant("path", "/root/.ssh/authorized_keys"),
            constant("key", "ssh-ed25519"),
            node("write", "WriteFile", &["path:output:0", "key:output:0"]),
        ],
    )
}

fn saves_to_a_fixed_place() -> Vec<u8> {
    saved_model(
        &[constant("path", "/etc/cron.d/x"), node("save", "SaveV2", &["path"])],
        &[],
    )
}

fn saves_a_dataset() -> Vec<u8> {
    saved_model(
        &[
            node("data", "Placeholder", &[]),
            node("place", "Placeholder", &[]),
            node("save", "DistributedSave", &["data", "place", "place"]),
        ],
        &[],
    )
}

fn asks_a_service() -> Vec<u8> {
    saved_model(
        &[
            constant("place", "198.51.100.7:80"),
            node("x", "Placeholder", &[]),
            node("ask", "TryRpc", &["place", "x", "x"]),
        ],
        &[],
    )
}

fn saves_as_every_model() -> Vec<u8> {
    saved_model(
        &[
            node("file", "Placeholder", &[]),
            constant("part", "_temp/part"),
            node("shard", "ShardedFilename", &["file", "part"]),
            node("save", "SaveV2", &["shard"]),
            node("restore", "RestoreV2", &["file"]),
            node("merge", "MergeV2Checkpoints", &["shard", "file"]),
        ],
        &[],
    )
}
