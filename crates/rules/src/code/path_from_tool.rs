use stance_core::fact::Code;
use stance_core::{Confidence, Severity};
use crate::calls::{last, severity_at};
use crate::flow::{Origin, shown, trace};

use crate::{Cx, Rule};

rule! {
    /// # File path that a model chooses without bounds
    ///
    /// ## What it finds
    /// A tool that opens or removes a file whose path is one of its text arguments, or is put together from one, while
    /// nothing in the file keeps paths inside a directory (`resolve`, `is_relative_to`, `realpath`, `commonpath`,
    /// `secure_filename`). Tools that hand the path to a function of their own are left alone.
    ///
    /// ## Why it matters
    /// The model fills in the path, and what the model read decides how. `../../.ssh/id_rsa` is a path as well, and
    /// what is read this way goes back into the conversation.
    ///
    /// ## Example
    /// ```python
    /// @mcp.tool()
    /// def read_note(name: str):
    ///     return open(f"notes/{name}").read()
    /// ```
    ///
    /// ## Fix
    /// Resolve the path and refuse it unless it lies below the directory that is meant:
    /// `path.resolve().is_relative_to(root)`.
    ///
    /// ## References
    /// - CWE-22: Improper Limitation of a Pathname to a Restricted Directory
    PathFromTool {
        id: "code/path-from-tool",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.ts", "import { readFile } from 'node:fs/promises';\nimport { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { z } from 'zod';\nconst server = new McpServer({ name: 'x', version: '1' });\nserver.tool('read', { path: z.string() }, async ({ path }) => {\n  return await readFile(path, 'utf8');\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef read_note(name: str):\n    return open(f'notes/{name}').read()\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef drop(name: str):\n    import os\n    os.remove(name)\n"),
        ],
        good: [
            crate::text!("a.ts", "import { readFile } from 'node:fs/promises';\nimport { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { inside } from './inside.js';\nimport { z } from 'zod';\nconst server = new McpServer({ name: 'x', version: '1' });\nserver.tool('read', { path: z.string() }, async ({ path }) => {\n  return await readFile(await inside(path), 'utf8');\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef read_note(name: str):\n    from pathlib import Path\n    path = Path('notes', name).resolve()\n    if not path.is_relative_to('notes'):\n        raise ValueError\n    return open(path).read()\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef read_note(name: str):\n    return open(checked(name)).read()\n"),
            crate::text!("a.py", "def read(name: str):\n    return open(name).read()\n"),
        ],
    }
}

/// Functions of Node that read, write or remove what a path names.
const NODE: [&str; 10] = [
    "readFile", "readFileSync", "writeFile", "writeFileSync", "appendFile", "appendFileSync", "unlink", "unlinkSync", "rm",
    "rmSync",
];

impl Rule for PathFromTool {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "open(tool)",
            "os.remove(tool)",
            "os.unlink(tool)",
            "shutil.rmtree(tool)",
            "*.resolve(tool)",
            "*.is_relative_to(tool)",
            "*.relative_to(tool)",
            "os.path.realpath(tool)",
            "os.path.abspath(tool)",
            "os.path.commonpath(tool)",
            "os.path.basename(tool)",
            "werkzeug.utils.secure_filename",
            "fs.*",
            "fs/promises.*",
            "path.resolve",
            "path.normalize",
            "path.basename",
            "path.relative",
            "*.startsWith(registerTool)",
            "*.startsWith(execute)",
        ]
    }

    fn code(&self, code: &Code, cx: &mut Cx<'_>) {
        let bounds = ["resolve", "is_relative_to", "relative_to", "realpath", "abspath", "commonpath", "basename", "secure_filename", "normalize", "relative", "startsWith"];
        if code.calls.iter().any(|call| bounds.contains(&last(&call.callee))) {
            return;
        }
        for call in &code.calls {
            let of_node = call.callee.starts_with("fs.") || call.callee.starts_with("fs/promises.");
            let acts = of_node && NODE.contains(&last(&call.callee));
            if !acts && !matches!(call.callee.as_str(), "open" | "os.remove" | "os.unlink" | "shutil.rmtree") {
                continue;
            }
            let Some(found) = call
                .arguments
                .first()
                .and_then(|argument| trace(&argument.value, &[Origin::Tool]))
            else {
                continue;
            };
            let severity = severity_at(&call.evidence, Severity::Medium);
            cx.report(&call.evidence, format!("`{}` takes a path that a model passes to a tool", call.callee))
                .severity(severity)
                .confidence(Confidence::Medium)
                .note(format!("the path holds `{}`", shown(found.path)));
        }
    }
}
