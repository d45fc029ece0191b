use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;

use crate::calls::{severity_at, shown};
use crate::flow::{Origin, trace};
use crate::{Cx, Rule};

rule! {
    /// # Answer of a model without a bound on its length
    ///
    /// ## What it finds
    /// A call that says that a model may go on for as long as it likes: `num_predict=-1` or `-2` of Ollama, `max_tokens=-1`
    /// or `n_predict=-1` of llama.cpp and LangChain, `SamplingParams(max_tokens=None)` of vLLM; and a bound that whoever
    /// sends a request chooses. Calls that leave the bound to the provider are left alone.
    ///
    /// ## Why it matters
    /// Models fall into loops, and can be talked into them. Without a bound one question keeps a graphics card busy for
    /// minutes, or is paid for by the token.
    ///
    /// ## Example
    /// ```python
    /// llm = ChatOllama(model="llama3.2", num_predict=-1)
    /// ```
    ///
    /// ## Fix
    /// Set the bound to what the task needs. Where callers may choose, take the smaller of theirs and one of your own.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM Applications, Unbounded Consumption
    /// - CWE-770: Allocation of Resources Without Limits or Throttling
    UnboundedTokens {
        id: "code/unbounded-tokens",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM10",
            "owasp-llm-2026:LLM06",
            "mitre-atlas:AML.T0034.002",
            "nist-ai-rmf-1.0:MANAGE 1.4",
        ],
        bad: [
            crate::text!("a.py", "from langchain_ollama import ChatOllama\nllm = ChatOllama(model='llama3.2', num_predict=-1)\n"),
            crate::text!("a.py", "import ollama\nollama.chat(model='llama3.2', messages=[], options={'num_predict': -2})\n"),
            crate::text!("a.py", "from vllm import SamplingParams\np = SamplingParams(temperature=0.7, max_tokens=None)\n"),
            crate::text!("app/api/chat/route.ts", "import OpenAI from 'openai';\nconst client = new OpenAI();\nexport async function POST(req: Request) {\n  const { messages, maxTokens } = await req.json();\n  return client.chat.completions.create({ model: 'gpt-4o', messages, max_tokens: maxTokens });\n}\n"),
        ],
        good: [
            crate::text!("a.py", "from langchain_ollama import ChatOllama\nllm = ChatOllama(model='llama3.2', num_predict=512)\nother = ChatOllama(model='llama3.2')\n"),
            crate::text!("a.py", "from vllm import SamplingParams\np = SamplingParams(temperature=0.7, max_tokens=256)\n"),
            crate::text!("app/api/chat/route.ts", "import OpenAI from 'openai';\nconst client = new OpenAI();\nexport async function POST(req: Request) {\n  const { messages, maxTokens } = await req.json();\n  return client.chat.completions.create({ model: 'gpt-4o', messages, max_tokens: Math.min(maxTokens, 500) });\n}\n"),
        ],
    }
}

/// What the bound is called.
const BOUNDS: [&str; 8] = [
    "num_predict",
    "numPredict",
    "n_predict",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "max_new_tokens",
    "maxOutputTokens",
];

impl Rule for UnboundedTokens {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.ChatOllama",
            "*.OllamaLLM",
            "*.Ollama",
            "ollama.chat",
            "ollama.generate",
            "ollama.Client().chat",
            "ollama.Client().generate",
            "*.LlamaCpp",
            "*.ChatLlamaCpp",
            "llama_cpp.Llama().create_chat_completion",
            "llama_cpp.Llama().create_completion",
            "*.ChatOpenAI(max_tokens)",
            "*.OpenAI(max_tokens)",
            "vllm.SamplingParams",
            "vllm.sampling_params.SamplingParams",
            "*.chat.completions.create",
            "*.responses.create",
            "*.messages.create",
            "ai.generateText",
            "ai.streamText",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let options = match call.keyword("options") {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        };
        let bound = |name: &str| call.keyword(name).or_else(|| options?.get(name));
        let Some((name, value)) = BOUNDS.iter().find_map(|name| Some((*name, bound(name)?))) else {
            return;
        };
        let what = match value {
            Value::Integer(-2 | -1) => "takes the bound off the answer",
            Value::Null if call.callee.ends_with("SamplingParams") => "takes the bound off the answer",
            other if trace(other, &[Origin::Request]).is_some_and(|found| !found.inside) => {
                "leaves the bound of the answer to whoever asks"
            }
            _ => return,
        };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, format!("`{}` {what}: `{name}`", shown(&call.callee)))
            .severity(severity);
    }
}
