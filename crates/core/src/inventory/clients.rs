//! Programs that run agents: the short names that their files go by here, and what people call them.

use crate::asset::{Asset, AssetKind, How};
use crate::evidence::Evidence;

/// Short name and the product's own, where the two are not the same words.
const PRODUCTS: &[(&str, &str)] = &[
    ("amazon-q", "Amazon Q Developer"),
    ("augment", "Augment Code"),
    ("claude-code", "Claude Code"),
    ("claude-desktop", "Claude Desktop"),
    ("codex", "OpenAI Codex"),
    ("copilot-cli", "GitHub Copilot CLI"),
    ("docker-mcp", "Docker MCP Toolkit"),
    ("factory", "Factory Droid"),
    ("gemini-cli", "Gemini CLI"),
    ("github-copilot", "GitHub Copilot"),
    ("iflow", "iFlow CLI"),
    ("jetbrains", "JetBrains AI Assistant"),
    ("kilo-code", "Kilo Code"),
    ("kimi", "Kimi CLI"),
    ("lm-studio", "LM Studio"),
    ("qwen-code", "Qwen Code"),
    ("roo-code", "Roo Code"),
    ("rovo-dev", "Rovo Dev"),
    ("snowflake-cortex", "Snowflake Cortex Code"),
    ("vibe", "Mistral Vibe"),
    ("visual-studio", "Visual Studio"),
    ("vscode", "Visual Studio Code"),
];

/// The agent that a client is, as a file that configures it makes it known.
pub(super) fn agent(client: &str, evidence: Evidence) -> Asset {
    let mut asset = Asset::new(
        AssetKind::Agent,
        client,
        client,
        How::Configuration,
        evidence,
    );
    if let Ok(at) = PRODUCTS.binary_search_by(|(short, _)| (*short).cmp(client))
        && let Some((_, product)) = PRODUCTS.get(at)
    {
        asset.aliases.insert((*product).to_owned());
    }
    asset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_also_known_as_people_call_it() {
        assert!(PRODUCTS.is_sorted());
        let seen = |client| agent(client, Evidence::file(".mcp.json")).aliases;
        assert!(seen("claude-code").contains("Claude Code"));
        assert!(seen("cursor").is_empty());
    }
}
