//! Each value with its origin.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use serde::Serialize;
use stance_inspect::Limits;
use toml::Spanned;

use super::Loaded;
use super::file::{Confidence, FailOn, Ignored, Use};
use crate::cli::Cli;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A line of the configuration file.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(flag) => write!(f, "flag --{flag}"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Every value that a run depends on.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "the fields are documented where they are declared, in `file` and `cli`"
)]
pub struct Settings {
    pub ignored: Setting<Ignored>,
    pub exclude: Setting<Vec<String>>,
    pub follow_links: Setting<bool>,
    pub hash: Setting<bool>,
    /// Whether all weights are looked into.
    pub weights: Setting<bool>,
    pub threads: Setting<usize>,
    pub max_text: Setting<u32>,
    pub max_unpacked: Setting<u32>,
    pub max_depth: Setting<u8>,
    pub fail_on: Setting<FailOn>,
    pub min_confidence: Setting<Confidence>,
    pub baseline: Setting<Option<PathBuf>>,
    pub public_keys: Setting<Vec<PathBuf>>,
    pub certificates: Setting<Vec<PathBuf>>,
    pub trust_root: Setting<Option<PathBuf>>,
    pub identities: Setting<Vec<String>>,
    pub signatures_required: Setting<bool>,
    /// Whose models may be used; empty for anybody's.
    pub publishers: Setting<Vec<String>>,
    /// AI services that may be used; empty when nobody decided.
    pub sanctioned: Setting<Vec<String>>,
    /// What models are used for, where nothing else is said of a path.
    pub recorded_use: Setting<Option<Use>>,
    pub data_dir: Setting<PathBuf>,
}

/// One setting as `stance config show` shows it.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its key in `stance.toml`.
    pub key: &'static str,
    /// Its value.
    pub value: serde_json::Value,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Settings {
    /// Puts the layers together.
    #[must_use]
    pub fn resolve(cli: &Cli, loaded: &Loaded) -> Self {
        let layers = Layers { cli, loaded };
        let file = &loaded.file;
        let flags = cli.flags();
        let limits = Limits::default();
        let beside = |name: &str| loaded.directory().map(|directory| directory.join(name));
        Self {
            ignored: layers.pick(
                "ignored",
                flags.ignored,
                file.scan.ignored.as_ref(),
                Ignored::Relevant,
            ),
            exclude: layers.pick(
                "exclude",
                (!flags.exclude.is_empty()).then(|| flags.exclude.clone()),
                file.scan.exclude.as_ref(),
                Vec::new(),
            ),
            follow_links: layers.pick(
                "follow_links",
                flags.follow_links.then_some(true),
                file.scan.follow_links.as_ref(),
                false,
            ),
            hash: layers.pick(
                "hash",
                flags.hash.then_some(true),
                file.scan.hash.as_ref(),
                false,
            ),
            weights: layers.pick(
                "weights",
                flags.weights.then_some(true),
                file.scan.weights.as_ref(),
                false,
            ),
            threads: layers.pick("threads", flags.threads, file.scan.threads.as_ref(), 0),
            max_text: layers.pick(
                "max_text",
                None,
                file.scan.max_text.as_ref(),
                mebibytes(limits.text),
            ),
            max_unpacked: layers.pick(
                "max_unpacked",
                None,
                file.scan.max_unpacked.as_ref(),
                mebibytes(limits.unpacked),
            ),
            max_depth: layers.pick(
                "max_depth",
                None,
                file.scan.max_depth.as_ref(),
                limits.depth,
            ),
            fail_on: layers.pick(
                "fail_on",
                flags.fail_on,
                file.report.fail_on.as_ref(),
                FailOn::High,
            ),
            min_confidence: layers.pick(
                "min_confidence",
                flags.min_confidence,
                file.report.min_confidence.as_ref(),
                Confidence::Low,
            ),
            baseline: layers.pick(
                "baseline",
                flags.baseline.clone().map(Some),
                file.report
                    .baseline
                    .as_ref()
                    .map(|path| Spanned::new(path.span(), beside(path.get_ref())))
                    .as_ref(),
                beside(crate::baseline::FILE_NAME).filter(|path| path.is_file()),
            ),
            public_keys: layers.pick(
                "public_keys",
                None,
                all_beside(loaded, file.provenance.public_keys.as_ref()).as_ref(),
                Vec::new(),
            ),
            certificates: layers.pick(
                "certificates",
                None,
                all_beside(loaded, file.provenance.certificates.as_ref()).as_ref(),
                Vec::new(),
            ),
            trust_root: layers.pick(
                "trust_root",
                None,
                file.provenance
                    .trust_root
                    .as_ref()
                    .map(|path| Spanned::new(path.span(), beside(path.get_ref())))
                    .as_ref(),
                None,
            ),
            identities: layers.pick(
                "identities",
                None,
                file.provenance.identities.as_ref(),
                Vec::new(),
            ),
            signatures_required: layers.pick(
                "required",
                None,
                file.provenance.required.as_ref(),
                false,
            ),
            publishers: layers.pick(
                "publishers",
                None,
                file.models.publishers.as_ref(),
                Vec::new(),
            ),
            sanctioned: layers.pick(
                "sanctioned",
                None,
                file.policy.sanctioned.as_ref(),
                Vec::new(),
            ),
            recorded_use: layers.pick(
                "use",
                None,
                file.policy
                    .recorded_use
                    .as_ref()
                    .map(|word| Spanned::new(word.span(), Some(*word.get_ref())))
                    .as_ref(),
                None,
            ),
            data_dir: layers.pick(
                "data_dir",
                cli.global.data_dir.clone(),
                file.store
                    .data_dir
                    .as_ref()
                    .map(|path| {
                        let path_of = beside(path.get_ref()).unwrap_or_default();
                        Spanned::new(path.span(), path_of)
                    })
                    .as_ref(),
                default_data_dir(),
            ),
        }
    }

    /// The lowest confidence of a finding that is reported.
    #[must_use]
    pub const fn least_confidence(&self) -> stance_core::Confidence {
        match self.min_confidence.value {
            Confidence::Low => stance_core::Confidence::Low,
            Confidence::Medium => stance_core::Confidence::Medium,
            Confidence::High => stance_core::Confidence::High,
        }
    }

    /// How far parsers may go.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            text: u64::from(self.max_text.value) << 20,
            unpacked: u64::from(self.max_unpacked.value) << 20,
            depth: self.max_depth.value,
            tensor_bytes: if self.weights.value {
                u64::MAX
            } else {
                Limits::default().tensor_bytes
            },
            ..Limits::default()
        }
    }

    /// Every setting with its value and origin, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        fn row<T>(
            key: &'static str,
            setting: &Setting<T>,
            value: impl Fn(&T) -> serde_json::Value,
        ) -> Row {
            Row {
                key,
                value: value(&setting.value),
                origin: setting.origin.clone(),
            }
        }
        fn word<T: clap::ValueEnum>(value: &T) -> serde_json::Value {
            value
                .to_possible_value()
                .map(|value| value.get_name().to_owned())
                .into()
        }
        fn paths(value: &[PathBuf]) -> serde_json::Value {
            value
                .iter()
                .map(|path| path.display().to_string())
                .collect()
        }
        vec![
            row("scan.ignored", &self.ignored, word),
            row("scan.exclude", &self.exclude, |value| value.clone().into()),
            row("scan.follow-links", &self.follow_links, |value| {
                (*value).into()
            }),
            row("scan.hash", &self.hash, |value| (*value).into()),
            row("scan.weights", &self.weights, |value| (*value).into()),
            row("scan.threads", &self.threads, |value| (*value).into()),
            row("scan.max-text", &self.max_text, |value| (*value).into()),
            row("scan.max-unpacked", &self.max_unpacked, |value| {
                (*value).into()
            }),
            row("scan.max-depth", &self.max_depth, |value| (*value).into()),
            row("report.fail-on", &self.fail_on, word),
            row("report.min-confidence", &self.min_confidence, word),
            row("report.baseline", &self.baseline, |value| {
                value.as_ref().map(|path| path.display().to_string()).into()
            }),
            row("provenance.public-keys", &self.public_keys, |value| {
                paths(value)
            }),
            row("provenance.certificates", &self.certificates, |value| {
                paths(value)
            }),
            row("provenance.trust-root", &self.trust_root, |value| {
                value.as_ref().map(|path| path.display().to_string()).into()
            }),
            row("provenance.identities", &self.identities, |value| {
                value.clone().into()
            }),
            row("provenance.required", &self.signatures_required, |value| {
                (*value).into()
            }),
            row("models.publishers", &self.publishers, |value| {
                value.clone().into()
            }),
            row("policy.sanctioned", &self.sanctioned, |value| {
                value.clone().into()
            }),
            row("policy.use", &self.recorded_use, |value| {
                value.as_ref().map_or(serde_json::Value::Null, word)
            }),
            row("store.data-dir", &self.data_dir, |value| {
                value.display().to_string().into()
            }),
        ]
    }
}

/// Paths of the file, which are relative to it.
fn all_beside(
    loaded: &Loaded,
    paths: Option<&Spanned<Vec<String>>>,
) -> Option<Spanned<Vec<PathBuf>>> {
    let paths = paths?;
    let directory = loaded.directory().unwrap_or(Path::new(""));
    let all = paths.get_ref().iter().map(|path| directory.join(path));
    Some(Spanned::new(paths.span(), all.collect()))
}

fn mebibytes(bytes: u64) -> u32 {
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX)
}

struct Layers<'a> {
    cli: &'a Cli,
    loaded: &'a Loaded,
}

impl Layers<'_> {
    fn pick<T: Clone>(
        &self,
        id: &str,
        said: Option<T>,
        file: Option<&Spanned<T>>,
        default: T,
    ) -> Setting<T> {
        if let Some(value) = said {
            let flag = id.replace('_', "-");
            let origin = match self.cli.source(id) {
                Some(ValueSource::EnvVariable) => {
                    Origin::Environment(format!("STANCE_{}", id.to_uppercase()))
                }
                _ => Origin::Flag(flag),
            };
            return Setting { value, origin };
        }
        match file {
            Some(value) => Setting {
                value: value.get_ref().clone(),
                origin: Origin::File(
                    self.loaded.path.clone().unwrap_or_default(),
                    self.loaded.line(&value.span()),
                ),
            },
            None => Setting {
                value: default,
                origin: Origin::Default,
            },
        }
    }
}

/// `stance` in the user's data home, by the conventions of the platform.
fn default_data_dir() -> PathBuf {
    let home = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty());
    let base = if cfg!(windows) {
        home("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home("HOME").map(|home| PathBuf::from(home).join("Library/Application Support"))
    } else {
        home("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| home("HOME").map(|home| PathBuf::from(home).join(".local/share")))
    };
    base.unwrap_or_else(|| PathBuf::from(".")).join("stance")
}
