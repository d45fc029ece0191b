use stance_core::Severity;
use stance_core::fact::Service;

use crate::ai_services;
use crate::{Cx, Rule};

rule! {
    /// # AI server run from an image that can change
    ///
    /// ## What it finds
    /// A known AI server (inference server, vector store, notebook, workflow or tracking server) run
    /// from an image without a tag, with a tag such as `latest` or `main`, or with a tag of less than
    /// three numbers, which its publisher moves. A full version or a digest is left alone.
    ///
    /// ## Why it matters
    /// The next pull may bring another server: one with other defaults, with a known hole that was
    /// thought to be fixed, or one that somebody else pushed. What runs can no longer be named, so
    /// neither an advisory nor an audit can be answered.
    ///
    /// ## Example
    /// ```yaml
    /// services:
    ///   llm:
    ///     image: ollama/ollama:latest
    /// ```
    ///
    /// ## Fix
    /// Name the full version, and the digest where it must not change at all:
    /// `ollama/ollama:0.6.5@sha256:…`. A bot for dependency updates keeps both current.
    ///
    /// ## References
    /// - Docker, pin base image versions: <https://docs.docker.com/build/building/best-practices/#pin-base-image-versions>
    /// - MITRE ATLAS AML.T0010.004, AI Supply Chain Compromise: Container Registry
    UnpinnedImage {
        id: "config/unpinned-image",
        severity: Low,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "mitre-atlas:AML.T0010.004",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("compose.yaml", "services:\n  llm:\n    image: ollama/ollama\n"),
            crate::text!("compose.yaml", "services:\n  llm:\n    image: ghcr.io/huggingface/text-generation-inference:latest\n"),
            crate::text!("Dockerfile", "FROM vllm/vllm-openai:latest\n"),
        ],
        good: [
            crate::text!("compose.yaml", "services:\n  llm:\n    image: ollama/ollama:0.6.5\n  web:\n    image: nginx\n"),
            crate::text!("Dockerfile", "FROM vllm/vllm-openai@sha256:9a53afdcc1f2b7c5a4b7a8a4f0d1e8c1c2b9a53afdcc1f2b7c5a4b7a8a4f0d1e\n"),
            crate::text!("Dockerfile", "FROM python:3.12\n"),
        ],
    }
}

impl Rule for UnpinnedImage {
    fn service(&self, service: &Service, cx: &mut Cx<'_>) {
        cx.judges_if(ai_services::of(service).is_some() && service.image.is_some());
        let (Some(known), Some(image)) = (ai_services::of(service), &service.image) else {
            return;
        };
        if image.pinned
            || !known.has_image(&image.name)
            || ai_services::is_repeated(service, &image.evidence, cx.snapshot())
        {
            return;
        }
        let (how, severity) = match image.version.as_deref() {
            None => ("without a tag".to_owned(), Severity::Low),
            Some(tag) if tag.contains("${") => return,
            Some(tag) if tag.starts_with(|c: char| c.is_ascii_digit() || c == 'v') => {
                (format!("with the tag `{tag}`, which moves"), Severity::Info)
            }
            Some(tag) => (format!("with the tag `{tag}`, which moves"), Severity::Low),
        };
        let message = format!(
            "{} is run from the image `{}` {how}",
            known.title, image.name
        );
        cx.report(&image.evidence, message).severity(severity);
    }
}
