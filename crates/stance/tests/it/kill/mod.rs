//! The service is killed at random moments while clients push, scan and decide: what was acknowledged is there, nothing
//! is half done, and the log holds.

mod checks;
mod clients;

use serde_json::json;

use crate::harness::Scratch;
use crate::served::{ADMIN, Program, Served, command, data, document, eventually, prepare};
use checks::Checks;
use clients::Ledger;

/// How often it is killed.
const KILLS: usize = 52;

/// Sources that are pushed to.
pub(super) const PUSHED: usize = 3;

/// Models of each of them, of which some are missing from each document.
pub(super) const MODELS: usize = 24;

/// A generator of moments: the same in every run, though what runs at them is not.
struct Moments(u64);

impl Moments {
    fn next(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

#[test]
fn whenever_the_service_is_killed_nothing_acknowledged_is_lost() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    scratch.write("model.pkl", b"cposix\nsystem\n(S'id'\ntR.");
    let start = || Served::start(command(&scratch, &data));

    // Something to decide about, before it begins.
    let mut served = start();
    let program = Program::new(&served.url, ADMIN);
    for source in 0..PUSHED {
        let path = format!("/ingest?source=ci-{source}&wait=true");
        let (status, answer) = program
            .send("POST", &path, &document(0..MODELS, 0))
            .unwrap();
        assert_eq!(status, 200, "{answer}");
    }
    let directory =
        json!({"kind": "directory", "name": "tree", "options": {"path": scratch.tree()}});
    let source = program.done("POST", "/sources", &directory).unwrap()["id"]
        .as_i64()
        .unwrap();

    let ledger = Ledger::new(source);
    let mut checks = Checks::new(&data);
    let mut moments = Moments(0x5eed_0f57_a9ce);
    for round in 0..KILLS {
        // Counted in what was acknowledged, so that a slow machine does as much; and then a moment longer, so that it is
        // not always killed right behind an answer.
        let enough = ledger.acknowledged() + usize::try_from(moments.next(24)).unwrap();
        let moment = std::time::Duration::from_micros(moments.next(30_000));
        let url = served.url.clone();
        ledger.work_until(&url, || {
            eventually("nothing is acknowledged any more", || {
                (ledger.acknowledged() >= enough).then_some(())
            });
            std::thread::sleep(moment);
            served.kill();
        });
        served = start();
        checks.after_restart(&ledger, served.child.id(), round);
    }
    let program = Program::new(&served.url, ADMIN);
    eventually("what was taken in is not done", || {
        let jobs = ["waiting", "running"].map(|state| {
            let jobs = program.get(&format!("/jobs?state={state}"))?;
            Some(jobs["jobs"].as_array()?.clone())
        });
        let [Some(waiting), Some(running)] = jobs else {
            // This token may not see jobs: the runs tell the same.
            return checks.all_runs_ended().then_some(());
        };
        let own = |job: &serde_json::Value| job["kind"] == "scan" || job["kind"] == "ingest";
        (!waiting.iter().any(own) && !running.iter().any(own)).then_some(())
    });
    checks.at_the_end(&ledger);
    served.signal(rustix::process::Signal::TERM);
    assert_eq!(served.ended(), Some(0));
}
