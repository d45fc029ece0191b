use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_core::{Confidence, Severity};

use super::keras_foreign_module::runs_anything;
use crate::{Cx, Rule};

rule! {
    /// # Model description that loads through a module of its own
    ///
    /// ## What it finds
    /// An `MLmodel` whose `loader_module` is not one of MLflow's. A module of the Python library, or one that
    /// is addressed by a path, is critical; a module that comes with the model or that nobody knows is high; a
    /// package that is known to extend MLflow is reported as low.
    ///
    /// ## Why it matters
    /// `mlflow.pyfunc.load_model` puts the `code` directory of the model in front of the import path, imports
    /// this module and calls its `_load_pyfunc`. Whatever the writer of the model put there runs with the rights
    /// of whoever loads it, be it a batch job or an inference server, before any prediction is made.
    ///
    /// ## Example
    /// ```yaml
    /// flavors:
    ///   python_function:
    ///     loader_module: helper
    ///     code: code
    /// ```
    ///
    /// ## Fix
    /// Read the module before anything loads the model, and load it in a sandbox without network. Log the model
    /// with one of MLflow's own flavours, or from code that is reviewed in the project's repository, so that it
    /// brings no loader.
    ///
    /// ## References
    /// - [MLflow: custom Python models](https://mlflow.org/docs/latest/ml/model/python_model/)
    /// - [MITRE ATLAS: Unsafe AI Artifacts](https://atlas.mitre.org/techniques/AML.T0011.000)
    LoaderModule {
        id: "model/loader-module",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.10.3",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!(
                "MLmodel",
                "flavors:\n  python_function:\n    loader_module: subprocess\n    data: model\n"
            ),
            crate::text!(
                "model/MLmodel",
                "flavors:\n  python_function:\n    loader_module: helper\n    code: code\n"
            ),
        ],
        good: [crate::text!(
            "MLmodel",
            "flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.model\n    python_model: python_model.pkl\n"
        )],
    }
}

/// Packages that bring flavours of MLflow, by the first part of their module.
const EXTENSIONS: &[&str] = &[
    "autogluon",
    "azureml",
    "databricks",
    "evalml",
    "feast",
    "flaml",
    "fugue",
    "h2o",
    "hsml",
    "mlflavors",
    "mlserver",
    "pmdarima",
    "snowflake",
    "sktime",
    "skl2onnx",
    "synapse",
    "turing",
    "zenml",
];

impl Rule for LoaderModule {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Configuration);
        // What NeMo calls has a rule of its own.
        if artifact.format == ArtifactFormat::Nemo {
            return;
        }
        let all = artifact.embedded.iter();
        for loader in all.filter(|embedded| embedded.kind == EmbeddedKind::LoaderModule) {
            let package = loader.name.split('.').next().unwrap_or_default();
            if package == "mlflow" && is_module(&loader.name) {
                continue;
            }
            let draft = cx
                .report(
                    &loader.evidence,
                    format!("Loading the model imports `{}`", loader.name),
                )
                .note(&*loader.detail);
            if runs_anything(package, "") || !is_module(&loader.name) {
                draft.severity(Severity::Critical);
            } else if EXTENSIONS.contains(&package) {
                draft.severity(Severity::Low).confidence(Confidence::Medium);
            }
        }
    }
}

/// Whether this is a dotted name and nothing else.
fn is_module(name: &str) -> bool {
    name.split('.').all(|part| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}
