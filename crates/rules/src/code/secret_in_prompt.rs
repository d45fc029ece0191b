use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;
use crate::flow::{ASKS, messages};

use crate::{Cx, Rule};

rule! {
    /// # Credential handed to a model in its prompt
    ///
    /// ## What it finds
    /// A call to a model whose messages are put together with an environment variable that by its name holds a
    /// credential: `…_API_KEY`, `…_TOKEN`, `…_PASSWORD`, `…_SECRET`.
    ///
    /// ## Why it matters
    /// What stands in a prompt is sent to the provider, kept in its logs and traces, and can be asked back by whoever
    /// talks to the model. A model needs no key: the tool that acts for it does.
    ///
    /// ## Example
    /// ```python
    /// messages=[{"role": "system", "content": f"Use the password {os.environ['DB_PASSWORD']}"}]
    /// ```
    ///
    /// ## Fix
    /// Keep credentials in the code of the tools that need them, and let the model call those.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM Applications, System Prompt Leakage
    /// - CWE-522: Insufficiently Protected Credentials
    SecretInPrompt {
        id: "code/secret-in-prompt",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM07",
            "owasp-llm-2026:LLM08",
            "mitre-atlas:AML.T0056",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.py", "import openai, os\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-4o', messages=[{'role': 'system', 'content': f\"The password is {os.environ['DB_PASSWORD']}\"}])\n"),
        ],
        good: [
            crate::text!("a.py", "import openai, os\nclient = openai.OpenAI(api_key=os.environ['OPENAI_API_KEY'])\nclient.chat.completions.create(model='gpt-4o', messages=[{'role': 'system', 'content': f\"You work for {os.environ['COMPANY']}\"}])\n"),
            crate::text!("a.py", "import openai, os\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-4o', messages=[{'role': 'system', 'content': f\"Use at most {os.environ['MAX_TOKENS']} tokens\"}])\n"),
        ],
    }
}

impl Rule for SecretInPrompt {
    fn calls(&self) -> &'static [&'static str] {
        ASKS
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        for (_, content) in messages(call) {
            if let Some(variable) = credential(content) {
                let severity = severity_at(&call.evidence, Severity::High);
                cx.report(&call.evidence, format!("the prompt holds the credential `{variable}`"))
                    .severity(severity);
                return;
            }
        }
    }
}

fn credential(value: &Value) -> Option<&str> {
    match value {
        Value::Environment { variable, .. } => {
            let name = variable.to_ascii_uppercase();
            let ends = ["_API_KEY", "_TOKEN", "_PASSWORD", "_SECRET", "_SECRET_KEY", "_ACCESS_KEY"];
            ends.iter().any(|end| name.ends_with(end)).then_some(variable)
        }
        Value::Joined(parts) => parts.iter().find_map(credential),
        _ => None,
    }
}
