//! The database between tasks: what is acknowledged is there, and nobody is hurt by others.

use std::sync::Arc;

use jiff::Timestamp;
use stance_serve::db::Database;
use stance_serve::error::ApiError;
use stance_store::accounts::{NewUser, Role};
use stance_store::{Accounts as _, Sqlite};

fn new(login: &str) -> NewUser<'_> {
    NewUser {
        login,
        name: login,
        email: None,
        role: Role::Viewer,
        subject: None,
    }
}

async fn add(db: &Database, login: String, fails: bool) -> Result<(), ApiError> {
    db.write(move |store| {
        store.add_user(&new(&login), Timestamp::UNIX_EPOCH)?;
        if fails {
            Err(ApiError::conflict("no"))
        } else {
            Ok(())
        }
    })
    .await
}

async fn logins(db: &Database) -> Vec<String> {
    let users = db.read(|store| Ok(store.users()?)).await.unwrap();
    users.into_iter().map(|user| user.login).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writes_at_once_share_commits_and_each_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(&directory.path().join("service.db")).unwrap();
    let db = Arc::new(db);
    let all: Vec<_> = (0..400)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                add(&db, format!("{number:03}"), number % 4 == 0)
                    .await
                    .is_ok()
            })
        })
        .collect();
    let mut expected = Vec::new();
    for (number, one) in all.into_iter().enumerate() {
        let done = one.await.unwrap();
        assert_eq!(done, number % 4 != 0);
        if done {
            expected.push(format!("{number:03}"));
        }
    }
    assert_eq!(
        logins(&db).await,
        expected,
        "what failed left nothing, what did not is there"
    );
    assert!(db.figures().commits < 400, "{:?}", db.figures());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_hurts_only_the_one_who_asked() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(&directory.path().join("service.db")).unwrap();
    let panics = db.write(|store| -> Result<(), ApiError> {
        store.add_user(&new("gone"), Timestamp::UNIX_EPOCH)?;
        panic!("on purpose")
    });
    let (panicked, added) = tokio::join!(panics, add(&db, "stays".to_owned(), false));
    assert_eq!(panicked.unwrap_err().status(), 500);
    added.unwrap();
    for _ in 0..10 {
        let panicked = db
            .read(|_| -> Result<(), ApiError> { panic!("on purpose") })
            .await;
        assert_eq!(panicked.unwrap_err().status(), 500);
    }
    assert_eq!(logins(&db).await, ["stays"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_the_queue_full_is_asked_to_come_again() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(&directory.path().join("service.db")).unwrap();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let holder = db.clone();
    let blocked = tokio::spawn(async move {
        let work = move |_: &mut Sqlite| {
            let _ = wait.recv();
            Ok(())
        };
        holder.write(work).await
    });
    let mut waiting = Vec::new();
    for _ in 0..3000 {
        let db = db.clone();
        waiting.push(tokio::spawn(async move { db.write(|_| Ok(())).await }));
    }
    while db.figures().writes_waiting < 1024 {
        tokio::task::yield_now().await;
    }
    let full = db.write(|_| Ok(())).await.unwrap_err();
    assert_eq!(full.status(), 503);
    go.send(()).unwrap();
    blocked.await.unwrap().unwrap();
    let mut done = 0;
    for one in waiting {
        match one.await.unwrap() {
            Ok(()) => done += 1,
            Err(error) => assert_eq!(error.status(), 503),
        }
    }
    assert!(done >= 1024, "what had a place was done: {done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("service.db");
    let db = Database::open(&path).unwrap();
    add(&db, "ada".to_owned(), false).await.unwrap();
    db.close();
    let again = Database::open(&path).unwrap();
    assert_eq!(logins(&again).await, ["ada"]);
}
