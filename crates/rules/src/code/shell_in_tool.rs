use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::{is_on, last, severity_at, shown};
use crate::flow::{Origin, trace};

use crate::{Cx, Rule};

rule! {
    /// # Tool argument that reaches a shell
    ///
    /// ## What it finds
    /// A function that a model calls as a tool (`@mcp.tool()`, `@tool`, `@function_tool`) and that passes one of its
    /// text arguments to a shell: `os.system`, `os.popen`, `subprocess` with `shell=True`, `["bash", "-c", …]`,
    /// `create_subprocess_shell`. In JavaScript the tools of MCP servers and of agent frameworks, and `child_process`. Arguments that go through another function on the way, such as `shlex.quote`, are
    /// left alone.
    ///
    /// ## Why it matters
    /// The model fills in the argument, and what the model read decides how. A sentence in an issue, a page or a mail
    /// is then enough to run commands with the rights of the server.
    ///
    /// ## Example
    /// ```python
    /// @mcp.tool()
    /// def ping(host: str):
    ///     return os.popen(f"ping -c 1 {host}").read()
    /// ```
    ///
    /// ## Fix
    /// Start the program without a shell and pass arguments as a list; check them against what is allowed. A tool that
    /// is meant to run any command belongs into a sandbox, and behind a person's approval.
    ///
    /// ## References
    /// - CWE-78: Improper Neutralization of Special Elements used in an OS Command
    /// - OWASP Top 10 for Agentic Applications, Tool Misuse
    ShellInTool {
        id: "code/shell-in-tool",
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
            crate::text!("a.ts", "import { execSync } from 'child_process';\nimport { Server } from '@modelcontextprotocol/sdk/server/index.js';\nimport { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';\nconst server = new Server({ name: 'x', version: '1' });\nserver.setRequestHandler(CallToolRequestSchema, async (request) => {\n  const { name, arguments: args } = request.params;\n  return execSync('git log ' + args.branch);\n});\n"),
            crate::text!("a.ts", "import { exec } from 'node:child_process';\nimport { promisify } from 'node:util';\nconst run = promisify(exec);\nimport { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { z } from 'zod';\nconst server = new McpServer({ name: 'x', version: '1' });\nserver.tool('log', { branch: z.string() }, async ({ branch }) => {\n  const { stdout } = await run(`git log ${branch}`);\n  return stdout;\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef ping(host: str):\n    import os\n    return os.popen(f'ping -c 1 {host}').read()\n"),
            crate::text!("a.py", "import subprocess\nfrom langchain_core.tools import tool\n@tool\ndef run(command: str) -> str:\n    return subprocess.run(command, shell=True, capture_output=True).stdout\n"),
        ],
        good: [
            crate::text!("a.ts", "import { execSync } from 'child_process';\nexport function log(branch: string) {\n  return execSync(`git log ${branch}`);\n}\nexport const tool = (name: string, run: (x: string) => string) => run(name);\ntool('a', () => 'b');\n"),
            crate::text!("a.ts", "import { execFile, exec } from 'node:child_process';\nimport { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { z } from 'zod';\nconst server = new McpServer({ name: 'x', version: '1' });\nserver.tool('log', { branch: z.string(), n: z.number() }, async ({ branch, n }) => {\n  execFile('git', ['log', branch]);\n  exec(`git log -n ${n}`);\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef ping(host: str):\n    import subprocess\n    return subprocess.run(['ping', '-c', '1', host])\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef ping(host: str):\n    import os, shlex\n    return os.popen(f'ping -c 1 {shlex.quote(host)}').read()\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef ping(count: int):\n    import os\n    return os.popen(f'ping -c {count} localhost').read()\n"),
            crate::text!("a.py", "import os\ndef ping(host: str):\n    return os.popen(f'ping {host}').read()\n"),
        ],
    }
}

impl Rule for ShellInTool {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "os.system",
            "os.popen",
            "subprocess.run",
            "subprocess.call",
            "subprocess.check_call",
            "subprocess.check_output",
            "subprocess.Popen",
            "subprocess.getoutput",
            "asyncio.create_subprocess_shell",
            "child_process.exec",
            "child_process.execSync",
            "child_process.spawn",
            "child_process.spawnSync",
            "child_process.execFile",
            "child_process.execFileSync",
            "execa.execaCommand",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(value) = call.arguments.first().map(|argument| &argument.value) else {
            return;
        };
        let always = matches!(last(&call.callee), "system" | "popen" | "getoutput" | "create_subprocess_shell" | "exec" | "execSync");
        let command = match value {
            // `["bash", "-c", command]`
            Value::List(words) => match words.as_slice() {
                [Value::Text { text: shell, .. }, Value::Text { text: flag, .. }, command]
                    if crate::shells::is_shell(shell) && flag.starts_with('-') && flag.ends_with('c') =>
                {
                    command
                }
                _ => return,
            },
            // `spawn("bash", ["-c", command])` of Node.
            Value::Text { text: shell, .. } if crate::shells::is_shell(shell) => match call.positional(1) {
                Some(Value::List(words)) => match words.as_slice() {
                    [Value::Text { text: flag, .. }, command] if flag.starts_with('-') && flag.ends_with('c') => command,
                    _ => return,
                },
                _ => return,
            },
            other if always || is_on(call, "shell") => other,
            _ => return,
        };
        let Some(found) = trace(command, &[Origin::Tool]) else { return };
        let what = if found.inside {
            "a shell command is put together from"
        } else {
            "a shell runs"
        };
        let severity = severity_at(&call.evidence, Severity::High);
        cx.report(&call.evidence, format!("{what} {}", found.origin.words()))
            .severity(severity)
            .note(format!("`{}` is given `{}`", shown(&call.callee), crate::flow::shown(found.path)));
    }
}
