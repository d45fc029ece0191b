use stance_core::fact::Service;

use crate::{Cx, Rule};

rule! {
    /// # Model server that runs code of the model repository
    ///
    /// ## What it finds
    /// A container whose command has `--trust-remote-code`, as vLLM, SGLang and Text Generation Inference take it.
    ///
    /// ## Why it matters
    /// The server then runs Python that lies beside the weights, with the network and the secrets of the container.
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
            crate::text!("compose.yaml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model org/model --trust-remote-code\n"),
        ],
        good: [
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
}
