//! Tools that the services of model providers bring themselves, as requests name them.
//!
//! Sources: the API references of OpenAI (tools of the Responses API and of assistants), Anthropic (server tools and
//! computer use, versioned by date) and Google (tools of the Gemini API).

/// A tool that a provider's own service runs, or whose schema it defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinTool {
    /// The provider's key.
    pub vendor: &'static str,
    /// What the tool is, without the date of its version: `web_search`.
    pub family: &'static str,
}

/// Values of `type` that OpenAI defines.
const OPENAI: [&str; 13] = [
    "web_search",
    "web_search_preview",
    "file_search",
    "code_interpreter",
    "image_generation",
    "computer_use_preview",
    "computer-preview",
    "computer_use",
    "local_shell",
    "shell",
    "apply_patch",
    "retrieval",
    "tool_search",
];

/// Beginnings of `type` that Anthropic defines; a date follows.
const ANTHROPIC: [&str; 11] = [
    "computer",
    "text_editor",
    "bash",
    "web_search",
    "web_fetch",
    "code_execution",
    "memory",
    "tool_search_tool_regex",
    "tool_search_tool_bm25",
    "mcp_toolset",
    "advisor",
];

/// Keys that Google defines, in snake case.
const GOOGLE: [&str; 9] = [
    "google_search",
    "google_search_retrieval",
    "code_execution",
    "url_context",
    "google_maps",
    "enterprise_web_search",
    "computer_use",
    "file_search",
    "retrieval",
];

/// The tool that a value of `type` names: `web_search_preview`, `computer_20250124`.
#[must_use]
pub fn by_type(text: &str) -> Option<BuiltinTool> {
    let dated = |separator: &str| {
        let (family, date) = text.rsplit_once(separator)?;
        let eight = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        eight.then_some(family)
    };
    if let Some(family) = dated("_") {
        let family = *ANTHROPIC.iter().find(|known| **known == family)?;
        return Some(BuiltinTool {
            vendor: "anthropic",
            family,
        });
    }
    // `web_search_preview_2025_03_11`, `web_search_2025_08_26`
    let plain = match text.match_indices("_20").next() {
        Some((at, _)) => text.get(..at).unwrap_or(text),
        None => text,
    };
    let family = *OPENAI.iter().find(|known| **known == plain)?;
    Some(BuiltinTool {
        vendor: "openai",
        family,
    })
}

/// The tool that a key of an object without a `type` names, in snake case: `google_search`.
#[must_use]
pub fn by_key(key: &str) -> Option<BuiltinTool> {
    let family = *GOOGLE.iter().find(|known| **known == key)?;
    Some(BuiltinTool {
        vendor: "google",
        family,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_writes_its_tools_in_its_own_way() {
        let told = |text: &str| by_type(text).map(|it| (it.vendor, it.family));
        assert_eq!(
            told("web_search_preview"),
            Some(("openai", "web_search_preview"))
        );
        assert_eq!(
            told("web_search_preview_2025_03_11"),
            Some(("openai", "web_search_preview"))
        );
        assert_eq!(told("computer_20250124"), Some(("anthropic", "computer")));
        assert_eq!(
            told("web_search_20250305"),
            Some(("anthropic", "web_search"))
        );
        for other in [
            "function",
            "custom",
            "object",
            "computer_2025",
            "mine_20250124",
            "text",
            "",
        ] {
            assert_eq!(told(other), None, "{other}");
        }
        assert_eq!(by_key("google_search").map(|it| it.vendor), Some("google"));
        assert_eq!(by_key("name"), None);
    }
}
