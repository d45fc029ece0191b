//! `inspect-v1`: what `stance inspect` says, for programs.
//!
//! The version is part of the name, as with `json-v1`: names and meanings stay, new members may
//! be added, and a member that is absent is not known. Equal files give equal documents.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::fact::{self, Artifact};
use stance_core::{Verdict, Verdicts};

use super::{View, describe};
use crate::output::ScanReport;
use crate::output::json_v1::{self, Coverage, Evidence, Finding, Tool};

/// What `schema` says in a document of this version.
pub const SCHEMA: &str = "stance/inspect-v1";

/// What is known about some model files.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "stance/inspect-v1")]
pub struct Document {
    /// Name and version of this format: always `stance/inspect-v1`.
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// Files by verdict: `malicious`, `suspicious`, `not_judged`, `clean`; those without any are
    /// left out.
    pub summary: BTreeMap<String, u64>,
    /// The files, in order of path.
    pub files: Vec<File>,
    /// What stands beside them and tells where they come from.
    pub beside: Vec<Beside>,
    /// What was looked at, and what was not.
    pub coverage: Coverage,
}

/// One file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct File {
    /// Its path relative to what was named.
    pub path: String,
    /// `malicious`, `suspicious`, `not_judged` or `clean`.
    #[schemars(schema_with = "crate::output::json_v1::verdicts")]
    pub verdict: Verdict,
    /// The one sentence that made the verdict, unless it is `clean`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it is, when it is a model file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// Model files inside it.
    pub members: Vec<Member>,
    /// What the rules say about it and its members, worst first.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub gaps: Vec<Note>,
}

/// A model file inside another file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Member {
    /// Its path, `outer!inner`.
    pub path: String,
    /// What it is.
    #[serde(flatten)]
    pub model: Model,
}

/// What a model file is and holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Model {
    /// What people call the format.
    pub format: String,
    /// The framework that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// The architecture that the metadata names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Number of parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<u64>,
    /// Number of tensors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tensors: Option<u64>,
    /// Number of tensors by data type.
    pub dtypes: BTreeMap<String, u64>,
    /// How the weights were made smaller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<String>,
    /// The longest text that it takes, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_length: Option<u64>,
    /// The licence that the metadata names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Further metadata, values shortened.
    pub metadata: BTreeMap<String, String>,
    /// Its chat templates, and what else runs when it is loaded or used.
    pub embedded: Vec<Embedded>,
    /// Files that loading it would open.
    pub external: Vec<External>,
    /// Its pickles, in file order.
    pub pickles: Vec<Pickle>,
    /// What does not fit the format.
    pub anomalies: Vec<Note>,
    /// Its tensors one by one, when they were asked for and a header tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tensor_list: Vec<Tensor>,
}

/// Something that runs when the model is loaded or used.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Embedded {
    /// What it is: `chat template`, `custom operator`, …
    pub kind: String,
    /// Its name: layer, operator, template key.
    pub name: String,
    /// What it does or holds.
    pub detail: String,
    /// Where.
    pub evidence: Evidence,
}

/// A file that loading the model would open.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct External {
    /// The path or address as written.
    pub location: String,
    /// Whether it leaves the directory of the model.
    pub escapes: bool,
}

/// One pickle stream.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Pickle {
    /// The file, or `outer!inner`.
    pub path: String,
    /// Its first opcode.
    pub offset: u64,
    /// The highest protocol announced.
    pub protocol: u8,
    /// Opcodes interpreted.
    pub opcodes: u64,
    /// What it imports, in order.
    pub imports: Vec<String>,
    /// What it calls, in order, as Python would be written.
    pub calls: Vec<String>,
}

/// One tensor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its data type, in the format's own spelling.
    pub dtype: String,
    /// Its dimensions, in the order of the format.
    pub shape: Vec<u64>,
    /// Where its data starts in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// How many bytes of data it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// One sentence about a place.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Note {
    /// The kind or reason, in one word.
    pub kind: String,
    /// What exactly.
    pub detail: String,
    /// Where.
    pub evidence: Evidence,
}

/// A file that tells where models come from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Beside {
    /// `card`, `signature`, `checksums` or `pointer`.
    pub kind: String,
    /// Its path.
    pub path: String,
}

impl Document {
    /// The document of a report; `named` are the paths of the files that the user named.
    #[must_use]
    pub fn of(report: &ScanReport, named: &[String]) -> Self {
        let verdicts = Verdicts::new(&report.snapshot.observations, &report.findings);
        let views = super::views(report, &verdicts, named);
        let all: Vec<Verdict> = views.iter().map(View::verdict).collect();
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: "stance".to_owned(),
                version: report.tool_version.to_owned(),
            },
            summary: super::counts(all.iter())
                .into_iter()
                .map(|(verdict, count)| (verdict.name().to_owned(), count as u64))
                .collect(),
            files: views.iter().map(file).collect(),
            beside: super::beside(report)
                .map(|provenance| Beside {
                    kind: word(&provenance.kind),
                    path: provenance.evidence.path.to_string(),
                })
                .collect(),
            coverage: Coverage::from(&report.snapshot.coverage),
        }
    }
}

/// The name under which a closed list is serialised.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn file(view: &View<'_>) -> File {
    File {
        path: view.path.to_owned(),
        verdict: view.verdict(),
        reason: view.reason().map(str::to_owned),
        model: view.artifact.map(model),
        members: view
            .members
            .iter()
            .map(|member| Member {
                path: member.evidence.path.to_string(),
                model: model(member),
            })
            .collect(),
        findings: view
            .judged
            .findings
            .iter()
            .map(|&finding| json_v1::finding(finding))
            .collect(),
        gaps: view
            .judged
            .gaps
            .iter()
            .map(|gap| Note {
                kind: gap.reason.name().to_owned(),
                detail: gap.detail.clone(),
                evidence: Evidence::from(&gap.evidence),
            })
            .collect(),
    }
}

fn model(artifact: &Artifact) -> Model {
    let embedded = |embedded: &fact::Embedded| Embedded {
        kind: describe::kind(embedded.kind).to_owned(),
        name: embedded.name.clone(),
        detail: embedded.detail.clone(),
        evidence: Evidence::from(&embedded.evidence),
    };
    Model {
        format: artifact.format.title().to_owned(),
        framework: artifact.framework.clone(),
        architecture: artifact.architecture.clone(),
        size: artifact.size,
        sha256: artifact.sha256.clone(),
        parameters: artifact.parameters,
        tensors: artifact.tensors,
        dtypes: artifact.dtypes.clone(),
        quantisation: describe::quantisation(artifact).map(str::to_owned),
        context_length: describe::context_length(artifact),
        licence: artifact.licence.clone(),
        metadata: artifact.metadata.clone(),
        embedded: artifact.embedded.iter().map(embedded).collect(),
        external: artifact
            .external
            .iter()
            .map(|external| External {
                location: external.location.clone(),
                escapes: external.escapes,
            })
            .collect(),
        pickles: artifact.pickles.iter().map(pickle).collect(),
        anomalies: artifact
            .anomalies
            .iter()
            .map(|anomaly| Note {
                kind: word(&anomaly.kind),
                detail: anomaly.detail.clone(),
                evidence: Evidence::from(&anomaly.evidence),
            })
            .collect(),
        tensor_list: artifact
            .tensor_list
            .iter()
            .map(|tensor| Tensor {
                name: tensor.name.clone(),
                dtype: tensor.dtype.clone(),
                shape: tensor.shape.clone(),
                offset: tensor.offset,
                bytes: tensor.bytes,
            })
            .collect(),
    }
}

fn pickle(trace: &fact::PickleTrace) -> Pickle {
    Pickle {
        path: trace.path.to_string(),
        offset: trace.offset,
        protocol: trace.protocol,
        opcodes: trace.opcodes,
        imports: trace
            .globals
            .iter()
            .map(|global| global.name.clone())
            .collect(),
        calls: trace
            .calls
            .iter()
            .map(|call| format!("{}({})", call.callable, call.arguments.join(", ")))
            .collect(),
    }
}

/// The JSON Schema of this format (draft 2020-12).
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}
