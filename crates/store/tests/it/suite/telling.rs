//! What sources tell adds up to an estate.

use jiff::Timestamp;
use stance_core::due::Deadlines;
use stance_core::finding::Status;
use stance_store::{
    AssetQuery, AssetSort, Estate as _, FindingState, Ingest, Ingested, SourceNumber, StoreError,
};

use super::Place;
use super::estates::{Estates, Told, agent};
use crate::fixture::{time, with_status};

pub(crate) fn what_is_one_thing_everywhere_is_one_asset_and_the_rest_belongs_to_its_source<
    P: Place,
>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &agent());
    estates.tell(2, 1, &agent());
    let names = estates.names(&AssetQuery {
        sort: AssetSort::Name,
        ..AssetQuery::default()
    });
    assert_eq!(names, ["gpt-4o", "triage", "triage"]);
    let model = estates
        .store
        .asset(estates.number("gpt-4o"))
        .unwrap()
        .unwrap();
    assert_eq!(model.row.sightings, 2);
    assert_eq!(model.row.scope, None);
    assert_eq!(
        model.row.owner, None,
        "one source may not speak for another"
    );
    let owners = estates.names(&AssetQuery {
        owner: Some("growth".into()),
        environments: vec!["staging".into()],
        ..AssetQuery::default()
    });
    assert_eq!(owners, ["triage"]);

    let mut less = agent();
    less.assets.pop();
    less.relations.clear();
    assert_eq!(estates.tell(1, 2, &less).vanished, 1);
    assert!(
        estates
            .names(&AssetQuery::default())
            .contains(&"gpt-4o".to_owned())
    );
    assert_eq!(estates.tell(2, 2, &less).vanished, 1);
    let gone = AssetQuery {
        gone: true,
        ..AssetQuery::default()
    };
    assert_eq!(estates.names(&gone), ["gpt-4o"]);
    estates.is_consistent();
}

pub(crate) fn telling_the_same_again_changes_nothing<P: Place>() {
    let mut estates = Estates::<P>::new();
    let first = estates.tell(1, 1, &agent());
    assert_eq!((first.assets, first.findings, first.relations), (2, 1, 1));
    assert_eq!((first.appeared, first.opened), (2, 1));
    let again = estates.tell(1, 2, &agent());
    assert_eq!(
        again,
        Ingested {
            assets: 2,
            findings: 1,
            relations: 1,
            ..Ingested::default()
        }
    );
    let seen = estates
        .store
        .asset(estates.number("triage"))
        .unwrap()
        .unwrap();
    assert_eq!(
        (seen.row.first_seen, seen.row.last_seen),
        (time(1), time(2))
    );
    estates.is_consistent();
}

pub(crate) fn a_finding_opens_is_fixed_and_stands_again<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut told = agent();
    estates.tell(1, 1, &told);
    let before = estates.score();
    let (number, state) = estates.only_finding();
    assert_eq!(state, FindingState::Open);
    let detail = estates.store.finding(number).unwrap().unwrap();
    assert_eq!(
        detail.row.due,
        Some("2026-12-01T23:59:59.999Z".parse().unwrap())
    );
    assert_eq!(detail.row.asset_name, "triage");
    let totals = estates.store.tally().unwrap().totals;

    let found = std::mem::take(&mut told.findings);
    assert_eq!(estates.tell(1, 2, &told).fixed, 1);
    assert_eq!(estates.only_finding().1, FindingState::Fixed);
    let gain = totals.gain(stance_core::score::Risk {
        known: detail.row.gives_back,
        assumed: detail.row.gives_back,
        worst: detail.row.gives_back,
    });
    assert!(
        (estates.score() - before - gain.as_f64()).abs() < 1e-9,
        "it gives back what it says"
    );

    told.findings = found;
    assert_eq!(estates.tell(1, 3, &told).reopened, 1);
    let detail = estates.store.finding(number).unwrap().unwrap();
    let states: Vec<_> = detail.transitions.iter().map(|it| it.state).collect();
    assert_eq!(
        states,
        [
            FindingState::Open,
            FindingState::Fixed,
            FindingState::Reopened
        ]
    );
    assert_eq!((detail.reopened, detail.row.first_seen), (1, time(1)));
    estates.is_consistent();
}

pub(crate) fn not_having_looked_neither_fixes_nor_loses_anything_and_widens_the_interval<
    P: Place,
>() {
    let mut estates = Estates::<P>::new();
    let told = agent();
    estates.tell(1, 1, &told);
    let all = estates.store.tally().unwrap().totals.score().unwrap();
    let mut blind = Told::default();
    let files = [
        "app.py".to_owned(),
        told.findings[0].evidence.path.to_string(),
    ];
    blind.unjudged.extend(files);
    let done = estates.tell(1, 2, &blind);
    assert_eq!((done.fixed, done.vanished), (0, 0));
    assert_eq!(estates.only_finding().1, FindingState::Open);
    let mut half = told.clone();
    half.unjudged.insert("app.py".to_owned());
    estates.tell(1, 3, &half);
    let some = estates.store.tally().unwrap().totals.score().unwrap();
    assert!(some.lower < all.lower && some.value < all.value);
    estates.is_consistent();
}

pub(crate) fn what_the_scanned_tree_accepts_is_accepted_as_long_as_it_says_so<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut told = agent();
    told.findings[0] = with_status(told.findings[0].clone(), Status::Accepted);
    estates.tell(1, 1, &told);
    assert_eq!(estates.only_finding().1, FindingState::Accepted);
    told.findings[0] = with_status(told.findings[0].clone(), Status::Open);
    estates.tell(1, 2, &told);
    assert_eq!(estates.only_finding().1, FindingState::Reopened);
    estates.is_consistent();
}

pub(crate) fn a_source_that_is_not_there_tells_nothing<P: Place>() {
    let mut estates = Estates::<P>::new();
    let told = agent();
    let ingest = Ingest {
        source: SourceNumber(99),
        run: None,
        at: Timestamp::UNIX_EPOCH,
        assets: &told.assets,
        relations: &told.relations,
        findings: &told.findings,
        coverage: &told.coverage,
        unjudged: &told.unjudged,
        judged: told.judged.as_ref(),
        deadlines: Deadlines::default(),
    };
    let refused = estates.store.ingest(&ingest);
    assert!(
        matches!(refused, Err(StoreError::NoSource(_))),
        "{refused:?}"
    );
    assert_eq!(estates.store.tally().unwrap().all_assets(), 0);
}
