use stance_core::fact::CodeCall;
use stance_core::Severity;
use crate::calls::{severity_at, shown};
use crate::flow::{Origin, trace};

use crate::{Cx, Rule};

rule! {
    /// # Template that a model or a request writes
    ///
    /// ## What it finds
    /// `render_template_string`, `jinja2.Template`, `Environment().from_string` and LangChain prompts with
    /// `template_format="jinja2"` whose template is the answer of a model, a tool argument or part of a request.
    ///
    /// ## Why it matters
    /// A template is a program. Jinja reaches the objects of Python behind every value, so that whoever writes the
    /// template runs code on the server.
    ///
    /// ## Example
    /// ```python
    /// return render_template_string(answer.choices[0].message.content)
    /// ```
    ///
    /// ## Fix
    /// Keep templates in files and pass what the model or the user said as values. Where templates must come from
    /// elsewhere, use a language without code (mustache), or Jinja's `ImmutableSandboxedEnvironment`.
    ///
    /// ## References
    /// - CWE-1336: Improper Neutralization of Special Elements Used in a Template Engine
    TemplateFromModel {
        id: "code/template-from-model",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM10",
            "mitre-atlas:AML.T0050",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nfrom flask import render_template_string\ndef f():\n    return render_template_string(text)\n"),
            crate::text!("a.py", "from fastapi import FastAPI\nfrom jinja2 import Template\napp = FastAPI()\n@app.post('/render')\ndef render(source: str):\n    import openai\n    return Template(source).render()\n"),
        ],
        good: [
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nfrom flask import render_template_string\ndef f():\n    return render_template_string('{{ text }}', text=text)\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nfrom jinja2.sandbox import ImmutableSandboxedEnvironment\nImmutableSandboxedEnvironment().from_string(text)\n"),
            crate::text!("a.py", "from jinja2 import Template\nTemplate(open('own.html').read())\n"),
        ],
    }
}

impl Rule for TemplateFromModel {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "flask.render_template_string",
            "jinja2.Template",
            "jinja2.Environment().from_string",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(value) = call.arguments.first().map(|argument| &argument.value) else {
            return;
        };
        let Some(found) = trace(value, &[Origin::Answer, Origin::Tool, Origin::Request]) else {
            return;
        };
        let severity = severity_at(&call.evidence, Severity::High);
        cx.report(&call.evidence, format!("`{}` runs a template that comes from {}", shown(&call.callee), found.origin.words()))
            .severity(severity)
            .note(format!("the template holds `{}`", crate::flow::shown(found.path)));
    }
}
