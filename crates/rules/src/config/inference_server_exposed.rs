use stance_core::fact::{Service, ServiceSource};
use stance_core::{Confidence, Severity};

use crate::ai_services::{self, AiService, Purpose};
use crate::ports;
use crate::{Cx, Rule};

rule! {
    /// # AI server open to the network without authentication
    ///
    /// ## What it finds
    /// A container that runs an AI server (inference servers such as vLLM, Ollama, TGI, Triton,
    /// llama.cpp; notebooks, Ray, ComfyUI, Langflow; vector stores such as Qdrant, Chroma, Milvus;
    /// MLflow, Phoenix, LiteLLM and others), publishes its port on every interface of the host
    /// (`"8000:8000"` does, `"127.0.0.1:8000:8000"` does not) or shares the host's network, and sets
    /// none of the options with which that server asks for a key. Of a Dockerfile, which publishes
    /// nothing by itself, only a command that listens on `0.0.0.0` is reported, with a low severity.
    ///
    /// ## Why it matters
    /// Most of these servers let in whoever reaches them. Port scans find them within hours: the
    /// accelerator works for strangers, prompts and documents can be read, models replaced. Notebooks,
    /// Ray and workflow servers run any code they are sent, so reaching one is owning the machine.
    /// A published port also passes by the usual host firewall, since the container engine writes its
    /// own rules.
    ///
    /// ## Example
    /// ```yaml
    /// services:
    ///   llm:
    ///     image: vllm/vllm-openai:v0.8.5
    ///     ports: ["8000:8000"]
    /// ```
    ///
    /// ## Fix
    /// Bind the port to the own machine (`"127.0.0.1:8000:8000"`), or publish none and let the other
    /// services of the compose file reach it by name. Set the key the server knows (`--api-key`,
    /// `QDRANT__SERVICE__API_KEY`, …); where it knows none, put a proxy with authentication in front.
    ///
    /// ## References
    /// - Docker, published ports are reachable from outside by default: <https://docs.docker.com/engine/network/#published-ports>
    /// - MITRE ATLAS AML.T0049, Exploit Public-Facing Application
    InferenceServerExposed {
        id: "config/inference-server-exposed",
        severity: Medium,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM10",
            "owasp-llm-2026:LLM06",
            "owasp-agentic-2026:ASI03",
            "mitre-atlas:AML.T0040",
            "mitre-atlas:AML.T0049",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.5",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("compose.yaml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.8.5\n    command: --model org/model\n    ports:\n      - \"8000:8000\"\n"),
            crate::text!("docker-compose.yml", "services:\n  ollama:\n    image: ollama/ollama\n    ports: [\"${OLLAMA_PORT:-11434}:11434\"]\n"),
            crate::text!("docker-compose.yml", "services:\n  lab:\n    image: quay.io/jupyter/scipy-notebook:2025-03-10\n    command: start-notebook.py --ServerApp.token=''\n    ports: [\"8888:8888\"]\n"),
            crate::text!("docker-compose.yml", "services:\n  db:\n    image: qdrant/qdrant:v1.14.0\n    network_mode: host\n"),
            crate::text!("Dockerfile", "FROM python:3.12\nCMD [\"vllm\", \"serve\", \"org/model\", \"--host\", \"0.0.0.0\"]\n"),
        ],
        good: [
            crate::text!("compose.yaml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.8.5\n    command: --model org/model --api-key ${KEY}\n    ports:\n      - \"8000:8000\"\n"),
            crate::text!("docker-compose.yml", "services:\n  ollama:\n    image: ollama/ollama\n    ports: [\"127.0.0.1:11434:11434\"]\n"),
            crate::text!("docker-compose.yml", "services:\n  ollama:\n    image: ollama/ollama\n    expose: [\"11434\"]\n"),
            crate::text!("docker-compose.yml", "services:\n  db:\n    image: qdrant/qdrant:v1.14.0\n    ports: [\"6333:6333\"]\n    environment:\n      QDRANT__SERVICE__API_KEY: ${QDRANT_KEY}\n"),
            crate::text!("docker-compose.yml", "services:\n  lab:\n    image: quay.io/jupyter/scipy-notebook:2025-03-10\n    ports: [\"8888:8888\"]\n  web:\n    image: nginx:1.27.4\n    ports: [\"80:80\"]\n"),
            crate::text!("Dockerfile", "FROM vllm/vllm-openai:v0.8.5\nEXPOSE 8000\n"),
        ],
    }
}

impl Rule for InferenceServerExposed {
    fn service(&self, service: &Service, cx: &mut Cx<'_>) {
        cx.judges_if(ai_services::of(service).is_some());
        let Some(known) = ai_services::of(service) else {
            return;
        };
        let Some(open) = known.is_open(service) else {
            return;
        };
        match service.source {
            ServiceSource::Compose => {
                let published = ports::on_all_interfaces(service).next();
                let (evidence, how) = match published {
                    Some(port) => (
                        &port.evidence,
                        format!("on every interface (`{}`)", port.value),
                    ),
                    None if service.host_network => {
                        (&service.evidence, "on the network of the host".to_owned())
                    }
                    None => return,
                };
                if ai_services::is_repeated(service, evidence, cx.snapshot()) {
                    return;
                }
                let message = format!(
                    "service `{}` offers {} {how} without authentication",
                    service.name, known.title
                );
                cx.report(evidence, message)
                    .severity(severity(known))
                    .confidence(Confidence::Medium)
                    .note(open);
            }
            // What such a command hands over is not read, so that a key may be among it.
            ServiceSource::Script => {}
            ServiceSource::Dockerfile => {
                let listens = service.command.iter().any(|word| word.contains("0.0.0.0"));
                if listens {
                    let message = format!(
                        "the image of stage `{}` runs {} for every interface without authentication",
                        service.name, known.title
                    );
                    cx.report(&service.evidence, message)
                        .severity(Severity::Low)
                        .confidence(Confidence::Low)
                        .note(open);
                }
            }
        }
    }
}

fn severity(known: &AiService) -> Severity {
    match known.purpose {
        Purpose::Execution => Severity::High,
        _ => Severity::Medium,
    }
}
