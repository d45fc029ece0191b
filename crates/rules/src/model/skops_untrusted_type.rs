use stance_core::fact::{ArtifactFormat, Artifact, EmbeddedKind};
use stance_core::{Confidence, Severity};
use stance_inspect::{skops, zip};

use stance_intent::catalogue::{Capability, Standing, standing};
use super::keras_foreign_module::runs_anything;
use stance_intent::names::promises_harm;
use crate::{Cx, Rule};

rule! {
    /// # skops model that imports a type it should not need
    ///
    /// ## What it finds
    /// A node in the schema of a `.skops` file whose type or function comes from neither scikit-learn nor the
    /// numeric packages around it. Functions of the Python library that can do anything on the machine are
    /// high; a class of another package is low, since pipelines with steps of one's own are common. So is, at high, a
    /// method node that takes something from the inside of a class (`__init__`, `__globals__`) or whose type is not
    /// that of the object inside it.
    ///
    /// ## Why it matters
    /// skops is the safe way to store scikit-learn models: it loads only types that it knows or that the user
    /// names as trusted. Several versions checked some kinds of nodes not at all, so that a file could call
    /// `operator.call` or a method of its choice while the list of untrusted types looked empty.
    ///
    /// ## Example
    /// ```json
    /// {"__class__": "call", "__module__": "operator", "__loader__": "OperatorFuncNode"}
    /// ```
    ///
    /// ## Fix
    /// Do not load the file with skops before 0.12. Look at `skops.io.get_untrusted_types(file=...)`, and trust
    /// types one by one, never with a list taken from the file.
    ///
    /// ## References
    /// - CVE-2025-54412 and CVE-2025-54413: nodes that were not checked
    /// - [skops: secure persistence](https://skops.readthedocs.io/en/stable/persistence.html)
    SkopsUntrustedType {
        id: "model/skops-untrusted-type",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.skops", operator_call),
            crate::made!("model.skops", function_of_an_old_version),
            crate::made!("model.skops", method_of_the_system),
            crate::made!("model.skops", || method("list", "builtins", "__init__")),
            crate::made!("model.skops", || method("int", "sklearn.base", "fit")),
        ],
        good: [
            crate::made!("model.skops", pipeline),
            crate::made!("model.skops", || method("Scaler", "sklearn.base", "transform")),
        ],
    }
}

impl Rule for SkopsUntrustedType {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Skops);
        let all = artifact.embedded.iter();
        for embedded in all.filter(|embedded| embedded.kind == EmbeddedKind::SkopsType) {
            let (module, name) = embedded
                .name
                .rsplit_once('.')
                .unwrap_or(("", &embedded.name));
            let leads = embedded.detail.ends_with(skops::LEAVES)
                || embedded.detail.ends_with(skops::ANOTHER);
            // Functions of the packages that models are made with are told for those that do harm.
            if !leads && skops::is_trusted(module) && !does_harm(&embedded.name) {
                continue;
            }
            let draft = cx.report(
                &embedded.evidence,
                format!("Loading it imports `{}` through {}", embedded.name, embedded.detail),
            );
            if leads {
                draft.exploits("skops-method");
            } else if skops::is_trusted(module) {
                draft.note("it is a function that runs, loads or writes, of a package that is trusted for its types");
            } else if let Some(words) = promises_harm(&embedded.name) {
                draft.note(format!("the name says `{words}`"));
            } else if name == "methodcaller" || name == "attrgetter" {
                // Told only for the methods and attributes that lead out of the data.
                draft.exploits("skops-operator");
            } else if !runs_anything(module, name) {
                draft
                    .severity(Severity::Low)
                    .confidence(Confidence::Medium);
            } else if embedded.detail.contains("OperatorFuncNode") {
                draft.exploits("skops-operator");
            } else if embedded.detail.contains("MethodNode") {
                draft.exploits("skops-method");
            }
        }
    }
}

/// Whether the catalogue of pickles knows a function for what it does to the machine.
fn does_harm(name: &str) -> bool {
    matches!(
        standing(name),
        Standing::Dangerous(danger) if !danger.wide
            && !matches!(danger.capability, Capability::Carry | Capability::Reach | Capability::Read)
    )
}

fn file(schema: &str) -> Vec<u8> {
    zip::assemble::zip(&[zip::assemble::part("schema.json", schema)])
}

fn operator_call() -> Vec<u8> {
    file(
        r#"{"__class__": "call", "__module__": "operator", "__loader__": "OperatorFuncNode",
            "attrs": {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": []}}"#,
    )
}

fn function_of_an_old_version() -> Vec<u8> {
    file(
        r#"{"__class__": "function", "__module__": "builtins", "__loader__": "FunctionNode",
            "content": {"module_path": "os", "function": "system"}}"#,
    )
}

fn method_of_the_system() -> Vec<u8> {
    file(
        r#"{"__class__": "methodcaller", "__module__": "operator", "__loader__": "OperatorFuncNode",
            "attrs": {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [
                {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "\"system\""}]}}"#,
    )
}

fn pipeline() -> Vec<u8> {
    file(
        r#"{"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode",
            "content": {"__class__": "itemgetter", "__module__": "operator", "__loader__": "OperatorFuncNode"}}"#,
    )
}

/// A pipeline with a method of a scaler, which the node says is of `module.class`.
fn method(class: &str, module: &str, name: &str) -> Vec<u8> {
    file(&format!(
        r#"{{"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode", "content":
            {{"__class__": "{class}", "__module__": "{module}", "__loader__": "MethodNode", "content": {{"func": "{name}",
              "obj": {{"__class__": "Scaler", "__module__": "sklearn.preprocessing", "__loader__": "ObjectNode"}}}}}}}}"#
    ))
}
