//! What happens to a source happens to what it told.

use stance_core::AssetKind;
use stance_store::{
    AssetEdit, AssetQuery, AssetSort, Estate as _, FindingQuery, FindingState, SourceNumber,
    States, StoreError, Window,
};

use super::Place;
use super::estates::{Estates, agent, asset, by};
use crate::fixture::time;

pub(crate) fn a_source_that_is_removed_takes_its_own_along_and_fixes_nothing<P: Place>() {
    use stance_store::sources::Sources as _;

    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &agent());
    estates.tell(2, 1, &agent());
    estates
        .store
        .remove_source(SourceNumber(1), time(2))
        .unwrap();
    let names = estates.names(&AssetQuery {
        sort: AssetSort::Name,
        ..AssetQuery::default()
    });
    assert_eq!(
        names,
        ["gpt-4o", "triage"],
        "what the other source sees stays"
    );
    assert_eq!(
        estates
            .store
            .count_findings(&FindingQuery::default(), 10)
            .unwrap()
            .count,
        1
    );
    let gone = FindingQuery {
        states: States::Only(FindingState::Gone),
        ..FindingQuery::default()
    };
    let rows = estates
        .store
        .findings(&gone, &Window::default())
        .unwrap()
        .rows;
    assert_eq!(rows.len(), 1);
    let detail = estates.store.finding(rows[0].number).unwrap().unwrap();
    assert_eq!(detail.fixed, None);
    assert_eq!(detail.transitions.last().unwrap().state, FindingState::Gone);
    let model = estates.number("gpt-4o");
    let around = estates.store.neighbourhood(model, 1, 10).unwrap();
    assert_eq!(around.assets.len(), 2);
    let again = estates.store.remove_source(SourceNumber(1), time(3));
    assert!(matches!(again, Err(StoreError::NoSource(_))));
    estates.is_consistent();
}

pub(crate) fn another_owner_of_a_source_owns_what_nobody_else_was_given<P: Place>() {
    use stance_store::sources::Sources as _;

    let mut estates = Estates::<P>::new();
    let mut told = agent();
    told.assets.push(asset(AssetKind::Tool, "app.py#refund"));
    estates.tell(2, 1, &told);
    let own = AssetEdit {
        owner: Some(Some("billing".into())),
        ..AssetEdit::default()
    };
    let refund = estates.number("refund");
    estates
        .store
        .edit_assets(&[refund], &own, &by("ana", 1))
        .unwrap();
    let mut settings = estates
        .store
        .source(SourceNumber(2))
        .unwrap()
        .source
        .settings;
    settings.owner = Some("support".into());
    settings.environment = stance_core::Environment::Production;
    let triage = estates.number("triage");
    let before = estates.store.asset(triage).unwrap().unwrap().row;
    estates
        .store
        .edit_source(SourceNumber(2), &settings, 0, time(2))
        .unwrap();
    let after = estates.store.asset(triage).unwrap().unwrap().row;
    assert_eq!(after.owner.as_deref(), Some("support"));
    assert_eq!(after.environment, "production");
    assert!(after.importance > before.importance);
    let kept = estates.store.asset(refund).unwrap().unwrap().row;
    assert_eq!(kept.owner.as_deref(), Some("billing"));
    let theirs = FindingQuery {
        owner: Some("support".into()),
        ..FindingQuery::default()
    };
    assert_eq!(estates.store.count_findings(&theirs, 10).unwrap().count, 1);
    estates.is_consistent();
}
