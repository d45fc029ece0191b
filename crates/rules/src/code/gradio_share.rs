use stance_core::Severity;
use stance_core::fact::CodeCall;

use crate::calls::{is_on, severity_at};
use crate::{Cx, Rule};

rule! {
    /// # Gradio app opened to the internet by a tunnel
    ///
    /// ## What it finds
    /// `launch(share=True)` on a Gradio app. With `auth` the severity is low.
    ///
    /// ## Why it matters
    /// `share` opens a tunnel from a public `gradio.live` address into the process, past firewall
    /// and VPN. The address is hard to guess but is logged, shared and indexed; the traffic goes
    /// through somebody else's relay, and an app made for a demo has no limit on who uses its
    /// model, its files and its keys.
    ///
    /// ## Example
    /// ```python
    /// gr.ChatInterface(answer).launch(share=True)
    /// ```
    ///
    /// ## Fix
    /// Leave `share` out and put the app behind your own proxy with sign-on, or deploy it as a
    /// private Space. At the least set `auth`.
    ///
    /// ## References
    /// - Gradio documentation, sharing your app
    /// - CVE-2023-51449, file read through shared apps
    GradioShare {
        id: "code/gradio-share",
        severity: Medium,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM10",
            "owasp-llm-2026:LLM06",
            "mitre-atlas:AML.T0049",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.5",
        ],
        bad: [
            crate::text!("a.py", "import gradio as gr\ndemo = gr.Interface(f, 'text', 'text')\ndemo.launch(share=True)\n"),
            crate::text!("a.py", "import gradio as gr\nwith gr.Blocks() as demo:\n    pass\ndemo.queue().launch(share=True)\n"),
        ],
        good: [
            crate::text!("a.py", "import gradio as gr\ngr.Interface(f, 'text', 'text').launch()\n"),
            crate::text!("a.py", "import gradio as gr\ngr.Interface(f, 'text', 'text').launch(share=False)\n"),
            crate::text!("a.py", "rocket.launch(share=True)\n"),
        ],
    }
}

impl Rule for GradioShare {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.launch(share)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let app = call.callee.starts_with("gradio.");
        if !app || !is_on(call, "share") {
            return;
        }
        let open = call.keyword("auth").is_none();
        let severity = if open { Severity::Medium } else { Severity::Low };
        let message = if open {
            "a Gradio app without `auth` is opened to the internet by `share=True`"
        } else {
            "a Gradio app is opened to the internet by `share=True`"
        };
        cx.report(&call.evidence, message)
            .severity(severity_at(&call.evidence, severity));
    }
}
