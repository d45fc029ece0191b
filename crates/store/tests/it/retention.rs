//! Keeping and forgetting: what is old goes in batches, and what counts stays.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use stance_store::retention::{Passing, Retention as _, RetentionSettings};
use stance_store::{AuditLog as _, Sqlite, StoreError};

use crate::fixture::Directory;

fn day(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_hours(24 * number)
}

/// A store with rows of each kind on the days 0 to 9.
fn filled(directory: &Directory) -> Sqlite {
    let store = Sqlite::open(&directory.database()).unwrap();
    let db = Connection::open(directory.database()).unwrap();
    db.execute_batch(
        "INSERT INTO source (key, name, kind, created) VALUES ('a', 'a', 'directory', 0), ('b', 'b', 'directory', 0);
         INSERT INTO asset (scope, key, kind, name, how, part, present, first_seen)
             VALUES (0, 'model:m', 'model', 'm', 'literal', 'production', 1, 0);
         INSERT INTO subscription (name, channel, target, events, least, enabled, created)
             VALUES ('s', 'webhook', 'https://x', 'finding.overdue', 0, 1, 0);",
    )
    .unwrap();
    for number in 0..10 {
        let at = day(number).as_millisecond();
        db.execute_batch(&format!(
            "INSERT INTO run (source, cause, state, queued, finished, log)
                 VALUES (1, 'schedule', '{}', {at}, {at}, 'text');
             INSERT INTO upload (source, key, run, received) VALUES (1, 'k{number}', last_insert_rowid(), {at});
             INSERT INTO run (source, cause, state, queued, finished) VALUES (2, 'schedule', 'failed', {at}, {at});
             INSERT INTO job (kind, body, state, priority, run_at, decided, max_attempts, backoff, created, finished)
                 VALUES ('x', '{{}}', 'done', 0, {at}, {at}, 1, 1, {at}, {at});
             INSERT INTO delivery (subscription, message, event, body, state, created, finished)
                 VALUES (1, 'm{number}', 'finding.overdue', '{{}}', 'delivered', {at}, {at});
             INSERT INTO delivery_attempt VALUES (last_insert_rowid(), 1, {at}, 5, 200, NULL, NULL);
             INSERT INTO change (source, asset, at, kind, field, effect, relevant, reason, state)
                 VALUES (1, 1, {at}, 'changed', 'f', 2, 1, 'r', '{}');
             INSERT INTO posture VALUES ({at}, 1, 1, 1, '{{}}'), ({at} + 1, 1, 1, 1, '{{}}'), ({at} + 2, 1, 1, 1, '{{}}');",
            if number < 3 { "succeeded" } else { "failed" },
            if number == 0 { "pending" } else { "approved" },
        ))
        .unwrap();
    }
    store
}

fn all(store: &mut Sqlite, passing: Passing, before: Timestamp) -> usize {
    let mut gone = 0;
    loop {
        let batch = store.forget(passing, before, 2).unwrap();
        assert!(batch <= 2);
        gone += batch;
        if batch < 2 {
            return gone;
        }
    }
}

#[test]
fn what_is_old_goes_in_batches_and_what_counts_stays() {
    let directory = Directory::new();
    let mut store = filled(&directory);
    let entries = store
        .audit_status()
        .map(|status| status.size)
        .unwrap_or_default();
    let before = day(6);
    for (passing, expected) in [
        (Passing::Logs, 6),
        // Of source `a` the last success, day 2, stays; of `b`, which never succeeded, the last one, day 9.
        (Passing::Runs, 11),
        (Passing::Jobs, 6),
        (Passing::Deliveries, 6),
        // One waits for a decision.
        (Passing::Changes, 5),
        // Two of three points of each day.
        (Passing::Score, 12),
    ] {
        let old = store.old(passing, before, 1000).unwrap();
        assert_eq!(old.count, expected, "{passing:?}");
        assert!(old.oldest.is_some_and(|at| at < before), "{passing:?}");
        assert_eq!(
            store.old(passing, before, 1).unwrap().count,
            1,
            "{passing:?}"
        );
        assert_eq!(
            all(&mut store, passing, before) as u64,
            expected,
            "{passing:?}"
        );
        assert_eq!(
            store.old(passing, before, 1000).unwrap().count,
            0,
            "{passing:?}"
        );
    }
    let db = Connection::open(directory.database()).unwrap();
    let count = |sql: &str| -> i64 { db.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM run WHERE source = 1"), 5);
    assert_eq!(count("SELECT count(*) FROM run WHERE source = 2"), 4);
    assert_eq!(
        count("SELECT count(*) FROM change WHERE state = 'pending'"),
        1
    );
    assert_eq!(count("SELECT count(*) FROM delivery_attempt"), 4);
    assert_eq!(
        count("SELECT count(DISTINCT at / 86400000) FROM posture"),
        10
    );
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(
        store
            .audit_status()
            .map(|status| status.size)
            .unwrap_or_default(),
        entries
    );
}

#[test]
fn what_was_told_and_goes_on_is_not_told_again_when_its_message_is_forgotten() {
    let directory = Directory::new();
    let mut store = filled(&directory);
    let db = Connection::open(directory.database()).unwrap();
    let at = day(0).as_millisecond();
    db.execute_batch(&format!(
        "INSERT INTO finding (source, key, asset, rule, severity, confidence, state, message, path, first_seen, since,
                due, meaning, body, asset_kind, fix)
             VALUES (1, 'f', 1, 'a/b', 4, 2, 'open', 'm', 'p', {at}, {at}, {at}, 'x', '{{}}', 'model', 'x');
         INSERT INTO notice (subscription, event, subject, mark, severity, at, delivery)
             VALUES (1, 'finding.overdue', 1, {at}, 4, {at}, 1), (1, 'finding.opened', 1, {at}, 4, {at}, 1);"
    ))
    .unwrap();
    all(&mut store, Passing::Deliveries, day(6));
    let events: Vec<String> = db
        .prepare("SELECT event FROM notice")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(events, ["finding.overdue"]);
    db.execute_batch("UPDATE finding SET state = 'fixed', due = NULL")
        .unwrap();
    all(&mut store, Passing::Deliveries, day(6));
    let left: i64 = db
        .query_row("SELECT count(*) FROM notice", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn days_have_bounds_and_edits_see_each_other() {
    let mut store = Sqlite::in_memory().unwrap();
    let usual = store.retention().unwrap();
    assert_eq!(usual.days(Passing::Changes), 730);
    let changed = RetentionSettings::new(
        [30, 30, 7, 30, 365, 30, 7, 1, 60],
        usual.rows,
        usual.revision,
    );
    store.set_retention(&changed).unwrap();
    assert_eq!(store.retention().unwrap().days(Passing::Runs), 30);
    let late = store.set_retention(&changed);
    assert!(matches!(late, Err(StoreError::Edited { .. })), "{late:?}");
    let revision = store.retention().unwrap().revision;
    let short = RetentionSettings::new([30, 30, 7, 30, 364, 30, 7, 1, 60], usual.rows, revision);
    assert!(matches!(
        store.set_retention(&short),
        Err(StoreError::Refused(_))
    ));
}

#[test]
fn space_is_given_back_bit_by_bit() {
    let directory = Directory::new();
    let mut store = Sqlite::open(&directory.database()).unwrap();
    let db = Connection::open(directory.database()).unwrap();
    db.execute_batch(
        "CREATE TABLE much (text TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO much SELECT hex(randomblob(2000)) FROM n;
         DELETE FROM much;",
    )
    .unwrap();
    let full = store.space().unwrap();
    assert!(full.gives_back && full.free > 4_000_000, "{full:?}");
    // Inside a batch, as the service does it.
    store.begin().unwrap();
    assert_eq!(store.step(|store| store.give_back(100)).unwrap(), 100);
    store.commit().unwrap();
    let less = store.space().unwrap();
    assert!(less.bytes < full.bytes && less.free < full.free, "{less:?}");
    while store.give_back(500).unwrap() > 0 {}
    let least = store.space().unwrap();
    assert_eq!(least.free, 0);
    assert!(least.bytes * 4 < full.bytes, "{least:?} {full:?}");
}
