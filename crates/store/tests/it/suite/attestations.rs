//! What people answer for.

use stance_store::audit::AuditQuery;
use stance_store::{
    AttestationNumber, AttestationQuery, Attestations as _, AuditLog as _, Backend, Claim,
    NewAttestation, RequestState, Requests as _, StoreError,
};

use super::Place;
use super::estates::{Estates, by};
use crate::fixture::time;

const CONTROL: &str = "iso-42001-2023:A.2.2";

fn policy(until: i64) -> NewAttestation {
    NewAttestation {
        control: CONTROL.to_owned(),
        claim: Claim::Met,
        reason: "The board signed the AI policy.".to_owned(),
        evidence: Some("https://wiki.example.org/ai-policy".to_owned()),
        expires: time(until),
    }
}

fn state(store: &impl Backend, number: AttestationNumber) -> RequestState {
    store.attestation(number).unwrap().unwrap().asked.state
}

pub(crate) fn an_attestation_holds_once_somebody_else_approved_it<P: Place>() {
    let mut estates = Estates::<P>::new();
    let store = &mut estates.store;
    let number = store.attest(&policy(90), &by("user:1", 1)).unwrap();
    assert_eq!(state(store, number), RequestState::Requested);
    assert!(store.standing_attestations().unwrap().is_empty());

    let own = store.decide_request(number, true, "", &by("user:1", 2));
    assert!(matches!(own, Err(StoreError::OwnRequest { .. })), "{own:?}");
    let again = store.attest(&policy(91), &by("user:2", 2));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");

    store
        .decide_request(number, true, "Seen.", &by("user:2", 2))
        .unwrap();
    let standing = store.standing_attestations().unwrap();
    assert_eq!(standing.len(), 1);
    assert_eq!(standing[0].asked.decider.as_deref(), Some("user:2"));
    assert_eq!(standing[0].asked.note.as_deref(), Some("Seen."));
    let twice = store.decide_request(number, false, "", &by("user:3", 3));
    assert!(
        matches!(twice, Err(StoreError::Decided { .. })),
        "{twice:?}"
    );

    // The one that holds longest stands; the other is history.
    let longer = store.attest(&policy(120), &by("user:1", 80)).unwrap();
    store
        .decide_request(longer, true, "", &by("user:2", 81))
        .unwrap();
    let standing = store.standing_attestations().unwrap();
    assert_eq!(
        standing.iter().map(|it| it.number).collect::<Vec<_>>(),
        [longer]
    );
    let query = AttestationQuery {
        control: Some(CONTROL.to_owned()),
        ..AttestationQuery::default()
    };
    assert_eq!(store.attestations(&query, 10).unwrap().len(), 2);

    let silent = store.withdraw_attestation(longer, " ", &by("user:2", 82));
    assert!(matches!(silent, Err(StoreError::Refused(_))), "{silent:?}");
    store
        .withdraw_attestation(longer, "The policy is revoked.", &by("user:2", 82))
        .unwrap();
    assert_eq!(state(store, longer), RequestState::Withdrawn);
    assert_eq!(store.standing_attestations().unwrap()[0].number, number);

    let told: Vec<String> = store
        .audit_entries(&AuditQuery::default(), 50)
        .unwrap()
        .into_iter()
        .map(|entry| entry.action)
        .filter(|action| action.starts_with("attestation."))
        .collect();
    assert_eq!(told.len(), 5, "{told:?}");
}

pub(crate) fn an_attestation_makes_sense<P: Place>() {
    let mut estates = Estates::<P>::new();
    let store = &mut estates.store;
    let ask = by("user:1", 5);
    for wrong in [
        NewAttestation {
            reason: "  ".to_owned(),
            ..policy(90)
        },
        policy(5),
        NewAttestation {
            evidence: Some("javascript:alert(1)".to_owned()),
            ..policy(90)
        },
    ] {
        let refused = store.attest(&wrong, &ask);
        assert!(
            matches!(refused, Err(StoreError::Refused(_))),
            "{wrong:?}: {refused:?}"
        );
    }
    let number = store.attest(&policy(6), &ask).unwrap();
    let late = store.decide_request(number, true, "", &by("user:2", 7));
    assert!(matches!(late, Err(StoreError::Refused(_))), "{late:?}");
    store
        .decide_request(number, false, "", &by("user:1", 7))
        .unwrap();
    assert_eq!(state(store, number), RequestState::Withdrawn);
    let none = store.withdraw_attestation(AttestationNumber(99), "x", &ask);
    assert!(matches!(none, Err(StoreError::NotFound { .. })), "{none:?}");
}
