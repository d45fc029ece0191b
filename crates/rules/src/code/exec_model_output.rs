use stance_core::fact::{CodeCall, Value};
use stance_core::{Confidence, Severity};

use crate::calls::severity_at;
use crate::flow::is_answer;
use crate::{Cx, Rule};

rule! {
    /// # Model output run as code or command
    ///
    /// ## What it finds
    /// `eval`, `exec`, `os.system`, `os.popen` and the functions of `subprocess` whose argument
    /// is the answer of a model; in JavaScript `eval`, `Function`, `vm` and `child_process.exec`. Told where the way from the one to the other is visible: a call such
    /// as `chat.completions.create`, `messages.create`, `generate_content` or LangChain's
    /// `invoke`, followed through names, attributes, indices and methods.
    ///
    /// ## Why it matters
    /// A model says what its input makes it say, and its input holds web pages, documents and
    /// messages of strangers. Running the answer gives each of them a shell with the rights of
    /// the program.
    ///
    /// ## Example
    /// ```python
    /// answer = client.chat.completions.create(model="gpt-4o", messages=messages)
    /// exec(answer.choices[0].message.content)
    /// ```
    ///
    /// ## Fix
    /// Let the model choose among functions of your own with checked arguments (tool calls,
    /// structured output), or run its code in a sandbox without network, secrets and files of the
    /// host, with limits on time and memory.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM Applications, Improper Output Handling
    /// - CWE-94: Improper Control of Generation of Code
    ExecModelOutput {
        id: "code/exec-model-output",
        severity: Critical,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM10",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0050",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.js", "const { exec } = require('child_process');\nconst { Anthropic } = require('@anthropic-ai/sdk');\nconst client = new Anthropic();\nasync function go() {\n  const m = await client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9, messages: [] });\n  exec(m.content[0].text);\n}\n"),
            crate::text!("a.mjs", "import OpenAI from 'openai';\nconst client = new OpenAI();\nconst answer = await client.chat.completions.create({ model: 'gpt-4o', messages: [] });\nnew Function('x', answer.choices[0].message.content)(1);\n"),
            crate::text!("a.ts", "import { generateText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\nconst { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' });\neval(text);\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ncode = answer.choices[0].message.content.strip()\nexec(code)\n"),
            crate::text!("a.py", "import anthropic, subprocess\ndef run(client: anthropic.Anthropic):\n    message = client.messages.create(model='claude-sonnet-4-5')\n    subprocess.run(message.content[0].text, shell=True)\n"),
            crate::text!("a.py", "from langchain_openai import ChatOpenAI\nllm = ChatOpenAI()\nprint(eval(llm.invoke('1+1').content))\n"),
        ],
        good: [
            crate::text!("a.ts", "import { generateText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\nconst { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' });\nconst found = /a/.exec(text);\nconst f = new Function('text', 'return text.length');\nf(text);\n"),
            crate::text!("a.py", "import openai, json\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\njson.loads(answer.choices[0].message.content)\nexec(open('own.py').read())\n"),
            crate::text!("a.py", "import subprocess\ndef invoke(task):\n    subprocess.run(task.invoke().command)\n"),
            crate::text!("a.py", "import openai\nmodel = openai.OpenAI()\nmodel.eval()\n"),
        ],
    }
}

impl Rule for ExecModelOutput {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "eval",
            "exec",
            "os.system",
            "os.popen",
            "subprocess.run",
            "subprocess.call",
            "subprocess.check_call",
            "subprocess.check_output",
            "subprocess.Popen",
            "subprocess.getoutput",
            "Function(openai)",
            "Function(anthropic)",
            "Function(generateText)",
            "vm.runInNewContext",
            "vm.runInThisContext",
            "vm.runInContext",
            "vm.Script",
            "child_process.exec",
            "child_process.execSync",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        // The last text given to `Function` is its body.
        let body = || call.arguments.last().map(|argument| &argument.value);
        let first = call.argument(0, "args");
        let Some(value) = (if call.callee == "Function" { body() } else { first }) else {
            return;
        };
        let Some(path) = answer_in(value) else { return };
        let severity = severity_at(&call.evidence, Severity::Critical);
        cx.report(
            &call.evidence,
            format!("`{}` runs what the model answered", call.callee),
        )
        .severity(severity)
        .confidence(if path.starts_with('?') { Confidence::Medium } else { Confidence::High })
        .note(format!("the argument is `{}`", path.trim_start_matches("?.")));
    }
}

/// The dotted name of the answer of a model, where the value is one or holds one.
fn answer_in(value: &Value) -> Option<&str> {
    match value {
        Value::Name(path) | Value::Call(path) => is_answer(path).then_some(path),
        Value::List(words) | Value::Joined(words) => words.iter().find_map(answer_in),
        _ => None,
    }
}
