use stance_core::fact::CodeCall;
use stance_core::Severity;
use crate::calls::severity_at;
use crate::flow::{ASKS, Origin, messages, shown, trace};

use crate::{Cx, Rule};

rule! {
    /// # Text of strangers in the system prompt
    ///
    /// ## What it finds
    /// A call to a model whose system message, `system` or `instructions` is put together from a request, from what a
    /// user typed into a page, or from a page that was fetched. Requests are followed through f-strings, `+`, `%` and
    /// `format`.
    ///
    /// ## Why it matters
    /// A model obeys the system prompt before anything else, and the rules that keep it in bounds stand there. Text of
    /// a stranger in the same place can take them back, and the model cannot tell one from the other.
    ///
    /// ## Example
    /// ```python
    /// @app.post("/chat")
    /// def chat(style: str, question: str):
    ///     messages = [{"role": "system", "content": f"Answer in the style of {style}"}]
    ///     client.chat.completions.create(model="gpt-4o", messages=messages)
    /// ```
    ///
    /// ## Fix
    /// Keep the system prompt a constant of the program. Put what users and pages say into user messages, marked as
    /// data; let users choose among values of a fixed list where the system prompt must vary.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM Applications, Prompt Injection
    /// - CWE-1427: Improper Neutralization of Input Used for LLM Prompting
    UntrustedSystemPrompt {
        id: "code/untrusted-system-prompt",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM01",
            "owasp-llm-2026:LLM01",
            "owasp-agentic-2026:ASI01",
            "mitre-atlas:AML.T0051.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.js", "const OpenAI = require('openai');\nconst express = require('express');\nconst client = new OpenAI();\nconst app = express();\napp.post('/chat', async (req, res) => {\n  const answer = await client.chat.completions.create({\n    model: 'gpt-4o',\n    messages: [{ role: 'system', content: 'You are ' + req.body.role }, { role: 'user', content: req.body.question }],\n  });\n  res.json(answer);\n});\n"),
            crate::text!("app/api/chat/route.ts", "import { streamText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\nexport async function POST(req: Request) {\n  const { messages, style } = await req.json();\n  const result = streamText({ model: openai('gpt-4o'), system: `You answer like ${style}.`, messages });\n  return result.toUIMessageStreamResponse();\n}\n"),
            crate::text!("a.py", "import openai\nfrom fastapi import FastAPI\napp = FastAPI()\nclient = openai.OpenAI()\n@app.post('/chat')\ndef chat(style: str, question: str):\n    return client.chat.completions.create(model='gpt-4o', messages=[{'role': 'system', 'content': f'Answer like {style}'}, {'role': 'user', 'content': question}])\n"),
            crate::text!("a.py", "import anthropic\nfrom flask import request\ndef chat():\n    client = anthropic.Anthropic()\n    return client.messages.create(model='claude-sonnet-4-5', system='Be ' + request.args.get('style'), messages=[])\n"),
        ],
        good: [
            crate::text!("a.js", "const OpenAI = require('openai');\nconst client = new OpenAI();\nmodule.exports = async (req, res) => client.chat.completions.create({\n  model: 'gpt-4o',\n  messages: [{ role: 'system', content: `You help ${req.user.name}` }, { role: 'user', content: `Q: ${req.body.question}` }],\n});\n"),
            crate::text!("app/api/chat/route.ts", "import { streamText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\nimport { rules } from './rules';\nexport async function POST(req: Request) {\n  const { messages } = await req.json();\n  return streamText({ model: openai('gpt-4o'), system: `Be brief. ${rules}`, messages });\n}\n"),
            crate::text!("a.py", "import openai\nfrom fastapi import FastAPI\napp = FastAPI()\nclient = openai.OpenAI()\n@app.post('/chat')\ndef chat(question: str):\n    return client.chat.completions.create(model='gpt-4o', messages=[{'role': 'system', 'content': 'Be brief'}, {'role': 'user', 'content': f'Question: {question}'}])\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\ndef chat(style: str):\n    return client.chat.completions.create(model='gpt-4o', messages=[{'role': 'system', 'content': f'Answer like {style}'}])\n"),
        ],
    }
}

impl Rule for UntrustedSystemPrompt {
    fn calls(&self) -> &'static [&'static str] {
        ASKS
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let alone = call.callee.ends_with(".SystemMessage");
        let content = call.argument(0, "content").filter(|_| alone);
        for (role, content) in content.map(|it| ("system", it)).into_iter().chain(messages(call)) {
            if !matches!(role, "system" | "developer") {
                continue;
            }
            if let Some(found) = trace(content, &[Origin::Request, Origin::Fetched]) {
                let severity = severity_at(&call.evidence, Severity::Medium);
                cx.report(&call.evidence, format!("the system prompt holds text from {}", found.origin.words()))
                    .severity(severity)
                    .note(format!("it is `{}`", shown(found.path)));
                return;
            }
        }
    }
}
