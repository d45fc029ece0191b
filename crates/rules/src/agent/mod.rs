//! Rules about agents: what they connect to, what they may do, what they are told.

rules! {
    ci_agent_open_to_strangers,
    hidden_unicode,
    mcp_auto_approve,
    mcp_host_access,
    mcp_inline_credential,
    mcp_plain_http,
    mcp_remote_script,
    mcp_shell_tool,
    mcp_sse_transport,
    mcp_unpinned_package,
    tool_annotation_mismatch,
    tool_description_instructs,
    unattended_shell,
}
