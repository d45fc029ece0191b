use stance_core::asset::How;
use stance_core::fact::Reference;
use stance_core::{Confidence, Severity};

use crate::{Cx, Rule};

rule! {
    /// # AI service answers without authentication
    ///
    /// ## What it finds
    /// A running service that `stance discover host` identified by its answers and that gave what it guards to a
    /// request without credentials: a model server, a vector store, a notebook or workflow server, an experiment
    /// tracker, a gateway, an MCP server. The severity follows who can reach it. At an address that the network can
    /// reach, or when it listens on all interfaces, it is high, and critical when the service runs any code it is
    /// sent. On the loopback interface alone it is low. Pages that are made for visitors, such as those of Gradio and
    /// Streamlit, weigh one step less.
    ///
    /// ## Why it matters
    /// Whoever reaches the port can use the accelerator, read prompts and documents, replace models, or run code as
    /// the user of the service. Port scans find such services within hours. Loopback is a fence with holes: every
    /// program and user of the machine is inside of it, and a web page can make a browser send requests there.
    ///
    /// ## Example
    /// ```text
    /// http://192.0.2.7:8888  Jupyter Server  answers /api/kernelspecs without a token
    /// ```
    ///
    /// ## Fix
    /// Set the key or token that the service knows (`--api-key`, `QDRANT__SERVICE__API_KEY`, a Jupyter token, …); where
    /// it knows none, bind it to 127.0.0.1 and put a proxy with authentication in front.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM applications 2025, LLM10 Unbounded Consumption
    /// - MITRE ATLAS AML.T0049, Exploit Public-Facing Application
    UnauthenticatedService {
        id: "config/unauthenticated-service",
        severity: High,
        stage: Operate,
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
            crate::observed!("http://192.0.2.7:8888/api/kernelspecs", || service("Jupyter Server", "execution", "none", "network")),
            crate::observed!("http://127.0.0.1:11434/api/tags", || service("Ollama", "inference", "none", "loopback")),
            crate::observed!("http://127.0.0.1:6333/collections", || service("Qdrant", "store", "none", "all interfaces")),
        ],
        good: [
            crate::observed!("http://192.0.2.7:8888/api/status", || service("Jupyter Server", "execution", "required", "network")),
            crate::observed!("http://192.0.2.7:4000/health", || service("LiteLLM", "gateway", "unknown", "network")),
            // A page for visitors that nobody else can reach is what it is meant to be.
            crate::observed!("http://127.0.0.1:7860/", || service("Gradio", "interface", "none", "loopback")),
        ],
    }
}

fn service(name: &str, purpose: &str, authentication: &str, exposure: &str) -> Reference {
    let attributes = [
        ("role", "service"),
        ("purpose", purpose),
        ("authentication", authentication),
        ("exposure", exposure),
        ("address", "192.0.2.7:8888"),
        ("confidence", "high"),
    ];
    Reference {
        kind: stance_core::AssetKind::Endpoint,
        key: format!("http://{name}"),
        name: name.to_owned(),
        aliases: Vec::new(),
        how: How::Observed,
        relation: stance_core::relation::RelationKind::Exposes,
        vendor: None,
        attributes: attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect(),
        evidence: stance_core::Evidence::file(""),
    }
}

impl Rule for UnauthenticatedService {
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        let service = reference.attributes.get("role").and_then(|it| it.as_str()) == Some("service");
        cx.judges_if(service);
        let text = |name: &str| {
            let value = reference.attributes.get(name);
            value.and_then(serde_json::Value::as_str).unwrap_or_default()
        };
        if text("role") != "service" || text("authentication") != "none" {
            return;
        }
        let purpose = text("purpose");
        let (severity, reach) = match (text("exposure"), purpose) {
            ("loopback", "interface") => return,
            ("loopback", _) => (Severity::Low, "to every program of this machine"),
            (_, "execution") => (Severity::Critical, "to the network"),
            (_, "interface") => (Severity::Medium, "to the network"),
            _ => (Severity::High, "to the network"),
        };
        let confidence = match text("confidence") {
            "high" => Confidence::High,
            "medium" => Confidence::Medium,
            _ => Confidence::Low,
        };
        let message = format!(
            "{} at {} answers {reach} without authentication",
            reference.name,
            text("address")
        );
        let draft = cx
            .report(&reference.evidence, message)
            .severity(severity)
            .confidence(confidence);
        if text("exposure") == "all interfaces" {
            draft.note("it listens on all interfaces; a firewall that stands before it was not looked at");
        }
    }
}
