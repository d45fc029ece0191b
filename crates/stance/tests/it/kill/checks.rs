//! What has to be so after each restart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use stance_govern::audit::{Entry, Verifier};
use stance_store::audit::{AuditKey, AuditQuery};
use stance_store::jobs::{JobFilter, JobState, Jobs as _};
use stance_store::sources::{RunFilter, RunState, Sources as _};
use stance_store::{
    AuditLog as _, Closeness, Estate as _, FindingNumber, RequestState, RunNumber, Sqlite,
    WaiverNumber, examine,
};

use super::clients::Ledger;
use crate::served::eventually;

/// What the log told by now.
pub(super) struct Checks {
    data: PathBuf,
    seen: u64,
    last: Option<Entry>,
    /// Comments and reasons by their text, with how often they were told.
    said: BTreeMap<String, usize>,
    /// What was done to what, `run.push 17`.
    done: BTreeSet<String>,
}

impl Checks {
    pub(super) fn new(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            seen: 0,
            last: None,
            said: BTreeMap::new(),
            done: BTreeSet::new(),
        }
    }

    fn store(&self) -> Sqlite {
        Sqlite::open_to_read(&self.data.join("service.db")).unwrap()
    }

    /// Everything, while the service that was started again runs as process `id`.
    pub(super) fn after_restart(&mut self, ledger: &Ledger, id: u32, round: usize) {
        let examined = examine(&self.data.join("service.db"), Closeness::Quick).unwrap();
        assert_eq!(examined.damages, Vec::<String>::new(), "round {round}");
        let store = self.store();
        assert_eq!(
            store.sums().unwrap(),
            Vec::<String>::new(),
            "round {round}: half a state"
        );
        let keys: Vec<_> = AuditKey::public(&self.data).unwrap().into_iter().collect();
        let report = store
            .audit_verify(Verifier::default(), &keys, false)
            .unwrap();
        assert!(report.holds(), "round {round}: {:?}", report.faults);
        self.read_log(&store);
        self.decisions(&store, ledger, round);
        self.runs(&store, ledger, round);
        // What the process before was working on is nobody's any more.
        let mine = format!("{id}-");
        eventually(
            "jobs of the process that was killed are not taken over",
            || {
                let running = self
                    .store()
                    .jobs(&JobFilter {
                        state: Some(JobState::Running),
                        limit: 100,
                        ..JobFilter::default()
                    })
                    .unwrap();
                running
                    .iter()
                    .all(|job| {
                        job.worker
                            .as_ref()
                            .is_some_and(|worker| worker.starts_with(&mine))
                    })
                    .then_some(())
            },
        );
    }

    /// Reads what the log tells since the last time; what it told before is still there.
    fn read_log(&mut self, store: &Sqlite) {
        if let Some(last) = &self.last {
            let still = store.audit_entry(last.seq).unwrap();
            assert_eq!(still.hash, last.hash, "the log was cut and went on");
        }
        loop {
            let query = AuditQuery {
                after: Some(self.seen),
                ..AuditQuery::default()
            };
            let entries = store.audit_entries(&query, 1_000).unwrap();
            let Some(last) = entries.last() else { return };
            self.seen = last.seq;
            self.last = Some(last.clone());
            for entry in &entries {
                let detail = entry.detail.value();
                for field in ["text", "reason"] {
                    if let Some(text) = detail[field].as_str() {
                        *self.said.entry(text.to_owned()).or_default() += 1;
                    }
                }
                // A decision about a waiver is told at each of its findings.
                let about = match detail["waiver"].as_i64() {
                    Some(waiver) => waiver.to_string(),
                    None => entry.object.id.clone(),
                };
                self.done.insert(format!("{} {about}", entry.action));
            }
        }
    }

    fn decisions(&self, store: &Sqlite, ledger: &Ledger, round: usize) {
        let book = ledger.book();
        for (text, acknowledged) in &book.comments {
            let told = self.said.get(text).copied().unwrap_or_default();
            assert!(
                told == 1 || told == 0 && !acknowledged,
                "round {round}: {text} is told {told} times"
            );
        }
        for (finding, (acknowledged, since)) in &book.assignees {
            let row = store.finding(FindingNumber(*finding)).unwrap().unwrap();
            let now = row.row.assignee.map(serde_json::Value::from);
            let fits = now == *acknowledged || now.is_some_and(|now| since.contains(&now));
            assert!(fits, "round {round}: finding {finding} lost its assignee");
        }
        for (reason, number) in &book.waivers {
            let Some(number) = number else { continue };
            let waiver = store.waiver(WaiverNumber(*number)).unwrap().unwrap();
            assert_eq!(&waiver.asked.reason, reason, "round {round}");
            assert!(self.said.contains_key(reason), "round {round}: {reason}");
        }
        for number in &book.approved {
            let waiver = store.waiver(WaiverNumber(*number)).unwrap().unwrap();
            assert_eq!(waiver.asked.state, RequestState::Approved, "round {round}");
            assert!(
                self.done.contains(&format!("waiver.approve {number}")),
                "round {round}: the approval of {number} is not told"
            );
        }
    }

    fn runs(&self, store: &Sqlite, ledger: &Ledger, round: usize) {
        let book = ledger.book();
        let acknowledged = book.pushed.keys().map(|run| ("run.push", run));
        let acknowledged = acknowledged.chain(book.asked.iter().map(|run| ("run.ask", run)));
        for (action, run) in acknowledged {
            store.run(RunNumber(*run)).unwrap();
            assert!(
                self.done.contains(&format!("{action} {run}")),
                "round {round}: {action} {run} is not told"
            );
        }
    }

    /// Whether nothing is under way.
    pub(super) fn all_runs_ended(&self) -> bool {
        self.store().unfinished_runs().unwrap() == (0, 0)
    }

    /// What has to be so once everything that was taken in is done.
    pub(super) fn at_the_end(&mut self, ledger: &Ledger) {
        let store = self.store();
        self.read_log(&store);
        self.decisions(&store, ledger, usize::MAX);
        let book = ledger.book();
        let mut succeeded = 0;
        for run in book.pushed.keys().chain(&book.asked) {
            let run = store.run(RunNumber(*run)).unwrap();
            match run.state {
                RunState::Succeeded => succeeded += 1,
                // Only what was killed as often as it may be tried is given up, and says so.
                RunState::Failed => {
                    let error = run.error.clone().unwrap_or_default();
                    assert!(
                        error.contains("the process that worked on it ended"),
                        "{run:?}"
                    );
                    let job = store.job(run.job.unwrap()).unwrap();
                    assert_eq!(job.attempts, job.max_attempts, "{run:?}");
                }
                other => panic!("{other:?}: {run:?}"),
            }
        }
        let acknowledged = book.comments.values().filter(|it| **it).count();
        assert!(
            succeeded > 20 && acknowledged > 50 && book.approved.len() > 5,
            "{succeeded} runs, {acknowledged} comments, {} approvals are no test",
            book.approved.len()
        );
        self.estate_is_what_was_told_last(&store, &book);
        eprintln!(
            "{} runs, {acknowledged} comments, {} waivers, {} approvals, {} entries",
            book.pushed.len() + book.asked.len(),
            book.waivers.len(),
            book.approved.len(),
            self.seen
        );
    }

    /// Each source that is pushed to holds the models of the last document that was read, and no others.
    fn estate_is_what_was_told_last(&self, store: &Sqlite, book: &super::clients::Book) {
        let raw = rusqlite::Connection::open(self.data.join("service.db")).unwrap();
        let runs = store
            .runs(&RunFilter {
                limit: 100_000,
                ..RunFilter::default()
            })
            .unwrap();
        let mut looked_at = BTreeSet::new();
        for run in runs {
            if run.cause != "push" || run.state != RunState::Succeeded {
                continue;
            }
            // The latest come first.
            if !looked_at.insert(run.source) {
                continue;
            }
            let digest: String = raw
                .query_row("SELECT key FROM upload WHERE run = ?1", [run.id.0], |row| {
                    row.get(0)
                })
                .unwrap();
            let told = &book.documents[&digest];
            let mut present: Vec<String> = raw
                .prepare(
                    "SELECT asset.name FROM sighting JOIN asset ON asset.id = sighting.asset
                     WHERE sighting.source = ?1 AND sighting.present",
                )
                .unwrap()
                .query_map([run.source.0], |row| row.get(0))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            present.sort_unstable();
            let mut expected: Vec<String> = told.iter().map(|it| format!("m{it}.pt")).collect();
            expected.sort_unstable();
            assert_eq!(present, expected, "source {}", run.source.0);
        }
        assert_eq!(looked_at.len(), super::PUSHED);
    }
}
