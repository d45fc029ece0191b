//! Every way to change a log, and what finds it.

use stance_govern::audit::{Entry, leaf};
use stance_govern::merkle::Frontier;
use stance_store::audit::AuditQuery;
use stance_store::{AuditLog as _, Sqlite};

use super::*;

#[test]
fn a_log_that_nobody_touched_is_verified_and_says_what_that_means() {
    let log = Log::new();
    let run = log.run(&["verify", "--scans"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    for said in [
        "entries 1 to 30",
        "entries 1 to 28 are those that 4 checkpoints signed",
        "the stored results of 1 scan are what was recorded",
        "entries 29 to 30 are not signed yet",
        "only a checkpoint that was kept elsewhere",
        "--public-key takes a copy",
    ] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    let report = log.verify_with("early.checkpoint");
    let proven = report["proven"].to_string();
    assert!(
        proven.contains("entries 1 to 10 are those that 1 checkpoint from elsewhere"),
        "{proven}"
    );
    assert!(
        !report["not_proven"]
            .to_string()
            .contains("together with its checkpoints")
    );
    assert_eq!(report["entries"], 30);
    assert_eq!(log.run(&["verify", "--quiet"]).stdout, "");
}

#[test]
fn an_edited_byte_is_found_at_its_entry() {
    for column in [
        "detail",
        "actor_name",
        "actor_id",
        "action",
        "object_kind",
        "object_id",
    ] {
        let log = Log::new();
        log.sql(&format!(
            "UPDATE audit_log SET {column} = {column} || ' ' WHERE seq = 12"
        ));
        assert_eq!(log.faults(&[]), [at("edited", 12)], "{column}");
    }
    let log = Log::new();
    log.sql("UPDATE audit_log SET detail = replace(detail, 'known', 'knows') WHERE seq = 30");
    assert_eq!(
        log.faults(&[]),
        [at("edited", 30)],
        "the last one, which nothing signs"
    );
    log.sql(
        "UPDATE audit_log SET detail = replace(detail, 'knows', 'known') WHERE seq = 30;
         UPDATE audit_log SET at = at + 1, actor_kind = 'system' WHERE seq = 1",
    );
    assert_eq!(log.faults(&[]), [at("edited", 1)]);
    let run = log.run(&["verify"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("NOT verified") && run.stdout.contains("entry 1: its contents"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_removed_entry_is_named() {
    let log = Log::new();
    log.sql("DELETE FROM audit_log WHERE seq IN (5, 9, 10)");
    let report = log.verify(&[]);
    assert_eq!(faults(&report), [beside("missing"), beside("missing")]);
    assert_eq!(first(&report), "entry 5 is missing");
    assert_eq!(report["faults"][1]["what"], "entries 9 to 10 are missing");
    assert!(
        report["not_proven"]
            .to_string()
            .contains("3 checkpoints could not be held against")
    );
    let log = Log::new();
    log.sql("DELETE FROM audit_log WHERE seq = 1");
    assert_eq!(first(&log.verify(&[])), "entry 1 is missing");
}

#[test]
fn renumbering_behind_a_removed_entry_does_not_help() {
    let log = Log::new();
    log.sql(
        "DELETE FROM audit_log WHERE seq = 25;
         UPDATE audit_log SET seq = -seq WHERE seq > 25;
         UPDATE audit_log SET seq = -seq - 1 WHERE seq < 0;",
    );
    let found = log.faults(&[]);
    assert_eq!(found[0], at("edited", 25));
    assert!(
        found.contains(&beside("rewritten")) && found.contains(&beside("truncated")),
        "{found:?}"
    );
}

#[test]
fn swapped_entries_are_found() {
    let log = Log::new();
    log.sql(
        "UPDATE audit_log SET seq = -1 WHERE seq = 14;
         UPDATE audit_log SET seq = 14 WHERE seq = 15;
         UPDATE audit_log SET seq = 15 WHERE seq = -1;",
    );
    let found = log.faults(&[]);
    assert_eq!(
        found[..3],
        [at("edited", 14), at("edited", 15), at("broken_chain", 16)]
    );
    assert!(found.contains(&beside("rewritten")), "{found:?}");
}

#[test]
fn a_repeated_or_invented_entry_is_found() {
    let log = Log::new();
    log.sql(
        "INSERT INTO audit_log SELECT 31, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, detail,
             previous, hash FROM audit_log WHERE seq = 30",
    );
    assert_eq!(log.faults(&[]), [at("edited", 31), at("tree", 31)]);

    // With hashes that are right, but past the head.
    let log = Log::new();
    let store = Sqlite::open(&log.database()).unwrap();
    let last = store.audit_entry(30).unwrap();
    drop(store);
    let forged = entry(31, "forged").seal(31, last.hash).unwrap();
    log.tamper(|db| write(db, &forged));
    let report = log.verify(&[]);
    assert_eq!(faults(&report), [at("tree", 31)]);
    assert!(first(&report).contains("written past the log"), "{report}");
}

#[test]
fn a_cut_tail_is_found_by_what_remembers_it() {
    // Nothing but the entries is gone: the head remembers.
    let log = Log::new();
    log.sql("DELETE FROM audit_log WHERE seq > 29");
    let report = log.verify(&[]);
    assert_eq!(faults(&report), [beside("truncated")]);
    assert!(
        first(&report).contains("30 entries were recorded, and the log ends with entry 29"),
        "{report}"
    );

    // The head as well: the checkpoint of 28 remembers.
    let log = Log::new();
    cut(&log, 25);
    let report = log.verify(&[]);
    assert_eq!(faults(&report), [beside("truncated")]);
    assert!(
        first(&report).contains("when there were 28 entries"),
        "{report}"
    );
    assert!(
        first(&report).contains("the last 3 were removed"),
        "{report}"
    );
    let run = log.run(&["checkpoint"]);
    assert_eq!(run.code, 2, "such a log is not signed");
    assert!(
        run.stderr.contains("28 entries were signed, and it has 25"),
        "{}",
        run.stderr
    );

    // And the checkpoints behind it: only what was kept elsewhere remembers.
    let log = Log::new();
    cut(&log, 25);
    log.sql("DELETE FROM audit_checkpoints WHERE size > 25");
    let report = log.verify(&[]);
    assert_eq!(report["verified"], true);
    assert!(report["not_proven"].to_string().contains("kept elsewhere"));
    assert_eq!(
        log.verify_with("early.checkpoint")["verified"],
        true,
        "it is older than the cut"
    );
    let report = log.verify_with("late.checkpoint");
    assert_eq!(faults(&report), [beside("truncated")]);
    assert!(
        first(&report).contains("the checkpoint from elsewhere"),
        "{report}"
    );
}

#[test]
fn everything_gone_is_found_by_what_was_kept_elsewhere() {
    let log = Log::new();
    cut(&log, 0);
    log.sql("DELETE FROM audit_checkpoints; DELETE FROM audit_nodes");
    assert_eq!(log.faults(&[]), []);
    assert_eq!(
        faults(&log.verify_with("early.checkpoint")),
        [beside("truncated")]
    );
    // A new database is another log.
    std::fs::remove_file(log.database()).unwrap();
    assert_eq!(log.scratch.run(&["scan", "."]).code, 0);
    let report = log.verify_with("early.checkpoint");
    assert!(faults(&report).contains(&beside("checkpoint")), "{report}");
    assert!(report.to_string().contains("about another log"), "{report}");
}

#[test]
fn a_chain_that_is_computed_anew_is_found_by_the_checkpoints() {
    let log = Log::new();
    forge(&log, 14);
    let report = log.verify(&[]);
    assert_eq!(faults(&report), [beside("rewritten")]);
    assert!(
        first(&report).contains("the stored checkpoint of 20 entries"),
        "{report}"
    );
    assert!(
        first(&report).contains("at least one of entries 11 to 20"),
        "{report}"
    );
    assert_eq!(
        report["more_faults"], 1,
        "the checkpoint of 28 says it as well"
    );

    // Without the stored checkpoints, only one from elsewhere tells.
    log.sql("DELETE FROM audit_checkpoints");
    assert_eq!(log.verify(&[])["verified"], true);
    let report = log.verify_with("late.checkpoint");
    assert_eq!(faults(&report), [beside("rewritten")]);

    // Signed anew with the key itself, which lies beside the database.
    assert_eq!(log.run(&["checkpoint"]).code, 0);
    assert_eq!(log.verify(&[])["verified"], true);
    assert_eq!(
        faults(&log.verify_with("late.checkpoint")),
        [beside("rewritten")]
    );

    // Behind the last checkpoint nothing is signed yet, and verification says so.
    let log = Log::new();
    forge(&log, 29);
    let report = log.verify(&[]);
    assert_eq!(report["verified"], true);
    assert!(
        report["not_proven"]
            .to_string()
            .contains("entries 29 to 30 are not signed yet")
    );
}

#[test]
fn another_key_in_its_place_is_found_by_a_copy_of_the_key() {
    let log = Log::new();
    forge(&log, 14);
    log.sql("DELETE FROM audit_checkpoints");
    for file in ["audit.key", "audit.pub"] {
        std::fs::remove_file(log.scratch.data().join(file)).unwrap();
    }
    assert_eq!(log.run(&["checkpoint"]).code, 0);
    assert_eq!(log.verify(&[])["verified"], true);
    let report = log.verify(&["--public-key", &log.outside("key.pem")]);
    assert_eq!(faults(&report), [beside("checkpoint")]);
    assert!(
        first(&report).contains("none of the trusted keys signed it"),
        "{report}"
    );
}

#[test]
fn a_changed_checkpoint_tree_or_head_is_found() {
    for (change, kind) in [
        (
            "UPDATE audit_checkpoints SET note = replace(note, char(10) || '20' || char(10), char(10) || '21' || char(10))",
            "checkpoint",
        ),
        (
            "UPDATE audit_checkpoints SET note = 'nothing' WHERE size = 20",
            "checkpoint",
        ),
        ("UPDATE audit_head SET last = zeroblob(32)", "tree"),
        (
            "UPDATE audit_head SET frontier = CAST(substr(frontier, 2) || x'00' AS BLOB)",
            "tree",
        ),
        ("UPDATE audit_head SET frontier = x''", "tree"),
        (
            "UPDATE audit_head SET size = 40, frontier = zeroblob(64)",
            "truncated",
        ),
        ("DELETE FROM audit_head", "tree"),
        (
            "UPDATE audit_head SET origin = 'stance/audit/other'",
            "checkpoint",
        ),
        (
            "INSERT INTO audit_nodes VALUES (8, 0, zeroblob(32))",
            "tree",
        ),
        (
            "UPDATE audit_log SET hash = zeroblob(32) WHERE seq = 7",
            "edited",
        ),
        (
            "UPDATE audit_log SET previous = zeroblob(32) WHERE seq = 7",
            "edited",
        ),
    ] {
        let log = Log::new();
        log.sql(change);
        let found = log.faults(&[]);
        assert!(
            found.iter().any(|(found, _)| found == kind),
            "{change}: {found:?}"
        );
    }
}

#[test]
fn tables_that_were_made_anew_without_types_are_read_without_harm() {
    let log = Log::new();
    log.tamper(|db| {
        db.execute_batch(
            "CREATE TABLE loose AS SELECT * FROM audit_log;
             DROP TABLE audit_log;
             ALTER TABLE loose RENAME TO audit_log;
             CREATE INDEX audit_log_by_time ON audit_log (at);
             UPDATE audit_log SET detail = x'ff' WHERE seq = 4;
             UPDATE audit_log SET hash = NULL WHERE seq = 6;
             UPDATE audit_log SET at = 'then' WHERE seq = 8;
             UPDATE audit_log SET seq = -3 WHERE seq = 12;",
        )
        .unwrap();
    });
    let found = log.faults(&[]);
    for wanted in [
        at("malformed", 4),
        at("malformed", 6),
        at("malformed", 8),
        beside("misplaced"),
        beside("missing"),
    ] {
        assert!(found.contains(&wanted), "{wanted:?}: {found:?}");
    }
    let run = log.run(&["show"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("`stance audit verify` says more"),
        "{}",
        run.stderr
    );
}

#[test]
fn missing_triggers_are_told() {
    let log = Log::new();
    Connection::open(log.database())
        .unwrap()
        .execute_batch("DROP TRIGGER audit_log_is_never_changed")
        .unwrap();
    let report = log.verify(&[]);
    assert_eq!(faults(&report), [beside("guard")]);
    assert!(
        first(&report).contains("audit_log_is_never_changed"),
        "{report}"
    );
}

#[test]
fn changed_results_of_a_scan_are_found() {
    let log = Log::new();
    log.scratch.write("requirements.txt", "torch==1.0\n");
    assert!(log.scratch.run(&["scan", "."]).code < 2);
    assert_eq!(log.verify(&["--scans"])["verified"], true);
    log.sql("UPDATE payloads SET body = replace(body, 'torch', 'touch')");
    assert_eq!(log.verify(&[])["verified"], true, "the log itself is whole");
    assert_eq!(log.faults(&["--scans"]), [at("contents", 31)]);
    log.sql("DELETE FROM contents WHERE scan = 2");
    assert_eq!(log.faults(&["--scans"]), [at("contents", 31)]);
}

/// Cuts the log behind an entry, and makes its head fit.
fn cut(log: &Log, size: u64) {
    let kept = entries(log);
    let kept = &kept[..size as usize];
    log.tamper(|db| {
        db.execute("DELETE FROM audit_log WHERE seq > ?1", [size as i64])
            .unwrap();
        head(db, kept);
    });
}

/// Changes the reason of an entry, and computes anew all that follows from it but the signatures.
fn forge(log: &Log, seq: u64) {
    let mut all = entries(log);
    for at in seq as usize - 1..all.len() {
        let previous = all[at - 1].hash;
        let reason = if at as u64 + 1 == seq {
            "forged"
        } else {
            "known"
        };
        all[at] = entry(at as u64 + 1, reason)
            .seal(at as u64 + 1, previous)
            .unwrap();
    }
    log.tamper(|db| {
        db.execute("DELETE FROM audit_log WHERE seq >= ?1", [seq as i64])
            .unwrap();
        for entry in &all[seq as usize - 1..] {
            write(db, entry);
        }
        head(db, &all);
    });
}

fn entries(log: &Log) -> Vec<Entry> {
    let store = Sqlite::open(&log.database()).unwrap();
    store.audit_entries(&AuditQuery::default(), 100).unwrap()
}

fn write(db: &Connection, entry: &Entry) {
    let stored = entry.stored();
    db.execute(
        "INSERT INTO audit_log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        rusqlite::params![
            stored.seq as i64,
            stored.at,
            stored.actor_kind,
            stored.actor_id,
            stored.actor_name,
            stored.action,
            stored.object_kind,
            stored.object_id,
            stored.detail,
            stored.previous,
            stored.hash,
        ],
    )
    .unwrap();
}

fn head(db: &Connection, entries: &[Entry]) {
    let mut frontier = Frontier::default();
    for entry in entries {
        frontier.push(leaf(&entry.hash), |_, _| {});
    }
    let last = entries.last().map_or([0; 32], |entry| entry.hash);
    db.execute(
        "UPDATE audit_head SET size = ?1, last = ?2, frontier = ?3",
        rusqlite::params![entries.len() as i64, last, frontier.to_bytes()],
    )
    .unwrap();
}
