use stance_core::{AssetKind, Scope, Severity};
use stance_core::fact::{Reference, Service};

use crate::calls::is_commit;
use crate::{Cx, Rule};

rule! {
    /// # Model server or training that runs code of the model repository
    ///
    /// ## What it finds
    /// A container whose command has `--trust-remote-code`, as vLLM, SGLang and Text Generation Inference take it, in a compose
    /// file, a Kubernetes manifest or the values of a chart; and a training recipe with `trust_remote_code: true` that starts
    /// from a model of the Hugging Face Hub. A revision that is a full commit makes the code known, and is left alone.
    ///
    /// ## Why it matters
    /// The server or trainer then runs Python that lies beside the weights, with the network and the secrets of the container.
    /// Whoever may change the repository of the model changes the server at its next start.
    ///
    /// ## Example
    /// ```yaml
    /// services:
    ///   llm:
    ///     image: vllm/vllm-openai
    ///     command: --model org/model --trust-remote-code
    /// ```
    ///
    /// ## Fix
    /// Use a model whose architecture the server knows. Where the code is needed, read it and pin it with `--revision`
    /// and `--code-revision`.
    ///
    /// ## References
    /// - vLLM documentation, engine arguments
    TrustRemoteCode {
        id: "config/trust-remote-code",
        severity: Low,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            crate::text!("helm/values.yaml", "servingEngineSpec:\n  modelSpec:\n    - name: m\n      modelURL: org/model\n      vllmConfig:\n        extraArgs: [--trust-remote-code]\n"),
            crate::text!("recipes/sft.yaml", "model_name_or_path: org/base\ntrust_remote_code: true\nlearning_rate: 1.0\nbf16: true\n"),
            crate::text!("deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: llm\n          image: vllm/vllm-openai:v0.9.0\n          args: [--model, org/model, --trust-remote-code]\n"),
            crate::text!("compose.yaml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model org/model --trust-remote-code\n"),
        ],
        good: [
            crate::text!("recipes/sft.yaml", "model_name_or_path: org/base\nmodel_revision: 6d2fa5f1a7e3c0b1f0c2f3a4b5c6d7e8f9a0b1c2\ntrust_remote_code: true\nlearning_rate: 1.0\nbf16: true\n"),
            crate::text!("deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: llm\n          image: vllm/vllm-openai:v0.9.0\n          args: [--model, org/model]\n"),
            crate::text!("compose.yaml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model org/model --trust-remote-code --code-revision 6d2fa5f1a7e3c0b1f0c2f3a4b5c6d7e8f9a0b1c2 --revision 6d2fa5f1a7e3c0b1f0c2f3a4b5c6d7e8f9a0b1c2\n"),
        ],
    }
}

impl Rule for TrustRemoteCode {
    fn service(&self, service: &Service, cx: &mut Cx<'_>) {
        let line = service.command.join(" ");
        let on = line.split_whitespace().any(|word| matches!(word, "--trust-remote-code" | "--trust-remote-code=true"));
        if on && !line.contains("--code-revision") {
            cx.report(&service.evidence, format!("`{}` runs code that comes with its model", service.name));
        }
    }

    // `trust_remote_code` and `revision` are attributes that the parsers of recipes and of Kubernetes give a model.
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        cx.judges_if(reference.kind == AssetKind::Model);
        let of_hub = reference.kind == AssetKind::Model && reference.key.starts_with("pkg:huggingface/");
        let trusts = reference.attributes.get("trust_remote_code").and_then(serde_json::Value::as_bool) == Some(true);
        // What code passes stands in a rule of its own.
        let called = reference.attributes.contains_key("call");
        let revision = reference.attributes.get("revision").and_then(|it| it.as_str()).unwrap_or_default();
        if of_hub && trusts && !called && !is_commit(revision) {
            // Examples are read more often than they are run.
            let production = Scope::of_path(&reference.evidence.path) == Scope::Production;
            let message = format!("`{}` is loaded with the right to run code of its repository", reference.name);
            cx.report(&reference.evidence, message)
                .severity(if production { Severity::Low } else { Severity::Info });
        }
    }
}
