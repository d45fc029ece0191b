//! Packages: the registries they come from, who asks for them, and what is published about them.

use serde::Serialize;

use crate::evidence::Evidence;
use crate::severity::Severity;

/// A package registry and its naming rules; the names are purl types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ecosystem {
    /// Python packages.
    Pypi,
    /// JavaScript packages.
    Npm,
    /// Go modules.
    Golang,
    /// Rust crates.
    Cargo,
    /// Java packages, `group:artifact`.
    Maven,
    /// Ruby gems.
    Gem,
    /// PHP packages, `vendor/package`.
    Composer,
    /// .NET packages.
    Nuget,
}

impl Ecosystem {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pypi,
        Self::Npm,
        Self::Golang,
        Self::Cargo,
        Self::Maven,
        Self::Gem,
        Self::Composer,
        Self::Nuget,
    ];

    /// The purl type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Npm => "npm",
            Self::Golang => "golang",
            Self::Cargo => "cargo",
            Self::Maven => "maven",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::Nuget => "nuget",
        }
    }

    /// What people call the registry; also its name in the Open Source Vulnerability format.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pypi => "PyPI",
            Self::Npm => "npm",
            Self::Golang => "Go",
            Self::Cargo => "crates.io",
            Self::Maven => "Maven",
            Self::Gem => "RubyGems",
            Self::Composer => "Packagist",
            Self::Nuget => "NuGet",
        }
    }

    /// The one of this purl type.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The purl of a package without a version: `pkg:pypi/torch`, `pkg:maven/group/artifact`.
    #[must_use]
    pub fn purl(self, name: &str) -> String {
        match self {
            Self::Maven => format!("pkg:maven/{}", name.replacen(':', "/", 1)),
            _ => format!("pkg:{}/{name}", self.name()),
        }
    }
}

/// A package that a manifest or lock file asks for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dependency {
    /// The registry.
    pub ecosystem: Ecosystem,
    /// Normalised name (PEP 503 for Python).
    pub name: String,
    /// The constraint as written; empty when there is none.
    pub constraint: String,
    /// The exact version, when the file fixes one.
    pub version: Option<String>,
    /// Whether it comes with a hash of its content.
    pub hashed: bool,
    /// Where it comes from when not from the registry: a URL, a path, a VCS reference.
    pub origin: Option<String>,
    /// Whether only development needs it.
    pub development: bool,
    /// Whether the application asks for it itself; `None` where a lock file does not tell.
    pub direct: Option<bool>,
    /// Whether the file is a lock file, which also lists what others need.
    pub locked: bool,
    /// Where.
    pub evidence: Evidence,
}

/// How the versions that are asked for and those that have a flaw lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The version that is fixed has the flaw.
    Pinned,
    /// Every version that is allowed has it.
    All,
    /// The newest version that is allowed has it: what is installed does today.
    Newest,
    /// Some version that is allowed has it, the newest has not.
    Some,
}

/// One published flaw of a package, as far as a finding needs it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flaw {
    /// The number people know it by: that of the CVE where there is one.
    pub id: String,
    /// Its other numbers.
    pub aliases: Vec<String>,
    /// Where it was learnt: `osv`, `ai-infra-guard`, `stance`.
    pub sources: Vec<String>,
    /// How bad, where somebody said so.
    pub severity: Option<Severity>,
    /// The CVSS base score.
    pub score: Option<f64>,
    /// What it is, in a sentence of its source.
    pub summary: String,
    /// The lowest version behind the one at hand that does not have it.
    pub fixed: Option<String>,
    /// Whether it is known to be used by attackers (CISA KEV).
    pub exploited: bool,
    /// How likely it is to be used in the next thirty days, from 0 to 1 (EPSS).
    pub likelihood: Option<f64>,
    /// Whether the maintainers say that it is none.
    pub disputed: bool,
    /// Whether the package is there to do harm.
    pub malicious: bool,
    /// How the versions asked for lie to it.
    pub reach: Reach,
}

/// A package with published flaws, in a version that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Vulnerable {
    /// The package and who asks for it.
    pub dependency: Dependency,
    /// Whether it is in the inventory: AI by nature.
    pub inventoried: bool,
    /// Its flaws, worst first; each once, whatever numbers it has.
    pub flaws: Vec<Flaw>,
    /// The lowest version without any of those that are fixed somewhere.
    pub fixed: Option<String>,
}

/// What packages were held against, and what was missing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdvisoryState {
    /// How many packages with a version or constraint were looked up.
    pub packages: usize,
    /// How many advisories about AI components come with this program.
    pub built_in: usize,
    /// How many the user imported.
    pub imported: usize,
    /// Day of the newest of those that were imported.
    pub newest: Option<String>,
    /// How many days old the imported data are; `None` when nothing was imported.
    pub age: Option<i64>,
    /// Registries of which packages were seen and nothing was imported, with how many packages.
    pub missing: Vec<(Ecosystem, usize)>,
    /// The first manifest or lock file that was seen.
    pub evidence: Evidence,
}
