//! `stance.toml` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// The configuration of Stance. Every key is optional.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct File {
    /// What is looked at.
    pub scan: Scan,
    /// What is reported, and what fails a run.
    pub report: Report,
    /// Which rules speak, and how loud.
    pub rules: Rules,
    /// Names that pickles may or must not import, beyond what Stance knows.
    pub catalogue: Catalogue,
    /// Who may sign models. With it, signatures found in a scan are verified, which reads the models whole.
    pub provenance: Provenance,
    /// Whose models may be used.
    pub models: Models,
    /// What `stance discover` proposes.
    pub discover: Discover,
    /// What the organisation decided on vendors and on what models are used for.
    pub policy: Policy,
    /// Where the inventory is kept.
    pub store: Store,
    /// The in-line gateway, for `stance gateway` and `stance serve` alone, and only from a file that is named with `--config`
    /// or lies where it is started.
    pub gateway: stance_gateway::Settings,
    /// What the gateway does about what it finds: a preset, and single rules, tools and identities.
    pub guard: stance_guard::policy::Settings,
    /// Accepted risks; each one says why, by whom and until when.
    #[schemars(with = "Vec<Waiver>")]
    pub waiver: Vec<Spanned<Waiver>>,
}

/// What is looked at.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Scan {
    /// Files that git ignores: `skip` them, look at the `relevant` ones (model files, `.env`, agent
    /// configuration) or at `all`. Default: `relevant`.
    #[schemars(with = "Option<Ignored>")]
    pub ignored: Option<Spanned<Ignored>>,
    /// Glob patterns of paths to leave out, relative to the scanned directory. Default: none.
    #[schemars(with = "Option<Vec<String>>")]
    pub exclude: Option<Spanned<Vec<String>>>,
    /// Whether to follow symbolic links. Default: false.
    #[schemars(with = "Option<bool>")]
    pub follow_links: Option<Spanned<bool>>,
    /// Whether to compute SHA-256 of model files, which reads them whole. Default: false.
    #[schemars(with = "Option<bool>")]
    pub hash: Option<Spanned<bool>>,
    /// Whether to look into all weights of model files for what is hidden there, which reads them
    /// whole; otherwise only small files are looked at whole. Default: false.
    #[schemars(with = "Option<bool>")]
    pub weights: Option<Spanned<bool>>,
    /// Files looked at at a time; 0 means one per core. Default: 0.
    #[schemars(with = "Option<usize>")]
    pub threads: Option<Spanned<usize>>,
    /// Largest text that is read whole, in MiB; of a larger one only secrets are looked for.
    /// Default: 16.
    #[schemars(with = "Option<u32>")]
    pub max_text: Option<Spanned<u32>>,
    /// Most that is unpacked from one archive, nested ones included, in MiB. Default: 256.
    #[schemars(with = "Option<u32>")]
    pub max_unpacked: Option<Spanned<u32>>,
    /// Deepest nesting of archives that is looked into. Default: 4.
    #[schemars(with = "Option<u8>")]
    pub max_depth: Option<Spanned<u8>>,
}

/// What happens to files that git ignores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Ignored {
    /// Not looked at.
    Skip,
    /// Looked at when the name says that it matters: model files, `.env`, agent configuration.
    Relevant,
    /// Looked at like any other.
    All,
}

/// What is reported, and what fails a run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Report {
    /// Lowest severity of an open finding that makes the exit code 1: critical, high, medium, low,
    /// info, or `never`. Default: high.
    #[schemars(with = "Option<FailOn>")]
    pub fail_on: Option<Spanned<FailOn>>,
    /// Lowest confidence of a finding that is reported: high, medium or low. Default: low.
    #[schemars(with = "Option<Confidence>")]
    pub min_confidence: Option<Spanned<Confidence>>,
    /// File of findings known before, written by `stance baseline write`; a relative path is relative
    /// to this file. Default: `stance-baseline.json` beside this file, when it is there.
    #[schemars(with = "Option<String>")]
    pub baseline: Option<Spanned<String>>,
}

/// From which severity on an open finding fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Only critical ones.
    Critical,
    /// High and worse.
    High,
    /// Medium and worse.
    Medium,
    /// Low and worse.
    Low,
    /// Any finding.
    Info,
    /// None; the run fails only on errors.
    Never,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint; a person should look.
    Low,
    /// Usually right.
    Medium,
    /// Follows from the bytes.
    High,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

/// Which rules speak, and how loud.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Rules {
    /// Rules that are off, `area/name` or `area/*`.
    #[schemars(with = "Vec<String>")]
    pub disable: Vec<Spanned<String>>,
    /// Another severity than the rule's own, by `area/name` or `area/*`.
    #[schemars(with = "BTreeMap<String, Severity>")]
    pub severity: BTreeMap<Spanned<String>, Severity>,
}

/// Names that pickles may or must not import, beyond what Stance knows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Catalogue {
    /// Names whose calls are harmless. What is known to do harm cannot be allowed.
    #[schemars(with = "Vec<CatalogueName>")]
    pub allow: Vec<Spanned<CatalogueName>>,
    /// Names that are reported wherever a pickle imports them.
    #[schemars(with = "Vec<CatalogueName>")]
    pub deny: Vec<Spanned<CatalogueName>>,
}

/// A name that pickles import.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CatalogueName {
    /// A dotted name, its attributes included, or `package.*`.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Who may sign models. With it, signatures found in a scan are verified, which reads the models whole. What a tree that
/// is not yours says here counts for nothing: scan it with `--config` and a file of your own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Provenance {
    /// Files with public keys in PEM, whose holders may sign; a relative path is relative to this file. Default:
    /// none.
    #[schemars(with = "Option<Vec<String>>")]
    pub public_keys: Option<Spanned<Vec<String>>>,
    /// Files with certificates in PEM; whoever has a certificate that leads to one of them may sign. Default: none.
    #[schemars(with = "Option<Vec<String>>")]
    pub certificates: Option<Spanned<Vec<String>>>,
    /// The `trusted_root.json` of the Sigstore instance that vouches for `identities`. Default: none.
    #[schemars(with = "Option<String>")]
    pub trust_root: Option<Spanned<String>>,
    /// Sigstore identities that may sign, each as `IDENTITY by PROVIDER`, such as
    /// `release@example.org by https://accounts.google.com`. Default: none.
    #[schemars(with = "Option<Vec<String>>")]
    pub identities: Option<Spanned<Vec<String>>>,
    /// Whether every model must have a signature by one of those. Default: false.
    #[schemars(with = "Option<bool>")]
    pub required: Option<Spanned<bool>>,
}

/// Whose models may be used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Models {
    /// Publishers on the Hugging Face Hub, such as `mistralai`; models of others are findings. Default: those of
    /// anybody may be used.
    #[schemars(with = "Option<Vec<String>>")]
    pub publishers: Option<Spanned<Vec<String>>>,
}

/// What `stance discover` proposes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Discover {
    /// What to use in the place of others, by category: agent, api, chat, code-assistant, hub, image, notetaker,
    /// observability, platform, search, translation, vector-store, video, voice or writing. Default: sanctioned
    /// services of the category.
    #[schemars(with = "BTreeMap<String, String>")]
    pub alternatives: BTreeMap<Spanned<String>, String>,
}

/// What the organisation decided on vendors and on what models are used for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Policy {
    /// What models and data sets are used for: `commercial`, `non-commercial` or `research`. Licences that forbid it are
    /// findings. Default: not recorded, so that no licence is judged.
    #[schemars(with = "Option<Use>")]
    #[serde(rename = "use")]
    pub recorded_use: Option<Spanned<Use>>,
    /// AI services that may be used: a vendor such as `openai`, which means all of its services, or a service such as
    /// `github-copilot`, or its name. Production code that calls another vendor is a finding, and what `stance
    /// discover logs` sees in use. Default: nobody decided, and nothing is a finding.
    #[schemars(with = "Option<Vec<String>>")]
    pub sanctioned: Option<Spanned<Vec<String>>>,
    /// Paths below which models and data sets are used for something else.
    pub path: Vec<UseOfPath>,
}

/// What models and data sets are used for below a path.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct UseOfPath {
    /// Pattern of the paths: `*` within a part, `**` across parts.
    pub path: String,
    /// What they are used for there.
    #[serde(rename = "use")]
    pub recorded_use: Use,
}

/// A purpose that licences allow or forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// To earn money with, or inside of a business.
    Commercial,
    /// Neither of both, and not only research.
    NonCommercial,
    /// Research, without anything that is offered to others.
    Research,
}

/// Where the inventory is kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Store {
    /// Directory of the database. Default: `stance` in the user's data home.
    #[schemars(with = "Option<String>")]
    pub data_dir: Option<Spanned<String>>,
}

/// An accepted risk.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Waiver {
    /// The rule, `area/name` or `area/*`.
    pub rule: String,
    /// Pattern of the paths where it holds: `*` within a part, `**` across parts. This or `asset`.
    pub path: Option<String>,
    /// Pattern of the asset ids for which it holds. This or `path`.
    pub asset: Option<String>,
    /// Why the risk is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds, `YYYY-MM-DD`, UTC.
    #[schemars(with = "String")]
    pub expires: Day,
}

/// A day, as a TOML date or a string.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Day {
    /// `2027-01-31`
    Date(toml::value::Datetime),
    /// `"2027-01-31"`
    Text(String),
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
