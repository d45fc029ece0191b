use stance_core::Severity;
use stance_core::fact::McpServer;

use crate::{Cx, Rule};

rule! {
    /// # MCP server with the whole machine in its reach
    ///
    /// ## What it finds
    /// An MCP server that is handed more of the machine than a tool needs: a container with the
    /// socket of the container engine, with `--privileged`, or with the root or a home directory
    /// mounted; or a file server whose allowed directory is the root, a drive or a whole home.
    ///
    /// ## Why it matters
    /// The socket and `--privileged` are the same as root on the host: from inside, one command starts
    /// a container that owns the machine. A home directory holds keys, browser profiles, cloud and
    /// registry credentials. What the server may read, an injected instruction can have the agent read
    /// and send away.
    ///
    /// ## Example
    /// ```json
    /// { "mcpServers": { "files": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/"] } } }
    /// ```
    ///
    /// ## Fix
    /// Give the server the one directory it works on, read-only where it only reads (`:ro`), and no
    /// socket. Use a proxy that allows single calls where the engine must be asked.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM applications 2025, LLM06 Excessive Agency
    /// - MITRE ATLAS AML.T0105, Escape to Host
    McpHostAccess {
        id: "agent/mcp-host-access",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-agentic-2026:ASI02",
            "owasp-agentic-2026:ASI03",
            "mitre-atlas:AML.T0105",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"d": {"command": "docker", "args": ["run", "-i", "-v", "/var/run/docker.sock:/var/run/docker.sock", "acme/mcp@sha256:00"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"d": {"command": "docker", "args": ["run", "-i", "--privileged", "acme/mcp@sha256:00"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"f": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/"]}}}"#),
            crate::text!("claude_desktop_config.json", r#"{"mcpServers": {"f": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "C:\\Users\\ada"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"d": {"command": "docker", "args": ["run", "--mount", "type=bind,src=/home/ada,dst=/work", "acme/mcp@sha256:00"]}}}"#),
        ],
        good: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"f": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/home/ada/projects/app"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"d": {"command": "docker", "args": ["run", "-i", "-v", "./data:/data:ro", "acme/mcp@sha256:00", "/"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"w": {"command": "npx", "args": ["-y", "web-mcp@1.0.0", "--base-path", "/"]}}}"#),
        ],
    }
}

impl Rule for McpHostAccess {
    fn mcp_server(&self, server: &McpServer, cx: &mut Cx<'_>) {
        let command = server.command.as_deref().unwrap_or_default();
        let engine = ["docker", "podman", "nerdctl"]
            .iter()
            .any(|engine| command.rsplit(['/', '\\']).next() == Some(engine));
        let reached: Vec<(String, Severity)> = if engine {
            of_container(&server.arguments)
        } else if serves_files(server) {
            let whole = server.arguments.iter().filter_map(|word| whole(word));
            whole
                .map(|what| (format!("may read and write {what}"), Severity::High))
                .collect()
        } else {
            Vec::new()
        };
        for (what, severity) in reached {
            let message = format!("MCP server `{}` {what}", server.name);
            cx.report(&server.evidence, message).severity(severity);
        }
    }
}

/// Whether the server is one that offers the directories it is given.
fn serves_files(server: &McpServer) -> bool {
    let name = server.package.as_ref().map_or("", |package| &*package.name);
    let command = server.command.as_deref().unwrap_or_default();
    [name, command]
        .iter()
        .any(|name| name.contains("filesystem") || name.contains("file-system"))
}

/// What the arguments of `docker run` open up.
fn of_container(arguments: &[String]) -> Vec<(String, Severity)> {
    let mut found = Vec::new();
    let mut words = arguments.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (word, None),
        };
        match flag {
            "--privileged" if value != Some("false") => {
                found.push(("runs in a privileged container".to_owned(), Severity::High));
            }
            "-v" | "--volume" | "--mount" => {
                let Some(mount) = value.or_else(|| words.next()) else {
                    break;
                };
                let source = source_of(mount);
                let read_only = mount.ends_with(":ro") || mount.contains("readonly");
                if source.ends_with("docker.sock") || source.ends_with("podman.sock") {
                    found.push((
                        "is given the socket of the container engine".to_owned(),
                        Severity::High,
                    ));
                } else if let Some(what) = whole(source) {
                    let severity = if read_only {
                        Severity::Medium
                    } else {
                        Severity::High
                    };
                    found.push((format!("has {what} mounted"), severity));
                }
            }
            "--pid" | "--userns" if value.or(words.peek().copied()) == Some("host") => {
                found.push((format!("shares the host with `{flag} host`"), Severity::Medium));
            }
            _ => {}
        }
    }
    found
}

/// The part of the host that a mount shows.
fn source_of(mount: &str) -> &str {
    let named = mount.split(',').find_map(|part| {
        part.strip_prefix("src=")
            .or_else(|| part.strip_prefix("source="))
    });
    named.unwrap_or_else(|| {
        // The drive of a Windows path has a colon too.
        let drive = mount.get(1..3) == Some(":\\") || mount.get(1..3) == Some(":/");
        let from = if drive { 2 } else { 0 };
        let colon = mount.get(from..).and_then(|rest| rest.find(':'));
        let end = colon.map_or(mount.len(), |colon| colon.saturating_add(from));
        mount.get(..end).unwrap_or_default()
    })
}

/// What a path is, when it is the root, a drive or a whole home directory.
fn whole(path: &str) -> Option<String> {
    let trimmed = path.trim_end_matches(['/', '\\', '*']);
    if matches!(path, "/" | "\\") {
        return Some("the root directory".to_owned());
    }
    let homes = [
        "~", "$HOME", "${HOME}", "${env:HOME}", "${userHome}", "%USERPROFILE%", "${USERPROFILE}",
        "/root", "/home", "/Users",
    ];
    if homes.contains(&trimmed) {
        return Some(format!("the home directory `{path}`"));
    }
    let parts: Vec<&str> = trimmed.split(['/', '\\']).collect();
    match *parts.as_slice() {
        ["", "home" | "Users", _] | [_, "Users" | "users", _]
            if parts.first().is_some_and(|drive| drive.is_empty() || drive.ends_with(':')) =>
        {
            Some(format!("the home directory `{path}`"))
        }
        [drive] if drive.len() == 2 && drive.ends_with(':') => Some(format!("the drive `{path}`")),
        _ => None,
    }
}
