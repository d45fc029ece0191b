//! The words behind `stance traffic`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::TextOrJson;

const AFTER: &str = "\
Examples:
  stance traffic import litellm.jsonl.gz exports/          # into the data directory, while no service runs on it
  stance traffic import logs/ --server https://stance.example.org --token-file token
  kubectl logs deploy/envoy | stance traffic import - --format envoy --server http://127.0.0.1:7878 --token-file token

What is read:
  OTLP in JSON and logs of agentgateway, Azure OpenAI, Bedrock, Cloudflare, Envoy, Helicone, Kong, Langfuse, LiteLLM,
  Phoenix, Portkey and Vertex AI: JSON Lines, lists, documents, lines of text; packed with gzip or not. What is told twice
  is kept once.

Exit codes:
  0  all files were taken in, at least in part; what was not understood is told
  2  error of use, configuration or tool; a file of which no record is understood";

#[derive(Debug, Args)]
pub(crate) struct TrafficArguments {
    #[command(subcommand)]
    pub(crate) command: TrafficCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrafficCommand {
    /// Take in logs of gateways and providers that are there already: judged and kept as what is sent to the service
    Import(ImportArguments),
}

#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ImportArguments {
    /// Files, directories, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Send them to this service, such as https://stance.example.org [default: into the data directory]
    #[arg(
        long,
        env = "STANCE_SERVER",
        value_name = "URL",
        requires = "token_file",
        help_heading = "Server"
    )]
    pub(crate) server: Option<String>,
    /// File with a token that has the scope `ingest`
    #[arg(
        long,
        env = "STANCE_TOKEN_FILE",
        value_name = "FILE",
        help_heading = "Server"
    )]
    pub(crate) token_file: Option<PathBuf>,
    /// How often it is tried when the server cannot be reached or is busy
    #[arg(
        long,
        env = "STANCE_TRIES",
        value_name = "NUMBER",
        default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(1..=20),
        help_heading = "Server"
    )]
    pub(crate) tries: u32,
    /// What the records are: `auto` looks at each, or one of agentgateway, azure, bedrock, cloudflare, envoy, helicone, kong,
    /// langfuse, litellm, otlp, phoenix, portkey, vertex
    #[arg(
        long,
        env = "STANCE_TRAFFIC_FORMAT",
        value_name = "FORMAT",
        default_value = "auto",
        value_parser = format
    )]
    pub(crate) format: String,
    /// Whose logs these are, for records that do not say which service they are of
    #[arg(long, env = "STANCE_TRAFFIC_SERVICE", value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Text for people or JSON for programs
    #[arg(
        long,
        env = "STANCE_TRAFFIC_OUTPUT",
        value_name = "text|json",
        default_value = "text"
    )]
    pub(crate) print: TextOrJson,
}

fn format(word: &str) -> Result<String, String> {
    if word == "auto" || stance_telemetry::logs::Format::of_word(word).is_some() {
        return Ok(word.to_owned());
    }
    let words = stance_telemetry::logs::Format::ALL.map(stance_telemetry::logs::Format::word);
    Err(format!("auto, or one of {}", words.join(", ")))
}
