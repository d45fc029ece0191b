//! The words behind `stance mcp-proxy`.

use std::ffi::OsString;

use clap::Args;

/// What a reader of the help needs to begin.
const EXAMPLE: &str = "\
Put it before the command of a server, in the configuration of any client:
  \"command\": \"stance\",
  \"args\": [\"mcp-proxy\", \"--name\", \"files\", \"--\", \"npx\", \"-y\", \"@modelcontextprotocol/server-filesystem\", \"/data\"]

What a server writes to standard error is passed on; so is its exit code.

Exit codes:
  that of the server; 128 and the number of the signal that ended it
  2  error of use or configuration";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct McpProxyArguments {
    /// What the server is called in policies and receipts [default: the name of its program]
    #[arg(long, env = "STANCE_MCP_NAME", value_name = "SERVER")]
    pub(crate) name: Option<String>,
    /// Who asks, as policies and receipts name them
    #[arg(long, env = "STANCE_MCP_IDENTITY", value_name = "IDENTITY")]
    pub(crate) identity: Option<String>,
    /// Set by this program when it starts itself to be the server.
    #[arg(long, hide = true)]
    pub(crate) become_server: bool,
    /// The command that starts the server
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
