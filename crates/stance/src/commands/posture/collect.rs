//! Findings that stand, by the things that they are about.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use stance_core::finding::Status;
use stance_core::{Asset, AssetId, AssetKind};
use stance_gateway::posture::{Standing, Subject};
use stance_store::{
    AssetNumber, Estate, FindingQuery, FindingState, States, Store, StoreError, Window,
};

/// What requests name.
const KINDS: [AssetKind; 4] = [
    AssetKind::Model,
    AssetKind::Endpoint,
    AssetKind::Agent,
    AssetKind::McpServer,
];

/// Most findings that are taken, the worst first.
const MOST: usize = 20_000;

/// Most scans that are looked through for their targets.
const SCANS: usize = 100_000;

/// Of all sources of a service; and whether these are all that there are.
pub(in crate::commands) fn of_estate(
    store: &impl Estate,
) -> Result<(Vec<Subject>, bool), StoreError> {
    let mut found: BTreeMap<AssetNumber, Subject> = BTreeMap::new();
    let mut left = MOST;
    for states in [States::Counting, States::Only(FindingState::Accepted)] {
        let query = FindingQuery {
            states,
            kinds: KINDS.to_vec(),
            ..FindingQuery::default()
        };
        let mut window = Window::first(Window::MOST);
        loop {
            let slice = store.findings(&query, &window)?;
            for row in slice.rows {
                if left == 0 {
                    return Ok((named(store, found)?, false));
                }
                left -= 1;
                let subject = found.entry(row.asset).or_insert_with(|| Subject {
                    kind: row.asset_kind,
                    names: vec![row.asset_name],
                    findings: Vec::new(),
                });
                subject.findings.push(Standing {
                    id: row.id,
                    rule: row.rule,
                    severity: row.severity,
                    waived: !row.state.counts(),
                });
            }
            match slice.next {
                Some(next) => window.after = Some(next),
                None => break,
            }
        }
    }
    Ok((named(store, found)?, true))
}

/// The same with all names that any source has.
fn named(
    store: &impl Estate,
    found: BTreeMap<AssetNumber, Subject>,
) -> Result<Vec<Subject>, StoreError> {
    let mut all = Vec::with_capacity(found.len());
    for (number, mut subject) in found {
        let mut names: BTreeSet<String> = subject.names.into_iter().collect();
        if let Some(detail) = store.asset(number)? {
            for sighting in detail.sightings {
                names.extend(names_of(&sighting.asset));
            }
        }
        subject.names = names.into_iter().collect();
        all.push(subject);
    }
    Ok(all)
}

/// Everything that was ever scanned here.
pub(super) fn targets(store: &impl Store) -> anyhow::Result<BTreeSet<String>> {
    let scans = store.scans(None, SCANS)?;
    Ok(scans.into_iter().map(|scan| scan.target).collect())
}

/// Of the last scan of a target.
pub(super) fn of_scan(store: &impl Store, target: &str) -> anyhow::Result<Vec<Subject>> {
    let Some(last) = store.last_scan(Some(target))? else {
        bail!("{target} was never scanned; `stance scan` does");
    };
    let mut findings: BTreeMap<AssetId, Vec<Standing>> = BTreeMap::new();
    for finding in store.findings_of(last.id)? {
        findings.entry(finding.asset).or_default().push(Standing {
            id: finding.id.as_str().to_owned(),
            rule: finding.rule.into_owned(),
            severity: finding.severity,
            waived: finding.status != Status::Open,
        });
    }
    let assets = store.assets_of(last.id)?.into_iter();
    let subjects = assets.filter(|asset| KINDS.contains(&asset.kind));
    Ok(subjects
        .filter_map(|asset| {
            Some(Subject {
                kind: asset.kind,
                findings: findings.remove(&asset.id)?,
                names: names_of(&asset).collect(),
            })
        })
        .collect())
}

/// What people call a thing, its aliases, and its key.
fn names_of(asset: &Asset) -> impl Iterator<Item = String> {
    let key = asset.id.as_str().split_once(':').map(|(_, key)| key);
    let aliases = asset.aliases.iter().map(String::as_str);
    let all: Vec<String> = std::iter::once(asset.name.as_str())
        .chain(aliases)
        .chain(key)
        .map(str::to_owned)
        .collect();
    all.into_iter()
}
