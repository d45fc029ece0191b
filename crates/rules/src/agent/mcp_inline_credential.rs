use stance_core::fact::McpServer;

use crate::{Cx, Rule};

rule! {
    /// # MCP server with an inline credential
    ///
    /// ## What it finds
    /// A literal credential in the definition of an MCP server: in its environment, its HTTP headers,
    /// its arguments (`--api-key …`) or its address (a password before the host, a key in the query or
    /// path). A value counts when it has the known form of a vendor's key, when its name says that it
    /// is one (`GITHUB_TOKEN`, `Authorization`), or when it looks as if drawn at random. References
    /// (`${GITHUB_TOKEN}`, `${input:token}`, `$(command)`, `op://…`) and placeholders do not count.
    ///
    /// ## Why it matters
    /// These files are committed, synced and pasted into issues. Whoever reads one holds the
    /// credential, often one that was made with wide rights so that the agent just works. Agents read
    /// these files as well: one prompt injection is enough to have the value sent away.
    ///
    /// ## Example
    /// ```json
    /// { "mcpServers": { "git": { "command": "git-mcp", "env": { "GITHUB_TOKEN": "the token itself" } } } }
    /// ```
    ///
    /// ## Fix
    /// Revoke the credential; it must be taken as known. Then have the client read it from the
    /// environment or a store of secrets: `${GITHUB_TOKEN}`, `${input:token}` in VS Code,
    /// `bearer_token_env_var` in Codex, or sign in with OAuth where the server offers it.
    ///
    /// ## References
    /// - MITRE ATLAS AML.T0083, Credentials from AI Agent Configuration
    /// - OWASP Top 10 for LLM applications 2025, LLM02 Sensitive Information Disclosure
    McpInlineCredential {
        id: "agent/mcp-inline-credential",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-agentic-2026:ASI03",
            "mitre-atlas:AML.T0055",
            "mitre-atlas:AML.T0083",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"git": {"command": "git-mcp", "env": {"GITHUB_TOKEN": "a8f3k2m9x7c4v1b6"}}}}"#),
            crate::text!(".vscode/mcp.json", r#"{"servers": {"docs": {"url": "https://mcp.acme.io", "headers": {"Authorization": "Bearer a8f3k2m9x7c4v1b6"}}}}"#),
            crate::text!(".cursor/mcp.json", r#"{"mcpServers": {"docs": {"command": "docs", "args": ["--api-key", "a8f3k2m9x7c4v1b6"]}}}"#),
            crate::text!(".cursor/mcp.json", r#"{"mcpServers": {"docs": {"url": "https://mcp.acme.io/mcp?api_key=a8f3k2m9x7c4v1b6"}}}"#),
        ],
        good: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"git": {"command": "git-mcp", "env": {"GITHUB_TOKEN": "${GITHUB_TOKEN}"}}}}"#),
            crate::text!(".vscode/mcp.json", r#"{"servers": {"docs": {"url": "https://mcp.acme.io", "headers": {"Authorization": "Bearer ${input:token}"}}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"git": {"command": "git-mcp", "env": {"GITHUB_TOKEN": "<your-token-here>", "MAX_TOKENS": "16000", "TOKEN_FILE": "/run/secrets/token1"}}}}"#),
        ],
    }
}

impl Rule for McpInlineCredential {
    fn mcp_server(&self, server: &McpServer, cx: &mut Cx<'_>) {
        for (settings, place) in [
            (&server.environment, "environment variable"),
            (&server.headers, "header"),
            (&server.credentials, "command line or address as"),
        ] {
            for setting in settings.iter().filter(|setting| setting.inline_credential) {
                let message = format!(
                    "MCP server `{}` has a credential written into its {place} `{}`",
                    server.name, setting.name
                );
                cx.report(&setting.evidence, message);
            }
        }
    }
}
