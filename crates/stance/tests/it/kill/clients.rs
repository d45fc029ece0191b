//! Clients that work until the service is gone, and write down what was acknowledged.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::{MODELS, PUSHED};
use crate::served::{ADMIN, APPROVER, Program, document};

/// What was tried and what was acknowledged.
pub(super) struct Ledger {
    /// The source that is scanned.
    pub(super) scanned: i64,
    number: AtomicUsize,
    acknowledged: AtomicUsize,
    book: Mutex<Book>,
}

/// The pages of the ledger.
#[derive(Default)]
pub(super) struct Book {
    /// Texts of comments, and whether they were acknowledged.
    pub(super) comments: BTreeMap<String, bool>,
    /// Of each finding: the last assignee that was acknowledged, and those that were tried since.
    pub(super) assignees: BTreeMap<i64, (Option<Value>, Vec<Value>)>,
    /// Reasons of waivers, and their numbers where they were acknowledged.
    pub(super) waivers: BTreeMap<String, Option<i64>>,
    /// Numbers of waivers whose approval was acknowledged.
    pub(super) approved: Vec<i64>,
    /// Digests of documents, with the models that they tell.
    pub(super) documents: HashMap<String, Vec<usize>>,
    /// Runs of documents that were acknowledged.
    pub(super) pushed: BTreeMap<i64, String>,
    /// Scans that were acknowledged as new.
    pub(super) asked: Vec<i64>,
}

impl Ledger {
    pub(super) fn new(scanned: i64) -> Self {
        Self {
            scanned,
            number: AtomicUsize::new(1),
            acknowledged: AtomicUsize::default(),
            book: Mutex::default(),
        }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    /// How much was acknowledged by now.
    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// What was acknowledged is written down with this.
    fn acknowledge(&self, write: impl FnOnce(&mut Book)) {
        write(&mut self.book());
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// A number that nothing else has.
    fn next(&self) -> usize {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// Lets clients work until `end` is through and the service is gone.
    pub(super) fn work_until(&self, url: &str, end: impl FnOnce()) {
        std::thread::scope(|scope| {
            for client in [Self::push, Self::scan, Self::decide, Self::approve] {
                scope.spawn(move || while client(self, url).is_some() {});
            }
            end();
        });
    }

    /// Pushes documents; `None` when nobody answers any more.
    fn push(&self, url: &str) -> Option<()> {
        let program = Program::new(url, ADMIN);
        loop {
            let number = self.next();
            let source = number % PUSHED;
            let models: Vec<usize> = (0..MODELS).filter(|it| !(it + number).is_multiple_of(7)).collect();
            let document = document(models.iter().copied(), number);
            let digest = format!(
                "sha256:{}",
                stance_core::digest::sha256_hex(document.as_bytes())
            );
            self.book().documents.insert(digest.clone(), models);
            let path = format!("/ingest?source=ci-{source}");
            let (status, answer) = program.send("POST", &path, &document)?;
            if (200..300).contains(&status) {
                assert_eq!(answer["digest"], digest.as_str());
                let run = answer["run"]["id"].as_i64().unwrap();
                self.acknowledge(|book| {
                    book.pushed.insert(run, digest);
                });
            }
        }
    }

    /// Asks for scans.
    fn scan(&self, url: &str) -> Option<()> {
        let program = Program::new(url, ADMIN);
        let path = format!("/sources/{}/run", self.scanned);
        loop {
            let (status, answer) = program.send("POST", &path, "{}")?;
            if (200..300).contains(&status) {
                let run = answer["id"].as_i64().unwrap();
                let mut book = self.book();
                if !book.asked.contains(&run) {
                    book.asked.push(run);
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(15));
        }
    }

    /// Assigns, comments, and asks to accept.
    fn decide(&self, url: &str) -> Option<()> {
        let program = Program::new(url, ADMIN);
        loop {
            let findings = program.get("/findings?limit=50")?;
            let findings = findings["findings"].as_array()?.clone();
            for finding in findings.iter().filter_map(|it| it["number"].as_i64()) {
                let number = self.next();
                let person = if number.is_multiple_of(2) { "user:1" } else { "user:2" };
                let to = json!({ "assignee": person });
                self.assign(&program, finding, &to)?;
                let text = format!("comment {number}");
                self.book().comments.insert(text.clone(), false);
                let path = format!("/findings/{finding}/comment");
                let (status, _) =
                    program.send("POST", &path, &json!({"text": text}).to_string())?;
                if status == 200 {
                    self.acknowledge(|book| {
                        book.comments.insert(text, true);
                    });
                }
                if number.is_multiple_of(5) {
                    self.accept(&program, finding, number)?;
                }
            }
        }
    }

    fn assign(&self, program: &Program, finding: i64, to: &Value) -> Option<()> {
        let person = to["assignee"].clone();
        let entry = |book: &mut Book| {
            let known = book.assignees.entry(finding).or_default();
            known.1.push(person.clone());
        };
        entry(&mut self.book());
        let path = format!("/findings/{finding}/assign");
        let (status, _) = program.send("POST", &path, &to.to_string())?;
        if status == 200 {
            let known = (Some(person), Vec::new());
            self.acknowledge(|book| {
                book.assignees.insert(finding, known);
            });
        }
        Some(())
    }

    fn accept(&self, program: &Program, finding: i64, number: usize) -> Option<()> {
        let reason = format!("reason {number}");
        self.book().waivers.insert(reason.clone(), None);
        let path = format!("/findings/{finding}/accept");
        let body = json!({"text": reason, "expires": "2099-01-31"}).to_string();
        let (status, answer) = program.send("POST", &path, &body)?;
        if status == 200 {
            let waiver = answer["waiver"].as_i64().unwrap();
            self.acknowledge(|book| {
                book.waivers.insert(reason, Some(waiver));
            });
        }
        Some(())
    }

    /// Approves what others asked for.
    fn approve(&self, url: &str) -> Option<()> {
        let program = Program::new(url, APPROVER);
        loop {
            let waiting = program.get("/waivers?state=requested")?;
            for waiver in waiting["waivers"].as_array()?.clone() {
                let number = waiver["number"].as_i64().unwrap();
                let path = format!("/waivers/{number}/decide");
                let body = json!({"decision": "approve", "note": "agreed"}).to_string();
                let (status, _) = program.send("POST", &path, &body)?;
                if status == 200 {
                    self.acknowledge(|book| book.approved.push(number));
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}
