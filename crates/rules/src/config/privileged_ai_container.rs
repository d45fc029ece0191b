use stance_core::Severity;
use stance_core::fact::Service;

use crate::ai_services;
use crate::{Cx, Rule};

rule! {
    /// # AI server in a container without walls
    ///
    /// ## What it finds
    /// A container that runs a known AI server and is privileged, has the socket of the container
    /// engine or the root directory of the host, adds `SYS_ADMIN` or all capabilities, shares the
    /// processes of the host, or switches seccomp or AppArmor off. Giving it an accelerator needs none
    /// of that.
    ///
    /// ## Why it matters
    /// These servers parse model files and run code of model repositories, and several of them had
    /// holes that let a request run code. In a container with walls that costs the container; in one
    /// without, the machine and everything that its accelerators work on.
    ///
    /// ## Example
    /// ```yaml
    /// services:
    ///   llm:
    ///     image: vllm/vllm-openai:v0.8.5
    ///     privileged: true
    /// ```
    ///
    /// ## Fix
    /// Take `privileged` and the mounts out, and ask for the accelerator by name
    /// (`deploy.resources.reservations.devices`, or `devices:` with the single device).
    ///
    /// ## References
    /// - Docker, runtime privilege and capabilities: <https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities>
    /// - MITRE ATLAS AML.T0105, Escape to Host
    PrivilegedAiContainer {
        id: "config/privileged-ai-container",
        severity: High,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0105",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.5",
        ],
        bad: [
            crate::text!("compose.yaml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.8.5\n    privileged: true\n"),
            crate::text!("compose.yaml", "services:\n  lab:\n    image: quay.io/jupyter/scipy-notebook:2025-03-10\n    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock\n"),
            crate::text!("compose.yaml", "services:\n  llm:\n    image: rocm/vllm:6.3.1\n    security_opt: [\"seccomp:unconfined\"]\n"),
        ],
        good: [
            crate::text!("compose.yaml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.8.5\n    privileged: false\n    volumes: [\"./models:/models:ro\"]\n    deploy:\n      resources:\n        reservations:\n          devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]\n"),
            crate::text!("compose.yaml", "services:\n  proxy:\n    image: traefik:3.3.4\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock:ro\"]\n"),
        ],
    }
}

impl Rule for PrivilegedAiContainer {
    fn service(&self, service: &Service, cx: &mut Cx<'_>) {
        cx.judges_if(ai_services::of(service).is_some());
        let Some(known) = ai_services::of(service) else {
            return;
        };
        for setting in &service.privileges {
            if ai_services::is_repeated(service, &setting.evidence, cx.snapshot()) {
                continue;
            }
            let all = setting.name == "privileged" || setting.value == "ALL";
            let severity = if all || setting.value.contains("SYS_ADMIN") {
                Severity::High
            } else {
                Severity::Medium
            };
            let message = format!(
                "{} in service `{}` runs with `{}: {}`",
                known.title, service.name, setting.name, setting.value
            );
            cx.report(&setting.evidence, message).severity(severity);
        }
        for mount in &service.mounts {
            let what = match mount.name.as_str() {
                source if source.ends_with("docker.sock") => "the socket of the container engine",
                "/" => "the root directory of the host",
                _ => continue,
            };
            let message = format!("{} in service `{}` is given {what}", known.title, service.name);
            cx.report(&mount.evidence, message);
        }
    }
}
