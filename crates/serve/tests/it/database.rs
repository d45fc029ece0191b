//! The database between tasks: what is acknowledged is there, and nobody is hurt by others.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use stance_serve::db::Database;
use stance_serve::error::ApiError;
use stance_store::accounts::{NewUser, Role};
use stance_store::{Accounts as _, Sqlite};

use crate::harness;

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
    let (started, has_started) = tokio::sync::oneshot::channel();
    let holder = db.clone();
    let blocked = tokio::spawn(async move {
        let work = move |_: &mut Sqlite| {
            let _ = started.send(());
            let _ = wait.recv();
            Ok(())
        };
        holder.write(work).await
    });
    has_started.await.unwrap();
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

#[test]
fn pages_are_answered_while_something_large_is_written() {
    let server = harness::start();
    server.user("reader", Role::Viewer);
    let mut page = server.client();
    page.sign_in("reader", harness::PASSWORD);
    let token = server.token("reader", &["estate:read"]);
    let mut program = harness::Client::with_token(&server.url, &token);
    let (begun, begin) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let db = server.app.db.clone();
    let writing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(db.write(move |_| {
            begun.send(()).unwrap();
            // Ends when nobody holds the other end any more.
            let _ = ended.recv();
            Ok(())
        }))
    });
    begin.recv().unwrap();
    // Long enough that it is to be noted when the session and the token were last used.
    let before = server.now() + SignedDuration::from_mins(4);
    server.later(SignedDuration::from_mins(5));
    assert_eq!(page.get("/").status, 200);
    let answer = program.get("/api/v1/overview");
    assert_eq!(answer.status, 200, "{}", answer.text);
    drop(end);
    writing.join().unwrap().unwrap();
    let used = server.store(|store| {
        let tokens = store.tokens(None)?;
        Ok(tokens.first().and_then(|token| token.last_used))
    });
    assert!(
        used > Some(before),
        "it is noted once there is time: {used:?}"
    );
}
