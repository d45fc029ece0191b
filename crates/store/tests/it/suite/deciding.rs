//! What people decide holds, whatever sources tell.

use stance_store::{
    Approval, AssetEdit, Estate as _, FindingQuery, FindingState, RequestState, Requests as _,
    StoreError,
};

use super::Place;
use super::estates::{Estates, Told, agent, by};
use crate::fixture::time;

pub(crate) fn a_waiver_holds_when_somebody_else_approved_it_and_until_its_day<P: Place>() {
    let mut estates = Estates::<P>::new();
    let told = agent();
    estates.tell(1, 1, &told);
    let (number, _) = estates.only_finding();
    let mut ask = |day: i64| {
        estates
            .store
            .request_waiver(&[number], "not reachable", time(9), &by("ana", day))
    };
    let waiver = ask(1).unwrap();
    assert!(
        matches!(ask(1), Err(StoreError::Refused(_))),
        "it was asked for already"
    );
    assert_eq!(
        estates.only_finding().1,
        FindingState::Open,
        "asking accepts nothing"
    );
    let decide = |store: &mut P::Store, approve, actor| {
        store.decide_request(waiver, approve, "", &by(actor, 2))
    };
    let own = decide(&mut estates.store, true, "ana");
    assert!(matches!(own, Err(StoreError::OwnRequest { .. })), "{own:?}");
    decide(&mut estates.store, true, "ben").unwrap();
    assert_eq!(estates.only_finding().1, FindingState::Accepted);
    let twice = decide(&mut estates.store, false, "eve");
    assert!(
        matches!(twice, Err(StoreError::Decided { .. })),
        "{twice:?}"
    );
    assert!((estates.score() - 100.0).abs() < 1e-9);

    estates.tell(1, 3, &told);
    assert_eq!(
        estates.only_finding().1,
        FindingState::Accepted,
        "a scan takes no decision back"
    );
    assert_eq!(estates.store.end_requests(time(8)).unwrap(), []);
    assert_eq!(
        estates.store.end_requests(time(9)).unwrap(),
        [waiver.into()]
    );
    assert_eq!(estates.only_finding().1, FindingState::Reopened);
    let ended = estates
        .store
        .waivers(Some(RequestState::Expired), 10)
        .unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].asked.decider.as_deref(), Some("ben"));
    estates.is_consistent();
}

pub(crate) fn who_asked_may_take_a_waiver_back_and_a_past_one_is_refused<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &agent());
    let (number, _) = estates.only_finding();
    let past = estates
        .store
        .request_waiver(&[number], "why not", time(1), &by("ana", 2));
    assert!(matches!(past, Err(StoreError::Refused(_))));
    let empty = estates
        .store
        .request_waiver(&[number], " ", time(9), &by("ana", 2));
    assert!(matches!(empty, Err(StoreError::Refused(_))));
    let waiver = estates
        .store
        .request_waiver(&[number], "because", time(9), &by("ana", 2))
        .unwrap();
    estates
        .store
        .decide_request(waiver, false, "no need", &by("ana", 2))
        .unwrap();
    let back = estates.store.waivers(None, 10).unwrap();
    assert_eq!(back[0].asked.state, RequestState::Withdrawn);
    assert!(
        estates
            .store
            .finding(number)
            .unwrap()
            .unwrap()
            .waiver
            .is_none()
    );
}

pub(crate) fn a_dismissed_finding_stays_dismissed_until_it_is_reopened<P: Place>() {
    let mut estates = Estates::<P>::new();
    let told = agent();
    estates.tell(1, 1, &told);
    let (number, _) = estates.only_finding();
    assert!(estates.store.dismiss(&[number], "", &by("ana", 1)).is_err());
    assert_eq!(
        estates
            .store
            .dismiss(&[number], "a test string", &by("ana", 1))
            .unwrap(),
        1
    );
    estates.tell(1, 2, &told);
    assert_eq!(estates.only_finding().1, FindingState::FalsePositive);
    estates.tell(
        1,
        3,
        &Told {
            findings: vec![],
            ..told.clone()
        },
    );
    estates.tell(1, 4, &told);
    assert_eq!(estates.only_finding().1, FindingState::FalsePositive);
    assert_eq!(
        estates
            .store
            .reopen(&[number], "it was real", &by("ben", 4))
            .unwrap(),
        1
    );
    assert_eq!(estates.only_finding().1, FindingState::Reopened);
    assert_eq!(
        estates
            .store
            .reopen(&[number], "again", &by("ben", 4))
            .unwrap(),
        0
    );
    estates.is_consistent();
}

pub(crate) fn people_speak_before_the_source_does_and_an_edit_on_old_ground_is_refused<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(2, 1, &agent());
    let number = estates.number("triage");
    let risk = |estates: &Estates<P>| estates.store.asset(number).unwrap().unwrap().row;
    let before = risk(&estates);
    assert_eq!(before.owner.as_deref(), Some("growth"));
    let edit = AssetEdit {
        owner: Some(Some("support".into())),
        sensitivity: Some(Some("restricted".into())),
        approval: Some((Approval::Approved, Some("reviewed".into()))),
        revision: Some(before.revision),
        ..AssetEdit::default()
    };
    assert_eq!(
        estates
            .store
            .edit_assets(&[number], &edit, &by("ana", 1))
            .unwrap(),
        1
    );
    let late = estates.store.edit_assets(&[number], &edit, &by("ben", 1));
    assert!(matches!(late, Err(StoreError::Edited { .. })));
    let after = risk(&estates);
    assert!(after.importance > before.importance && after.risk > before.risk);

    let mut changed = agent();
    changed.assets[0] = changed.assets[0].clone().with("framework", "langgraph");
    estates.tell(2, 2, &changed);
    let kept = risk(&estates);
    assert_eq!(kept.owner.as_deref(), Some("support"));
    assert_eq!(
        (kept.sensitivity.as_str(), kept.approval),
        ("restricted", Approval::Approved)
    );
    let mine = FindingQuery {
        owner: Some("support".into()),
        ..FindingQuery::default()
    };
    assert_eq!(estates.store.count_findings(&mine, 10).unwrap().count, 1);

    let back = AssetEdit {
        owner: Some(None),
        environment: Some(Some("moon".into())),
        ..AssetEdit::default()
    };
    let wrong = estates.store.edit_assets(&[number], &back, &by("ana", 2));
    assert!(matches!(wrong, Err(StoreError::Refused(_))), "{wrong:?}");
    let back = AssetEdit {
        environment: None,
        ..back
    };
    estates
        .store
        .edit_assets(&[number], &back, &by("ana", 2))
        .unwrap();
    assert_eq!(risk(&estates).owner.as_deref(), Some("growth"));
    estates.is_consistent();
}

pub(crate) fn a_token_is_nobody_but_its_owner_when_somebody_else_has_to_approve<P: Place>() {
    use stance_store::Accounts as _;
    use stance_store::accounts::{NewToken, NewUser, Role};

    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &agent());
    let (finding, _) = estates.only_finding();
    let mut token_of = |login: &str, secret: u8| {
        let new = NewUser {
            login,
            name: login,
            email: None,
            role: Role::Approver,
            subject: None,
        };
        let owner = estates.store.add_user(&new, time(1)).unwrap();
        let token = NewToken {
            secret: &[secret; 32],
            name: "ci",
            owner,
            scopes: &[],
            expires: None,
        };
        let token = estates.store.add_token(&token, time(1)).unwrap();
        (format!("user:{owner}"), format!("token:{token}"))
    };
    let (ada, token_of_ada) = token_of("ada", 1);
    let (_, token_of_bob) = token_of("bob", 2);
    for (asks, approves) in [(&ada, &token_of_ada), (&token_of_ada, &ada)] {
        let waiver = estates
            .store
            .request_waiver(&[finding], "not reachable", time(9), &by(asks, 2))
            .unwrap();
        let refused = estates
            .store
            .decide_request(waiver, true, "", &by(approves, 2));
        assert!(
            matches!(refused, Err(StoreError::OwnRequest { .. })),
            "{asks} {approves}: {refused:?}"
        );
        estates
            .store
            .decide_request(waiver, false, "", &by(approves, 2))
            .unwrap();
    }
    let waiver = estates
        .store
        .request_waiver(&[finding], "not reachable", time(9), &by(&ada, 2))
        .unwrap();
    estates
        .store
        .decide_request(waiver, true, "", &by(&token_of_bob, 2))
        .unwrap();
}
