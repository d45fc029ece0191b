//! Accounts: people, sessions, tokens, and what keeps guessing slow.

use jiff::Timestamp;
use stance_store::accounts::{Accounts, NewUser, Role, UserId};
use stance_store::{Sqlite, StoreError};

use crate::fixture::Directory;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

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
