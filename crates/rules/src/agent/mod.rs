//! Rules about agents: what they connect to, what they may do, what they are told.

use stance_core::fact::Reference;

rules! {
    a2a_card_without_authentication,
    ci_agent_open_to_strangers,
    ci_prompt_from_event,
    hidden_unicode,
    lethal_trifecta,
    mcp_auto_approve,
    mcp_host_access,
    mcp_inline_credential,
    mcp_plain_http,
    mcp_remote_script,
    mcp_shell_tool,
    mcp_sse_transport,
    mcp_tool_shadowing,
    mcp_unpinned_package,
    memory_from_untrusted_input,
    shell_beside_untrusted_input,
    tool_annotation_mismatch,
    tool_description_instructs,
    unattended_shell,
}

/// An attribute of a reference that holds one text or several.
fn told<'r>(reference: &'r Reference, name: &str) -> Vec<&'r str> {
    match reference.attributes.get(name) {
        Some(serde_json::Value::Array(all)) => all.iter().filter_map(|one| one.as_str()).collect(),
        Some(serde_json::Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}
