//! Accounts: people, sessions, tokens, and what keeps guessing slow.

use jiff::{SignedDuration, Timestamp};
use stance_store::Backend;
use stance_store::StoreError;
use stance_store::accounts::{
    Accounts, Link, NewSession, NewToken, NewUser, Reserved, Role, SessionId, UserChange, UserId,
};

use super::Place;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn hours(hours: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(hours)
}

fn user(store: &mut impl Backend, login: &str, role: Role) -> UserId {
    let new = NewUser {
        login,
        name: login,
        email: None,
        role,
        subject: None,
    };
    let id = store.add_user(&new, NOW).unwrap();
    store.set_password(id, Some("$argon2id$"), None).unwrap();
    id
}

fn session(store: &mut impl Backend, secret: u8, user: UserId, expires: Timestamp) -> SessionId {
    let new = NewSession {
        secret: &[secret; 32],
        user,
        expires,
        agent: "browser",
        address: "192.0.2.1",
    };
    store.begin_session(&new, NOW).unwrap()
}

pub(crate) fn a_login_is_taken_once_and_a_number_is_never_used_again<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let ada = user(&mut store, "ada", Role::Viewer);
    let again = NewUser {
        login: "ada",
        name: "other",
        email: None,
        role: Role::Admin,
        subject: None,
    };
    assert!(matches!(
        store.add_user(&again, NOW),
        Err(StoreError::Conflict(_))
    ));
    store.remove_user(ada).unwrap();
    assert!(matches!(store.user(ada), Err(StoreError::NotFound { .. })));
    assert_ne!(user(&mut store, "ada", Role::Viewer), ada);
}

pub(crate) fn the_last_administrator_is_kept_by_every_way<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    assert!(!store.has_administrator().unwrap());
    let root = user(&mut store, "root", Role::Admin);
    assert!(store.has_administrator().unwrap());
    let demoted = UserChange {
        role: Some(Role::Viewer),
        ..UserChange::default()
    };
    let disabled = UserChange {
        disabled: Some(true),
        ..UserChange::default()
    };
    for change in [demoted, disabled] {
        assert!(matches!(
            store.change_user(root, &change),
            Err(StoreError::Conflict(_))
        ));
    }
    assert!(matches!(
        store.remove_user(root),
        Err(StoreError::Conflict(_))
    ));
    assert!(matches!(
        store.set_password(root, None, None),
        Err(StoreError::Conflict(_))
    ));
    let kept = store.user(root).unwrap();
    assert_eq!(
        (kept.role, kept.disabled, kept.has_password),
        (Role::Admin, false, true)
    );
    user(&mut store, "second", Role::Admin);
    store.change_user(root, &demoted).unwrap();
}

pub(crate) fn somebody_invited_who_never_came_is_no_administrator_yet<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let root = user(&mut store, "root", Role::Admin);
    let invited = NewUser {
        login: "later",
        name: "later",
        email: None,
        role: Role::Admin,
        subject: None,
    };
    store.add_user(&invited, NOW).unwrap();
    assert!(matches!(
        store.remove_user(root),
        Err(StoreError::Conflict(_))
    ));
}

pub(crate) fn a_session_ends_by_idleness_by_age_and_with_its_person<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let ada = user(&mut store, "ada", Role::Viewer);
    let id = session(&mut store, 1, ada, hours(100));
    let idle = SignedDuration::from_hours(8);
    let lives = |store: &P::Store, now| store.session(&[1; 32], now, idle).unwrap().is_some();
    assert!(lives(&store, hours(7)));
    assert!(!lives(&store, hours(8)));
    store.touch(&[id], &[], hours(96)).unwrap();
    assert!(lives(&store, hours(99)));
    assert!(!lives(&store, hours(100)));
    store.touch(&[id], &[], hours(1)).unwrap();
    assert!(
        lives(&store, hours(99)),
        "a clock that was set back takes nothing away"
    );
    assert!(store.session(&[2; 32], hours(1), idle).unwrap().is_none());
    let disabled = UserChange {
        disabled: Some(true),
        ..UserChange::default()
    };
    store.change_user(ada, &disabled).unwrap();
    assert!(!lives(&store, hours(97)));
    assert!(store.sessions_of(ada).unwrap().is_empty());
}

pub(crate) fn a_person_has_only_so_many_sessions<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let ada = user(&mut store, "ada", Role::Viewer);
    for secret in 0..30 {
        session(&mut store, secret, ada, hours(9));
    }
    let kept = store.sessions_of(ada).unwrap();
    assert_eq!(kept.len(), 20);
    let idle = SignedDuration::from_hours(8);
    assert!(store.session(&[29; 32], hours(1), idle).unwrap().is_some());
    assert!(store.session(&[0; 32], hours(1), idle).unwrap().is_none());
}

pub(crate) fn a_token_ends_when_it_expires_is_revoked_or_its_owner_goes<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let ada = user(&mut store, "ada", Role::Viewer);
    let scopes = ["estate:read".to_owned(), "ingest".to_owned()];
    let token = |store: &mut P::Store, secret: u8| {
        let new = NewToken {
            secret: &[secret; 32],
            name: "ci",
            owner: ada,
            scopes: &scopes,
            expires: Some(hours(10)),
        };
        store.add_token(&new, NOW).unwrap()
    };
    let first = token(&mut store, 1);
    let found = store.token(&[1; 32], hours(9)).unwrap().unwrap();
    assert_eq!(
        (found.0.scopes.as_slice(), found.1.login.as_str()),
        (&scopes[..], "ada")
    );
    assert!(store.token(&[1; 32], hours(10)).unwrap().is_none());
    let bob = user(&mut store, "bob", Role::Viewer);
    assert!(!store.revoke_token(first, Some(bob), NOW).unwrap());
    assert!(store.revoke_token(first, Some(ada), NOW).unwrap());
    assert!(!store.revoke_token(first, Some(ada), NOW).unwrap());
    assert!(store.token(&[1; 32], hours(1)).unwrap().is_none());
    token(&mut store, 2);
    store.remove_user(ada).unwrap();
    assert!(store.token(&[2; 32], hours(1)).unwrap().is_none());
}

pub(crate) fn a_link_counts_once_and_a_newer_one_ends_it<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let ada = user(&mut store, "ada", Role::Viewer);
    let link = |secret| Link {
        secret: [secret; 32],
        user: ada,
        expires: hours(24),
    };
    store.add_link(&link(1), NOW).unwrap();
    store.add_link(&link(2), NOW).unwrap();
    assert!(store.use_link(&[1; 32], hours(1)).unwrap().is_none());
    assert!(
        store.link(&[2; 32], hours(24)).unwrap().is_none(),
        "too old"
    );
    assert!(
        store.link(&[2; 32], hours(1)).unwrap().is_some(),
        "looking uses nothing"
    );
    assert!(store.use_link(&[2; 32], hours(1)).unwrap().is_some());
    assert!(store.use_link(&[2; 32], hours(1)).unwrap().is_none());
}

pub(crate) fn a_time_step_counts_once_and_no_earlier_one_after_it<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let ada = user(&mut store, "ada", Role::Viewer);
    assert!(store.use_totp_step(ada, 10).unwrap());
    assert!(!store.use_totp_step(ada, 10).unwrap());
    assert!(!store.use_totp_step(ada, 9).unwrap());
    assert!(store.use_totp_step(ada, 11).unwrap());
}

pub(crate) fn failed_attempts_are_counted_within_their_window<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    store.note_attempt(&["a", "b"], hours(0)).unwrap();
    store.note_attempt(&["a"], hours(1)).unwrap();
    assert_eq!(
        store.attempts("a", hours(-1), hours(9)).unwrap(),
        (2, Some(hours(1)))
    );
    assert_eq!(store.attempts("a", hours(0), hours(9)).unwrap().0, 1);
    store.forget_attempts("a", Some(hours(1))).unwrap();
    assert_eq!(store.attempts("a", hours(-1), hours(9)).unwrap().0, 1);
    store.forget_attempts("a", None).unwrap();
    assert_eq!(store.attempts("a", hours(-1), hours(9)).unwrap(), (0, None));
    assert_eq!(store.attempts("b", hours(-1), hours(9)).unwrap().0, 1);
}

pub(crate) fn a_key_is_taken_once_and_remembers_its_answer<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let reserve = |store: &mut P::Store, who: &str, digest: u8, now| {
        store
            .reserve(who, "k", &[digest; 32], now, hours(24))
            .unwrap()
    };
    assert_eq!(reserve(&mut store, "user:1", 1, NOW), Reserved::New);
    assert_eq!(reserve(&mut store, "user:1", 1, NOW), Reserved::Unfinished);
    assert_eq!(
        reserve(&mut store, "user:2", 1, NOW),
        Reserved::New,
        "each their own keys"
    );
    store.settle("user:1", "k", Some((201, "{}"))).unwrap();
    let done = Reserved::Done {
        status: 201,
        body: "{}".to_owned(),
    };
    assert_eq!(reserve(&mut store, "user:1", 1, hours(23)), done);
    assert_eq!(reserve(&mut store, "user:1", 2, NOW), Reserved::Other);
    store.settle("user:2", "k", None).unwrap();
    assert_eq!(reserve(&mut store, "user:2", 3, NOW), Reserved::New);
    assert_eq!(
        reserve(&mut store, "user:1", 2, hours(24)),
        Reserved::New,
        "a day later"
    );
}
