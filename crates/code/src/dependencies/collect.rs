//! What readers of manifests report to.

use std::collections::BTreeMap;
use std::ops::Range;

use stance_core::fact::{
    Dependency, Ecosystem, Fact, GapReason, Manifest, PackageIndex, Reference,
};
use stance_core::relation::RelationKind;
use stance_core::{AssetKind, Evidence, How};

use super::similar;
use crate::packages;
use stance_read::input::Input;
use stance_read::redact::redact;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Node, Notation, Tree};
use stance_read::vendors;

/// One manifest that is read, and where its facts go.
pub(super) struct Collect<'c, 'f> {
    pub(super) input: &'c Input<'c>,
    pub(super) text: &'c Text<'c>,
    facts: &'c mut Facts<'f>,
}

/// A package as a reader found it; the rest of the fact follows from it.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// Normalised.
    pub(super) name: String,
    pub(super) constraint: String,
    pub(super) version: Option<String>,
    pub(super) hashed: bool,
    pub(super) origin: Option<String>,
    pub(super) development: bool,
    /// Whether the application asks for it itself; `None` where a lock file does not tell.
    pub(super) direct: Option<bool>,
    pub(super) locked: bool,
}

impl<'c, 'f> Collect<'c, 'f> {
    pub(super) fn new(input: &'c Input<'c>, text: &'c Text<'c>, facts: &'c mut Facts<'f>) -> Self {
        Self { input, text, facts }
    }

    /// The file as a tree; what could not be read leaves a gap.
    pub(super) fn tree(&mut self, notation: Notation, what: &str) -> Tree {
        let limits = &self.input.options().limits;
        let tree = Tree::parse(notation, self.text.as_str(), limits);
        tree.report(what, self.input.path(), self.text, self.facts);
        tree
    }

    pub(super) fn evidence(&self, range: Range<usize>) -> Evidence {
        self.text.evidence(self.input.path(), range)
    }

    /// The manifest itself; `place` is where its name stands.
    pub(super) fn manifest(
        &mut self,
        ecosystem: Ecosystem,
        name: Option<&str>,
        version: Option<&str>,
        indexes: Vec<PackageIndex>,
        place: Option<Range<usize>>,
    ) {
        let evidence = place.map_or_else(|| self.input.evidence(), |place| self.evidence(place));
        self.facts.add(
            self.input.path(),
            Fact::Manifest(Box::new(Manifest {
                ecosystem,
                name: name.map(str::to_owned),
                version: version.map(str::to_owned),
                indexes,
                inheritance: None,
                evidence,
            })),
        );
    }

    /// The manifest itself, with what others inherit from it.
    pub(super) fn manifest_with(&mut self, manifest: Manifest) {
        self.facts
            .add(self.input.path(), Fact::Manifest(Box::new(manifest)));
    }

    /// The file itself, as evidence.
    pub(super) fn whole(&self) -> Evidence {
        self.input.evidence()
    }

    pub(super) fn index(&self, url: &str, extra: bool, place: Range<usize>) -> PackageIndex {
        PackageIndex {
            url: redact(url).into_owned(),
            extra,
            evidence: self.evidence(place),
        }
    }

    /// Says that a limit ended reading.
    pub(super) fn gap(&mut self, limit: &str, place: Range<usize>) {
        self.gap_of(GapReason::Limit, limit, place);
    }

    /// Says that reading ended.
    pub(super) fn gap_of(&mut self, reason: GapReason, detail: &str, place: Range<usize>) {
        let evidence = self.evidence(place);
        self.facts.gap(reason, detail, evidence);
    }

    /// Most facts of one file.
    pub(super) fn most(&self) -> usize {
        self.input.options().limits.facts
    }

    /// Whether a package is told at all: as one of the inventory, or as one that advisories may know.
    pub(super) fn is_told(&self, ecosystem: Ecosystem, package: &Package) -> bool {
        self.is_of_interest(ecosystem, package) || is_comparable(package)
    }

    /// Whether a package belongs into the inventory.
    fn is_of_interest(&self, ecosystem: Ecosystem, package: &Package) -> bool {
        // What comes along with something else is held against advisories, but nobody chose it.
        let along = package.locked && package.direct == Some(false);
        let ai = !along && packages::category(ecosystem, &package.name).is_some();
        let of_interest = ai
            || similar::is_malicious(ecosystem, &package.name, package.version.as_deref())
            || (!package.locked
                && (is_address(package.origin.as_deref())
                    || similar::of(ecosystem, &package.name).is_some()));
        // A lock file lists the project itself as well, by its path.
        let own =
            package.locked && package.origin.is_some() && !is_address(package.origin.as_deref());
        of_interest && !own && !package.name.is_empty()
    }

    /// A package, when anything is to be said about it.
    pub(super) fn package(&mut self, ecosystem: Ecosystem, package: Package, place: Range<usize>) {
        let of_interest = self.is_of_interest(ecosystem, &package);
        if !of_interest && !is_comparable(&package) {
            return;
        }
        let evidence = self.evidence(place);
        let vendor = vendors::of_package(ecosystem, &package.name)
            .filter(|_| of_interest && !package.locked);
        if let Some(vendor) = vendor {
            self.facts.add(
                self.input.path(),
                Fact::Reference(Box::new(Reference {
                    kind: AssetKind::Vendor,
                    key: vendor.key.to_owned(),
                    name: vendor.title.to_owned(),
                    aliases: vec![vendor.key.to_owned()],
                    how: How::Configuration,
                    relation: RelationKind::Calls,
                    vendor: None,
                    attributes: BTreeMap::new(),
                    evidence: evidence.clone(),
                })),
            );
        }
        let dependency = Box::new(Dependency {
            ecosystem,
            name: package.name,
            constraint: redact(&package.constraint).into_owned(),
            version: package.version,
            hashed: package.hashed,
            origin: package.origin.map(|origin| redact(&origin).into_owned()),
            development: package.development,
            direct: package.direct.or((!package.locked).then_some(true)),
            locked: package.locked,
            evidence,
        });
        let fact = if of_interest {
            Fact::Dependency(dependency)
        } else {
            Fact::OtherPackage(dependency)
        };
        self.facts.add(self.input.path(), fact);
    }

    /// A Python requirement that a string node holds.
    pub(super) fn requirement(&mut self, node: &Node, development: bool) {
        if let Some(text) = node.as_str()
            && let Some(mut package) = super::requirement::parse(text)
        {
            package.development = development;
            self.package(Ecosystem::Pypi, package, node.span.clone());
        }
    }
}

/// Whether an origin is another machine's, not a path beside the manifest.
fn is_address(origin: Option<&str>) -> bool {
    origin.is_some_and(|origin| {
        (origin.contains("://") && !origin.starts_with("file:") && !origin.starts_with("git+file:"))
            || origin.starts_with("git@")
            || origin.starts_with("github:")
            || origin.starts_with("gitlab:")
            || origin.starts_with("bitbucket:")
    })
}

/// Whether advisories can be held against a package: it comes from the registry, and something is
/// said about its version.
fn is_comparable(package: &Package) -> bool {
    package.origin.is_none()
        && !package.name.is_empty()
        && (package.version.is_some() || !package.constraint.trim().is_empty())
}
