//! Estates of two sources, and what these tell.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use stance_core::due::Deadlines;
use stance_core::{
    Asset, AssetKind, Coverage, Environment, Evidence, Finding, How, Relation, RelationKind,
};
use stance_store::sources::{NewSource, SourceKind, SourceSettings, Sources as _};
use stance_store::{
    AssetNumber, AssetQuery, Decision, Estate as _, FindingNumber, FindingQuery, FindingState,
    Ingest, Ingested, SourceNumber, States, Window,
};

use super::Place;
use crate::fixture::{end, finding, time};

/// A database with two sources, 1 and 2; the second has an owner.
pub(crate) struct Estates<P: Place> {
    pub(crate) store: P::Store,
    pub(crate) place: P,
}

impl<P: Place> Estates<P> {
    pub(crate) fn new() -> Self {
        let place = P::new();
        let mut store = place.open();
        for (key, owner, environment) in [
            ("/a", None, Environment::Unknown),
            ("/b", Some("growth"), Environment::Staging),
        ] {
            let settings = SourceSettings {
                name: key[1..].to_owned(),
                options: serde_json::json!({}),
                schedule: None,
                enabled: true,
                owner: owner.map(str::to_owned),
                environment,
            };
            let source = NewSource {
                key,
                kind: SourceKind::Directory,
                settings: &settings,
            };
            store.add_source(&source, Timestamp::UNIX_EPOCH).unwrap();
        }
        Self { store, place }
    }

    pub(crate) fn tell(&mut self, source: i64, day: i64, told: &Told) -> Ingested {
        let ingest = Ingest {
            source: SourceNumber(source),
            run: None,
            at: time(day),
            assets: &told.assets,
            relations: &told.relations,
            findings: &told.findings,
            coverage: &told.coverage,
            unjudged: &told.unjudged,
            judged: told.judged.as_ref(),
            deadlines: Deadlines::default(),
        };
        self.store.ingest(&ingest).unwrap()
    }

    pub(crate) fn names(&self, query: &AssetQuery) -> Vec<String> {
        let slice = self.store.assets(query, &Window::default()).unwrap();
        slice.rows.into_iter().map(|row| row.name).collect()
    }

    pub(crate) fn number(&self, name: &str) -> AssetNumber {
        let query = AssetQuery {
            text: Some(name.to_owned()),
            ..AssetQuery::default()
        };
        self.store
            .assets(&query, &Window::default())
            .unwrap()
            .rows
            .into_iter()
            .find(|row| row.name == name)
            .unwrap()
            .number
    }

    /// Number and state of the only finding.
    pub(crate) fn only_finding(&self) -> (FindingNumber, FindingState) {
        let query = FindingQuery {
            states: States::All,
            ..FindingQuery::default()
        };
        let rows = self
            .store
            .findings(&query, &Window::default())
            .unwrap()
            .rows;
        assert_eq!(rows.len(), 1);
        (rows[0].number, rows[0].state)
    }

    pub(crate) fn score(&self) -> f64 {
        let totals = self.store.tally().unwrap().totals;
        totals.score().unwrap().value.as_f64()
    }

    /// Sums that are kept are what is there.
    pub(crate) fn is_consistent(&self) {
        self.place.is_consistent();
    }
}

#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) assets: Vec<Asset>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) coverage: Coverage,
    pub(crate) unjudged: BTreeSet<String>,
    pub(crate) judged: Option<BTreeMap<String, u64>>,
}

pub(crate) fn asset(kind: AssetKind, key: &str) -> Asset {
    let name = key.rsplit(['/', '#']).next().unwrap_or(key);
    Asset::new(kind, key, name, How::Literal, Evidence::file("app.py"))
}

/// An agent that calls a model, with one finding on it.
pub(crate) fn agent() -> Told {
    let agent = asset(AssetKind::Agent, "app.py#triage");
    let model = asset(AssetKind::Model, "openai/gpt-4o");
    let mut finding = finding(1);
    finding.asset = agent.id.clone();
    Told {
        relations: vec![Relation {
            from: agent.id.clone(),
            to: model.id.clone(),
            kind: RelationKind::Calls,
            evidence: Evidence::file("app.py"),
        }],
        assets: vec![agent, model],
        findings: vec![finding],
        ..Told::default()
    }
}

pub(crate) fn by(actor: &str, day: i64) -> Decision<'_> {
    Decision {
        actor,
        at: end(day),
    }
}
