use stance_core::fact::CodeCall;
use stance_core::{Confidence, Severity};
use crate::calls::severity_at;
use crate::flow::{Origin, shown, trace};

use crate::{Cx, Rule};

rule! {
    /// # Tool argument run as Python
    ///
    /// ## What it finds
    /// `eval`, `exec` or `compile` of a text argument of a function that a model calls as a tool; in JavaScript `eval`,
    /// `Function` and `vm`.
    ///
    /// ## Why it matters
    /// The model fills in the argument, and what the model read decides how. The code runs in the process of the
    /// server, with its keys and files. `eval` of "only an expression" is no exception: an expression can import and
    /// call anything.
    ///
    /// ## Example
    /// ```python
    /// @mcp.tool()
    /// def calculate(expression: str):
    ///     return eval(expression)
    /// ```
    ///
    /// ## Fix
    /// Parse what you expect: `ast.literal_eval` for values, a small expression parser for arithmetic. Run code of a
    /// model in a sandbox without network, keys and files of the host.
    ///
    /// ## References
    /// - CWE-95: Improper Neutralization of Directives in Dynamically Evaluated Code
    ExecToolArgument {
        id: "code/exec-tool-argument",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "owasp-agentic-2026:ASI05",
        ],
        bad: [
            crate::text!("a.ts", "import vm from 'node:vm';\nimport { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { z } from 'zod';\nconst server = new McpServer({ name: 'x', version: '1' });\nserver.registerTool('run', { inputSchema: { code: z.string() } }, async ({ code }) => {\n  return vm.runInNewContext(code);\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef calculate(expression: str):\n    return eval(expression)\n"),
        ],
        good: [
            crate::text!("a.ts", "import vm from 'node:vm';\nimport { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { z } from 'zod';\nconst server = new McpServer({ name: 'x', version: '1' });\nserver.registerTool('run', { inputSchema: { n: z.number() } }, async ({ n }) => {\n  return vm.runInNewContext('1 + 1', { n });\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef calculate(expression: str):\n    import ast\n    return ast.literal_eval(expression)\n"),
            crate::text!("a.py", "def calculate(expression: str):\n    return eval(expression)\n"),
        ],
    }
}

impl Rule for ExecToolArgument {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "eval(tool)",
            "exec(tool)",
            "eval(registerTool)",
            "eval(execute)",
            "Function(registerTool)",
            "Function(execute)",
            "vm.runInNewContext",
            "vm.runInThisContext",
            "vm.runInContext",
            "vm.Script",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let at = if call.callee == "Function" { call.arguments.last() } else { call.arguments.first() };
        let Some(value) = at.map(|argument| &argument.value) else {
            return;
        };
        let Some(found) = trace(value, &[Origin::Tool]) else { return };
        let severity = severity_at(&call.evidence, Severity::High);
        // Names may be kept from the code by a dictionary of globals; that is easily got around, but somebody thought of it.
        let bare = call.arguments.len() == 1;
        cx.report(&call.evidence, format!("`{}` runs {}", call.callee, found.origin.words()))
            .severity(severity)
            .confidence(if bare { Confidence::High } else { Confidence::Medium })
            .note(format!("it is `{}`", shown(found.path)));
    }
}
