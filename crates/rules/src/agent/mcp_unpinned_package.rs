use stance_core::Severity;
use stance_core::fact::McpServer;

use crate::calls::severity_at;
use crate::{Cx, Rule};

rule! {
    /// # MCP server started from an unpinned package
    ///
    /// ## What it finds
    /// An MCP server that a client starts with a package runner (`npx`, `bunx`, `pnpm dlx`, `uvx`,
    /// `pipx run`, `docker run`, `go run` and their like) from a package without an exact version: no
    /// version at all, `latest`, a range, a branch, or an image tag that is meant to move. A full
    /// version (`1.2.3`), a commit or an image digest is exact.
    ///
    /// ## Why it matters
    /// The runner fetches whatever the registry holds at that moment, each time the client starts,
    /// and runs it with the rights of the person at the keyboard. A maintainer whose account is taken
    /// over, or who sells the package, reaches every machine that has this configuration, without
    /// anybody changing a line. The tools a server offers can change under the same name too: the one
    /// that was reviewed is not the one that runs.
    ///
    /// ## Example
    /// ```json
    /// { "mcpServers": { "docs": { "command": "npx", "args": ["-y", "docs-mcp@latest"] } } }
    /// ```
    ///
    /// ## Fix
    /// Write the exact version that was reviewed (`docs-mcp@1.4.2`, `docs-mcp==1.4.2`, an image by its
    /// `@sha256:` digest) and raise it on purpose, with a look at what changed.
    ///
    /// ## References
    /// - Model Context Protocol, security best practices: <https://modelcontextprotocol.io/specification/draft/basic/security_best_practices>
    /// - OWASP Top 10 for LLM applications 2025, LLM03 Supply Chain
    McpUnpinnedPackage {
        id: "agent/mcp-unpinned-package",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.005",
            "iso-42001-2023:A.10.3",
            "nist-ai-rmf-1.0:MANAGE 3.1",
        ],
        bad: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"command": "npx", "args": ["-y", "docs-mcp"]}}}"#),
            crate::text!(".cursor/mcp.json", r#"{"mcpServers": {"docs": {"command": "uvx", "args": ["docs-mcp@latest"]}}}"#),
            crate::text!(".codex/config.toml", "[mcp_servers.docs]\ncommand = \"docker\"\nargs = [\"run\", \"-i\", \"--rm\", \"-e\", \"TOKEN\", \"acme/docs-mcp\"]\n"),
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"command": "uvx", "args": ["--from", "git+https://github.com/acme/docs-mcp@main", "docs"]}}}"#),
        ],
        good: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"command": "npx", "args": ["-y", "@acme/docs-mcp@1.4.2"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"command": "uvx", "args": ["docs-mcp==1.4.2"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"command": "node", "args": ["./server.js"]}}}"#),
            crate::text!("README.md", "```json\n{\"mcpServers\": {\"docs\": {\"command\": \"npx\", \"args\": [\"-y\", \"docs-mcp\"]}}}\n```\n"),
        ],
    }
}

impl Rule for McpUnpinnedPackage {
    fn mcp_server(&self, server: &McpServer, cx: &mut Cx<'_>) {
        cx.judges_if(server.package.is_some());
        let Some(package) = server.package.as_ref() else {
            return;
        };
        // A bare address is no package; `agent/mcp-remote-script` speaks of it.
        if package.pinned || package.ecosystem == "url" {
            return;
        }
        let how = match &package.version {
            Some(version) => format!("at `{version}`, which is not an exact version"),
            None => "without a version".to_owned(),
        };
        let message = format!(
            "MCP server `{}` runs the {} `{}` {how}",
            server.name,
            kind(&package.ecosystem),
            package.name
        );
        let severity = severity_at(&package.evidence, Severity::Medium);
        let draft = cx.report(&package.evidence, message).severity(severity);
        let draft = match package.ecosystem.as_str() {
            "docker" => draft.fix(format!(
                "pin the image by digest: `{}@sha256:...`",
                package.name
            )),
            "git" => draft.fix("pin the repository to a commit".to_owned()),
            "pypi" => draft.fix(format!("pin the version: `{}==X.Y.Z`", package.name)),
            _ => draft.fix(format!("pin the version: `{}@X.Y.Z`", package.name)),
        };
        if server.disabled {
            draft
                .severity(Severity::Low)
                .note("the server is switched off in this file");
        }
    }
}

fn kind(ecosystem: &str) -> &'static str {
    match ecosystem {
        "npm" => "npm package",
        "pypi" => "Python package",
        "docker" => "image",
        "git" => "repository",
        "golang" => "Go module",
        _ => "package",
    }
}
