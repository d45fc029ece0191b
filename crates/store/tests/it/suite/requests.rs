//! What somebody asks for ends by itself when nobody decides, and can be asked for again.

use stance_store::audit::{AuditLog as _, AuditQuery};
use stance_store::{
    Attestations as _, Claim, Drift as _, Estate as _, ExpectedNumber, FindingNumber, FindingState,
    NewAttestation, NewExpectedChange, Request, RequestState, Requests as _, StoreError,
};

use super::Place;
use super::estates::{Estates, agent, by};
use crate::fixture::time;

/// One of each kind, asked for on the first day and until the sixth.
fn asked<P: Place>(estates: &mut Estates<P>) -> (FindingNumber, [Request; 3]) {
    estates.tell(1, 1, &agent());
    let (finding, _) = estates.only_finding();
    let (store, ana) = (&mut estates.store, by("user:1", 1));
    let waiver = store
        .request_waiver(&[finding], "not reachable", time(6), &ana)
        .unwrap();
    let attestation = NewAttestation {
        control: "iso-42001-2023:A.2.2".into(),
        claim: Claim::Met,
        reason: "The board signed it.".into(),
        evidence: Some("https://wiki.example.org/policy".into()),
        expires: time(6),
    };
    let attestation = store.attest(&attestation, &ana).unwrap();
    let change = NewExpectedChange {
        source: None,
        asset: "agent:*".into(),
        field: "*".into(),
        reason: "CHG-7".into(),
        opens: time(2),
        closes: time(6),
    };
    let change = store.expect_change(&change, &ana).unwrap();
    (finding, [waiver.into(), attestation.into(), change.into()])
}

fn state<P: Place>(estates: &Estates<P>, request: Request) -> RequestState {
    estates.store.request(request).unwrap().unwrap().state
}

fn told<P: Place>(estates: &Estates<P>) -> Vec<String> {
    let query = AuditQuery::default();
    let entries = estates.store.audit_entries(&query, 100).unwrap();
    entries.into_iter().map(|entry| entry.action).collect()
}

pub(crate) fn what_nobody_decided_lapses_after_its_last_day<P: Place>() {
    let mut estates = Estates::<P>::new();
    let (finding, all) = asked(&mut estates);
    assert_eq!(estates.store.end_requests(time(5)).unwrap(), []);
    for request in all {
        let late = estates
            .store
            .decide_request(request, true, "", &by("user:2", 6));
        assert!(matches!(late, Err(StoreError::Refused(_))), "{late:?}");
    }
    assert_eq!(estates.store.end_requests(time(6)).unwrap(), all);
    for request in all {
        let ended = estates.store.request(request).unwrap().unwrap();
        assert_eq!(ended.state, RequestState::Lapsed, "{request}");
        assert_eq!(ended.decider, None, "nobody decided {request}");
        assert_eq!(ended.decided, Some(time(6)), "{request}");
        let late = estates
            .store
            .decide_request(request, false, "", &by("user:1", 7));
        assert!(matches!(late, Err(StoreError::Decided { .. })), "{late:?}");
    }
    assert_eq!(estates.store.end_requests(time(7)).unwrap(), []);
    // The finding counted all the time, and can be asked about anew.
    assert_eq!(estates.only_finding().1, FindingState::Open);
    let detail = estates.store.finding(finding).unwrap().unwrap();
    assert_eq!((detail.waiver, detail.reopened), (None, 0));
    let told = told(&estates);
    for action in [
        "waiver.lapse",
        "attestation.lapse",
        "expected_change.lapsed",
    ] {
        assert_eq!(
            told.iter().filter(|it| *it == action).count(),
            1,
            "{told:?}"
        );
    }
    estates.is_consistent();
}

pub(crate) fn what_lapsed_is_asked_for_again_and_only_once<P: Place>() {
    let mut estates = Estates::<P>::new();
    let (_, all) = asked(&mut estates);
    estates.store.end_requests(time(6)).unwrap();
    for request in all {
        let past = estates
            .store
            .renew_request(request, time(7), &by("user:1", 8));
        assert!(matches!(past, Err(StoreError::Refused(_))), "{past:?}");
        let again = estates
            .store
            .renew_request(request, time(20), &by("user:1", 8))
            .unwrap();
        let (before, now) = (
            estates.store.request(request).unwrap().unwrap(),
            estates.store.request(again).unwrap().unwrap(),
        );
        assert_eq!(before.state, RequestState::Lapsed, "{request}");
        assert_eq!(before.renewed, Some(again.number()));
        assert_eq!(now.renews, Some(request.number()));
        assert_eq!(
            (now.state, now.expires),
            (RequestState::Requested, time(20))
        );
        assert_eq!(
            (&now.reason, now.requested),
            (&before.reason, Some(by("user:1", 8).at))
        );
        let twice = estates
            .store
            .renew_request(request, time(21), &by("user:1", 8));
        assert!(matches!(twice, Err(StoreError::Refused(_))), "{twice:?}");
        estates
            .store
            .decide_request(again, true, "", &by("user:2", 9))
            .unwrap();
    }
    assert_eq!(estates.only_finding().1, FindingState::Accepted);
    let standing = estates.store.standing_attestations().unwrap();
    assert_eq!(
        standing[0].evidence.as_deref(),
        Some("https://wiki.example.org/policy")
    );
    let announced = estates.store.expected_changes(10).unwrap();
    let [now, before] = &announced[..] else {
        panic!("{announced:?}");
    };
    assert_eq!((&now.asset, &now.field), (&before.asset, &before.field));
    assert_eq!(
        now.opens,
        by("user:1", 8).at,
        "it meets nothing that was before"
    );
    estates.is_consistent();
}

pub(crate) fn who_asked_gives_what_waits_another_day<P: Place>() {
    let mut estates = Estates::<P>::new();
    let (_, all) = asked(&mut estates);
    for request in all {
        let other = estates
            .store
            .renew_request(request, time(20), &by("user:2", 2));
        assert!(matches!(other, Err(StoreError::Refused(_))), "{other:?}");
        assert_eq!(state(&estates, request), RequestState::Requested);
        let again = estates
            .store
            .renew_request(request, time(20), &by("user:1", 2))
            .unwrap();
        assert_eq!(state(&estates, request), RequestState::Withdrawn);
        estates
            .store
            .decide_request(again, false, "No.", &by("user:2", 3))
            .unwrap();
        assert_eq!(state(&estates, again), RequestState::Rejected);
        let refused = estates
            .store
            .renew_request(again, time(20), &by("user:1", 3));
        assert!(
            matches!(refused, Err(StoreError::Decided { .. })),
            "{refused:?}"
        );
    }
    let none = estates
        .store
        .renew_request(ExpectedNumber(99), time(20), &by("user:1", 3));
    assert!(matches!(none, Err(StoreError::NotFound { .. })), "{none:?}");
    assert_eq!(estates.only_finding().1, FindingState::Open);
    estates.is_consistent();
}
