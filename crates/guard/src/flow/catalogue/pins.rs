//! Pins of tools, by who offers them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::shadow::is_lookalike;
use super::{Offered, Pin, place};
use crate::policy::{CatalogueMode, Finding, Rule};

/// Most tools of one catalogue, of one scope of it, and most versions of one tool.
pub const MOST_TOOLS: usize = 4096;
const MOST_OF_ONE: usize = 512;
const MOST_VERSIONS: usize = 8;

/// How a version of a tool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was there first; nobody looked at it.
    FirstUse,
    /// Somebody approved it.
    Approved,
    /// It is not what was there before.
    Changed,
}

impl Standing {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstUse => "first-use",
            Self::Approved => "approved",
            Self::Changed => "changed",
        }
    }
}

/// One form in which a tool was offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// How it stands.
    pub standing: Standing,
    /// When it was offered first, in milliseconds since 1970.
    pub first_seen: i64,
    /// Digests of all that a model reads of it.
    pub pin: Pin,
}

/// Whose tools are meant.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// Its name: the server, or the upstream and the identity.
    pub name: &'s str,
    /// Whether a server of tools offers them, for all who ask: then tools of other servers may be shadowed.
    pub is_server: bool,
    /// Whether several applications may be behind it, each with tools of its own that have the same names.
    pub is_mixed: bool,
}

/// What came of holding tools against a catalogue.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What was found; with each comes the place of its tool among those that are offered.
    pub findings: Vec<(usize, Finding)>,
    /// Versions that were not known, to be added.
    pub new: Vec<(String, Version)>,
    /// How many tools have no room in the catalogue any more.
    pub unpinned: usize,
}

/// The tools that are known, by scope and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue {
    scopes: BTreeMap<String, BTreeMap<String, Vec<Version>>>,
}

impl Catalogue {
    /// The versions of a tool that are known.
    #[must_use]
    pub fn versions(&self, scope: &str, name: &str) -> &[Version] {
        let tools = self.scopes.get(scope);
        tools
            .and_then(|tools| tools.get(name))
            .map_or(&[], Vec::as_slice)
    }

    /// All that is known: scope, tool and version.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Version)> {
        self.scopes.iter().flat_map(|(scope, tools)| {
            tools.iter().flat_map(move |(name, versions)| {
                let all = versions.iter();
                all.map(move |version| (scope.as_str(), name.as_str(), version))
            })
        })
    }

    /// How many tools are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scopes.values().map(BTreeMap::len).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Adds a version. Of too many versions of one tool, the one goes first that nobody approved and that was seen first.
    /// False where there is no room for the tool.
    pub fn add(&mut self, scope: &str, name: &str, version: Version) -> bool {
        let is_known = !self.versions(scope, name).is_empty();
        let of_one = self.scopes.get(scope).map_or(0, BTreeMap::len);
        if !is_known && (of_one >= MOST_OF_ONE || self.len() >= MOST_TOOLS) {
            return false;
        }
        let tools = self.scopes.entry(scope.to_owned()).or_default();
        let versions = tools.entry(name.to_owned()).or_default();
        if versions
            .iter()
            .any(|it| it.pin.digest == version.pin.digest)
        {
            return true;
        }
        if versions.len() >= MOST_VERSIONS {
            let oldest = versions
                .iter()
                .rposition(|it| it.standing == Standing::Changed)
                .or_else(|| {
                    versions
                        .iter()
                        .position(|it| it.standing != Standing::Approved)
                });
            versions.remove(oldest.unwrap_or_default());
        }
        versions.push(version);
        true
    }

    /// Approves the versions of a tool whose digest begins with `digest`; how many there are.
    pub fn approve(&mut self, scope: &str, name: &str, digest: &str) -> usize {
        let versions = self
            .scopes
            .get_mut(scope)
            .and_then(|tools| tools.get_mut(name));
        let mut count = 0_usize;
        for version in versions.into_iter().flatten() {
            if version.pin.digest.starts_with(digest) {
                version.standing = Standing::Approved;
                count = count.saturating_add(1);
            }
        }
        count
    }

    /// Forgets a tool; whether it was known.
    pub fn forget(&mut self, scope: &str, name: &str) -> bool {
        let Some(tools) = self.scopes.get_mut(scope) else {
            return false;
        };
        let was_known = tools.remove(name).is_some();
        if tools.is_empty() {
            self.scopes.remove(scope);
        }
        was_known
    }

    /// Holds all that is offered at once against what is known; `pins` are those of `all`, in their order. `at` is now, in
    /// milliseconds since 1970.
    #[must_use]
    pub fn look(
        &self,
        scope: Scope<'_>,
        all: &[Offered<'_>],
        pins: &[Option<Pin>],
        mode: CatalogueMode,
        at: i64,
    ) -> Looked {
        let mut looked = Looked::default();
        if mode == CatalogueMode::Off {
            return looked;
        }
        let accepts = |version: &Version| match version.standing {
            Standing::Approved => true,
            Standing::FirstUse => mode == CatalogueMode::FirstUse,
            Standing::Changed => false,
        };
        let is_known = |tool: &Offered<'_>, pin: &Option<Pin>| {
            let versions = self.versions(scope.name, tool.name).iter();
            pin.as_ref().is_some_and(|pin| {
                let mut known = versions.filter(|version| accepts(version));
                known.any(|version| version.pin.digest == pin.digest)
            })
        };
        // Another application has other tools; one whose tools are known but for this one is the same.
        let is_kin = !scope.is_mixed || all.iter().zip(pins).any(|(tool, pin)| is_known(tool, pin));
        for (index, (tool, pin)) in all.iter().zip(pins).enumerate() {
            let mut tell = |finding: Finding| looked.findings.push((index, finding));
            let Some(pin) = pin else {
                let note = format!("{:?} is nested too deep to be compared", tool.name);
                tell(Finding::failed(Rule::Changed, note));
                continue;
            };
            let versions = self.versions(scope.name, tool.name);
            let known = versions.iter().find(|it| it.pin.digest == pin.digest);
            let before = versions.iter().rev().find(|version| accepts(version));
            let standing = match (known, before) {
                (Some(version), _) => version.standing,
                (None, Some(_)) if is_kin => Standing::Changed,
                (None, _) => Standing::FirstUse,
            };
            if standing == Standing::Changed
                && let Some(before) = before
            {
                let changes: Vec<String> = before
                    .pin
                    .changes(pin)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                let note = format!("{:?} is not what it was: {}", tool.name, changes.join(", "));
                tell(Finding::sure(Rule::Changed, vec![place(tool)], note));
            }
            if mode == CatalogueMode::Approved && standing != Standing::Approved {
                let note = format!("nobody approved {:?} as it is offered", tool.name);
                tell(Finding::sure(
                    Rule::OutsideCatalogue,
                    vec![place(tool)],
                    note,
                ));
            }
            if scope.is_server && versions.is_empty() && self.shadows(scope, tool.name) {
                let note = format!(
                    "{:?} has the name of another server's tool, or one that looks like it",
                    tool.name
                );
                tell(Finding::sure(Rule::Shadowing, vec![place(tool)], note));
            }
            if known.is_none() {
                let version = Version {
                    standing,
                    first_seen: at,
                    pin: pin.clone(),
                };
                looked.new.push((tool.name.to_owned(), version));
            }
        }
        let of_one = self.scopes.get(scope.name).map_or(0, BTreeMap::len);
        let room = MOST_OF_ONE
            .saturating_sub(of_one)
            .min(MOST_TOOLS.saturating_sub(self.len()));
        let mut left = room;
        looked.new.retain(|(name, _)| {
            let has_room = !self.versions(scope.name, name).is_empty() || left > 0;
            if has_room && self.versions(scope.name, name).is_empty() {
                left = left.saturating_sub(1);
            }
            if !has_room {
                looked.unpinned = looked.unpinned.saturating_add(1);
            }
            has_room
        });
        looked
    }

    /// Whether a tool looks like one of another server that is known.
    fn shadows(&self, scope: Scope<'_>, name: &str) -> bool {
        self.scopes
            .iter()
            .filter(|(other, _)| *other != scope.name && !other.contains(' '))
            .flat_map(|(_, tools)| tools.keys())
            .any(|other| is_lookalike(name, other))
    }
}
