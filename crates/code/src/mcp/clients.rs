//! Where each client keeps its MCP servers: facts from the documentation of the clients.

use stance_read::input::Input;
use stance_read::tree::Notation;

/// One place: a client, the end of the file's path (`*` for any file of a directory), and the keys
/// that lead to its servers (`*` for any key).
pub(super) struct Place {
    pub(super) client: &'static str,
    pub(super) file: &'static str,
    pub(super) keys: &'static [&'static str],
}

const fn place(client: &'static str, file: &'static str, keys: &'static [&'static str]) -> Place {
    Place { client, file, keys }
}

/// The keys most clients use.
const COMMON: &[&str] = &["mcpServers"];

/// The first client whose file a path is gives the facts their name, so a place with a longer path
/// stands before one that it ends with.
#[rustfmt::skip]
pub(super) static PLACES: &[Place] = &[
    // More of the path than a place further down has.
    place("trae", "Trae/User/mcp.json", COMMON),
    place("trae", "Trae CN/User/mcp.json", COMMON),
    place("warp", ".warp/.mcp.json", COMMON),
    // The others, by client.
    place("aider", ".aider.conf.yml", &[]),
    place("amazon-q", ".amazonq/cli-agents/*.json", COMMON),
    place("amazon-q", ".amazonq/default.json", COMMON),
    place("amazon-q", ".amazonq/mcp.json", COMMON),
    place("amazon-q", ".aws/amazonq/cli-agents/*.json", COMMON),
    place("amazon-q", ".aws/amazonq/default.json", COMMON),
    place("amazon-q", ".aws/amazonq/mcp.json", COMMON),
    place("amp", ".amp/settings.json", &["amp.mcpServers"]),
    place("amp", "amp/settings.json", &["amp.mcpServers"]),
    place("antigravity", ".gemini/antigravity/mcp_config.json", COMMON),
    place("augment", ".augment/settings.json", COMMON),
    place("boltai", ".boltai/mcp.json", COMMON),
    place("claude-code", ".claude.json", COMMON),
    place("claude-code", ".claude.json", &["projects", "*", "mcpServers"]),
    place("claude-code", ".claude-plugin/plugin.json", COMMON),
    place("claude-code", ".claude/settings.json", COMMON),
    place("claude-code", ".claude/settings.local.json", COMMON),
    place("claude-code", ".mcp.json", COMMON),
    place("claude-code", ".mcp.json", &[]),
    place("claude-code", "managed-mcp.json", COMMON),
    place("claude-code", "managed-settings.json", COMMON),
    place("claude-desktop", "claude_desktop_config.json", COMMON),
    place("cline", "cline_mcp_settings.json", COMMON),
    place("codebuddy", ".codebuddy/mcp.json", COMMON),
    place("codex", ".codex/config.toml", &["mcp_servers"]),
    place("codex", "codex/managed_config.toml", &["mcp_servers"]),
    place("continue", ".continue/config.json", &["experimental", "modelContextProtocolServers"]),
    place("continue", ".continue/config.json", COMMON),
    place("continue", ".continue/config.yaml", COMMON),
    place("continue", ".continue/mcpServers/*.json", COMMON),
    place("continue", ".continue/mcpServers/*.yaml", COMMON),
    place("continue", ".continue/mcpServers/*.yml", COMMON),
    place("copilot-cli", ".copilot/mcp-config.json", COMMON),
    place("crush", ".crush.json", &["mcp"]),
    place("crush", "crush.json", &["mcp"]),
    place("cursor", ".cursor/cli-config.json", COMMON),
    place("cursor", ".cursor/cli.json", COMMON),
    place("cursor", ".cursor/mcp.json", COMMON),
    place("cursor", ".cursor/permissions.json", COMMON),
    place("docker-mcp", ".docker/mcp/registry.yaml", &["registry"]),
    place("docker-mcp", "docker-mcp.yaml", &["registry"]),
    place("factory", ".factory/mcp.json", COMMON),
    place("fast-agent", "fastagent.config.yaml", &["mcp", "servers"]),
    place("gemini-cli", ".gemini/settings.json", COMMON),
    place("gemini-cli", "gemini-extension.json", COMMON),
    place("github-copilot", "github-copilot/intellij/mcp.json", &["servers"]),
    place("github-copilot", "github-copilot/xcode/mcp.json", &["servers"]),
    place("goose", ".goose/config.yaml", &["extensions"]),
    place("goose", "goose/config.yaml", &["extensions"]),
    place("hermes", ".hermes/config.yaml", &["mcp_servers"]),
    place("iflow", ".iflow/settings.json", COMMON),
    place("jan", "Jan/data/mcp_config.json", COMMON),
    place("jetbrains", ".aiassistant/mcp.json", COMMON),
    place("jetbrains", ".idea/mcp.json", COMMON),
    place("junie", ".junie/mcp/mcp.json", COMMON),
    place("kilo-code", ".kilocode/mcp.json", COMMON),
    place("kimi", ".kimi/mcp.json", COMMON),
    place("kiro", ".kiro/agents/*.json", COMMON),
    place("kiro", ".kiro/settings/mcp.json", COMMON),
    place("librechat", "librechat.yaml", COMMON),
    place("lm-studio", ".cache/lm-studio/mcp.json", COMMON),
    place("lm-studio", ".lmstudio/mcp.json", COMMON),
    place("mcp-cli", "server_config.json", COMMON),
    place("mcphub", ".config/mcphub/servers.json", COMMON),
    place("openclaw", ".openclaw/openclaw.json", &["mcp", "servers"]),
    place("opencode", ".opencode/opencode.json", &["mcp"]),
    place("opencode", "opencode.json", &["mcp"]),
    place("opencode", "opencode.jsonc", &["mcp"]),
    place("oterm", "oterm/config.json", COMMON),
    place("qwen-code", ".qwen/settings.json", COMMON),
    place("roo-code", ".roo/mcp.json", COMMON),
    place("roo-code", "mcp_settings.json", COMMON),
    place("rovo-dev", ".rovodev/mcp.json", COMMON),
    place("snowflake-cortex", ".snowflake/cortex/mcp.json", COMMON),
    place("tabnine", ".tabnine/mcp_servers.json", COMMON),
    place("trae", ".trae/mcp.json", COMMON),
    place("vibe", ".vibe/config.toml", &["mcp_servers"]),
    place("visual-studio", ".vs/mcp.json", &["servers"]),
    place("void", ".void-editor/mcp.json", COMMON),
    place("vscode", ".code-workspace", &["settings", "mcp", "servers"]),
    place("vscode", ".devcontainer.json", &["customizations", "vscode", "mcp", "servers"]),
    place("vscode", ".vscode/mcp.json", &["servers"]),
    place("vscode", ".vscode/mcp.json", COMMON),
    place("vscode", ".vscode/settings.json", &["mcp", "servers"]),
    place("vscode", ".vscode/settings.json", &["cody.mcpServers"]),
    place("vscode", ".vscode/settings.json", &["mcp.servers"]),
    place("vscode", "User/mcp.json", &["servers"]),
    place("vscode", "User/settings.json", &["mcp", "servers"]),
    place("vscode", "User/settings.json", &["cody.mcpServers"]),
    place("vscode", "User/settings.json", &["mcp.servers"]),
    place("vscode", "devcontainer.json", &["customizations", "vscode", "mcp", "servers"]),
    place("windsurf", ".codeium/windsurf/mcp_config.json", COMMON),
    place("windsurf", ".windsurf/mcp.json", COMMON),
    place("windsurf", ".windsurf/mcp_config.json", COMMON),
    place("zed", ".zed/settings.json", &["context_servers"]),
    place("zed", "zed/settings.json", &["context_servers"]),
];

/// Keys under which the servers of a client that nobody knows may stand.
pub(super) static GENERIC: &[&[&str]] = &[
    &["mcpServers"],
    &["mcp_servers"],
    &["mcp", "servers"],
    &["mcp", "mcpServers"],
    &["servers"],
    &[],
];

/// Whether a path is this file.
pub(super) fn is_at(input: &Input<'_>, file: &str) -> bool {
    match file.split_once("/*.") {
        None if file.starts_with(".code-") => input.path().ends_with(file),
        None => input.ends_with(file),
        Some((directory, extension)) => {
            input.extension() == extension
                && input.path().rsplit_once('/').is_some_and(|(above, _)| {
                    above.strip_suffix(directory).is_some_and(|before| {
                        before.is_empty() || before.ends_with('/') || before.ends_with('!')
                    })
                })
        }
    }
}

/// The client whose file this is by its name.
pub(super) fn client_of(input: &Input<'_>) -> Option<&'static str> {
    // Python is what there is most of, and no client keeps its servers there.
    if input.path().ends_with(".py") {
        return None;
    }
    PLACES
        .iter()
        .find(|place| is_at(input, place.file))
        .map(|place| place.client)
}

/// Whether a file that no client is known by may still declare servers: JSON, YAML or TOML that is
/// called after MCP or has the common key near its start.
pub(super) fn may_declare(input: &Input<'_>) -> bool {
    if Notation::of_extension(input.extension()).is_none() {
        return false;
    }
    let name = input.file_name().to_ascii_lowercase();
    is_named_mcp(&name)
        || memchr::memmem::find(input.head(), b"mcpServers").is_some()
        || memchr::memmem::find(input.head(), b"mcp_servers").is_some()
}

/// `mcp.json`, `mcp_config.json`, `my-mcp-servers.json`.
pub(super) fn is_named_mcp(lower: &str) -> bool {
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| matches!(word, "mcp" | "mcpservers"))
}
