//! `stance audit` through the binary, on databases that somebody changed.

mod files;
mod tampering;

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};
use stance_store::audit::{Actor, ActorKind, NewEntry, Object};
use stance_store::{AuditLog as _, Sqlite};

use crate::harness::{Run, Scratch};

/// A data directory with a log of which the checkpoints after 10, 20 and 28 entries are stored; the first and the last
/// were also kept elsewhere, as the public key was.
struct Log {
    scratch: Scratch,
}

impl Log {
    /// 30 entries: one of a scan, one of the key, 28 of people.
    fn new() -> Self {
        let log = Self {
            scratch: Scratch::new(),
        };
        let run = log.scratch.run(&["scan", "."]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        log.append(8);
        log.keep("early.checkpoint");
        log.append(10);
        log.run(&["checkpoint"]);
        log.append(8);
        log.keep("late.checkpoint");
        log.append(2);
        let key = log.run(&["key"]).stdout;
        std::fs::write(log.outside("key.pem"), key).unwrap();
        log
    }

    /// Runs `stance audit`.
    fn run(&self, words: &[&str]) -> Run {
        self.scratch.run(&[&["audit"], words].concat())
    }

    /// Where things are kept that whoever changes the database cannot change.
    fn outside(&self, name: &str) -> String {
        self.scratch.path().join(name).to_str().unwrap().to_owned()
    }

    fn keep(&self, name: &str) {
        let run = self.run(&["checkpoint"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        std::fs::write(self.outside(name), run.stdout).unwrap();
    }

    fn database(&self) -> PathBuf {
        self.scratch.data().join("stance.db")
    }

    fn append(&self, count: u64) {
        let mut store = Sqlite::open(&self.database()).unwrap();
        for _ in 0..count {
            let number = store.audit_status().unwrap().size + 1;
            store.audit_append(&[entry(number, "known")]).unwrap();
        }
    }

    /// Changes the database as somebody careful would: the triggers are back afterwards.
    fn tamper(&self, change: impl FnOnce(&Connection)) {
        let db = Connection::open(self.database()).unwrap();
        let triggers: Vec<(String, String)> = db
            .prepare(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'",
            )
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(triggers.len(), 8);
        for (name, _) in &triggers {
            db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        change(&db);
        for (_, sql) in &triggers {
            db.execute_batch(sql).unwrap();
        }
    }

    fn sql(&self, sql: &str) {
        self.tamper(|db| db.execute_batch(sql).unwrap());
    }

    /// What `stance audit verify` says of the database, with more words.
    fn verify(&self, words: &[&str]) -> Value {
        let run = self.run(&[&["verify", "--format", "json"], words].concat());
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}", run.stdout, run.stderr));
        assert_eq!(run.code == 0, report["verified"] == true);
        assert_eq!(run.code != 0, run.code == 1, "{}", run.stderr);
        report
    }

    /// The kinds and places of what is wrong.
    fn faults(&self, words: &[&str]) -> Vec<(String, Option<u64>)> {
        faults(&self.verify(words))
    }

    fn verify_with(&self, checkpoint: &str) -> Value {
        let (checkpoint, key) = (self.outside(checkpoint), self.outside("key.pem"));
        self.verify(&["--checkpoint", &checkpoint, "--public-key", &key])
    }
}

fn entry(number: u64, reason: &str) -> NewEntry {
    NewEntry {
        at: Timestamp::from_second(1_790_000_000 + number as i64).unwrap(),
        actor: Actor {
            kind: ActorKind::Person,
            id: "ann".to_owned(),
            name: "Ann".to_owned(),
        },
        action: "finding.accept".to_owned(),
        object: Object {
            kind: "finding".to_owned(),
            id: number.to_string(),
        },
        detail: json!({ "reason": reason, "risk": 0.25 }),
    }
}

fn faults(report: &Value) -> Vec<(String, Option<u64>)> {
    let faults = report["faults"].as_array().unwrap();
    let fault = |fault: &Value| {
        (
            fault["kind"].as_str().unwrap().to_owned(),
            fault["seq"].as_u64(),
        )
    };
    faults.iter().map(fault).collect()
}

fn first(report: &Value) -> String {
    report["faults"][0]["what"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn at(kind: &str, seq: u64) -> (String, Option<u64>) {
    (kind.to_owned(), Some(seq))
}

fn beside(kind: &str) -> (String, Option<u64>) {
    (kind.to_owned(), None)
}
