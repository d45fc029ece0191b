//! Names that matter although git ignores the file.

use stance_inspect::is_model_name;

/// Whole file names, in lower case.
const NAMES: &[&str] = &[
    ".mcp.json",
    "mcp.json",
    "mcp_config.json",
    "claude_desktop_config.json",
    "settings.local.json",
    "agents.md",
    "claude.md",
    "gemini.md",
];

/// Whether a file of this name is looked at even when git ignores it.
pub(super) fn is_relevant(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == ".env"
        || lower.starts_with(".env.")
        || lower.ends_with(".env")
        || NAMES.contains(&lower.as_str())
        || is_model_name(name)
}
