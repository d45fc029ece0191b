//! Programs that run agents: the short names that their files go by here, and what people call them.

use serde_json::Value;

use crate::asset::{Asset, AssetId, AssetKind, How, Scope};
use crate::evidence::Evidence;
use crate::fact::AgentPermission;
use crate::inventory::Inventory;

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

/// Most permissions kept for one agent.
const MOST: usize = 256;

/// Says of an agent what it may do without asking, in order of words, and whether it asks at all. What stands in
/// tests and documentation makes an agent known and lets it do nothing.
pub(super) fn permit(inventory: &mut Inventory, permission: &AgentPermission) {
    let id = AssetId::new(AssetKind::Agent, &permission.client);
    let asset = inventory
        .assets
        .entry(id)
        .or_insert_with(|| agent(&permission.client, permission.evidence.clone()));
    if Scope::of_path(&permission.evidence.path) != Scope::Production {
        return;
    }
    if permission.unattended {
        asset
            .attributes
            .insert("unattended".to_owned(), true.into());
    }
    let granted = asset
        .attributes
        .entry("permissions".to_owned())
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = granted
        && list.len() < MOST
    {
        let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let text = &permission.permission;
        if let Err(place) = list.binary_search_by(|known| words(known).cmp(text)) {
            list.insert(place, text.as_str().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::fact::Fact;
    use crate::observation::Observation;

    fn permission(path: &str, permission: &str, unattended: bool) -> Observation {
        Observation {
            source: "directory",
            subject: path.into(),
            fact: Fact::AgentPermission(Box::new(AgentPermission {
                client: "claude-code".to_owned(),
                permission: permission.to_owned(),
                shell: false,
                unattended,
                evidence: Evidence::file(path),
            })),
        }
    }

    fn attributes(observations: &[Observation]) -> BTreeMap<String, Value> {
        let inventory = crate::inventory::build("tree", observations);
        inventory.assets[&AssetId::new(AssetKind::Agent, "claude-code")]
            .attributes
            .clone()
    }

    #[test]
    fn an_agent_has_its_permissions_once_and_in_order() {
        let settings = ".claude/settings.json";
        let asks = [
            permission(settings, "Bash(npm test:*)", false),
            permission("apps/.claude/settings.json", "Bash(ls)", false),
            permission(settings, "Bash(npm test:*)", false),
            permission("tests/.claude/settings.json", "Bash(*)", true),
        ];
        assert_eq!(
            attributes(&asks),
            BTreeMap::from([(
                "permissions".to_owned(),
                serde_json::json!(["Bash(ls)", "Bash(npm test:*)"])
            )])
        );
        let bypasses = [permission(
            settings,
            "permissions.defaultMode = \"bypassPermissions\"",
            true,
        )];
        assert_eq!(attributes(&bypasses)["unattended"], true);
    }

    #[test]
    fn permissions_are_bounded() {
        let many: Vec<Observation> = (0..2 * MOST)
            .map(|number| {
                permission(
                    ".claude/settings.json",
                    &format!("Bash(run {number})"),
                    false,
                )
            })
            .collect();
        let list = attributes(&many)["permissions"].as_array().map(Vec::len);
        assert_eq!(list, Some(MOST));
    }

    #[test]
    fn a_client_is_also_known_as_people_call_it() {
        assert!(PRODUCTS.is_sorted());
        let seen = |client| agent(client, Evidence::file(".mcp.json")).aliases;
        assert!(seen("claude-code").contains("Claude Code"));
        assert!(seen("cursor").is_empty());
    }
}
