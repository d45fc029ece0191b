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
    input: &'c Input<'c>,
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
                evidence,
            })),
        );
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
        let evidence = self.evidence(place);
        self.facts.gap(GapReason::Limit, limit, evidence);
    }

    /// Most facts of one file.
    pub(super) fn most(&self) -> usize {
        self.input.options().limits.facts
    }

    /// Whether a package is told at all.
    pub(super) fn is_of_interest(&self, ecosystem: Ecosystem, package: &Package) -> bool {
        let ai = packages::category(ecosystem, &package.name).is_some();
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

    /// A package, when it is of interest.
    pub(super) fn package(&mut self, ecosystem: Ecosystem, package: Package, place: Range<usize>) {
        if !self.is_of_interest(ecosystem, &package) {
            return;
        }
        let evidence = self.evidence(place);
        let vendor = vendors::of_package(ecosystem, &package.name).filter(|_| !package.locked);
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
        self.facts.add(
            self.input.path(),
            Fact::Dependency(Box::new(Dependency {
                ecosystem,
                name: package.name,
                constraint: redact(&package.constraint).into_owned(),
                version: package.version,
                hashed: package.hashed,
                origin: package.origin.map(|origin| redact(&origin).into_owned()),
                development: package.development,
                locked: package.locked,
                evidence,
            })),
        );
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
