//! The command line: everything about a flag stands here once, and help,
//! manual page, completions and `docs/cli.md` come out of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use stance_core::AssetKind;

use crate::config::file::{Confidence, FailOn, Ignored};
use crate::output::Format;
use crate::sandbox::Sandbox;

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
/// written to, or dialled.
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
    /// Write a bill of materials of the AI assets of a directory
    Bom(BomArguments),
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
    /// Check that Stance can work here
    Doctor(DoctorArguments),
}

/// Flags of every command that scans.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Scan")]
pub(crate) struct Flags {
    /// Files that git ignores: skip them, look at the relevant ones (model files, .env, agent
    /// configuration) or at all [default: relevant]
    #[arg(long, env = "STANCE_IGNORED", value_name = "WHICH")]
    pub(crate) ignored: Option<Ignored>,
    /// Leave out paths that fit this glob pattern; may be repeated
    #[arg(
        long,
        env = "STANCE_EXCLUDE",
        value_name = "GLOB",
        value_delimiter = ','
    )]
    pub(crate) exclude: Vec<String>,
    /// Follow symbolic links
    #[arg(long, env = "STANCE_FOLLOW_LINKS")]
    pub(crate) follow_links: bool,
    /// Compute SHA-256 of model files, which reads them whole
    #[arg(long, env = "STANCE_HASH")]
    pub(crate) hash: bool,
    /// Look into all weights of model files for what is hidden there, which reads them whole; without
    /// it a sample is looked at, and of a file behind an address nothing
    #[arg(long, env = "STANCE_WEIGHTS")]
    pub(crate) weights: bool,
    /// Files looked at at a time; 0 means one per core [default: 0]
    #[arg(long, env = "STANCE_THREADS", value_name = "NUMBER")]
    pub(crate) threads: Option<usize>,
    /// What standard input is called in the report, when `-` is looked at
    #[arg(
        long,
        env = "STANCE_STDIN_NAME",
        value_name = "NAME",
        default_value = "stdin",
        help_heading = "Streams"
    )]
    pub(crate) stdin_name: String,
    /// Most that is taken from standard input or from one address, in MiB
    #[arg(
        long,
        env = "STANCE_MAX_TRANSFER",
        value_name = "MIB",
        default_value_t = 4096,
        help_heading = "Streams"
    )]
    pub(crate) max_transfer: u32,
    /// Seconds that a server has to answer a request for a part of a file
    #[arg(
        long,
        env = "STANCE_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u16).range(1..=3600),
        help_heading = "Streams"
    )]
    pub(crate) timeout: u16,
    /// Address of an S3-compatible store, for s3://bucket/key [default: Amazon's, or what
    /// AWS_ENDPOINT_URL says]
    #[arg(
        long,
        env = "STANCE_S3_ENDPOINT",
        value_name = "ADDRESS",
        help_heading = "Streams"
    )]
    pub(crate) s3_endpoint: Option<String>,
    /// Lowest severity of an open finding that makes the exit code 1 [default: high]
    #[arg(
        long,
        env = "STANCE_FAIL_ON",
        value_name = "SEVERITY",
        help_heading = "Report"
    )]
    pub(crate) fail_on: Option<FailOn>,
    /// Lowest confidence of a finding that is reported [default: low]
    #[arg(
        long,
        env = "STANCE_MIN_CONFIDENCE",
        value_name = "CONFIDENCE",
        help_heading = "Report"
    )]
    pub(crate) min_confidence: Option<Confidence>,
    /// File of findings known before [default: stance-baseline.json beside stance.toml, if there]
    #[arg(
        long,
        env = "STANCE_BASELINE",
        value_name = "FILE",
        help_heading = "Report"
    )]
    pub(crate) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// Directories or files to scan; `-` is standard input, and addresses (https://…, s3://bucket/key)
    /// are read in parts, no more than is needed
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Format of what goes to standard output
    #[arg(
        long,
        env = "STANCE_FORMAT",
        default_value = "text",
        help_heading = "Report"
    )]
    pub(crate) format: Format,
    /// Also write the report to a file, such as sarif=stance.sarif; may be repeated
    #[arg(
        short, long, env = "STANCE_OUTPUT", value_name = "FORMAT=FILE", value_delimiter = ',',
        value_parser = output_file, help_heading = "Report"
    )]
    pub(crate) output: Vec<(Format, PathBuf)>,
    /// Do not keep the result in the inventory database
    #[arg(long, env = "STANCE_NO_STORE", help_heading = "Report")]
    pub(crate) no_store: bool,
    /// Leave a baseline file out of account
    #[arg(
        long,
        env = "STANCE_NO_BASELINE",
        help_heading = "Report",
        conflicts_with = "baseline"
    )]
    pub(crate) no_baseline: bool,
    /// Parse in a child process that reads only the scanned paths, and neither writes, connects
    /// nor starts anything (Linux)
    #[arg(
        long,
        env = "STANCE_SANDBOX",
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "require",
        help_heading = "Scan"
    )]
    pub(crate) sandbox: Option<Sandbox>,
    #[command(flatten)]
    pub(crate) flags: Flags,
}

const INSPECT_AFTER: &str = "\
Verdicts:
  malicious   loading or using the file runs code, reaches for files or the network, or hides
              something
  suspicious  it holds what honest files do not have; a person should look
  not judged  something that a loader would use was not looked at; the reason is told
  clean       it was read as its loader reads it, and nothing speaks against it

Exit codes:
  0  nothing at or above --fail-on: by default no file is malicious
  1  a finding at or above --fail-on
  2  error of use, configuration or tool";

#[derive(Debug, Args)]
#[command(after_help = INSPECT_AFTER)]
pub(crate) struct InspectArguments {
    /// Model files, or directories of them; `-` is standard input, and addresses (https://…,
    /// s3://bucket/key) are read in parts, no more than is needed
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<PathBuf>,
    /// Also list the tensors: name, data type, shape and place
    #[arg(long, env = "STANCE_TENSORS")]
    pub(crate) tensors: bool,
    /// Also tell what each pickle would run, as Python with offsets; with -v its opcodes as well
    #[arg(long, env = "STANCE_TRACE")]
    pub(crate) trace: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_INSPECT_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
    /// Parse in a child process that reads only the scanned paths, and neither writes, connects
    /// nor starts anything (Linux)
    #[arg(
        long,
        env = "STANCE_SANDBOX",
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "require",
        help_heading = "Scan"
    )]
    pub(crate) sandbox: Option<Sandbox>,
    #[command(flatten)]
    pub(crate) flags: Flags,
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
pub(crate) struct BomArguments {
    /// Directories or files to scan
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, env = "STANCE_BOM_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) flags: Flags,
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

const COMPARE_AFTER: &str = "\
A file may be safetensors, GGUF, a PyTorch checkpoint or NumPy arrays; a directory or an index
(model.safetensors.index.json) stands for the files of a model that is spread over several.

Exit codes:
  0  nothing at or above --fail-on
  1  a finding at or above --fail-on: by default a change that looks planted
  2  error of use, configuration or tool, or nothing that can be compared";

/// Hold a tuned model against its base model.
///
/// Says which tensors came, went and changed and how much, what the change looks like (a full training,
/// a part of it, merged adapters, an edit, pruning, a conversion, another model), and which rows,
/// columns, heads or bits changed unlike the rest, as a planted trigger does; each with how sure that
/// is. Both files are read in parts and never loaded.
#[derive(Debug, Args)]
#[command(after_help = COMPARE_AFTER)]
pub(crate) struct CompareArguments {
    /// The base model: a file, a directory or an index
    #[arg(value_name = "BASE")]
    pub(crate) base: PathBuf,
    /// The model that was tuned from it
    #[arg(value_name = "TUNED")]
    pub(crate) tuned: PathBuf,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_COMPARE_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
    /// Lowest severity of an open finding that makes the exit code 1 [default: high]
    #[arg(long, env = "STANCE_FAIL_ON", value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Lowest confidence of a finding that is reported [default: low]
    #[arg(long, env = "STANCE_MIN_CONFIDENCE", value_name = "CONFIDENCE")]
    pub(crate) min_confidence: Option<Confidence>,
}

/// Turn a pickle checkpoint into safetensors without loading it.
///
/// Reads PyTorch checkpoints of either format, TorchScript archives, NumPy files, joblib dumps and
/// plain pickles of arrays. Nothing in them is run: tensors are found where they lie in the file,
/// copied through offsets and strides, and compared with the result once it is written. What is no
/// tensor is left behind and listed. The exit code is 1 when the file holds something of severity
/// high or above, which then is left behind as well.
#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    /// The checkpoint
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write the safetensors file
    #[arg(short, long, env = "STANCE_CONVERT_OUTPUT", value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The part to take, keys joined by dots, such as model.state_dict [default: state_dict,
    /// model_state_dict, model or module where it has the tensors, else everything]
    #[arg(long, env = "STANCE_CONVERT_KEY", value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Tensors that are the same bytes under several names
    #[arg(
        long,
        env = "STANCE_CONVERT_SHARED",
        value_name = "HOW",
        default_value = "alias"
    )]
    pub(crate) shared: SharedTensors,
    /// Replace the output file when there is one
    #[arg(long, env = "STANCE_CONVERT_FORCE")]
    pub(crate) force: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_CONVERT_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SharedTensors {
    /// Written once; the metadata names the others, as safetensors.torch.save_model does
    Alias,
    /// Written once for each name
    Copy,
}

/// Write a copy of a model file whose pickles hold only what is known to be safe.
///
/// Every import and call that the catalogue does not know as safe becomes None, or the plain dict or
/// list of what the object was to be filled with; tensors are copied as they are. The copy is scanned
/// before it gets its name: when anything of severity medium or above is left, nothing is written.
#[derive(Debug, Args)]
pub(crate) struct DisarmArguments {
    /// The model file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write the copy [default: beside the file, with .disarmed before its extension]
    #[arg(short, long, env = "STANCE_DISARM_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the output file when there is one
    #[arg(long, env = "STANCE_DISARM_FORCE")]
    pub(crate) force: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_DISARM_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
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
    /// The configuration file stance.toml
    Config,
}

/// How a model is hashed to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignedHash {
    /// SHA-256, which every verifier knows
    Sha256,
    /// BLAKE2b
    Blake2b,
    /// BLAKE3
    Blake3,
}

#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// The model: a directory, or one file
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// The private key, in PEM: ECDSA on P-256, P-384 or P-521, or Ed25519
    #[arg(long, env = "STANCE_SIGN_PRIVATE_KEY", value_name = "FILE")]
    pub(crate) private_key: PathBuf,
    /// File whose first line is the password of the private key [default: the environment variable
    /// STANCE_SIGN_PASSWORD]
    #[arg(long, env = "STANCE_SIGN_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// The certificate of the key, in PEM, to be put into the signature
    #[arg(long, env = "STANCE_SIGN_CERTIFICATE", value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// Certificates between it and a trusted one, in PEM; may be repeated
    #[arg(
        long,
        env = "STANCE_SIGN_CHAIN",
        value_name = "FILE",
        value_delimiter = ',',
        requires = "certificate"
    )]
    pub(crate) chain: Vec<PathBuf>,
    /// Where to write the signature [default: model.sig in a directory, FILE.sig behind a file]
    #[arg(short, long, env = "STANCE_SIGN_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Leave out this path of the model; may be repeated
    #[arg(
        long,
        env = "STANCE_SIGN_IGNORE",
        value_name = "PATH",
        value_delimiter = ','
    )]
    pub(crate) ignore: Vec<PathBuf>,
    /// Also sign .git, .gitattributes, .github and .gitignore
    #[arg(long, env = "STANCE_SIGN_WITH_GIT")]
    pub(crate) with_git: bool,
    /// Let symbolic links to files count as those files
    #[arg(long, env = "STANCE_SIGN_ALLOW_SYMLINKS")]
    pub(crate) allow_symlinks: bool,
    /// How the files are hashed
    #[arg(long, env = "STANCE_SIGN_HASH", default_value = "sha256")]
    pub(crate) hash: SignedHash,
    /// Hash each stretch of so many bytes by itself, on all cores, instead of whole files
    #[arg(long, env = "STANCE_SIGN_SHARD_SIZE", value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) shard_size: Option<u64>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("trust").required(true).args(["public_key", "certificate_chain", "identity"]))]
pub(crate) struct VerifyArguments {
    /// The model: a directory, or one file
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// The signature [default: model.sig in a directory; FILE.sig or model.sig beside a file]
    #[arg(long, env = "STANCE_VERIFY_SIGNATURE", value_name = "FILE")]
    pub(crate) signature: Option<PathBuf>,
    /// Trust the holder of this public key, in PEM
    #[arg(long, env = "STANCE_VERIFY_PUBLIC_KEY", value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
    /// Trust holders of certificates that lead to one of these, in PEM; may be repeated
    #[arg(
        long,
        env = "STANCE_VERIFY_CERTIFICATE_CHAIN",
        value_name = "FILE",
        value_delimiter = ','
    )]
    pub(crate) certificate_chain: Vec<PathBuf>,
    /// Trust this Sigstore identity: a mail address, or the address of a workflow
    #[arg(long, env = "STANCE_VERIFY_IDENTITY", value_name = "IDENTITY", requires_all = ["identity_provider", "trust_root"])]
    pub(crate) identity: Option<String>,
    /// Who vouches for the identity, such as https://accounts.google.com
    #[arg(
        long,
        env = "STANCE_VERIFY_IDENTITY_PROVIDER",
        value_name = "ADDRESS",
        requires = "identity"
    )]
    pub(crate) identity_provider: Option<String>,
    /// Keys and certificates of the Sigstore instance: its trusted_root.json
    #[arg(
        long,
        env = "STANCE_VERIFY_TRUST_ROOT",
        value_name = "FILE",
        requires = "identity"
    )]
    pub(crate) trust_root: Option<PathBuf>,
    /// Leave out this path of the model; may be repeated
    #[arg(
        long,
        env = "STANCE_VERIFY_IGNORE",
        value_name = "PATH",
        value_delimiter = ','
    )]
    pub(crate) ignore: Vec<PathBuf>,
    /// Accept files that were not signed
    #[arg(long, env = "STANCE_VERIFY_IGNORE_UNSIGNED_FILES")]
    pub(crate) ignore_unsigned_files: bool,
    /// Hold .git, .gitattributes, .github and .gitignore against the signature as well
    #[arg(long, env = "STANCE_VERIFY_WITH_GIT")]
    pub(crate) with_git: bool,
    /// Let symbolic links to files count as those files
    #[arg(long, env = "STANCE_VERIFY_ALLOW_SYMLINKS")]
    pub(crate) allow_symlinks: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_VERIFY_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {}

fn output_file(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not FORMAT=FILE, such as sarif=stance.sarif"))?;
    if path.is_empty() {
        return Err(format!("`{text}` names no file"));
    }
    let format = format.parse().map_err(|error| format!("{error}"))?;
    Ok((format, PathBuf::from(path)))
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
            Command::Compare(arguments) => Flags {
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
            Command::Scan(arguments) => arguments.sandbox,
            Command::Inspect(arguments) => arguments.sandbox,
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
