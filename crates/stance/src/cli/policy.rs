//! The words behind `stance policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::TextOrJson;

/// What a reader of the help needs to begin.
const EXAMPLE: &str = "\
Hold files against a policy, as conftest does:
  stance policy eval -p policy/ deployment.yaml

Run the tests that stand beside it, and say which lines none of them reaches:
  stance policy test policy/ --coverage

A rule named deny, violation or warn, with any suffix after `_`, gives a set of messages:
  # METADATA
  # title: Models are pinned
  # custom:
  #   id: ORG-001
  #   severity: high
  deny contains msg if {
      not startswith(input.model.revision, \"sha256:\")
      msg := sprintf(\"%s is not pinned\", [input.model.name])
  }";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct PolicyArguments {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

/// Where policies are, and how they are read.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Data that the rules see as `data`: files of JSON or YAML, or directories of them; may be repeated
    #[arg(short, long, env = "STANCE_POLICY_DATA", value_name = "PATH")]
    pub(crate) data: Vec<PathBuf>,
    /// The version of Rego that they are written in
    #[arg(
        long,
        env = "STANCE_POLICY_REGO_VERSION",
        value_name = "VERSION",
        default_value = "either"
    )]
    pub(crate) rego_version: RegoVersion,
    /// Longest time of one evaluation, in milliseconds
    #[arg(
        long,
        env = "STANCE_POLICY_TIMEOUT",
        value_name = "MILLISECONDS",
        default_value_t = 5000
    )]
    pub(crate) timeout: u64,
}

/// Policies as the only files of a command.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// Policies: `.rego` files, or directories of them
    #[arg(default_value = "policy", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Hold files against a policy
    Eval(EvalArguments),
    /// Run the unit tests of a policy, the rules named `test_*`
    Test(TestArguments),
    /// Find mistakes in a policy: syntax, functions that there are none of, METADATA, what nothing uses
    Check {
        #[command(flatten)]
        sources: Sources,
        /// End with 1 for what is likely a mistake, too
        #[arg(long, env = "STANCE_POLICY_STRICT")]
        strict: bool,
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_POLICY_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
    /// Write policies in one style
    Fmt {
        /// Policies: `.rego` files, or directories of them
        #[arg(default_value = "policy", value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Change nothing, and end with 1 if a file is in another style
        #[arg(long, env = "STANCE_POLICY_FMT_CHECK")]
        check: bool,
        /// Change nothing, and show what would change
        #[arg(long, env = "STANCE_POLICY_FMT_DIFF")]
        diff: bool,
    },
    /// Measure how long an evaluation takes
    Bench {
        /// The file to hold against the policy
        #[arg(value_name = "INPUT")]
        input: PathBuf,
        /// Policies: `.rego` files, or directories of them; may be repeated
        #[arg(
            short,
            long,
            env = "STANCE_POLICY",
            value_name = "PATH",
            default_value = "policy"
        )]
        policy: Vec<PathBuf>,
        #[command(flatten)]
        reading: Reading,
        /// How often to evaluate
        #[arg(long, env = "STANCE_POLICY_BENCH_COUNT", default_value_t = 1000)]
        count: u32,
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_POLICY_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
    /// List the rules of a policy with what their METADATA says
    List {
        #[command(flatten)]
        sources: Sources,
        /// All rules, not only those named deny, violation or warn
        #[arg(long, env = "STANCE_POLICY_LIST_ALL")]
        all: bool,
        /// Table for people or JSON for programs
        #[arg(long, env = "STANCE_POLICY_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EvalArguments {
    /// Files of JSON, YAML or TOML, or directories of them; `-` for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Policies: `.rego` files, or directories of them; may be repeated
    #[arg(
        short,
        long,
        env = "STANCE_POLICY",
        value_name = "PATH",
        default_value = "policy"
    )]
    pub(crate) policy: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Only the rules of this package, with `*` for any characters; may be repeated [default: all packages]
    #[arg(
        short,
        long,
        env = "STANCE_POLICY_NAMESPACE",
        value_name = "PACKAGE",
        value_delimiter = ','
    )]
    pub(crate) namespace: Vec<String>,
    /// The notation of the files, in place of what their names say
    #[arg(long, env = "STANCE_POLICY_PARSER")]
    pub(crate) parser: Option<Parser>,
    /// Hand all files to the rules at once, as a list of `path` and `contents`
    #[arg(long, env = "STANCE_POLICY_COMBINE")]
    pub(crate) combine: bool,
    /// End with an error where a built-in function refuses its arguments, instead of taking it for undefined
    #[arg(long, env = "STANCE_POLICY_STRICT_BUILTINS")]
    pub(crate) strict_builtins: bool,
    /// What ends with exit code 1
    #[arg(long, env = "STANCE_POLICY_FAIL_ON", default_value = "deny")]
    pub(crate) fail_on: PolicyFailOn,
    /// Text for people, JSON or SARIF for programs
    #[arg(long, env = "STANCE_POLICY_EVAL_FORMAT", default_value = "text")]
    pub(crate) format: EvalFormat,
}

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// Only tests whose full name contains this text
    #[arg(long, env = "STANCE_POLICY_TEST_RUN", value_name = "TEXT")]
    pub(crate) run: Option<String>,
    /// Say which lines of the policy the tests evaluate
    #[arg(long, env = "STANCE_POLICY_TEST_COVERAGE")]
    pub(crate) coverage: bool,
    /// End with 1 if fewer lines than this are evaluated, in percent; implies --coverage
    #[arg(long, env = "STANCE_POLICY_TEST_THRESHOLD", value_name = "PERCENT")]
    pub(crate) threshold: Option<f64>,
    /// Text for people, JSON for programs, or the coverage as lcov
    #[arg(long, env = "STANCE_POLICY_TEST_FORMAT", default_value = "text")]
    pub(crate) format: TestFormat,
}

/// A version of Rego.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RegoVersion {
    /// Each file for itself: version 1 where it is that, else version 0
    Either,
    /// As before OPA 1.0: rules without `if`
    V0,
    /// `if` and `contains` are keywords, and needed
    V1,
}

/// A notation of input files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Parser {
    /// JSON
    Json,
    /// YAML
    Yaml,
    /// TOML
    Toml,
}

/// What ends with exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFailOn {
    /// A message of a rule named deny or violation
    Deny,
    /// Also one of a rule named warn
    Warn,
    /// Nothing
    Never,
}

/// How `stance policy eval` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvalFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For code scanning services; the id of a rule is its full name
    Sarif,
}

/// How `stance policy test` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// The coverage alone, for tools that show it
    Lcov,
}
