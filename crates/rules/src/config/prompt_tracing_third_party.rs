use stance_core::fact::{Service, Setting};

use crate::ai_services::is_repeated;
use crate::address::{parse, reach, Reach};
use crate::{Cx, Rule};

rule! {
    /// # Prompts sent to a tracing service of a third party
    ///
    /// ## What it finds
    /// A container whose environment switches on tracing to a service outside: LangSmith
    /// (`LANGSMITH_TRACING=true` without an endpoint of your own), or an address of Langfuse Cloud,
    /// Helicone, Phoenix Cloud, Braintrust, Opik, Traceloop, Honeycomb and others in a variable that
    /// tells a client where to send traces or requests.
    ///
    /// ## Why it matters
    /// Traces of AI applications hold what users wrote, what was retrieved for them and what the model
    /// answered, in full and for a long time. With this setting all of it goes to another company,
    /// often without anybody having decided that, having signed an agreement or having told the users.
    ///
    /// ## Example
    /// ```yaml
    /// environment:
    ///   LANGSMITH_TRACING: "true"
    /// ```
    ///
    /// ## Fix
    /// Decide it: keep it off by default, have an agreement on processing and a retention time, and
    /// mask inputs and outputs (`LANGSMITH_HIDE_INPUTS`, `LANGSMITH_HIDE_OUTPUTS`), or run the server
    /// yourself. Then accept this finding with a waiver that names the decision.
    ///
    /// ## References
    /// - LangSmith, prevent logging of sensitive data: <https://docs.langchain.com/langsmith/mask-inputs-outputs>
    /// - MITRE ATLAS AML.T0057, LLM Data Leakage
    PromptTracingThirdParty {
        id: "config/prompt-tracing-third-party",
        severity: Low,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM02",
            "mitre-atlas:AML.T0057",
            "iso-42001-2023:A.10.3",
            "nist-ai-rmf-1.0:MEASURE 2.10",
        ],
        bad: [
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      LANGSMITH_TRACING: \"true\"\n"),
            crate::text!("Dockerfile", "FROM python:3.12\nENV LANGCHAIN_TRACING_V2=true\n"),
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      - LANGFUSE_HOST=https://cloud.langfuse.com\n"),
        ],
        good: [
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      LANGSMITH_TRACING: \"false\"\n      LANGFUSE_HOST: http://langfuse:3000\n"),
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      LANGSMITH_TRACING: \"true\"\n      LANGSMITH_ENDPOINT: http://langsmith:1984\n"),
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      LANGSMITH_TRACING: \"true\"\n      LANGSMITH_HIDE_INPUTS: \"true\"\n      LANGSMITH_HIDE_OUTPUTS: \"true\"\n"),
        ],
    }
}

/// Hosts at which a company takes traces or passes requests on, with its name.
const TAKERS: [(&str, &str); 15] = [
    ("langfuse.com", "Langfuse Cloud"),
    ("smith.langchain.com", "LangSmith"),
    ("helicone.ai", "Helicone"),
    ("phoenix.arize.com", "Phoenix Cloud"),
    ("arize.com", "Arize"),
    ("braintrust.dev", "Braintrust"),
    ("braintrustdata.com", "Braintrust"),
    ("comet.com", "Comet Opik"),
    ("traceloop.com", "Traceloop"),
    ("agentops.ai", "AgentOps"),
    ("lunary.ai", "Lunary"),
    ("portkey.ai", "Portkey"),
    ("wandb.ai", "Weights & Biases"),
    ("honeycomb.io", "Honeycomb"),
    ("logfire.pydantic.dev", "Logfire"),
];

impl Rule for PromptTracingThirdParty {
    fn service(&self, service: &Service, cx: &mut Cx<'_>) {
        let value = |names: &[&str]| -> Option<&Setting> {
            service
                .environment
                .iter()
                .rfind(|setting| names.contains(&setting.name.as_str()))
        };
        let is_on = |setting: &&Setting| {
            matches!(setting.value.to_ascii_lowercase().as_str(), "true" | "1")
        };
        let traced = value(&["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"]);
        let hidden = ["INPUTS", "OUTPUTS"].iter().all(|what| {
            value(&[
                &format!("LANGSMITH_HIDE_{what}"),
                &format!("LANGCHAIN_HIDE_{what}"),
            ])
            .is_some_and(|setting| is_on(&setting))
        });
        let own = value(&["LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT"])
            .is_some_and(|setting| taker(&setting.value).is_none());
        if let Some(setting) = traced.filter(is_on)
            && !own
            && !hidden
            && !is_repeated(service, &setting.evidence, cx.snapshot())
        {
            let message = format!(
                "`{}` sends the prompts and answers of `{}` to LangSmith",
                setting.name, service.name
            );
            cx.report(&setting.evidence, message);
        }
        for setting in &service.environment {
            // The LangSmith address alone sends nothing; its switch is looked at above.
            let switch = setting.name.ends_with("_ENDPOINT")
                && (setting.name.starts_with("LANGSMITH") || setting.name.starts_with("LANGCHAIN"));
            if let Some(name) = taker(&setting.value).filter(|_| !switch)
                && !is_repeated(service, &setting.evidence, cx.snapshot())
            {
                let message = format!(
                    "`{}` sends the prompts and answers of `{}` to {name}",
                    setting.name, service.name
                );
                cx.report(&setting.evidence, message);
            }
        }
    }
}

/// The company that takes what is sent to this address.
fn taker(url: &str) -> Option<&'static str> {
    let (_, host) = parse(url)?;
    if reach(&host) != Reach::Public {
        return None;
    }
    TAKERS.iter().find_map(|(domain, name)| {
        let rest = host.strip_suffix(domain)?;
        (rest.is_empty() || rest.ends_with('.')).then_some(*name)
    })
}
