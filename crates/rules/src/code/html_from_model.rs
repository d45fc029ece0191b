use stance_core::fact::CodeCall;
use stance_core::Severity;
use crate::calls::{is_on, last, severity_at, shown};
use crate::flow::{Origin, trace};

use crate::{Cx, Rule};

rule! {
    /// # Answer of a model shown as HTML
    ///
    /// ## What it finds
    /// `markupsafe.Markup`, `flask.Markup`, Django's `mark_safe`, `HTMLResponse` and Streamlit's `markdown` or `write`
    /// with `unsafe_allow_html=True`, and `innerHTML`, `outerHTML`, `srcdoc` and React's `dangerouslySetInnerHTML`, that are given the answer of a model.
    ///
    /// ## Why it matters
    /// A model repeats what it read. A sentence on a page that it summarised can become a script in the browser of the
    /// person who asked, with their session.
    ///
    /// ## Example
    /// ```python
    /// return Markup(answer.choices[0].message.content)
    /// ```
    ///
    /// ## Fix
    /// Let the template escape the text. Where Markdown is wanted, render it and clean the result with an allow list of
    /// tags (`nh3`, `bleach`), and leave out images and links to other hosts.
    ///
    /// ## References
    /// - CWE-79: Improper Neutralization of Input During Web Page Generation
    /// - OWASP Top 10 for LLM Applications, Improper Output Handling
    HtmlFromModel {
        id: "code/html-from-model",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM10",
            "mitre-atlas:AML.T0077",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.ts", "import OpenAI from 'openai';\nconst client = new OpenAI();\nconst answer = await client.responses.create({ model: 'gpt-4o', input: 'x' });\ndocument.getElementById('out').innerHTML = answer.output_text;\n"),
            crate::text!("a.tsx", "import { generateText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\nexport async function Page() {\n  const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' });\n  return <div dangerouslySetInnerHTML={{ __html: text }} />;\n}\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nfrom markupsafe import Markup\nMarkup(text)\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport streamlit as st\nst.markdown(text, unsafe_allow_html=True)\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nfrom fastapi.responses import HTMLResponse\ndef f():\n    return HTMLResponse(content=f'<p>{text}</p>')\n"),
        ],
        good: [
            crate::text!("a.tsx", "import DOMPurify from 'dompurify';\nimport { generateText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\nexport async function Page() {\n  const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' });\n  document.title = text;\n  return <div title={text} dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(text) }} />;\n}\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport streamlit as st\nst.markdown(text)\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport html\nfrom markupsafe import Markup\nMarkup(html.escape(text))\n"),
            crate::text!("a.py", "import streamlit as st\nst.markdown('<style>a {}</style>', unsafe_allow_html=True)\n"),
        ],
    }
}

impl Rule for HtmlFromModel {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "markupsafe.Markup",
            "flask.Markup",
            "django.utils.safestring.mark_safe",
            "fastapi.responses.HTMLResponse",
            "starlette.responses.HTMLResponse",
            "streamlit.markdown(unsafe_allow_html)",
            "streamlit.write(unsafe_allow_html)",
            "streamlit.html",
            "*.innerHTML",
            "*.outerHTML",
            "*.srcdoc",
            "*.dangerouslySetInnerHTML",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        if matches!(last(&call.callee), "markdown" | "write") && !is_on(call, "unsafe_allow_html") {
            return;
        }
        let Some(value) = call.argument(0, "content") else { return };
        let Some(found) = trace(value, &[Origin::Answer]) else { return };
        let severity = severity_at(&call.evidence, Severity::Medium);
        cx.report(&call.evidence, format!("`{}` shows what the model answered as HTML", shown(&call.callee)))
            .severity(severity)
            .note(format!("the argument holds `{}`", crate::flow::shown(found.path)));
    }
}
