use stance_core::fact::{Code, CodeCall, Value};
use stance_core::{Confidence, Scope, Severity};

use crate::{Cx, Rule};

rule! {
    /// # Prompts and answers sent to a tracing service
    ///
    /// ## What it finds
    /// Code that switches on tracing of model calls by a service of somebody else: LangSmith
    /// (`LANGSMITH_TRACING` or `LANGCHAIN_TRACING_V2` set in code, `wrap_openai`), Langfuse,
    /// Traceloop, AgentOps, Weights & Biases Weave, Helicone's proxy. One finding for each
    /// service and file; tests are left alone.
    ///
    /// ## Why it matters
    /// A trace holds what the model was told and what it said: questions of customers, retrieved
    /// documents, tool results, at times credentials. Another organisation keeps them, in its
    /// region and for its retention period, and is rarely in the record of processing or in the
    /// vendor review, because a developer added one line.
    ///
    /// ## Example
    /// ```python
    /// os.environ["LANGSMITH_TRACING"] = "true"
    /// ```
    ///
    /// ## Fix
    /// Decide on tracing in the configuration of each environment, not in code. Mask inputs and
    /// outputs (`LANGSMITH_HIDE_INPUTS`, a Langfuse `mask` function), sample, host the service
    /// yourself where it can be, and list the vendor where the others are listed.
    ///
    /// ## References
    /// - LangSmith documentation, prevent logging of sensitive data in traces
    /// - Langfuse documentation, masking
    /// - GDPR, Article 28
    PromptTracing {
        id: "code/prompt-tracing",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2026:LLM02",
            "mitre-atlas:AML.T0057",
            "nist-ai-rmf-1.0:GOVERN 6.1",
            "iso-42001-2023:A.10.3",
            "eu-ai-act:Art. 26",
        ],
        bad: [
            crate::text!("a.ts", "import { CallbackHandler } from 'langfuse-langchain';\nconst handler = new CallbackHandler();\n"),
            crate::text!("a.ts", "import OpenAI from 'openai';\nimport { wrapOpenAI } from 'langsmith/wrappers';\nconst client = wrapOpenAI(new OpenAI());\n"),
            crate::text!("a.py", "import os\nos.environ['LANGSMITH_TRACING'] = 'true'\n"),
            crate::text!("a.py", "from langfuse.langchain import CallbackHandler\nhandler = CallbackHandler()\n"),
            crate::text!("a.py", "from traceloop.sdk import Traceloop\nTraceloop.init(app_name='x')\n"),
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI(base_url='https://oai.helicone.ai/v1')\n"),
        ],
        good: [
            crate::text!("a.ts", "import { CallbackHandler } from 'langfuse-langchain';\nconst handler = new CallbackHandler({ baseUrl: 'http://langfuse.internal:3000' });\n"),
            crate::text!("a.py", "import os\nos.environ['LANGSMITH_TRACING'] = 'false'\n"),
            crate::text!("a.py", "import os\nif os.environ.get('LANGSMITH_TRACING') == 'true':\n    print('on')\n"),
            crate::text!("a.py", "from langfuse import Langfuse\nclient = Langfuse(host='http://localhost:3000')\n"),
            crate::text!("tests/test_a.py", "import os\nos.environ['LANGSMITH_TRACING'] = 'true'\n"),
        ],
    }
}

impl Rule for PromptTracing {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "os.environ.__setitem__",
            "os.environ.setdefault",
            "langsmith.wrappers.*",
            "langfuse.Langfuse",
            "langfuse.langchain.CallbackHandler",
            "langfuse.callback.CallbackHandler",
            "langfuse.openai.*",
            "traceloop.sdk.Traceloop.init",
            "agentops.init",
            "weave.init",
            "openai.OpenAI",
            "openai.AsyncOpenAI",
            "langsmith/wrappers.*",
            "langsmith/wrappers/openai.*",
            "langsmith/experimental/vercel.*",
            "langfuse-langchain.CallbackHandler",
            "@langfuse/langchain.CallbackHandler",
            "@langfuse/openai.observeOpenAI",
            "@langfuse/otel.LangfuseSpanProcessor",
            "langfuse.observeOpenAI",
            "@traceloop/node-server-sdk.initialize",
            "braintrust.wrapOpenAI",
            "braintrust.wrapAISDK",
            "braintrust.wrapAnthropic",
        ]
    }

    fn code(&self, code: &Code, cx: &mut Cx<'_>) {
        let mut said: Vec<&str> = Vec::new();
        for call in &code.calls {
            let Some((service, how)) = service(call) else {
                continue;
            };
            if said.contains(&service) || Scope::of_path(&call.evidence.path) != Scope::Production {
                continue;
            }
            said.push(service);
            cx.report(
                &call.evidence,
                format!("prompts and answers are sent to {service}: {how}"),
            )
            .severity(Severity::Low)
            .confidence(Confidence::Medium);
        }
    }
}

/// The service that a call switches on, and by what.
fn service(call: &CodeCall) -> Option<(&'static str, String)> {
    let by = |name: &str| format!("`{name}`");
    let callee = call.callee.as_str();
    match callee {
        "os.environ.__setitem__" | "os.environ.setdefault" => {
            let variable = call.positional(0).and_then(Value::text)?;
            let value = call.positional(1).and_then(Value::text)?;
            let on = matches!(value.to_ascii_lowercase().as_str(), "true" | "1");
            let known = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"];
            (on && known.contains(&variable)).then(|| ("LangSmith", by(variable)))
        }
        "langfuse.Langfuse" | "langfuse.langchain.CallbackHandler" | "langfuse.callback.CallbackHandler" => {
            (!is_at_home(call)).then(|| ("Langfuse", by(callee)))
        }
        "traceloop.sdk.Traceloop.init" => (!is_at_home(call)).then(|| ("Traceloop", by(callee))),
        "agentops.init" => Some(("AgentOps", by(callee))),
        "weave.init" => Some(("Weights & Biases Weave", by(callee))),
        "openai.OpenAI" | "openai.AsyncOpenAI" => {
            let address = call.keyword("base_url").and_then(Value::text)?;
            address.contains("helicone.ai").then(|| ("Helicone", by(callee)))
        }
        "langfuse-langchain.CallbackHandler" | "@langfuse/langchain.CallbackHandler" | "@langfuse/openai.observeOpenAI"
        | "@langfuse/otel.LangfuseSpanProcessor" | "langfuse.observeOpenAI" => {
            (!is_at_home(call)).then(|| ("Langfuse", by(callee)))
        }
        "@traceloop/node-server-sdk.initialize" => (!is_at_home(call)).then(|| ("Traceloop", by(callee))),
        _ if callee.starts_with("braintrust.wrap") => Some(("Braintrust", by(callee))),
        _ if callee.starts_with("langsmith/") && callee.contains(".wrap") => Some(("LangSmith", by(callee))),
        _ if callee.starts_with("langsmith.wrappers.wrap_") => Some(("LangSmith", by(callee))),
        _ if callee.starts_with("langfuse.openai.") && callee.contains("OpenAI") => {
            Some(("Langfuse", "`langfuse.openai`".to_owned()))
        }
        _ => None,
    }
}

/// Whether the call says that the service is one's own: an address is given, and it is not the vendor's.
fn is_at_home(call: &CodeCall) -> bool {
    ["host", "base_url", "api_endpoint", "baseurl"]
        .iter()
        .filter_map(|name| call.keyword(name))
        .any(|value| match value {
            Value::Text { text, .. } => {
                !["langfuse.com", "traceloop.com"].iter().any(|domain| text.contains(domain))
            }
            _ => false,
        })
}
