//! The words behind `stance gateway`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::TextOrJson;

/// What a reader of the help needs to begin.
const EXAMPLE: &str = "\
In stance.toml:
  [gateway.upstreams.openai]
  url = \"https://api.openai.com\"
  key = \"env:OPENAI_API_KEY\"

Then:
  stance gateway --config stance.toml
  OPENAI_BASE_URL=http://127.0.0.1:7879/openai/v1 python3 my_application.py

Every exchange leaves a receipt; to verify them, with the directories that are
told at the start: stance audit verify --log RECEIPTS/receipts-000001.jsonl --public-key DATA/audit.pub
The settings are read anew when their file changes, and on SIGHUP.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE, args_conflicts_with_subcommands = true)]
pub(crate) struct GatewayArguments {
    #[command(subcommand)]
    pub(crate) command: Option<GatewayCommand>,
    /// Where to listen; addresses other than loopback need virtual keys
    #[arg(
        long,
        env = "STANCE_GATEWAY_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7879"
    )]
    pub(crate) listen: SocketAddr,
    /// Directory of the receipts [default: receipts in the data directory]
    #[arg(long, env = "STANCE_GATEWAY_RECEIPTS", value_name = "DIRECTORY")]
    pub(crate) receipts: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GatewayCommand {
    /// Make a virtual key, and the lines of stance.toml that let it in; the key is told once and kept nowhere
    Key {
        /// Who holds it: the name under which it stands in receipts
        name: String,
    },
    /// What waits for somebody's decision at a gateway on this machine, or at a proxy before an MCP server: list, allow, deny
    Asks(AsksArguments),
    /// Look at the tools that applications and servers offered, and approve them
    ///
    /// The catalogue lies in the data directory, and a gateway that runs takes over within seconds what changes there. It has
    /// digests of names, descriptions and schemas, and none of their words.
    Tools {
        #[command(subcommand)]
        action: ToolsAction,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AsksArguments {
    #[command(subcommand)]
    pub(crate) command: Option<AsksCommand>,
    /// List as JSON, for programs
    #[arg(long, env = "STANCE_GATEWAY_ASKS_JSON")]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AsksCommand {
    /// List what waits; with -v also what was decided lately
    List,
    /// Let it go on
    Allow(Said),
    /// Refuse it
    Deny(Said),
}

#[derive(Debug, Args)]
pub(crate) struct Said {
    /// The id of the question, or how it begins
    pub(crate) id: String,
    /// Who decides, for the receipt [default: the name of the account]
    #[arg(long, env = "STANCE_GATEWAY_ASKS_BY", value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Why, for the receipt
    #[arg(long, env = "STANCE_GATEWAY_ASKS_NOTE", value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Decide alike for the same identity, tools and rules, as long as `[gateway.ask] remember` says
    #[arg(long, env = "STANCE_GATEWAY_ASKS_REMEMBER")]
    pub(crate) remember: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ToolsAction {
    /// List the tools that are known, each in the forms in which it was offered
    List {
        #[command(flatten)]
        which: Which,
        /// Table for people or JSON for programs
        #[arg(long, env = "STANCE_GATEWAY_TOOLS_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
    /// Approve tools as they were offered
    Approve {
        #[command(flatten)]
        which: Which,
        /// All tools that are known
        #[arg(long, env = "STANCE_GATEWAY_TOOLS_ALL", conflicts_with = "tools")]
        all: bool,
        /// Only the form whose digest begins so
        #[arg(long, env = "STANCE_GATEWAY_TOOLS_DIGEST", value_name = "DIGEST")]
        digest: Option<String>,
    },
    /// Forget tools: what is offered next is new
    Forget {
        #[command(flatten)]
        which: Which,
        /// All tools that are known
        #[arg(long, env = "STANCE_GATEWAY_TOOLS_ALL", conflicts_with = "tools")]
        all: bool,
    },
}

/// Which tools are meant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Names of tools; `*` stands for any characters
    #[arg(value_name = "TOOL")]
    pub(crate) tools: Vec<String>,
    /// Only those of this upstream
    #[arg(long, env = "STANCE_GATEWAY_TOOLS_UPSTREAM", value_name = "NAME")]
    pub(crate) upstream: Option<String>,
    /// Only those that this identity offers
    #[arg(long, env = "STANCE_GATEWAY_TOOLS_IDENTITY", value_name = "NAME")]
    pub(crate) identity: Option<String>,
}
