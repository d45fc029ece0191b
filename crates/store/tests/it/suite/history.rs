//! How the estate stood over time, and what is on record.

use stance_store::{AssetEdit, Estate as _, Requests as _};

use super::Place;
use super::estates::{Estates, Told, agent, by};
use crate::fixture::time;

pub(crate) fn the_history_tells_how_the_score_stood_and_what_moved_it<P: Place>() {
    let mut estates = Estates::<P>::new();
    let told = agent();
    estates.tell(1, 1, &told);
    estates.tell(1, 2, &told);
    let clean = Told {
        findings: vec![],
        ..told.clone()
    };
    estates.tell(1, 3, &clean);
    let points = estates.store.posture(time(1), time(4), 100).unwrap();
    assert_eq!(
        points.len(),
        2,
        "what moves nothing is no point: {points:?}"
    );
    assert!(points[0].score < points[1].score);
    assert_eq!((points[0].findings[1], points[1].findings[1]), (1, 0));
    assert!(
        points
            .iter()
            .all(|it| it.lower <= it.score && it.score <= it.upper)
    );
    let moved = estates.store.movements(time(2), 5).unwrap();
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (moved[0].asset_name.as_str(), moved[0].closed),
        ("triage", 1)
    );
    let gain = points[1].score.minus(points[0].score);
    assert!(
        (moved[0].value - gain.0).abs() < 1_000,
        "{moved:?} {gain:?}"
    );
    // A line begins at its edge: the last point before the time is there.
    let later = estates.store.posture(time(4), time(9), 100).unwrap();
    assert_eq!(later.len(), 1);
    let thin = estates.store.posture(time(1), time(30), 1).unwrap();
    assert_eq!(thin.len(), 1);
}

pub(crate) fn a_pulse_differs_once_something_changed_and_only_then<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &agent());
    let before = estates.store.pulse().unwrap();
    assert_eq!(estates.store.pulse().unwrap(), before);
    let (number, _) = estates.only_finding();
    estates
        .store
        .dismiss(&[number], "no", &by("ana", 2))
        .unwrap();
    let after = estates.store.pulse().unwrap();
    assert_ne!(after.findings, before.findings);
    assert_ne!(after.score, before.score);
    assert_eq!(after.changes, before.changes);
}

pub(crate) fn a_visit_tells_when_the_one_before_was<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut at = |minutes: i64| {
        let now = time(1) + jiff::SignedDuration::from_mins(minutes);
        estates.store.visit("user:1", now).unwrap()
    };
    assert_eq!(at(0), None);
    assert_eq!(at(10), None);
    assert_eq!(at(200), Some(time(1) + jiff::SignedDuration::from_mins(10)));
    assert_eq!(at(210), Some(time(1) + jiff::SignedDuration::from_mins(10)));
}

pub(crate) fn every_decision_and_every_look_stands_in_the_audit_log<P: Place>() {
    use stance_store::audit::{AuditLog as _, AuditQuery};

    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &agent());
    let (number, _) = estates.only_finding();
    let one = [number];
    estates
        .store
        .assign(&one, Some("user:1"), &by("user:1", 1))
        .unwrap();
    estates
        .store
        .comment(&one, "seen", &by("user:1", 1))
        .unwrap();
    let waiver = estates
        .store
        .request_waiver(&one, "why", time(9), &by("user:1", 1))
        .unwrap();
    estates
        .store
        .decide_request(waiver, true, "", &by("user:2", 2))
        .unwrap();
    estates.store.end_requests(time(10)).unwrap();
    let edit = AssetEdit {
        owner: Some(Some("x".into())),
        ..AssetEdit::default()
    };
    let asset = estates.number("triage");
    estates
        .store
        .edit_assets(&[asset], &edit, &by("user:1", 3))
        .unwrap();
    let refused = estates.store.comment(&one, "", &by("user:1", 3));
    assert!(refused.is_err());
    let entries = estates
        .store
        .audit_entries(&AuditQuery::default(), 100)
        .unwrap();
    let told: Vec<(&str, &str)> = entries
        .iter()
        .map(|it| (it.action.as_str(), it.actor.id.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("source.scanned", "scanner"),
            ("finding.assign", "user:1"),
            ("finding.comment", "user:1"),
            ("waiver.request", "user:1"),
            ("waiver.approve", "user:2"),
            ("waiver.expire", "stance"),
            ("asset.edit", "user:1"),
        ]
    );
}
