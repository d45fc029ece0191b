use stance_core::fact::{Argument, CodeCall, Fact, Value};
use stance_core::{AssetKind, Severity};

use crate::calls::{severity_at, shown};
use crate::{Cx, Rule};

rule! {
    /// # Agent or MCP server that asks for more rights than a task needs
    ///
    /// ## What it finds
    /// OAuth scopes that give everything, in the code of an application that has tools, agents or MCP servers: all mail
    /// (`https://mail.google.com/`), the whole drive (`…/auth/drive`), a whole cloud (`…/auth/cloud-platform`), deleting
    /// repositories or administering an organisation on GitHub (`delete_repo`, `admin:org`), writing the directory or all
    /// mailboxes and sites in Microsoft Graph (`Directory.ReadWrite.All`, `Mail.ReadWrite.All`, `Sites.FullControl.All`), Slack's `admin`.
    ///
    /// ## Why it matters
    /// What the token may do, an injected instruction can have the agent do. With a scope for everything one sentence in a mail reaches
    /// every file, mailbox or repository, and consent screens teach users to agree to anything.
    ///
    /// ## Example
    /// ```python
    /// GitHubProvider(client_id=ID, client_secret=SECRET, required_scopes=["repo", "delete_repo"])
    /// ```
    ///
    /// ## Fix
    /// Ask for the scope of the task (`…/auth/gmail.send`, `…/auth/drive.file`, `read:org`), ask for more only when a tool needs
    /// it, and keep reading and writing apart.
    ///
    /// ## References
    /// - Model Context Protocol specification, security best practices, Scope Minimization
    /// - OWASP Top 10 for LLM applications 2025, LLM06 Excessive Agency
    BroadOauthScope {
        id: "code/broad-oauth-scope",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI03",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.py", "from fastmcp import FastMCP\nfrom fastmcp.server.auth.providers.github import GitHubProvider\nauth = GitHubProvider(client_id='x', client_secret=key(), required_scopes=['repo', 'delete_repo'])\nmcp = FastMCP('x', auth=auth)\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nfrom google_auth_oauthlib.flow import InstalledAppFlow\nSCOPES = ['https://mail.google.com/']\nmcp = FastMCP('mail')\nflow = InstalledAppFlow.from_client_secrets_file('c.json', SCOPES)\n"),
        ],
        good: [
            crate::text!("a.py", "from fastmcp import FastMCP\nfrom google_auth_oauthlib.flow import InstalledAppFlow\nSCOPES = ['https://www.googleapis.com/auth/gmail.send', 'https://www.googleapis.com/auth/drive.file']\nmcp = FastMCP('mail')\nflow = InstalledAppFlow.from_client_secrets_file('c.json', SCOPES)\n"),
            // No agent has it.
            crate::text!("a.py", "from google_auth_oauthlib.flow import InstalledAppFlow\nflow = InstalledAppFlow.from_client_secrets_file('c.json', ['https://mail.google.com/'])\n"),
        ],
    }
}

/// Scopes that give everything of their kind, and what that is.
const BROAD: [(&str, &str); 18] = [
    ("https://mail.google.com/", "all mail, also deleting it"),
    ("https://www.googleapis.com/auth/drive", "the whole drive"),
    ("https://www.googleapis.com/auth/cloud-platform", "the whole cloud project"),
    ("https://www.googleapis.com/auth/admin.directory.user", "the users of the organisation"),
    ("admin:org", "administering the organisation"),
    ("admin:enterprise", "administering the enterprise"),
    ("delete_repo", "deleting repositories"),
    ("site_admin", "administering the server"),
    ("Directory.ReadWrite.All", "writing the directory"),
    ("RoleManagement.ReadWrite.Directory", "giving roles"),
    ("Mail.ReadWrite.All", "all mailboxes"),
    ("Files.ReadWrite.All", "all files"),
    ("Sites.FullControl.All", "all sites"),
    ("User.ReadWrite.All", "writing all users"),
    ("Group.ReadWrite.All", "writing all groups"),
    ("full_access_as_app", "all mailboxes"),
    ("admin", "administering the workspace"),
    ("api", "the whole API"),
];

/// The word alone says too much where it stands for something else.
const ONLY_OF: [(&str, &str); 2] = [("admin", "slack"), ("api", "gitlab")];

fn broad<'v>(text: &'v str, callee: &str) -> Option<(&'v str, &'static str)> {
    text.split([' ', ',']).find_map(|word| {
        let plain = word.strip_prefix("https://graph.microsoft.com/").unwrap_or(word);
        let (scope, what) = BROAD.iter().find(|(scope, _)| *scope == plain)?;
        let limited = ONLY_OF.iter().find(|(word, _)| word == scope);
        limited.is_none_or(|(_, owner)| callee.to_ascii_lowercase().contains(owner)).then_some((plain, *what))
    })
}

fn in_value<'v>(value: &'v Value, callee: &str) -> Option<(&'v str, &'static str)> {
    match value {
        Value::Text { text, .. } => broad(text, callee),
        Value::List(all) => all.iter().find_map(|one| in_value(one, callee)),
        _ => None,
    }
}

fn is_scopes(argument: &Argument) -> bool {
    argument.name.as_deref().is_none_or(|name| {
        matches!(name, "scope" | "scopes" | "required_scopes" | "valid_scopes" | "default_scopes" | "oauth_scopes")
    })
}

impl Rule for BroadOauthScope {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.GitHubProvider",
            "*.GoogleProvider",
            "*.AzureProvider",
            "*.OAuthProxy",
            "*.OIDCProxy",
            "*.AuthSettings(required_scopes)",
            "*.from_client_secrets_file",
            "*.from_client_config",
            "*.from_authorized_user_file",
            "*.from_service_account_file",
            "*.from_service_account_info",
            "google.auth.default(scopes)",
            "*.acquire_token_for_client",
            "*.acquire_token_interactive",
            "*.OAuth2Session(scope)",
            "*.CalendarToolset",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let found = call
            .arguments
            .iter()
            .filter(|argument| is_scopes(argument))
            .find_map(|argument| in_value(&argument.value, &call.callee));
        let Some((scope, what)) = found else {
            return;
        };
        let snapshot = cx.snapshot();
        let application = snapshot.applications.id_of(&call.evidence.path);
        // A program without tools may need the rights itself.
        let acts = snapshot.observations.iter().any(|seen| {
            matches!(&seen.fact, Fact::Reference(reference)
                if matches!(reference.kind, AssetKind::Agent | AssetKind::Tool | AssetKind::McpServer)
                    && snapshot.applications.id_of(&reference.evidence.path) == application)
        });
        if acts {
            let severity = severity_at(&call.evidence, Severity::Low);
            cx.report(&call.evidence, format!("`{}` asks for `{scope}`, which is {what}", shown(&call.callee)))
                .severity(severity);
        }
    }
}
