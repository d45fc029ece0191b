use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;

use crate::calls::{severity_at, shown};
use crate::{Cx, Rule};

rule! {
    /// # Request to a model that may wait for ever
    ///
    /// ## What it finds
    /// `requests` calls to the interface of a model (`/chat/completions`, `/v1/messages`, `/api/generate`, …) without
    /// `timeout`, which then has none, and clients of models with `timeout=None` (OpenAI, Anthropic, Mistral, `httpx`
    /// clients handed to them).
    ///
    /// ## Why it matters
    /// Answers of models take long as it is, and under load they may not come at all. Each request that waits holds a
    /// worker; a few dozen of them, and the application answers nobody.
    ///
    /// ## Example
    /// ```python
    /// requests.post("https://api.openai.com/v1/chat/completions", headers=headers, json=body)
    /// ```
    ///
    /// ## Fix
    /// Pass `timeout=(5, 120)` or what the task allows, and say what happens when it runs out.
    ///
    /// ## References
    /// - Requests documentation, timeouts
    /// - CWE-1088: Synchronous Access of Remote Resource without Timeout
    ModelCallWithoutTimeout {
        id: "code/model-call-without-timeout",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM10",
            "owasp-llm-2026:LLM06",
            "nist-ai-rmf-1.0:MANAGE 1.4",
        ],
        bad: [
            crate::text!("a.py", "import requests\nrequests.post('https://api.openai.com/v1/chat/completions', json={'model': 'gpt-4o'})\n"),
            crate::text!("a.py", "import requests\nBASE = 'http://localhost:11434'\nrequests.post(f'{BASE}/api/generate', json={'model': 'llama3.2'})\n"),
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI(timeout=None)\n"),
        ],
        good: [
            crate::text!("a.py", "import requests\nrequests.post('https://api.openai.com/v1/chat/completions', json={'model': 'gpt-4o'}, timeout=60)\n"),
            crate::text!("a.py", "import requests\nrequests.post('https://ours.example/api/orders', json={'model': 'x'})\n"),
            crate::text!("a.py", "import requests\ndef ask(**options):\n    return requests.post('https://api.openai.com/v1/chat/completions', **options)\n"),
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI(timeout=20)\nother = OpenAI()\n"),
        ],
    }
}

/// How the addresses of interfaces of models end.
const ENDS: [&str; 12] = [
    "/chat/completions",
    "/v1/completions",
    "/v1/messages",
    "/v1/responses",
    "/v1/embeddings",
    "/api/generate",
    "/api/chat",
    "/api/embeddings",
    ":generateContent",
    ":streamGenerateContent",
    "/v1/rerank",
    "/generate_stream",
];
const HOSTS: [&str; 8] = [
    "://api.openai.com/",
    "://api.anthropic.com/",
    "://api.mistral.ai/",
    "://api.groq.com/",
    "://openrouter.ai/api/",
    "://api-inference.huggingface.co/",
    "://generativelanguage.googleapis.com/",
    "://api.deepseek.com/",
];

impl Rule for ModelCallWithoutTimeout {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "requests.post",
            "requests.get",
            "requests.request",
            "requests.Session().post",
            "openai.OpenAI(timeout)",
            "openai.AsyncOpenAI(timeout)",
            "openai.AzureOpenAI(timeout)",
            "openai.AsyncAzureOpenAI(timeout)",
            "anthropic.Anthropic(timeout)",
            "anthropic.AsyncAnthropic(timeout)",
            "groq.Groq(timeout)",
            "mistralai.Mistral(timeout_ms)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let timeout = call.keyword("timeout").or_else(|| call.keyword("timeout_ms"));
        let endless = match timeout {
            Some(value) => *value == Value::Null,
            None => call.callee.starts_with("requests.") && !call.open_ended,
        };
        if !endless {
            return;
        }
        if call.callee.starts_with("requests.") {
            let at = usize::from(call.callee.ends_with(".request"));
            let Some(address) = call.argument(at, "url").and_then(end_of) else {
                return;
            };
            let path = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
            if !ENDS.iter().any(|end| path.ends_with(end)) && !HOSTS.iter().any(|host| address.contains(host)) {
                return;
            }
        }
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(
            &call.evidence,
            format!("`{}` waits for a model without a limit", shown(&call.callee)),
        )
        .severity(severity);
    }
}

/// The last part of an address that is literal, when it is its end.
fn end_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text { text, .. } => Some(text),
        Value::Joined(parts) => parts.last().and_then(end_of),
        _ => None,
    }
}
