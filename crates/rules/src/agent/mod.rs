//! Rules about agents: what they connect to, what they may do, what they are told.

rules! {
    hidden_unicode,
    mcp_auto_approve,
    mcp_host_access,
    mcp_inline_credential,
    mcp_plain_http,
    mcp_remote_script,
    mcp_shell_tool,
    mcp_unpinned_package,
    unattended_shell,
}
