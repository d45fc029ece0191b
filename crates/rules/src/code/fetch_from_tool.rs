use stance_core::fact::Code;
use stance_core::{Confidence, Severity};
use crate::calls::{last, severity_at, shown};
use crate::flow::{Origin, trace};

use crate::{Cx, Rule};

rule! {
    /// # Address that a model chooses, fetched by the server
    ///
    /// ## What it finds
    /// `requests`, `httpx` or `urlopen` in a tool, with an address that is wholly one of the tool's text arguments or
    /// the answer of a model, while nothing in the file takes addresses apart (`urlparse`, `ipaddress`).
    ///
    /// ## Why it matters
    /// The server fetches what the model was told to name: the metadata service of the cloud, the administration page
    /// of a neighbour, or an address that carries data of the conversation outside.
    ///
    /// ## Example
    /// ```python
    /// @mcp.tool()
    /// def fetch(url: str):
    ///     return requests.get(url).text
    /// ```
    ///
    /// ## Fix
    /// Allow hosts by name, refuse private and link-local addresses after resolving, do not follow redirects blindly,
    /// and run the fetch where nothing internal can be reached.
    ///
    /// ## References
    /// - CWE-918: Server-Side Request Forgery
    /// - OWASP Top 10 for Agentic Applications, Tool Misuse
    FetchFromTool {
        id: "code/fetch-from-tool",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "mitre-atlas:AML.T0086",
        ],
        bad: [
            crate::text!("a.ts", "import { tool } from 'ai';\nimport { z } from 'zod';\nexport const read = tool({\n  inputSchema: z.object({ url: z.string().url() }),\n  execute: async ({ url }) => (await fetch(url)).text(),\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef fetch(url: str):\n    import requests\n    return requests.get(url).text\n"),
        ],
        good: [
            crate::text!("a.ts", "import { tool } from 'ai';\nimport { z } from 'zod';\nexport const read = tool({\n  inputSchema: z.object({ city: z.string() }),\n  execute: async ({ city }) => (await fetch(`https://weather.example/${city}`)).text(),\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef fetch(city: str):\n    import requests\n    return requests.get(f'https://api.weather.example/{city}').text\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef fetch(url: str):\n    import requests\n    from urllib.parse import urlparse\n    if urlparse(url).hostname not in ALLOWED:\n        raise ValueError\n    return requests.get(url).text\n"),
            crate::text!("a.py", "import requests\ndef fetch(url: str):\n    return requests.get(url).text\n"),
        ],
    }
}

impl Rule for FetchFromTool {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "requests.get(tool)",
            "requests.post(tool)",
            "requests.request(tool)",
            "httpx.get(tool)",
            "httpx.post(tool)",
            "urllib.request.urlopen(tool)",
            "httpx.AsyncClient().get(tool)",
            "httpx.Client().get(tool)",
            "urllib.parse.urlparse(tool)",
            "urllib.parse.urlsplit(tool)",
            "ipaddress.ip_address(tool)",
            "fetch(registerTool)",
            "fetch(execute)",
            "axios.get(registerTool)",
            "axios.get(execute)",
            "axios.axios.get(registerTool)",
            "axios.axios.get(execute)",
            "URL(registerTool)",
            "URL(execute)",
            "*.startsWith(registerTool)",
            "*.startsWith(execute)",
        ]
    }

    fn code(&self, code: &Code, cx: &mut Cx<'_>) {
        if code.calls.iter().any(|call| matches!(last(&call.callee), "urlparse" | "urlsplit" | "ip_address" | "URL" | "startsWith")) {
            return;
        }
        for call in &code.calls {
            let fetches = ["requests.", "httpx.", "urllib.request.urlopen", "axios."];
            if call.callee != "fetch" && !fetches.iter().any(|fetch| call.callee.starts_with(fetch)) {
                continue;
            }
            let at = usize::from(call.callee.ends_with(".request"));
            let Some(found) = call.argument(at, "url").and_then(|url| trace(url, &[Origin::Tool, Origin::Answer])) else {
                continue;
            };
            if found.inside {
                continue;
            }
            let severity = severity_at(&call.evidence, Severity::Low);
            cx.report(&call.evidence, format!("`{}` fetches an address from {}", shown(&call.callee), found.origin.words()))
                .severity(severity)
                .confidence(Confidence::Medium)
                .note(format!("the address is `{}`", crate::flow::shown(found.path)));
        }
    }
}
