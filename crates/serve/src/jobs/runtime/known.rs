//! Which models of the inventory the ones at run time are.

use std::collections::BTreeMap;

use stance_core::{AssetId, AssetKind, Reach};
use stance_store::sources::{SourceFilter, Sources as _};
use stance_store::{AssetQuery, Estate as _, Result, SourceNumber, Sqlite, Window};

use super::gather::ModelUse;
use super::names::base;

/// Assets of a like name that are looked at for one model.
const LOOKED_AT: usize = 200;

/// Most sources that are asked whether they tell models at all.
const SOURCES: usize = 1_000;

/// A model of the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownModel {
    /// Its id, where it means the same for every source.
    pub(super) id: Option<AssetId>,
    /// What people call it.
    pub(super) name: String,
    /// Whether a source other than run time tells it.
    pub(super) declared: bool,
}

/// What the inventory knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// By the name at run time.
    pub(super) models: BTreeMap<String, KnownModel>,
    /// Whether any other source tells models, so that one which is missing means something.
    pub(super) has_inventory: bool,
}

/// Looks for these models in the inventory; `own` is the source of run time, where there is one already.
pub(super) fn known(
    store: &Sqlite,
    models: &[ModelUse],
    own: Option<SourceNumber>,
) -> Result<Known> {
    let mut known = Known {
        has_inventory: has_inventory(store, own)?,
        ..Known::default()
    };
    for model in models {
        if let Some(found) = find(store, &model.name, own)? {
            known.models.insert(model.name.clone(), found);
        }
    }
    Ok(known)
}

fn has_inventory(store: &Sqlite, own: Option<SourceNumber>) -> Result<bool> {
    let filter = SourceFilter {
        limit: SOURCES,
        ..SourceFilter::default()
    };
    for status in store.sources(&filter)? {
        if Some(status.source.id) == own || status.source.scanned.is_none() {
            continue;
        }
        let query = AssetQuery {
            kinds: vec![AssetKind::Model],
            source: Some(status.source.id),
            ..AssetQuery::default()
        };
        if !store.assets(&query, &Window::first(1))?.rows.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The asset of the same name: one that others tell before one that only run time told.
fn find(store: &Sqlite, name: &str, own: Option<SourceNumber>) -> Result<Option<KnownModel>> {
    let wanted = base(name);
    if wanted.is_empty() {
        return Ok(None);
    }
    let query = AssetQuery {
        text: Some(wanted.clone()),
        kinds: vec![AssetKind::Model],
        ..AssetQuery::default()
    };
    let mut best: Option<KnownModel> = None;
    for row in store.assets(&query, &Window::first(LOOKED_AT))?.rows {
        let key = row.id.split_once(':').map_or("", |(_, key)| key);
        if base(key) != wanted && base(&row.name) != wanted {
            continue;
        }
        let Some(detail) = store.asset(row.number)? else {
            continue;
        };
        let Some(first) = detail.sightings.first() else {
            continue;
        };
        let mut told = detail.sightings.iter().filter(|it| it.present);
        let found = KnownModel {
            declared: told.any(|it| Some(it.source) != own),
            id: Some(first.asset.id.clone())
                .filter(|id| id.reach() == Reach::Everywhere || row.scope == own),
            name: row.name,
        };
        let rank = |it: &KnownModel| (it.declared && it.id.is_some(), it.id.is_some());
        let declared = found.declared || best.as_ref().is_some_and(|best| best.declared);
        let mut better = match best.take() {
            Some(best) if rank(&best) >= rank(&found) => best,
            _ => found,
        };
        // Two assets of one name: that one of them is declared is enough.
        better.declared = declared;
        best = Some(better);
    }
    Ok(best)
}
