//! Accounts: people, sessions, tokens, and what keeps guessing slow.

use jiff::{SignedDuration, Timestamp};
use stance_store::accounts::{
    Accounts, Link, NewSession, NewToken, NewUser, Reserved, Role, SessionId, UserChange, UserId,
};
use stance_store::{Sqlite, StoreError};

use crate::fixture::Directory;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn hours(hours: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(hours)
}

fn user(store: &mut Sqlite, login: &str, role: Role) -> UserId {
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

fn session(store: &mut Sqlite, secret: u8, user: UserId, expires: Timestamp) -> SessionId {
    let new = NewSession {
        secret: &[secret; 32],
        user,
        expires,
        agent: "browser",
        address: "192.0.2.1",
    };
    store.begin_session(&new, NOW).unwrap()
}

#[test]
fn a_login_is_taken_once_and_a_number_is_never_used_again() {
    let mut store = Sqlite::in_memory().unwrap();
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

#[test]
fn the_last_administrator_is_kept_by_every_way() {
    let mut store = Sqlite::in_memory().unwrap();
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

#[test]
fn somebody_invited_who_never_came_is_no_administrator_yet() {
    let mut store = Sqlite::in_memory().unwrap();
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

#[test]
fn a_session_ends_by_idleness_by_age_and_with_its_person() {
    let mut store = Sqlite::in_memory().unwrap();
    let ada = user(&mut store, "ada", Role::Viewer);
    let id = session(&mut store, 1, ada, hours(100));
    let idle = SignedDuration::from_hours(8);
    let lives = |store: &Sqlite, now| store.session(&[1; 32], now, idle).unwrap().is_some();
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

#[test]
fn a_person_has_only_so_many_sessions() {
    let mut store = Sqlite::in_memory().unwrap();
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

#[test]
fn a_token_ends_when_it_expires_is_revoked_or_its_owner_goes() {
    let mut store = Sqlite::in_memory().unwrap();
    let ada = user(&mut store, "ada", Role::Viewer);
    let scopes = ["estate:read".to_owned(), "ingest".to_owned()];
    let token = |store: &mut Sqlite, secret: u8| {
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

#[test]
fn a_link_counts_once_and_a_newer_one_ends_it() {
    let mut store = Sqlite::in_memory().unwrap();
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

#[test]
fn a_time_step_counts_once_and_no_earlier_one_after_it() {
    let mut store = Sqlite::in_memory().unwrap();
    let ada = user(&mut store, "ada", Role::Viewer);
    assert!(store.use_totp_step(ada, 10).unwrap());
    assert!(!store.use_totp_step(ada, 10).unwrap());
    assert!(!store.use_totp_step(ada, 9).unwrap());
    assert!(store.use_totp_step(ada, 11).unwrap());
}

#[test]
fn failed_attempts_are_counted_within_their_window() {
    let mut store = Sqlite::in_memory().unwrap();
    store.note_attempt(&["a", "b"], hours(0)).unwrap();
    store.note_attempt(&["a"], hours(1)).unwrap();
    assert_eq!(store.attempts("a", hours(-1), hours(9)).unwrap(), (2, Some(hours(1))));
    assert_eq!(store.attempts("a", hours(0), hours(9)).unwrap().0, 1);
    store.forget_attempts("a", Some(hours(1))).unwrap();
    assert_eq!(store.attempts("a", hours(-1), hours(9)).unwrap().0, 1);
    store.forget_attempts("a", None).unwrap();
    assert_eq!(store.attempts("a", hours(-1), hours(9)).unwrap(), (0, None));
    assert_eq!(store.attempts("b", hours(-1), hours(9)).unwrap().0, 1);
}

#[test]
fn a_key_is_taken_once_and_remembers_its_answer() {
    let mut store = Sqlite::in_memory().unwrap();
    let reserve = |store: &mut Sqlite, who: &str, digest: u8, now| {
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

#[test]
fn steps_of_a_batch_share_a_commit_and_fail_alone() {
    let directory = Directory::new();
    let path = directory.database();
    let mut store = Sqlite::open(&path).unwrap().durable().unwrap();
    let reader = Sqlite::open_to_read(&path).unwrap();
    store.begin().unwrap();
    let kept: Result<UserId, StoreError> =
        store.step(|store| Ok(user(store, "kept", Role::Viewer)));
    let failed: Result<(), StoreError> = store.step(|store| {
        user(store, "failed", Role::Viewer);
        Err(StoreError::Conflict("no".to_owned()))
    });
    assert!(kept.is_ok() && failed.is_err());
    assert!(
        reader.users().unwrap().is_empty(),
        "nothing counts before the commit"
    );
    store.commit().unwrap();
    let seen: Vec<String> = reader
        .users()
        .unwrap()
        .into_iter()
        .map(|user| user.login)
        .collect();
    assert_eq!(seen, ["kept"]);
    let mut reader = reader;
    let new = NewUser {
        login: "x",
        name: "x",
        email: None,
        role: Role::Viewer,
        subject: None,
    };
    assert!(reader.add_user(&new, NOW).is_err(), "a reader cannot write");
}

#[test]
fn a_view_stands_still_while_others_write() {
    let directory = Directory::new();
    let path = directory.database();
    let mut store = Sqlite::open(&path).unwrap();
    let reader = Sqlite::open_to_read(&path).unwrap();
    let counts: Result<(usize, usize), StoreError> = reader.view(|reader| {
        let before = reader.users()?.len();
        user(&mut store, "ada", Role::Viewer);
        Ok((before, reader.users()?.len()))
    });
    assert_eq!(counts.unwrap(), (0, 0));
    assert_eq!(reader.users().unwrap().len(), 1);
}
