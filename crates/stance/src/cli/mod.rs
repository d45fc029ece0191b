//! The command line: everything about a flag stands here once, and help,
//! manual page, completions and `docs/cli.md` come out of it.

mod advisories;
mod audit;
mod bom;
mod discover;
mod gateway;
mod judge;
mod mcp_proxy;
mod models;
mod operate;
mod policy;
mod posture;
mod push;
mod replay;
mod scan;
mod serve;
mod signing;
mod traffic;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use stance_core::AssetKind;

use crate::sandbox::Sandbox;

pub(crate) use advisories::{AdvisoriesAction, AdvisoriesArguments};
pub(crate) use audit::{
    AuditAction, AuditArguments, AuditExportArguments, AuditFormat, AuditOf, AuditProveArguments,
    AuditShowArguments, AuditVerifyArguments,
};
pub(crate) use bom::{BomAction, BomArguments, BomFailOn, BomFormat};
pub(crate) use discover::{
    By, DiscoverArguments, DiscoverCommand, HostArguments, LogsArguments, LogsFormat,
};
pub(crate) use gateway::{
    AsksArguments, AsksCommand, GatewayArguments, GatewayCommand, Said, ToolsAction, Which,
};
pub(crate) use judge::{JudgeArguments, JudgeFailOn, PresetName, Whose};
pub(crate) use mcp_proxy::McpProxyArguments;
pub(crate) use models::{CompareArguments, ConvertArguments, DisarmArguments, SharedTensors};
pub(crate) use operate::{BackupArguments, DoctorArguments, RestoreArguments};
pub(crate) use policy::{
    EvalArguments, EvalFormat, Parser as PolicyParser, PolicyArguments, PolicyCommand,
    PolicyFailOn, Reading as PolicyReading, RegoVersion, Sources as PolicySources, TestArguments,
    TestFormat,
};
pub(crate) use posture::{PostureArguments, PostureCommand};
pub(crate) use push::PushArguments;
pub(crate) use replay::{ReplayArguments, ReplayFailOn, ReplayFormat};
pub(crate) use scan::{Flags, InspectArguments, ScanArguments};
pub(crate) use serve::{NotifyArguments, ProviderArguments, ServeArguments, SmtpSecurity};
pub(crate) use signing::{SignArguments, SignedHash, VerifyArguments};
pub(crate) use traffic::{ImportArguments, TrafficArguments, TrafficCommand};

const AFTER: &str = "\
Exit codes:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on, or a check that failed
  2  error of use, configuration or tool

Every flag has a twin in the environment, named beside it; configuration comes from
the nearest `stance.toml` upwards. A flag wins over the environment, the environment
over the file.";

/// Tensors of one file that are listed; the largest models have some thousands.
const MOST_TENSORS: usize = 100_000;

/// Most opcodes of one pickle that `inspect --trace -v` tells.
const MOST_OPCODES: usize = 4096;

/// Finds every AI asset of a directory, judges each of them, and says what to do.
///
/// Stance reads and never runs: nothing of what it scans is executed, imported,
/// written to, or dialled. Only `discover host` asks services, with GET requests.
#[derive(Debug, Parser)]
#[command(name = "stance", version, after_help = AFTER, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
    #[arg(skip)]
    sources: Sources,
}

type Sources = BTreeMap<String, ValueSource>;

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// When to colour the output
    #[arg(
        long,
        global = true,
        env = "STANCE_COLOR",
        value_name = "WHEN",
        default_value = "auto"
    )]
    color: When,
    /// Print findings only; no progress, no summary
    #[arg(
        short,
        long,
        global = true,
        env = "STANCE_QUIET",
        conflicts_with = "verbose"
    )]
    pub(crate) quiet: bool,
    /// Print more: informational findings and every place; twice for everything
    #[arg(short, long, global = true, env = "STANCE_VERBOSE", action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Configuration file, instead of the nearest stance.toml upwards
    #[arg(long, global = true, env = "STANCE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Directory of the inventory database
    #[arg(long, global = true, env = "STANCE_DATA_DIR", value_name = "DIRECTORY")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Also into a pipe
    Always,
    /// Not at all
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the AI assets of directories, judge them, and report
    Scan(ScanArguments),
    /// Describe model files: what they are, what they hold, what loading them would do
    Inspect(InspectArguments),
    /// Explain a rule: what it finds, why it matters, how to fix it
    Explain(ExplainArguments),
    /// List the rules, or check what you wrote about them
    Rules(RulesArguments),
    /// Show the inventory of the last scan
    Assets(AssetsArguments),
    /// Show what changed between two scans
    Diff(DiffArguments),
    /// Write a bill of materials of the AI assets of a directory; check, compare or merge bills of anybody
    Bom(BomArguments),
    /// Find the AI that is in use, beyond what code declares
    Discover(DiscoverArguments),
    /// Import published vulnerabilities from files, and look them up
    Advisories(AdvisoriesArguments),
    /// Show, verify, export and prove the log of who did what
    Audit(AuditArguments),
    /// Serve a sample estate with two weeks of history, to look around
    Demo(ServeArguments),
    /// Serve the dashboard and the API, and keep the record
    Serve(ServeArguments),
    /// Stand between applications and their model providers: judge every exchange, and leave a receipt of each
    Gateway(GatewayArguments),
    /// Take in logs of gateways and providers: judged and kept as what the service is told
    Traffic(TrafficArguments),
    /// Run a policy over recorded traffic, and show which verdicts change
    Replay(ReplayArguments),
    /// Say what the guard makes of texts: prompts, documents, results of tools, answers
    Judge(JudgeArguments),
    /// Stand between an MCP client and a server that it starts: judge every message, and leave receipts
    McpProxy(McpProxyArguments),
    /// Write policies in Rego, test them, and hold files against them
    Policy(PolicyArguments),
    /// Hand what scans found about models, servers and agents to gateways
    Posture(PostureArguments),
    /// Send what a scan finds here, or a document, to a server
    Push(PushArguments),
    /// Record today's findings, so that only new ones fail a run
    Baseline(BaselineArguments),
    /// Hold a tuned model against its base model: what changed, and whether it looks trained or planted
    Compare(CompareArguments),
    /// Turn a pickle checkpoint into safetensors without loading it
    Convert(ConvertArguments),
    /// Write a copy of a model file whose pickles hold only what is known to be safe
    Disarm(DisarmArguments),
    /// Write a commented stance.toml
    Init(InitArguments),
    /// Show the configuration, each value with its origin
    Config(ConfigArguments),
    /// Generate completions, the manual page or a schema
    Generate(GenerateArguments),
    /// Sign a model with a private key, so that others can tell that it is yours and unchanged
    Sign(SignArguments),
    /// Verify the signature of a model, and that the model is what was signed
    Verify(VerifyArguments),
    /// Back up the data directory, also while a service runs on it
    Backup(BackupArguments),
    /// Put a backup into the data directory, or check that it is whole
    Restore(RestoreArguments),
    /// Check that Stance can work here: directory, databases, audit log, clock, certificate, jobs, sources
    Doctor(DoctorArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The rule, `area/name`, a name that a pickle calls, such as `os.system`, or an advisory, such as CVE-2025-1550
    #[arg(required_unless_present = "all")]
    pub(crate) rule: Option<String>,
    /// Explain every rule
    #[arg(long, env = "STANCE_EXPLAIN_ALL", conflicts_with = "rule")]
    pub(crate) all: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_EXPLAIN_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArguments {
    #[command(subcommand)]
    pub(crate) action: RulesAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// List the rules with severity and title
    List {
        /// Only those of this area
        #[arg(long, env = "STANCE_RULES_AREA")]
        area: Option<String>,
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_RULES_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
    /// Check the rules against their own examples, and stance.toml against the rules
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct AssetsArguments {
    /// The directory that was scanned
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// Only assets of this kind, such as model or mcp-server; may be repeated
    #[arg(long, env = "STANCE_ASSETS_KIND", value_delimiter = ',')]
    pub(crate) kind: Vec<AssetKind>,
    /// Only assets whose name, alias or id contains this text
    #[arg(long, env = "STANCE_ASSETS_NAME", value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// Only assets of this scope: production, test or documentation
    #[arg(long, env = "STANCE_ASSETS_SCOPE")]
    pub(crate) scope: Option<String>,
    /// Table for people or JSON for programs
    #[arg(long, env = "STANCE_ASSETS_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The older scan: its number, or a json-v1 file [default: the last but one]
    pub(crate) old: Option<String>,
    /// The newer scan: its number, or a json-v1 file [default: the last one]
    pub(crate) new: Option<String>,
    /// The directory that was scanned
    #[arg(
        long,
        env = "STANCE_DIFF_PATH",
        default_value = ".",
        value_name = "PATH"
    )]
    pub(crate) path: PathBuf,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_DIFF_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArguments {
    #[command(subcommand)]
    pub(crate) action: BaselineAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineAction {
    /// Scan, and record every open finding
    Write {
        /// Directories or files to scan
        #[arg(default_value = ".", value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        flags: Box<Flags>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// Where to write it
    #[arg(default_value = ".", value_name = "DIRECTORY")]
    pub(crate) directory: PathBuf,
    /// Print it instead
    #[arg(long, env = "STANCE_INIT_STDOUT")]
    pub(crate) stdout: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Show each value with its origin
    Show {
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_CONFIG_FORMAT", default_value = "text")]
        format: TextOrJson,
        #[command(flatten)]
        flags: Box<Flags>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    #[command(subcommand)]
    pub(crate) what: Generate,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Generate {
    /// Completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page
    Man,
    /// A JSON Schema
    Schema {
        /// Of what
        #[arg(default_value = "json-v1")]
        of: SchemaOf,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The report format json-v1
    JsonV1,
    /// What `stance compare --format json` says
    CompareV1,
    /// What `stance inspect --format json` says
    InspectV1,
    /// What `stance discover logs --format json` says
    DiscoverLogsV1,
    /// What `stance bom --format json` says
    BomV1,
    /// What `stance judge --format json` says of each text
    JudgeV1,
    /// The configuration file stance.toml
    Config,
}

/// The definition of the command line, for documentation.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Where each given value comes from, by its id, for the subcommand that was called.
pub(crate) fn sources(matches: &ArgMatches) -> BTreeMap<String, ValueSource> {
    let mut sources = BTreeMap::new();
    let mut level = Some(matches);
    while let Some(matches) = level {
        for id in matches.ids() {
            if let Some(source) = matches.value_source(id.as_str()) {
                sources.insert(id.as_str().to_owned(), source);
            }
        }
        level = matches.subcommand().map(|(_, inner)| inner);
    }
    sources
}

impl Cli {
    pub(crate) fn command_line() -> clap::Command {
        Self::command()
    }

    pub(crate) fn set_sources(&mut self, sources: BTreeMap<String, ValueSource>) {
        self.sources = sources;
    }

    /// Where the value of a flag comes from.
    pub(crate) fn source(&self, id: &str) -> Option<ValueSource> {
        self.sources.get(id).copied()
    }

    /// The scan flags of the command, or none for a command without.
    pub(crate) fn flags(&self) -> Flags {
        match &self.command {
            Command::Scan(arguments) => arguments.flags.clone(),
            Command::Inspect(arguments) => arguments.flags.clone(),
            Command::Bom(arguments) => arguments.flags.clone(),
            Command::Push(arguments) => arguments.flags.clone(),
            Command::Compare(arguments) => Flags {
                fail_on: arguments.fail_on,
                min_confidence: arguments.min_confidence,
                ..Flags::default()
            },
            Command::Discover(DiscoverArguments {
                what: DiscoverCommand::Host(arguments),
            }) => Flags {
                fail_on: arguments.fail_on,
                min_confidence: arguments.min_confidence,
                ..Flags::default()
            },
            Command::Baseline(BaselineArguments {
                action: BaselineAction::Write { flags, .. },
            })
            | Command::Config(ConfigArguments {
                action: ConfigAction::Show { flags, .. },
            }) => Flags::clone(flags),
            _ => Flags::default(),
        }
    }

    /// Whether and how the scan is confined.
    pub(crate) fn sandbox(&self) -> Option<Sandbox> {
        match &self.command {
            Command::Scan(arguments) => arguments.confinement.sandbox,
            Command::Inspect(arguments) => arguments.confinement.sandbox,
            _ => None,
        }
    }

    /// How many tensors of one file are told one by one.
    pub(crate) fn tensors(&self) -> usize {
        match &self.command {
            Command::Inspect(arguments) if arguments.tensors => MOST_TENSORS,
            _ => 0,
        }
    }

    /// How many opcodes of a pickle are told one by one.
    pub(crate) fn trail(&self) -> usize {
        match &self.command {
            Command::Inspect(arguments) if arguments.trace && self.global.verbose > 0 => {
                MOST_OPCODES
            }
            _ => 0,
        }
    }

    /// Whether to colour what goes to `stream`.
    pub(crate) fn color(&self, stream: &impl anstream::stream::RawStream) -> anstream::ColorChoice {
        match self.global.color {
            When::Auto => anstream::AutoStream::choice(stream),
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        }
    }
}
