//! Until when providers serve their models, as they announced it: `tables/retired_models.tsv`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::Date;
use stance_core::fact::{Fact, Reference};
use stance_core::{AssetId, AssetKind, Evidence, How, RelationKind, Scope, Snapshot};

/// What a service announced about one of its models.
#[derive(Debug)]
pub(crate) struct Announced {
    /// The service that serves it, by the key of its vendor.
    pub(crate) service: &'static str,
    /// Its name there.
    pub(crate) model: &'static str,
    /// The day on which the end was announced, where it is known.
    pub(crate) deprecated: Option<Date>,
    /// The first day without it, where one was announced.
    pub(crate) retired: Option<Date>,
    /// What the service recommends in its place.
    pub(crate) replacement: Option<&'static str>,
    /// The page that says so.
    pub(crate) source: &'static str,
}

/// By service and model.
type Table = BTreeMap<&'static str, BTreeMap<&'static str, Announced>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::new();
    include_str!("../tables/retired_models.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .for_each(|line| {
            let mut fields = line.split('\t');
            let mut text = || fields.next().unwrap_or_default();
            let (service, model, deprecated, retired) = (text(), text(), text(), text());
            let announced = Announced {
                service,
                model,
                deprecated: deprecated.parse().ok(),
                retired: retired.parse().ok(),
                replacement: Some(text()).filter(|name| !name.is_empty()),
                source: text(),
            };
            table.entry(service).or_default().insert(model, announced);
        });
    table
});

/// What was announced about the model that a reference names, by the service that it is certainly reached
/// through.
fn of(reference: &Reference) -> Option<&'static Announced> {
    let through = reference.attributes.get("through");
    let (vendor, name) = reference.key.split_once('/')?;
    // Only routers write it like this.
    if vendor == "google" && is_prefixed(reference) {
        return None;
    }
    let service = match through.and_then(|it| it.as_str()) {
        // It hosts models of others and lets them go on days of its own.
        Some("azure") => "azure",
        // So do other hosts, whose days are not in the table; routers know several hosts.
        Some(_) => return None,
        // These names are those of one host for models that Meta gives away.
        None if vendor == "meta" => "groq",
        // Prompts for GitHub Models, which lets models go on days of its own.
        None if reference.evidence.path.ends_with(".prompt.yml") => return None,
        None => vendor,
    };
    TABLE.get(service)?.get(name)
}

/// Whether the name stands behind that of its maker and a slash, as routers, which know several hosts, and LiteLLM,
/// which does not, both write it.
fn is_prefixed(reference: &Reference) -> bool {
    reference.aliases.contains(&reference.key)
}

/// So many models that a source file names make it a list of what there is, rather than something that calls them.
const CATALOGUE: usize = 6;

/// Source files that list models: registries of libraries, tables of prices and limits, choices of a page.
pub(crate) fn catalogues(snapshot: &Snapshot) -> BTreeSet<&str> {
    let mut models: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for observation in &snapshot.observations {
        if let Fact::Reference(reference) = &observation.fact
            && reference.kind == AssetKind::Model
            && matches!(reference.how, How::Literal | How::Constant)
        {
            let path: &str = &reference.evidence.path;
            models.entry(path).or_default().insert(&reference.key);
        }
    }
    models.retain(|_, models| models.len() >= CATALOGUE);
    models.into_keys().collect()
}

/// A model that an application names, with every place of one scope.
pub(crate) struct Named<'s> {
    /// The asset of the model.
    pub(crate) model: AssetId,
    /// What was announced.
    pub(crate) announced: &'static Announced,
    /// Tests, documentation or neither.
    pub(crate) scope: Scope,
    /// Whether some place names it for use, rather than as the default of something that is set from outside.
    pub(crate) certain: bool,
    /// Whether it may be reached through a router, or through a platform with days of its own.
    pub(crate) elsewhere: bool,
    /// Where.
    pub(crate) places: Vec<&'s Evidence>,
}

/// The models of the table that a tree calls, one entry per application, model and scope.
/// How many places name a model that is called.
pub(crate) fn called(snapshot: &Snapshot) -> usize {
    let all = snapshot.observations.iter();
    all.filter(
        |observation| matches!(&observation.fact, Fact::Reference(reference) if is_call(reference)),
    )
    .count()
}

fn is_call(reference: &Reference) -> bool {
    reference.kind == AssetKind::Model
        && reference.relation == RelationKind::Calls
        && !matches!(reference.how, How::Import | How::Unresolved)
}

pub(crate) fn named(snapshot: &Snapshot) -> Vec<Named<'_>> {
    let mut found: BTreeMap<(&AssetId, &str, &str, Scope), Named<'_>> = BTreeMap::new();
    let catalogues = catalogues(snapshot);
    for observation in &snapshot.observations {
        let Fact::Reference(reference) = &observation.fact else {
            continue;
        };
        let Some(announced) = of(reference).filter(|_| is_call(reference)) else {
            continue;
        };
        let path = &reference.evidence.path;
        if reference.how != How::Configuration && catalogues.contains(&**path) {
            continue;
        }
        let scope = Scope::of_path(path);
        let application = snapshot.applications.id_of(path);
        let entry = found
            .entry((application, announced.service, announced.model, scope))
            .or_insert_with(|| Named {
                model: AssetId::new(AssetKind::Model, &reference.key),
                announced,
                scope,
                certain: false,
                // Google Cloud lets some models go on other days than the Gemini API.
                elsewhere: announced.service == "google",
                places: Vec::new(),
            });
        entry.certain |= reference.how != How::Default;
        entry.elsewhere |= is_prefixed(reference);
        entry.places.push(&reference.evidence);
    }
    found.into_values().collect()
}

/// Most places that a finding names beside its first.
pub(crate) const MORE_PLACES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_line_has_a_day_or_an_announcement() {
        let lines: Vec<&str> = include_str!("../tables/retired_models.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        let models: usize = TABLE.values().map(BTreeMap::len).sum();
        assert_eq!(lines.len(), models, "a model stands there twice");
        for line in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            let [service, model, deprecated, retired, _, source] = fields[..] else {
                panic!("{line}");
            };
            let day = |text: &str| text.is_empty() || text.parse::<Date>().is_ok();
            assert!(day(deprecated) && day(retired), "{line}");
            assert!(!deprecated.is_empty() || !retired.is_empty(), "{line}");
            assert!(source.starts_with("https://"), "{line}");
            assert!(!service.is_empty() && !model.is_empty(), "{line}");
        }
        for announced in TABLE.values().flat_map(BTreeMap::values) {
            if let (Some(deprecated), Some(retired)) = (announced.deprecated, announced.retired) {
                assert!(deprecated < retired, "{}", announced.model);
            }
        }
    }
}
